/* SPDX-License-Identifier: Apache-2.0 */
/* intake_promise_store.h - the part of intake_write_store.h for what sources say about promises and
 * expectations. */
#ifndef TROTH_INTAKE_PROMISE_STORE_H
#define TROTH_INTAKE_PROMISE_STORE_H

#include <stddef.h>

#include "common/runtime/db.h"
#include "services/intake/intake_work.h"

/* Queues statements, none where there are no rows; returns how many rows they write. */
size_t intake_promise_queue(struct db *db, const struct intake_work *w);

#endif
