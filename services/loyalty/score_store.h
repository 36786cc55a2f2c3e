/* SPDX-License-Identifier: Apache-2.0 */
/* score_store.h - the questions behind score requests. Each function queues statements; the next
 * one reads their answers. */
#ifndef TROTH_LOYALTY_SCORE_STORE_H
#define TROTH_LOYALTY_SCORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/loyalty/score_question.h"
#include "services/loyalty/score_view.h"

/* Who has this reference, in two steps because its bucket is a hash over the number of the source:
 * first the sources that may be meant, then the customers. */
void score_store_ask_sources(struct db *db, const char *source);
void score_store_ask_reference(struct db *db, const struct db_rows *sources, const char *reference);
/* How many customers were found (2: two or more); *ret_number is one of them. */
size_t score_store_take_reference(const struct db_rows *rows, int64_t *ret_number);

/* Whose index is lower now than at since_us, the deepest fall first. */
void score_store_ask_fallen(struct db *db, int64_t since_us, int32_t limit);
/* Numbers and index_before of at most max rows; returns how many. */
size_t score_store_take_fallen(const struct db_rows *rows, struct score_row *list, size_t max);

/* Score and newest evidence of count customers: two sets of rows. Customers unknown to intake have
 * no row. of_person: with the evidence of all who are the same person by a merge. */
void score_store_ask_scores(struct db *db, const struct score_row *list, size_t count,
                            bool of_person);
/* Fills the rows that were found; returns whether all were. */
bool score_store_take_scores(const struct db_rows *rows, struct score_row *list, size_t count);
/* The evidence, sorted as score_reply_add() wants it. Its texts are borrowed from rows; the caller
 * frees *ret_list. */
size_t score_store_take_evidence(const struct db_rows *rows, struct evidence **ret_list);

#endif
