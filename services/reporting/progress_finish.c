/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_finish.h"

#define HALF 0.5
#define MOST 0.9

/* The instant by which such a share of those that are left is done; CALENDAR_NEVER: not known. */
static int64_t date_of(const struct progress_curve *curve, const struct calendar *calendar,
                       int64_t counted_us, int64_t now_us, double share)
{
    const struct survival_step *now =
        survival_curve_at(curve->steps, curve->step_count, counted_us);
    double open = now ? now->open : 1.0;

    if (open <= 0.0) {
        return CALENDAR_NEVER;
    }
    int64_t at_us =
        survival_curve_time(curve->steps, curve->step_count, 1.0 - open * (1.0 - share));
    if (at_us == SURVIVAL_NEVER || at_us > curve->known_us || at_us <= counted_us) {
        return CALENDAR_NEVER;
    }
    return calendar_after(calendar, now_us, at_us - counted_us);
}

bool progress_finish_ask(const struct progress_curve *curve, const struct calendar *calendar,
                         int64_t counted_us, int64_t now_us, struct progress_finish *ret)
{
    if (curve->past_cases < PROGRESS_FINISH_CASES_MIN || counted_us > curve->known_us) {
        return false;
    }
    int64_t half_us = date_of(curve, calendar, counted_us, now_us, HALF);
    int64_t most_us = date_of(curve, calendar, counted_us, now_us, MOST);
    if (half_us == CALENDAR_NEVER || most_us == CALENDAR_NEVER) {
        return false;
    }
    *ret = (struct progress_finish){half_us, most_us, curve->past_cases};
    return true;
}
