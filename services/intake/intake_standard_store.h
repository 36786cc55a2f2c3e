/* SPDX-License-Identifier: Apache-2.0 */
/* intake_standard_store.h - the versions of the service standard that were ever in force. */
#ifndef TROTH_INTAKE_STANDARD_STORE_H
#define TROTH_INTAKE_STANDARD_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/domain/standard.h"
#include "common/runtime/db.h"
#include "services/intake/standard_shelf.h"

/* Stores the standard unless it is there, and finds its id. Waits: at start only. */
MUST_CHECK int intake_standard_register(struct db_pool *pool, const struct standard *s,
                                        int64_t now_us, int32_t *ret_id, struct err *err);

/* The same while the loop turns: queues one statement, whose one row has the id. */
void intake_standard_add(struct db *db, const struct standard *s, int64_t now_us);

/* Puts all stored versions on the shelf. One that cannot be read any more is logged and counted,
 * and is no failure: promises outlive the programs that made them. Waits: at start only. */
MUST_CHECK int intake_standard_load(struct db_pool *pool, struct standard_shelf *shelf,
                                    int64_t *unreadable_gauge, struct err *err);

/* The same for these ids while the loop turns: queues one statement, whose rows come back for
 * intake_standard_fill(). After that the shelf knows all of them, whatever was found. */
void intake_standard_ask(struct db *db, const int32_t *ids, size_t count);
void intake_standard_fill(struct standard_shelf *shelf, const struct db_rows *rows,
                          const int32_t *ids, size_t count, int64_t *unreadable_gauge);

#endif
