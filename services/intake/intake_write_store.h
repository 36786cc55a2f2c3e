/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_write_store.h - step 2 of a transaction: writes what was decided, one statement per table.
 *
 * Receipts and references are inserted plainly: who else made the same key in between is a
 * DB_CONFLICT. Customers and cases are compared and set by their version: who else changed one in
 * between is a DB_RETRY (40001). Both times nothing is committed, and the records are read and
 * decided again. Promises need no version of their own for that: who changes one counts up its
 * case.
 */
#ifndef TROTH_INTAKE_WRITE_STORE_H
#define TROTH_INTAKE_WRITE_STORE_H

#include <stddef.h>

#include "common/runtime/db.h"
#include "services/intake/intake_work.h"

/* Queues the statements; none has rows in the reply. Returns how many rows they write. */
size_t intake_write_queue(struct db *db, const struct intake_work *w);

#endif
