/* SPDX-License-Identifier: Apache-2.0 */
/*
 * story_rows.h - what a case and a customer have in common: rows that become lists of messages.
 *
 * Each function takes at most `most` of the rows, in their order, puts a list on the heap (of the
 * message it goes into, which frees it) and returns how many there are. The columns are those of
 * the macro beside it, which is what the question selects.
 */
#ifndef TROTH_REPORTING_STORY_ROWS_H
#define TROTH_REPORTING_STORY_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "common/domain/identifier.h"
#include "common/runtime/db.h"
#include "report.pb-c.h"

#define STORY_CONTACT_COLUMNS                                                                      \
    "k.occurred_at, k.kind, k.channel, k.origin, k.case_number, k.is_thanks"
size_t story_contacts(const struct db_rows *rows, size_t most, Troth__V1__ContactView ***ret_list);

#define STORY_CALL_COLUMNS                                                                         \
    "a.follow_up_number, a.attempt, a.channel, a.dialer, a.state, a.ordered_at, a.started_at,"     \
    " a.ended_at, a.outcome"
size_t story_calls(const struct db_rows *rows, size_t most, Troth__V1__CallView ***ret_list);

#define STORY_ANSWER_COLUMNS                                                                       \
    "a.number, a.occurred_at, a.instrument, a.question, a.value, a.case_number,"                   \
    " a.follow_up_number"
#define STORY_ITEM_COLUMNS "i.answer_number, i.dimension, i.item, i.expectation, i.perception"
/* items: of all these answers. */
size_t story_answers(const struct db_rows *rows, const struct db_rows *items, size_t most,
                     Troth__V1__AnswerView ***ret_list);

#define STORY_EXPECTATION_COLUMNS                                                                  \
    "x.occurred_at, x.reference, x.expected_at, x.has_outcome, x.has_manner, x.is_confirmed"
size_t story_expectations(const struct db_rows *rows, size_t most,
                          Troth__V1__ExpectationView ***ret_list);

#define STORY_COMPENSATION_COLUMNS                                                                 \
    "m.promise_number, m.occurred_at, m.kind, m.amount_minor, m.currency"
size_t story_compensations(const struct db_rows *rows, size_t most,
                           Troth__V1__CompensationView ***ret_list);

/* occurred_at, branch, product, amount_minor, currency, is_refund */
size_t story_purchases(const struct db_rows *rows, size_t most,
                       Troth__V1__PurchaseView ***ret_list);

/* Steps of a promise: promise_number, step, due_at, taken_at, tell; adds those of `number`. */
void story_add_steps(Troth__V1__PromiseView *promise, const struct db_rows *rows, int64_t number);

/* consents and refusals as intake.customer keeps them: bit (purpose + 8 * channel). */
size_t story_consents(int64_t consents, int64_t refusals, Troth__V1__ConsentView ***ret_list);

/* Notes the name of a list when there are more rows than `most`. */
void story_note_left_out(const struct db_rows *rows, size_t most, const char *name, char ***list,
                         size_t *count);

/* ---- fields */

/* As people read it; NULL when the column is null. On the heap. */
char *story_number(const struct db_rows *rows, size_t row, int column, enum identifier_kind kind);
/* Returns whether there is an instant; otherwise *field stays. */
protobuf_c_boolean story_time(const struct db_rows *rows, size_t row, int column, int64_t *field);
/* The same for a number. */
protobuf_c_boolean story_int(const struct db_rows *rows, size_t row, int column, int64_t *field);
protobuf_c_boolean story_int32(const struct db_rows *rows, size_t row, int column, int32_t *field);

#endif
