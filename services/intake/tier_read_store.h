/* SPDX-License-Identifier: Apache-2.0 */
/* tier_read_store.h - the part of intake_read_store.h for the tiers of customers, which loyalty
 * keeps. Asked for only when a rule of the standard does (needs.wants_tier). */
#ifndef TROTH_INTAKE_TIER_READ_STORE_H
#define TROTH_INTAKE_TIER_READ_STORE_H

#include <stddef.h>

#include "common/runtime/db.h"
#include "services/intake/intake_read_store.h"

/* Queues the questions; who has no score has no tier. */
void tier_read_records(struct db *db, struct intake_record *const *records, size_t count,
                       struct intake_reads *reads);
void tier_read_load(const struct db_rows *rows, struct intake_work *w);

#endif
