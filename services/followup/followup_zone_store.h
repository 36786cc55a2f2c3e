/* SPDX-License-Identifier: Apache-2.0 */
/* followup_zone_store.h - planned follow-ups of a local time, by the zone data they were resolved
 * with. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_ZONE_STORE_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_ZONE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"

/* Which of these buckets have planned ones of another release; at most limit of them. */
void followup_zone_store_put_buckets(struct db *db, const struct db_array *buckets,
                                     const char *version, int32_t limit);
int16_t followup_zone_store_get_bucket(const struct db_rows *r, size_t row);

/* Locks at most limit of them in one bucket; who works on one keeps it, it comes again. Rows as
 * followup_store_get() reads them. */
void followup_zone_store_put_lock(struct db *db, int16_t bucket, const char *version,
                                  int32_t limit);

#endif
