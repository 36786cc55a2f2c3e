/* SPDX-License-Identifier: Apache-2.0 */
/* intake_similar_store.h - questions about cases that are like one. */
#ifndef TROTH_INTAKE_SIMILAR_STORE_H
#define TROTH_INTAKE_SIMILAR_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/intake/fingerprint.h"
#include "services/intake/similarity.h"

/* Queues the case: one row or none (customer, fingerprints or null, then OPENED_TEXT_COLUMNS of the
 * contact that opened it). */
enum {
    SIMILAR_CUSTOMER,
    SIMILAR_FINGERPRINTS,
    SIMILAR_TEXT
};
void intake_similar_case(struct db *db, int64_t service_case);

/* Queues how many cases have these fingerprints: rows (fingerprint, cases); 0 is that of all. */
void intake_similar_counts(struct db *db, const struct fingerprints *f);

/* Queues the candidates: rows (case, fingerprints). chosen: by similarity_choose(). */
void intake_similar_candidates(struct db *db, int64_t service_case,
                               const struct fingerprints *chosen, bool is_any);

/* Queues those of the list that are solved, in its order, at most count: rows (case, its rank in
 * the list, customer, category, opened, resolved, is a reference, staff who resolved it, times
 * used, times succeeded, then OPENED_TEXT_COLUMNS of the update that resolved it). */
enum {
    SOLVED_CASE,
    SOLVED_RANK, /* from 1 */
    SOLVED_CUSTOMER,
    SOLVED_CATEGORY,
    SOLVED_OPENED_AT,
    SOLVED_RESOLVED_AT,
    SOLVED_IS_REFERENCE,
    SOLVED_STAFF,
    SOLVED_TIMES_USED,
    SOLVED_TIMES_SUCCEEDED,
    SOLVED_NOTE
};
void intake_similar_solved(struct db *db, const struct similar_list *list, int64_t count);

/* Fingerprints as they come from the database; what is not of that form is empty. */
void intake_similar_read(const struct db_rows *rows, size_t row, int column,
                         struct fingerprints *ret);

#endif
