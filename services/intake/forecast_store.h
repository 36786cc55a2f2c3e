/* SPDX-License-Identifier: Apache-2.0 */
/* forecast_store.h - past promises and the curves that are made of them, in the database. */
#ifndef TROTH_INTAKE_FORECAST_STORE_H
#define TROTH_INTAKE_FORECAST_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/domain/identifier.h"
#include "common/runtime/db.h"
#include "services/intake/forecast.h"
#include "services/intake/forecast_pool.h"
#include "services/intake/standard_shelf.h"

/* Of each bucket the newest ones are read: 128,000 in all, however much is stored. Buckets
 * are alike, so what is left out is older, and nothing else. */
#define FORECAST_BUCKET_MAX 500

/* ---- past promises: those that the standard made, as they stand at now_us. */

struct forecast_slice {
    int first_bucket, last_bucket;
    int64_t since_us, now_us; /* when they were made: after since_us, until now_us */
};
/* Queues two sets of rows. */
void forecast_store_read_past(struct db *db, const struct forecast_slice *slice);
/* Adds what they say to pool. shelf: for the calendars. */
void forecast_store_load_past(const struct db_rows *promises, const struct db_rows *pauses,
                              const struct forecast_slice *slice,
                              const struct standard_shelf *shelf, struct forecast_pool *pool);

/* ---- curves. Within one transaction: clear, then write each one. */

void forecast_store_clear(struct db *db);
void forecast_store_write(struct db *db, const struct forecast_curve *curve, int64_t computed_us);

/* Queues: one row, when the curves were computed (null: there are none) and how many there are. */
void forecast_store_look(struct db *db);
/* The next page of those that were computed then; start with {0}. */
struct forecast_page {
    char *kind, *owner_team, *calendar; /* of the last one that was read */
};
void forecast_store_read(struct db *db, int64_t computed_us, const struct forecast_page *page);
/* Adds them to f and moves page on. Returns how many there were; 0: that was all. */
size_t forecast_store_load(const struct db_rows *rows, struct forecast *f,
                           struct forecast_page *page);
void forecast_page_free(struct forecast_page *page);

#endif
