/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_facts_store.h - what each figure is, once more and in another way: in SQL over the views of
 * intake and followup. Nothing here is shared with the fold; both follow figure.h.
 *
 * Not compared: how long a case waited for whom; and moves of the index, tier and risk of the days
 * until loyalty started over: its history then has what a second run found, the figures what the
 * first one told. Of what is compared not the other dimensions: they are written with the branch's.
 */
#ifndef TROTH_REPORTING_CHECK_FACTS_STORE_H
#define TROTH_REPORTING_CHECK_FACTS_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/reporting/check_compare.h"
#include "services/reporting/night_task.h"

struct check_slice {
    int lane;
    enum figure_sheet sheet;
    int64_t from_day, to_day;
    int64_t from_us, until_us; /* instants at which the first begins and the last ends */
    const char *time_zone;
    int64_t return_window_us;
    const struct night_range *before; /* days of the slices before, of the same task */
    size_t before_count;
};

/* Queues, into the caller's snapshot, how far the lane is behind, its figures and its facts. */
void check_facts_ask(struct db *db, const struct check_slice *slice);

/* Its rows begin at rows[0]. Returns false, and adds nothing, when the lane is behind. */
bool check_facts_take(const struct db_rows *const *rows, const struct check_slice *slice,
                      struct check_compare *to);

#endif
