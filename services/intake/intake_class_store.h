/* SPDX-License-Identifier: Apache-2.0 */
/* intake_class_store.h - the part of the stores for what cases were taken for, and what promises
 * were made for: written when staff reclassify, read when something of the case is taken back. */
#ifndef TROTH_INTAKE_CLASS_STORE_H
#define TROTH_INTAKE_CLASS_STORE_H

#include <stddef.h>

#include "common/runtime/db.h"
#include "services/intake/intake_work.h"

/* Queues statements; returns how many rows they write. */
size_t intake_class_queue(struct db *db, const struct intake_work *w);

/* Of cases: $1 their buckets, $2 their numbers. */
extern const struct db_query intake_class_read_classes;
extern const struct db_query intake_class_read_first_terms;
/* After the histories that they belong to. */
void intake_class_load_classes(const struct db_rows *rows, struct intake_work *w);
void intake_class_load_first_terms(const struct db_rows *rows, struct intake_work *w);

/* Queues what became of stored classes, as intake_void_queue(). */
size_t intake_class_queue_changes(struct db *db, const struct intake_work *w);

#endif
