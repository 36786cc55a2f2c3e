/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress_forecast_store.h - the curves that finish dates are worked out from, the standards whose
 * calendars they need, and how right such dates were.
 */
#ifndef TROTH_REPORTING_PROGRESS_FORECAST_STORE_H
#define TROTH_REPORTING_PROGRESS_FORECAST_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/reporting/progress_finish.h"

/* Each put queues one statement; the take reads its rows. */

/* The curves of promises to solve cases: of one team, NULL of all. */
void progress_forecast_put_curves(struct db *db, const char *owner_team);
/* The curve of a team and a calendar by its name. Its steps are the caller's: free(). False: there
 * is none. ret_computed_us: business time; may be NULL. */
bool progress_forecast_take_curve(const struct db_rows *rows, const char *owner_team,
                                  const char *calendar, struct progress_curve *ret_curve,
                                  struct survival_step **ret_steps, int64_t *ret_computed_us);

void progress_forecast_put_standards(struct db *db, const int32_t *ids, size_t count);
/* Rows: id, body. */

/* Cases opened in the last day for which nobody has written down yet what a page would say: at most
 * PROGRESS_ROUND_CASES. */
#define PROGRESS_ROUND_CASES 200
void progress_forecast_put_new_cases(struct db *db, int64_t now_us);
struct progress_new_case {
    int64_t number;
    const char *owner_team, *rule, *branch; /* borrowed from the rows */
    int32_t standard_id;
    int64_t opened_us;
    bool is_open;
};
void progress_forecast_take_new_case(const struct db_rows *rows, size_t row,
                                     struct progress_new_case *ret);

struct progress_forecast_row {
    int64_t service_case;
    bool is_known;
    struct progress_finish finish;
};
void progress_forecast_put(struct db *db, const struct progress_forecast_row *rows, size_t count,
                           int64_t now_us);

/* Over the dates of the last 90 days; and forgets rows of long ago. */
void progress_forecast_put_record(struct db *db, int64_t now_us);
void progress_forecast_take_record(const struct db_rows *rows, struct progress_record *ret);

#endif
