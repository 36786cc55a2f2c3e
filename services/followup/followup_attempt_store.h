/* SPDX-License-Identifier: Apache-2.0 */
/* followup_attempt_store.h - the questions to followup.follow_up_attempt and
 * followup.dialer_session. See followup_store.h. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_ATTEMPT_STORE_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_ATTEMPT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/followup/followup_dialers.h"
#include "services/followup/followup_order_key.h"
#include "services/followup/followup_states.h"

/* Stored. */
enum followup_attempt_state {
    FOLLOWUP_ATTEMPT_ORDERED = 1,
    FOLLOWUP_ATTEMPT_PLACED, /* in the dialer's journal, no result yet */
    FOLLOWUP_ATTEMPT_FINISHED,
    FOLLOWUP_ATTEMPT_BARRED,  /* never dialed and never will be */
    FOLLOWUP_ATTEMPT_UNKNOWN, /* nobody can say; its follow-up is listed */
};

/* One row of followup.follow_up_attempt. */
struct followup_attempt {
    int64_t follow_up;
    int32_t attempt;
    int64_t customer;
    int32_t channel; /* Channel */
    int64_t handle;  /* of the number or address; 0: not known, or the store looks it up */
    char dialer[FOLLOWUP_DIALER_SIZE];
    char journal[FOLLOWUP_JOURNAL_SIZE];
    enum followup_attempt_state state;
    int64_t ordered_us;
    int64_t start_by_us;                       /* machine time */
    int32_t stage;                             /* DialStage; 0: none */
    int32_t outcome;                           /* CallOutcome; 0: none */
    int64_t started_us, ended_us, finished_us; /* FOLLOW_UP_NEVER: not set */
    bool is_changed;                           /* to be updated */
};

/* For stores: the attempts o of the customer of follow-up f, and of customer m; by their key
 * whatever the statistics say: those of all would be read for each otherwise. */
#define FOLLOWUP_ATTEMPTS_OF_F FOLLOWUP_ATTEMPTS_OF("f.bucket, f.customer_number")
#define FOLLOWUP_ATTEMPTS_OF_M FOLLOWUP_ATTEMPTS_OF("m.bucket, m.number")
#define FOLLOWUP_ATTEMPTS_OF(customer)                                                             \
    "(SELECT a.follow_up_number, a.state, a.dialer FROM followup.follow_up_attempt AS a"           \
    " WHERE (a.bucket, a.customer_number) = (" customer ") OFFSET 0) AS o"

/* Orders. No rows; a second one for the same attempt is DB_CONFLICT. */
void followup_attempt_store_put_insert(struct db *db, const struct followup_attempt *list,
                                       size_t count);

/* Locks attempts and their follow-ups, by bucket, number and attempt; numbers (int8), attempts
 * (int4) and outcomes (int2; 0: none) run in step, each attempt once. */
void followup_attempt_store_put_lock(struct db *db, const struct db_array *numbers,
                                     const struct db_array *attempts,
                                     const struct db_array *outcomes);

#define FOLLOWUP_ZONE_NAME_SIZE 65

struct followup_locked {
    struct follow_up follow_up;
    struct followup_attempt attempt;
    int32_t same_count; /* attempts of the follow-up before it on that channel with that outcome */
    char zone[FOLLOWUP_ZONE_NAME_SIZE]; /* the customer's, else the branch's; "": not known */
    int64_t person;                     /* the customer that merges left over */
    bool is_called_elsewhere; /* with what a person has not accepted: the same person is called */
};
void followup_attempt_store_get_locked(const struct db_rows *r, size_t row,
                                       struct followup_locked *ret);

/* Updates state, stage, outcome and instants of those that are changed; all locked before. Returns
 * how many statements that takes, without rows: one, or none. */
size_t followup_attempt_store_put_changes(struct db *db, const struct followup_attempt *list,
                                          size_t count);

/* Orders of machines without a result in these buckets (int2) whose start-by has passed, or whose
 * dialer is one of these (text): a page of them, the oldest start-by first. */
struct followup_open_page {
    int32_t limit;
    int64_t after_start_by_us, after_number; /* of the last row of the page before; 0: the first */
};
void followup_attempt_store_put_open(struct db *db, const struct db_array *buckets,
                                     int64_t machine_now_us, const struct db_array *dialers,
                                     const struct followup_open_page *page);
void followup_attempt_store_get_open(const struct db_rows *r, size_t row,
                                     struct followup_attempt *ret);

void followup_attempt_store_put_session(struct db *db, const struct followup_dialer *dialer,
                                        int64_t machine_now_us);

#endif
