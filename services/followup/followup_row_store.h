/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_row_store.h - rows of followup.follow_up in and out: one mapping for all who read or
 * write them.
 *
 * put_ functions queue statements on a conversation (see db.h); get_ functions read a row of their
 * answer. Inserts may span buckets, changes are one statement per bucket.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_ROW_STORE_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_ROW_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/followup/followup_plan.h"

/* What followup_store_get() reads; f is followup.follow_up. */
#define FOLLOWUP_STORE_COLUMNS                                                                     \
    "f.number, f.version, f.customer_number, f.case_number, f.case_version, f.rule, f.subject,"    \
    " f.occurrence, f.branch, f.state, f.reason, f.planned_at, f.due_at, f.window_end_at,"         \
    " f.next_attempt_at, f.attempts, f.calls, f.last_outcome, f.is_historical, f.settled_at,"      \
    " f.rule_version, f.trigger, f.topic, f.purpose, f.priority, f.channel,"                       \
    " f.local_due AT TIME ZONE 'UTC', f.zone, f.zone_version, f.last_call_at, f.called_back_at,"   \
    " f.merged_into, f.trace"
#define FOLLOWUP_STORE_COLUMN_COUNT 33
/* Reads them from the first column on. */
void followup_store_get(const struct db_rows *r, size_t row, struct follow_up *ret);

/* Inserts those of the list with stored_version 0. No rows; another row with the same topic,
 * subject and occurrence is DB_CONFLICT. */
void followup_store_put_insert(struct db *db, const struct follow_up_list *list);

/* Whose claim is stored with those of the list that are claimed now. NULL where none can be. */
struct followup_claim_mark {
    const char *holder;
    int64_t until_us; /* machine time */
};

/* Updates those of the list whose version is ahead of a stored one, where the row still has that
 * stored version. Returns how many statements were queued, one or none; its rows are the numbers
 * that were changed, in no order. What a follow-up is about and by which rule never changes. */
size_t followup_store_put_changes(struct db *db, const struct follow_up_list *list,
                                  const struct followup_claim_mark *mark);
/* The same for who has not locked the rows: the transaction fails with 40001 when one of them is
 * not as it was read. No rows. */
void followup_store_put_changes_all(struct db *db, const struct follow_up_list *list);
int64_t followup_store_get_changed(const struct db_rows *r, size_t row);
/* How many of the list followup_store_put_changes() would update. */
size_t followup_store_count_changes(const struct follow_up_list *list);

#endif
