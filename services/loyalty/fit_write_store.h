/* SPDX-License-Identifier: Apache-2.0 */
/* fit_write_store.h - stores a fit; the newest of its model that is in force counts. */
#ifndef TROTH_LOYALTY_FIT_WRITE_STORE_H
#define TROTH_LOYALTY_FIT_WRITE_STORE_H

#include "common/runtime/db.h"
#include "services/loyalty/fit_row.h"

/* Queues one statement with one row: the number of the fit. DB_CONFLICT: another job has just taken
 * it; write again. */
void fit_write_row(struct db *db, const struct fit_row *row, int64_t fitted_us);

#endif
