/* SPDX-License-Identifier: Apache-2.0 */
/* loyalty_fit_store.h - which fitted models are in force. */
#ifndef TROTH_LOYALTY_FIT_STORE_H
#define TROTH_LOYALTY_FIT_STORE_H

#include "common/runtime/db.h"
#include "services/loyalty/fit_set.h"

/* Queues the question for the newest fit of each model that is in force; one set of rows. */
void loyalty_fit_store_ask(struct db *db);

/* A fit that cannot be used is logged and leaves its model unfitted. */
void loyalty_fit_store_take(const struct db_rows *rows, struct fit_set *ret_fits);

/* Queues the question for the number of the newest fit, in force or not; one set of rows. */
void loyalty_fit_store_ask_newest(struct db *db);
int64_t loyalty_fit_store_take_newest(const struct db_rows *rows); /* 0: none */

#endif
