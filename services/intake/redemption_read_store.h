/* SPDX-License-Identifier: Apache-2.0 */
/* redemption_read_store.h - the part of intake_read_store.h for points that were spent: which
 * references of the records name a redemption of their customer already. */
#ifndef TROTH_INTAKE_REDEMPTION_READ_STORE_H
#define TROTH_INTAKE_REDEMPTION_READ_STORE_H

#include "services/intake/intake_read_store.h"

/* Queues, if any of the records is one. */
void redemption_read_records(struct db *db, struct intake_record *const *records, size_t count,
                             struct intake_reads *reads);
void redemption_read_load(const struct db_rows *rows, struct intake_work *w);

#endif
