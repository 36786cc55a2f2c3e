/* SPDX-License-Identifier: Apache-2.0 */
/* identity_read_store.h - the part of intake_read_store.h that only some records need: whom a
 * contact point leads to, and which open cases a contact may belong to. */
#ifndef TROTH_INTAKE_IDENTITY_READ_STORE_H
#define TROTH_INTAKE_IDENTITY_READ_STORE_H

#include <stddef.h>

#include "common/runtime/db.h"
#include "services/intake/intake_read_store.h"

/* Queues the questions; after those about customers, so that what comes in between makes a
 * customer's version stale. */
void identity_read_records(struct db *db, struct intake_record *const *records, size_t count,
                           struct intake_reads *reads);

void identity_read_load_points(const struct db_rows *rows, struct intake_work *w);

#endif
