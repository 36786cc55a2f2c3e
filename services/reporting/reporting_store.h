/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reporting_store.h - what a batch of events reads and writes in schema reporting, one statement
 * per table.
 *
 * The lanes of a batch are leased and fenced in the same transaction, so nobody else writes these
 * rows meanwhile.
 */
#ifndef TROTH_REPORTING_REPORTING_STORE_H
#define TROTH_REPORTING_REPORTING_STORE_H

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/runtime/db.h"
#include "services/reporting/figure_fold.h"

/* Waits for the answer: start-up only. Fails with code "time_zone_unknown" when PostgreSQL does not
 * know the zone, and with "time_zone_differs" when figures stand there that were folded in another.
 */
MUST_CHECK int reporting_store_check_zone(struct db_pool *pool, const char *time_zone,
                                          int64_t timeout_us, struct err *err);

/* Queues the reading of how the promises of the sealed batch were counted last. One set of rows. */
void reporting_store_read(struct db *db, struct figure_fold *fold);
/* Fills the batch. Branches are borrowed from rows. */
void reporting_store_take(const struct db_rows *rows, struct figure_fold *fold);

/* Queues the writing of all that the batch adds. */
void reporting_store_write(struct db *db, struct figure_fold *fold, const char *time_zone);

#endif
