/* SPDX-License-Identifier: Apache-2.0 */
/*
 * effect_store.h - reads what an effect is judged from: cases one by one from reporting.case_fact
 * (category, product, branch and team together are no row of the figures), purchases, answers and
 * promises from the daily figures.
 */
#ifndef TROTH_REPORTING_EFFECT_STORE_H
#define TROTH_REPORTING_EFFECT_STORE_H

#include <stdint.h>

#include "common/runtime/db.h"
#include "services/reporting/improvement.h"
#include "services/reporting/night_task.h"

enum {
    EFFECT_WINDOW_DAYS = 90, /* before it began, and after */
    EFFECT_SETS = 3,         /* of rows */
};

/* The days that are compared. until: the last day that has ended. */
struct effect_window {
    int64_t before_from, starts, after_to; /* after_to < starts: it has not begun */
    int64_t until;
};
struct effect_window effect_window_of(const struct improvement *a, int64_t until);

/* Queues the questions, into a snapshot of the caller. */
void effect_store_ask(struct db *db, const struct improvement *a, const struct effect_window *w,
                      const struct night_world *world);
/* Its rows begin at rows[0]. */
struct effect effect_store_take(const struct db_rows *const *rows, const struct improvement *a,
                                const struct effect_window *w);

#endif
