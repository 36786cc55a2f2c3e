/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usage_forecast.h - when a device reaches its next service, from what its counter said so far:
 * kilometres, hours, cycles, pages. Pure.
 *
 * 1. Readings are put in order. One that stands out alone (a misread: higher than the next one, or
 *    lower than its neighbours which fit each other) is left out. Where the counter falls and stays
 *    low it was replaced: use is counted on from the reading before the fall to the one after it,
 *    and only the new counter's readings tell the rate.
 * 2. The newest readings count: those of the last 400 days before the newest one (all, when there
 *    are fewer than 3 in these), at most 64, spread evenly over that time.
 * 3. The rate is the median of the slopes of all pairs of them, which no single wrong reading can
 *    move: H. Theil, A rank-invariant method of linear and polynomial regression analysis,
 *    Proceedings of the Royal Netherlands Academy of Sciences 53 (1950); P. K. Sen, Estimates of
 *    the regression coefficient based on Kendall's tau, Journal of the American Statistical
 *    Association 63 (1968) 1379-1389.
 * 4. Use is uneven: what is added in a stretch of time varies with a variance of s² per day (a
 *    Wiener process with drift: R. S. Chhikara, J. L. Folks, The Inverse Gaussian Distribution,
 *    1989, chapter 11). s is 1.4826 times the median of |added - rate * days| / sqrt(days) over
 *    neighbouring readings; the rate itself, learnt over D days, is uncertain by s / sqrt(D). So
 *    after t days the use is rate * t +- z s sqrt(t + t² / D). The interval has the days on which
 *    the edges of that band reach the target; z is Student's t for 80 % with the readings'
 *    degrees of freedom. (t above: the time since the newest reading.)
 */
#ifndef TROTH_COMMON_DOMAIN_USAGE_FORECAST_H
#define TROTH_COMMON_DOMAIN_USAGE_FORECAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"

#define USAGE_NEVER INT64_MAX /* not within 100 years after the newest reading */

struct usage_reading {
    int64_t at_us;
    double total; /* what the counter shows; finite, not negative */
};

struct usage_question {
    const struct usage_reading *readings; /* in any order */
    size_t count;
    double every;    /* between services, in the counter's unit; more than 0 */
    double base;     /* what the counter showed at the purchase or the last service; finite */
    int64_t base_us; /* when it did: which counter, should it have been replaced; INT64_MIN: before
                        all readings */
    int64_t now_us;  /* what is later is not looked at */
};

struct usage_forecast {
    /* When the next service is reached; early <= likely <= late; 8 of 10 fall between the first and
     * the last. Not before the newest reading, but maybe before now. late_us may be
     * USAGE_NEVER. */
    int64_t early_us, likely_us, late_us;
    double rate_per_day;  /* more than 0 */
    double rate_error;    /* its standard error */
    double used;          /* from base to the newest reading; over a replaced counter, too */
    int64_t service;      /* how many times `every` since base it is: 1 is the first; names the
                             occurrence, stays the same until it is reached */
    double left;          /* from the newest reading to it, more than 0 */
    int64_t newest_us;    /* of the readings */
    size_t reading_count; /* that told the rate */
    bool is_replaced;     /* the counter was, once at least */
};

/* Returns 0, or -1 and leaves *ret_forecast alone. Codes, for "why is there no date":
 *   usage_too_few       fewer than 3 readings
 *   usage_replaced      the counter was replaced, and the new one has fewer than 3
 *   usage_too_short     the readings that tell the rate cover less than 14 days
 *   usage_stands_still  it is not used, or not to be noticed (100 years to the next service)
 *   usage_too_old       the newest reading is older than 400 days
 *   usage_invalid       a number is not finite, or out of its range
 * Nothing in a forecast is ever infinite or not a number. */
MUST_CHECK int usage_forecast_make(const struct usage_question *question,
                                   struct usage_forecast *ret_forecast, struct err *err);

#endif
