/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warning_series.h - daily counts of everything and of each category, product and branch, and the
 * days on which they stand out. Pure.
 *
 * C1, C2 and C3 as common/model/ears.h has them (C3: the form of the R package surveillance), each
 * with a deviation of at least 1, because most days of most series have few cases; CUSUM as in
 * common/model/cusum.h on Rossi's transform, for what grows a little every day. Days before the
 * first one that has figures are no baseline; a day without a row, after it, is 0.
 *
 * Those are the methods as they were published, and with many small series some of them alarms on
 * most days: with seven days of baseline C2 does by chance about once in 30 to 70 days of each
 * (L. C. Hutwagner et al., Comparing aberration detection methods with simulated data, Emerging
 * Infectious Diseases 11, 2005; tests/unit/reporting/warning_series_test.c counts it). A person is
 * asked when in addition
 *   two of C1, C2 and C3 agree, or CUSUM signals;
 *   the count is at least warning_rule.least; and
 *   so many would come by chance at most once in warning_rule.days days, of either way to look at
 *   it half as often: given how many there were in the baseline and now together, those now are
 * binomial (J. Przyborowski, H. Wilenski, Homogeneity of results in testing samples from Poisson
 * series, Biometrika 31, 1940), exactly so however small the counts are. Baseline: the 28 days, or
 * as many as there are and at least seven, before the two before the day, as C2 leaves them out; of
 * CUSUM its own 28 days, and now is the run of days in which its sum rose. Where
 * all others (DIMENSION_ALL without it) grew by more than the days let expect, it is compared with
 * them instead: what rises everywhere is a warning about everything, not about each.
 */
#ifndef TROTH_REPORTING_WARNING_SERIES_H
#define TROTH_REPORTING_WARNING_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/reporting/figure.h"

enum {
    WARNING_VALUE_SIZE = 129,
    /* CUSUM: the mean of so many days, until three weeks before the day; the sums run over those.
     */
    WARNING_BASELINE_DAYS = 28,
    WARNING_RUN_DAYS = 21,
    WARNING_DAYS_BEFORE = WARNING_BASELINE_DAYS + WARNING_RUN_DAYS,
    WARNING_SERIES_MAX = 65536, /* of 50 days each: 40 MiB */
};
#define WARNING_DEVIATION_MIN 1.0
#define WARNING_CUSUM_K       0.5 /* half of a shift by one deviation */
#define WARNING_CUSUM_H       5.0 /* by chance about once in 465 days */

/* When a person is asked. */
struct warning_rule {
    int64_t least; /* on that day */
    int64_t days;  /* by chance at most once in so many */
};

struct warning_series;

/* Of the days from to to (since 1970-01-01). A judgement looks WARNING_DAYS_BEFORE days back and no
 * further: whoever judges many days one after the other keeps as many, and moves on. */
struct warning_series *warning_series_new(int64_t from, int64_t to);
/* So many days later: those that fall out are forgotten, and what had nothing else with them. */
void warning_series_move(struct warning_series *s, int64_t days);
void warning_series_free(struct warning_series *s); /* NULL is fine */

/* The first day that has figures; unset: there is none. */
void warning_series_begin(struct warning_series *s, int64_t first_day);
/* Days outside are ignored. So is the first count of a category or product when there are
 * WARNING_SERIES_MAX series already: warning_series_left() says how often. */
void warning_series_add(struct warning_series *s, enum figure_dimension dimension,
                        const char *value, enum figure_measure measure, int64_t day, int64_t count);

size_t warning_series_left(const struct warning_series *s);
size_t warning_series_count(const struct warning_series *s); /* how many are kept */

struct early_alarm {
    int64_t day;
    enum figure_dimension dimension;
    const char *value; /* borrowed from the series */
    enum figure_measure measure;
    const char *detector; /* "C1", "C2", "C3", "CUSUM" */
    int64_t count;
    double mean, deviation, statistic, threshold; /* statistic > threshold */
    bool is_for_person; /* the same for all detectors of a day and series */
};
typedef void early_alarm_fn(void *ctx, const struct early_alarm *alarm);

/* All alarms of one day. */
void warning_series_judge(const struct warning_series *s, int64_t day,
                          const struct warning_rule *rule, early_alarm_fn *take, void *ctx);

#endif
