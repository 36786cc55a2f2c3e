/* SPDX-License-Identifier: Apache-2.0 */
/* source_store.h - the questions to intake.source: who may connect, and has that changed? */
#ifndef TROTH_COMMON_RUNTIME_SOURCE_STORE_H
#define TROTH_COMMON_RUNTIME_SOURCE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/runtime/db.h"
#include "common/runtime/principal.h"

/* All sources that are not revoked; *ret_list is the caller's, for source_store_free_list(). Turns
 * the loop until the answer is there. The connection stays with the caller. */
MUST_CHECK int source_store_list(struct db *db, struct principal **ret_list, size_t *ret_count,
                                 struct err *err);
void source_store_free_list(struct principal *list, size_t count);

/* The same for the loop: each queues one question, whose rows the other function reads. */
void source_store_put_revision(struct db *db);
int64_t source_store_read_revision(const struct db_rows *rows);
void source_store_put_list(struct db *db);
MUST_CHECK int source_store_read_list(const struct db_rows *rows, struct principal **ret_list,
                                      size_t *ret_count, struct err *err);

#endif
