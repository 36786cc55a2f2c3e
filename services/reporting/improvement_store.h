/* SPDX-License-Identifier: Apache-2.0 */
/* improvement_store.h - the tables improvement_action and improvement_effect. */
#ifndef TROTH_REPORTING_IMPROVEMENT_STORE_H
#define TROTH_REPORTING_IMPROVEMENT_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/reporting/improvement.h"

enum {
    IMPROVEMENTS_MAX = 1000 /* that are listed, the newest first */
};

/* Rows for improvement_store_take(). */
void improvement_store_ask_all(struct db *db);
void improvement_store_ask_one(struct db *db, int64_t id); /* none or one */
void improvement_store_take(const struct db_rows *rows, size_t row, struct improvement *ret);

/* Two sets of rows: the id, and none when there is one with a's key; that one, for
 * improvement_store_take(), and none when a has no key. */
void improvement_store_add(struct db *db, const struct improvement *a);
/* One row: whether it was still of a's version. */
void improvement_store_change(struct db *db, const struct improvement *a);
void improvement_store_announced(struct db *db, int64_t id, int64_t now_us);
void improvement_store_put_effect(struct db *db, int64_t id, const struct effect *e,
                                  int64_t now_us);

#endif
