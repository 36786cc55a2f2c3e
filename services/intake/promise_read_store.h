/* SPDX-License-Identifier: Apache-2.0 */
/* promise_read_store.h - the part of intake_read_store.h for promises: those whose steps are due,
 * and who is in which team. */
#ifndef TROTH_INTAKE_PROMISE_READ_STORE_H
#define TROTH_INTAKE_PROMISE_READ_STORE_H

#include "services/intake/intake_read_store.h"

/* Queues: at most limit promises in these buckets whose next step is due, with their cases and the
 * pauses of these: the step after it needs them. */
void promise_read_steps(struct db *db, const int16_t *buckets, size_t bucket_count, int64_t now_us,
                        int64_t limit, struct intake_reads *ret_reads);
void promise_read_load_steps(const struct db_rows *rows, struct intake_work *w);
/* How many promises there are in these rows. */
size_t promise_read_count(const struct db_rows *rows);

/* Queues, if there are any: the teams of those who renegotiate promises. */
void promise_read_ask_staff(struct db *db, struct intake_record *const *records, size_t count,
                            struct intake_reads *reads);
void promise_read_load_staff(const struct db_rows *rows, struct intake_work *w);

#endif
