/* SPDX-License-Identifier: Apache-2.0 */
/* promise_history_store.h - reads a promise with all that happened to it and its case. */
#ifndef TROTH_COMMON_STORE_PROMISE_HISTORY_STORE_H
#define TROTH_COMMON_STORE_PROMISE_HISTORY_STORE_H

#include "common/base/err.h"
#include "common/domain/promise_history.h"
#include "common/runtime/db.h"

/* Queues three statements; their sets of rows are the next ones of the step. */
void promise_history_store_ask(struct db *db, int64_t promise);
#define PROMISE_HISTORY_SETS 3

/* rows: the first of these sets. ret_history->arena is the caller's; what is read is put there.
 * Fails with code "promise_unknown" when there is no such promise, "history_too_long" when more
 * happened than fits. The arena needs 200 bytes for each event of the case, and room for the text
 * of the standard: 64 MiB are enough for whatever is accepted here. */
MUST_CHECK int promise_history_store_take(const struct db_rows *const *rows, int64_t promise,
                                          struct promise_history *ret_history, struct err *err);

/* Both, for the command line: waits. */
MUST_CHECK int promise_history_store_read(struct db *db, int64_t promise,
                                          struct promise_history *ret_history, struct err *err);

#endif
