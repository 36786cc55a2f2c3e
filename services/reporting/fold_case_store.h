/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fold_case_store.h - cases as they are now, read from the views of the other services: many at
 * once, one statement for each kind of row.
 *
 * 1. fold_case_store_ask(): queues FOLD_CASE_SETS statements
 * 2. fold_case_reader_next() for each case, in the order of the keys, from their rows
 */
#ifndef TROTH_REPORTING_FOLD_CASE_STORE_H
#define TROTH_REPORTING_FOLD_CASE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/reporting/case_bundle.h"
#include "services/reporting/fold_keys.h"

enum fold_case_set {
    FOLD_CASE_STORED, /* its bundle, if it has one */
    FOLD_CASE_MAIN,
    FOLD_CASE_CONTACTS,
    FOLD_CASE_MOVES,
    FOLD_CASE_PROMISES,
    FOLD_CASE_STEPS,
    FOLD_CASE_ANSWERS,
    FOLD_CASE_ITEMS,
    FOLD_CASE_EXPECTATIONS,
    FOLD_CASE_COMPENSATIONS,
    FOLD_CASE_SETS,
};

/* keys: sealed. A case opened within return_window_us after a resolution is a return. */
void fold_case_store_ask(struct db *db, const struct fold_key_list *keys, int64_t return_window_us);

/* Walks through the rows; the lists of a case stand until the next one. Starts with {0}. */
struct fold_case_reader {
    const struct db_rows *const *sets; /* borrowed: FOLD_CASE_SETS of them */
    size_t next[FOLD_CASE_SETS];
    size_t room[FOLD_CASE_SETS];
    struct case_contact *contacts;
    struct case_move *moves;
    struct case_promise *promises;
    struct case_step *steps;
    struct answer_row *answers;
    struct answer_item *items;
    struct case_expectation *expectations;
    struct case_compensation *compensations;
};
void fold_case_reader_free(struct fold_case_reader *r);
/* Before the first case of a reply. */
void fold_case_reader_begin(struct fold_case_reader *r, const struct db_rows *const *sets);

/* place: of the case among the keys, from 0, rising. ret_stored: its packed bundle, data NULL when
 * it was never looked at. False: intake has no such case (any more); then ret_case is untouched. */
bool fold_case_reader_next(struct fold_case_reader *r, size_t place, int64_t number,
                           struct bytes *ret_stored, struct case_rows *ret_case);

#endif
