/* SPDX-License-Identifier: Apache-2.0 */
/* intake_batch_store.h - what a transaction needs that stores nothing of its own. */
#ifndef TROTH_INTAKE_BATCH_STORE_H
#define TROTH_INTAKE_BATCH_STORE_H

#include "common/runtime/db.h"

/* Queues a mark in the server's log, no row. COMMIT of a transaction that wrote nothing waits for
 * no standby, and what it read may be missing there; with the mark it waits for all before it. */
void intake_batch_store_mark(struct db *db);

#endif
