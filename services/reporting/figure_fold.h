/* SPDX-License-Identifier: Apache-2.0 */
/*
 * figure_fold.h - a batch of events becomes figures.
 *
 * An event about a case, a follow-up or an answer says: look at that again. What it adds to the
 * figures now is computed from its facts, what it added at the last look is taken back, and the
 * difference goes to the days and months. So corrections, reversals, merges, late and repeated
 * events are all one path. What has no such subject is added by its event.
 *
 * Each step queues statements of one transaction; the caller runs them and hands the rows to the
 * next one:
 *
 * 1. figure_fold_begin()  what was looked at since these events were made?
 * 2. figure_fold_look()   reads cases, follow-ups and answers as they are now
 * 3. figure_fold_count()  computes the differences, writes down what was looked at, reads the rows
 * of days and months
 * 4. figure_fold_write()  writes them back; where a row was split, reads those below it, and is
 * called again
 *
 * The transaction holds the terms of the lanes before step 1, so nobody else writes these rows.
 */
#ifndef TROTH_REPORTING_FIGURE_FOLD_H
#define TROTH_REPORTING_FIGURE_FOLD_H

#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/base/zone.h"
#include "common/runtime/db.h"
#include "event.pb-c.h"

struct figure_fold;
/* The zone outlives it. A case opened within return_window_us after a resolution is a return. */
struct figure_fold *figure_fold_new(const struct zone *zone, int64_t return_window_us);
void figure_fold_free(struct figure_fold *f); /* NULL is fine */

/* Before a batch, and for each event of it, which stays as it is until figure_fold_look(). */
void figure_fold_clear(struct figure_fold *f);
void figure_fold_add(struct figure_fold *f, const Troth__V1__Event *event);

void figure_fold_begin(struct figure_fold *f, struct db *db);
void figure_fold_look(struct figure_fold *f, const struct db_reply *reply, struct db *db);
/* These return 0, or -1 with err (malformed): what stands in the tables is not ours. */
MUST_CHECK int figure_fold_count(struct figure_fold *f, const struct db_reply *reply, struct db *db,
                                 struct err *err);
/* Returns 1 when the caller is to run what is queued and call it again. */
MUST_CHECK int figure_fold_write(struct figure_fold *f, const struct db_reply *reply, struct db *db,
                                 struct err *err);

#endif
