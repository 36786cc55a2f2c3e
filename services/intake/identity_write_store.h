/* SPDX-License-Identifier: Apache-2.0 */
/* identity_write_store.h - the part of intake_write_store.h for who is who: contact points, open
 * questions, what people said about two customers. */
#ifndef TROTH_INTAKE_IDENTITY_WRITE_STORE_H
#define TROTH_INTAKE_IDENTITY_WRITE_STORE_H

#include <stddef.h>

#include "common/runtime/db.h"
#include "services/intake/intake_work.h"

/* Queues statements; returns how many rows they write. A contact point that somebody else claimed
 * in between is a DB_CONFLICT. */
size_t identity_write_queue(struct db *db, const struct intake_work *w);

#endif
