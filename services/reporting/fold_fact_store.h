/* SPDX-License-Identifier: Apache-2.0 */
/* fold_fact_store.h - what was looked at, and what it adds to the figures: case_fact, other_fact.
 */
#ifndef TROTH_REPORTING_FOLD_FACT_STORE_H
#define TROTH_REPORTING_FOLD_FACT_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "common/runtime/db_columns.h"
#include "services/reporting/case_bundle.h"
#include "services/reporting/fold_keys.h"

enum {
    FOLD_VERSION_SETS = 5, /* of cases, follow-ups, answers; related by return, by tier */
};

/* Queues the reading of what was looked at already, and of the cases that the batch has to do with
 * beside its own: those that a case may be the return of, and those of a customer whose tier
 * changed. */
void fold_fact_store_ask(struct db *db, const struct fold_keys *keys, int64_t return_window_us);
/* Takes from the keys what was looked at since its events, and adds the related cases. */
void fold_fact_store_take(const struct db_rows *const *sets, struct fold_keys *keys);

/* ---- writing: rows are gathered, then written at once */

struct fold_facts {
    struct db_columns cases, gone_cases;
    struct db_columns others, gone_others;
};
void fold_facts_begin(struct fold_facts *f);
void fold_facts_free(struct fold_facts *f);
void fold_facts_add_case(struct fold_facts *f, const struct case_rows *c,
                         const struct case_marks *marks, struct bytes bundle);
void fold_facts_drop_case(struct fold_facts *f, int64_t number);
void fold_facts_add_other(struct fold_facts *f, const char *subject, const struct fold_key *key,
                          struct bytes bundle);
void fold_facts_drop_other(struct fold_facts *f, const char *subject, int64_t number);
/* Queues all of it, and frees the columns. Returns how many statements that took. */
size_t fold_facts_write(struct fold_facts *f, struct db *db);

#endif
