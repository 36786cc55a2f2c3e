/* SPDX-License-Identifier: Apache-2.0 */
/* retention_store.h - the SQL of retention_job.c: the parts of the log, and what was removed. */
#ifndef TROTH_INTAKE_RETENTION_STORE_H
#define TROTH_INTAKE_RETENTION_STORE_H

#include "common/audit/audit_removal.h"
#include "common/runtime/db.h"

struct retention_times {
    int64_t now_us, keep_us;
    struct db_array *absent; /* consumers that do not run here */
};

/* Queues the closing of the newest part when it is part_us old. One row: its number, or 0. */
void retention_store_close(struct db *db, int64_t now_us, int64_t part_us, int32_t wait_ms);
/* Queues: rows (number, closed_at, bytes, why it stays or '', detail). */
void retention_store_list(struct db *db, const struct retention_times *t);

/* In one transaction: */
/* One row: how many events of open cases were moved to the newest part. Then rows (stream, bucket,
 * first, last) of what is left. Then one row: the number of the next removal, and whether there is
 * a tamper-evident record. */
void retention_store_ask_places(struct db *db, int32_t part);
void retention_store_add_removal(struct db *db, const struct audit_removal *r);
void retention_store_drop(struct db *db, const struct retention_times *t, int32_t part,
                          int64_t kept_events, int32_t wait_ms);

#endif
