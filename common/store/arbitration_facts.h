/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arbitration_facts.h - all that arbitration asks about follow-ups, however many, in two
 * statements: of the customer and whoever is the same person by a merge, of the matter, of the
 * budget. For the scheduler that decides, and for whoever asks it why. Reads the published views;
 * locks nothing.
 */
#ifndef TROTH_COMMON_STORE_ARBITRATION_FACTS_H
#define TROTH_COMMON_STORE_ARBITRATION_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/zone.h"
#include "common/domain/arbitration.h"
#include "common/domain/rulebook.h"
#include "common/runtime/db.h"

enum {
    ARBITRATION_LANGUAGE_SIZE = 36,
    ARBITRATION_ZONE_SIZE = 65,
};

/* A follow-up, as far as it is asked about; texts and rule are borrowed. */
struct arbitration_subject {
    int64_t number, customer, service_case, subject;
    const char *occurrence, *branch; /* "": none */
    int32_t trigger;                 /* enum follow_up_trigger */
    int32_t purpose, priority;
    int32_t channel; /* of the next attempt */
    int32_t attempts;
    bool is_asked_for; /* the customer wants this call: the last one ended so */
    int64_t due_us, window_end_us;
    bool is_historical;
    const struct rulebook_rule *rule; /* NULL: not known any more */
};

/* Of each follow-up. A "no" of one number of a person counts for all. */
struct arbitration_facts {
    int64_t person;                           /* the customer that merges left over */
    char language[ARBITRATION_LANGUAGE_SIZE]; /* "" when not known */
    char zone[ARBITRATION_ZONE_SIZE];         /* of the customer, else of the branch; "": unknown */
    bool is_erased, do_not_call;
    int64_t refusals;
    int64_t consents;                         /* of any number of the person */
    bool has_phone, has_email;                /* that are not known to be bad */
    int64_t phone_handle, email_handle;       /* 0: not known */
    int64_t last_refusal_us, last_contact_us; /* INT64_MIN: never */
    bool is_under_way;      /* an order or a claim of another follow-up of the person stands */
    bool has_followers;     /* others were merged into it */
    int32_t reopened_count; /* of the case */
    int32_t promises_kept, promises_broken; /* of the case; kept late counts as broken */
    bool has_open_complaint, has_broken_promise;
    int32_t promise_state; /* of the promise that is its subject; 0: there is none */
    bool is_subject_void;
    bool has_birthday;
    /* Orders by day (UTC), with the day of the oldest that counts: its midnight. */
    int32_t orders_day, orders_week, orders_month, orders_number_week, orders_address_week;
    int64_t first_week_us, first_month_us, first_number_us, first_address_us; /* INT64_MIN: none */
    int32_t attempts_today; /* of this follow-up; counted by arbitration_facts_count_attempt() */
};

enum {
    ARBITRATION_FACTS_SETS = 3,
};

/* Queues three statements about these follow-ups, at now_us: ARBITRATION_FACTS_SETS sets of rows.
 */
void arbitration_facts_put(struct db *db, const struct arbitration_subject *subjects, size_t count,
                           int64_t now_us);

/* Where the facts of a follow-up go; NULL: nowhere. */
typedef struct arbitration_facts *arbitration_facts_find_fn(void *ctx, int64_t follow_up);
/* Reads all but the attempts. */
void arbitration_facts_read(const struct db_rows *const *rows, arbitration_facts_find_fn *find,
                            void *ctx);

/* The attempts of the last 25 hours that were not barred: whose and when. */
size_t arbitration_facts_attempt_count(const struct db_rows *const *rows);
int64_t arbitration_facts_get_attempt(const struct db_rows *const *rows, size_t row,
                                      int64_t *ret_ordered_us);
/* Counts it if it was on the same local day. */
void arbitration_facts_count_attempt(struct arbitration_facts *f, const struct zone *zone,
                                     int64_t now_us, int64_t ordered_us);

/* The question, without an agenda. It borrows from s, its rule and zone. */
void arbitration_facts_ask(const struct arbitration_subject *s, const struct arbitration_facts *f,
                           const struct zone *zone, int64_t now_us,
                           struct arbitration_question *ret);

#endif
