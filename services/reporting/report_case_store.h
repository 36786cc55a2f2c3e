/* SPDX-License-Identifier: Apache-2.0 */
/* report_case_store.h - one case with everything about it that is not personal, read in one
 * snapshot. */
#ifndef TROTH_REPORTING_REPORT_CASE_STORE_H
#define TROTH_REPORTING_REPORT_CASE_STORE_H

#include "common/runtime/db.h"
#include "report.pb-c.h"

/* Queues a whole transaction. */
void report_case_store_ask(struct db *db, int64_t case_number);
/* On the heap, owned by the caller; NULL when there is no such case. A list that is longer than
 * what is read of it is named in left_out. */
Troth__V1__CaseView *report_case_store_take(const struct db_reply *reply);

/* ---- rows that the view of a customer has, too */

#define REPORT_CASE_COLUMNS                                                                        \
    "s.number, s.customer_number, s.kind, s.state, s.channel, s.branch, s.category, s.product,"    \
    " s.priority, s.owner_team, s.opened_at, s.first_response_at, s.resolved_at, s.closed_at,"     \
    " s.reopened_count, s.rule, s.category_by, s.mood, s.joined_case, s.solved_like, "             \
    "s.is_reference"
#define REPORT_PROMISE_COLUMNS                                                                     \
    "p.number, p.case_number, p.kind, p.state, p.made_at, p.due_at, p.done_at, p.replaces,"        \
    " p.target_us, p.is_due_fixed, p.settled_at, p.counted_us, p.cause, p.customer_word,"          \
    " p.chance, p.safe_at, p.past_cases, p.rule"
#define REPORT_FOLLOW_UP_COLUMNS                                                                   \
    "f.number, f.customer_number, f.case_number, f.rule, f.state, f.reason, f.due_at,"             \
    " f.window_end_at, f.attempts, f.last_outcome"

Troth__V1__CaseView *report_case_of_row(const struct db_rows *rows, size_t row);
/* Appends the promises of that case number. */
void report_case_add_promises(Troth__V1__CaseView *view, const struct db_rows *rows,
                              int64_t case_number);
/* At most so many of the rows as a list; returns their number. */
size_t report_follow_ups_of_rows(const struct db_rows *rows, size_t most,
                                 Troth__V1__WorklistEntry ***ret_list);

#endif
