/* SPDX-License-Identifier: Apache-2.0 */
/* erasure_store.h - an erasure in the database: everybody and everything that it is about is read
 * beside the rest of the record (intake_read_store.h), and removed with the writes. */
#ifndef TROTH_INTAKE_ERASURE_STORE_H
#define TROTH_INTAKE_ERASURE_STORE_H

#include "services/intake/intake_read_store.h"

/* Queues the questions if one of the records is an erasure: it is the only one then. */
void erasure_read_records(struct db *db, struct intake_record *const *records, size_t count,
                          struct intake_reads *reads);
void erasure_read_load_members(const struct db_rows *rows, struct intake_work *w);
void erasure_read_load_references(const struct db_rows *rows, struct intake_work *w);
/* Makes the new bodies too, or counts what is left as it is. */
void erasure_read_load_events(const struct db_rows *rows, struct intake_work *w);
void erasure_read_load_told(const struct db_rows *rows, struct intake_work *w);

/* Queues what the work says. Returns how many erasures there were. */
size_t erasure_write_queue(struct db *db, const struct intake_work *w);
/* Who says that calls are welcome after all: their numbers are not on the list any more. */
size_t erasure_write_allowed(struct db *db, const struct intake_work *w);

#endif
