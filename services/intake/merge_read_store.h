/* SPDX-License-Identifier: Apache-2.0 */
/* merge_read_store.h - the part of intake_read_store.h for cases that are, or will be, merged. Only
 * records that name one pay for it. */
#ifndef TROTH_INTAKE_MERGE_READ_STORE_H
#define TROTH_INTAKE_MERGE_READ_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/runtime/db.h"
#include "services/intake/intake_read_store.h"

/* Queues the questions: the customers of cases that are to be merged, and what goes on for those
 * that were (names.joined_case). */
void merge_read_records(struct db *db, struct intake_record *const *records, size_t count,
                        struct intake_reads *reads);

/* A case that one of the records names was merged into one that is not among what was read: sets
 * names.joined_case of such records, and all must be read again. False: nothing is missing. */
bool merge_read_misses_survivors(struct intake_work *w, struct intake_record *const *records,
                                 size_t count);

#endif
