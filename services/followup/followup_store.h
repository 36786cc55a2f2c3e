/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_store.h - the questions to followup.follow_up, and what is read of intake beside it.
 *
 * put_ functions queue statements on a conversation (see db.h); get_ functions read a row of their
 * answer. Locks and claims stay in one bucket, so these take the bucket; inserts may span buckets.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_STORE_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/followup/followup_plan.h"

/* What followup_store_get() reads; f is followup.follow_up. */
#define FOLLOWUP_STORE_COLUMNS                                                                     \
    "f.number, f.version, f.customer_number, f.case_number, f.case_version, f.rule, f.subject,"    \
    " f.occurrence, f.branch, f.state, f.reason, f.planned_at, f.due_at, f.window_end_at,"         \
    " f.next_attempt_at, f.attempts, f.calls, f.last_outcome, f.is_historical, f.settled_at"
#define FOLLOWUP_STORE_COLUMN_COUNT 20
/* Reads them from the first column on. */
void followup_store_get(const struct db_rows *r, size_t row, struct follow_up *ret);

#define FOLLOWUP_NUMBERS_PER_BLOCK 1024 /* of the sequence followup.number_block */

/* ---- planning */

/* One row: the first counter of a block of our own. */
void followup_store_put_number_block(struct db *db);
int64_t followup_store_get_number_block(const struct db_rows *r);

/* Locks all follow-ups of these cases. Rows: followup_store_get(). */
void followup_store_put_lock_cases(struct db *db, int16_t bucket, const struct db_array *cases);

/* What each of these cases is by now. */
void followup_store_put_cases_now(struct db *db, int16_t bucket, const struct db_array *cases);
void followup_store_get_case_now(const struct db_rows *r, size_t row, int64_t *ret_case,
                                 struct followup_case_now *ret_now);

/* Inserts those of the list with stored_version 0. No rows; another row with the same subject and
 * occurrence is DB_CONFLICT. */
void followup_store_put_insert(struct db *db, const struct follow_up_list *list);

/* ---- due work */

struct followup_due_query {
    int64_t now_us, machine_now_us;
    const char *holder; /* us: claims of others that still stand are left alone, ours are in hand */
    bool has_lines;     /* false: only what has passed its window */
    int32_t limit;
};

/* Which of these buckets (int2) have due work, the most urgent first: one int2 per row. */
void followup_store_put_due_buckets(struct db *db, const struct followup_due_query *q,
                                    const struct db_array *buckets);
int16_t followup_store_get_due_bucket(const struct db_rows *r, size_t row);

#define FOLLOWUP_LANGUAGE_SIZE 36

/* A due follow-up with what its call depends on. */
struct followup_due {
    struct follow_up follow_up; /* planned, or claimed by somebody whose claim is over */
    struct followup_circumstances circumstances;
    char language[FOLLOWUP_LANGUAGE_SIZE];  /* "" when not known */
    int32_t promises_kept, promises_broken; /* of the case; kept late counts as broken */
};

/* Locks due work of one bucket, the most urgent first, and skips what another has locked. */
void followup_store_put_lock_due(struct db *db, const struct followup_due_query *q, int16_t bucket);
void followup_store_get_due(const struct db_rows *r, size_t row, struct followup_due *ret);

/* ---- changes */

/* Whose claim is stored with those of the list that are claimed now. NULL where none can be. */
struct followup_claim_mark {
    const char *holder;
    int64_t until_us; /* machine time */
};

/* Updates those of the list whose version is ahead of a stored one, where the row still has that
 * stored version: one statement per bucket. Returns how many statements were queued; their rows are
 * the numbers that were changed. */
size_t followup_store_put_changes(struct db *db, const struct follow_up_list *list,
                                  const struct followup_claim_mark *mark);
int64_t followup_store_get_changed(const struct db_rows *r, size_t row);
/* How many of the list followup_store_put_changes() would update. */
size_t followup_store_count_changes(const struct follow_up_list *list);

/* ---- the list for people */

/* Follow-ups in one of these states (int2; empty: any), the newest due first. */
void followup_store_put_worklist(struct db *db, const struct db_array *states, int32_t limit);
/* Rows: followup_store_get(). */

#endif
