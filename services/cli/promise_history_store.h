/* SPDX-License-Identifier: Apache-2.0 */
/* promise_history_store.h - reads a promise with all that happened to it and its case. */
#ifndef TROTH_SERVICES_CLI_PROMISE_HISTORY_STORE_H
#define TROTH_SERVICES_CLI_PROMISE_HISTORY_STORE_H

#include "common/base/err.h"
#include "common/runtime/db.h"
#include "services/cli/promise_history.h"

/* Waits. ret_history->arena is the caller's; what is read is put there. Fails with code
 * "promise_unknown" when there is no such promise. */
MUST_CHECK int promise_history_store_read(struct db *db, int64_t promise,
                                          struct promise_history *ret_history, struct err *err);

#endif
