/* SPDX-License-Identifier: Apache-2.0 */
/*
 * effect_judge.h - did it help: a figure before something was done and after it, beside the places
 * where it was not done. Pure.
 *
 * Rates (cases, complaints): per 1,000 purchases where there are purchases in all periods, else per
 * day; their ratio with its mid-P interval (common/model/rate_ratio.h). Shares (promises kept) and
 * medians of durations: their ratio; means (CSAT, gaps): their difference
 * (common/model/group_ratio.h, group_difference.h).
 *
 * What happened everywhere else at the same time is taken off, the difference in differences (D.
 * Card, A. B. Krueger, Minimum Wages and Employment, American Economic Review 84, 1994): of ratios
 * the ratio of both, of means the difference of both differences. It supposes that both would have
 * changed alike had nothing been done. The verdict goes by the interval against the other places
 * where there is one, else by the one before and after.
 */
#ifndef TROTH_REPORTING_EFFECT_JUDGE_H
#define TROTH_REPORTING_EFFECT_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/text.h"
#include "common/model/group_difference.h"
#include "common/model/interval.h"
#include "common/model/log_histogram.h"
#include "common/model/rate_ratio.h"
#include "services/reporting/report_book.h"

enum {
    EFFECT_DAYS_MIN = 14,   /* after it began: no verdict before */
    EFFECT_EVENTS_MIN = 5,  /* that would have been expected after it, had nothing changed */
    EFFECT_ANSWERS_MIN = 5, /* before and after; of other places too, to be beside it */
};

enum effect_unit {
    EFFECT_PER_PURCHASES, /* of 1,000 */
    EFFECT_PER_DAY,
    EFFECT_MEAN,
    EFFECT_SHARE,
    EFFECT_DURATION, /* the median, in microseconds */
};

enum effect_verdict {
    EFFECT_TOO_EARLY,
    EFFECT_NO_DIFFERENCE,
    EFFECT_BETTER,
    EFFECT_WORSE,
};

/* NAN: there is nothing to say it from. */
struct effect {
    enum effect_unit unit;
    int64_t days_before, days_after;
    int64_t events_before, events_after; /* events or answers */
    double before_rate, after_rate;
    double ratio; /* after / before; of means: after - before */
    struct interval interval;
    double others_ratio;            /* the same where it was not done */
    struct interval against_others; /* of the ratio of both ratios; of the difference of both */
    enum effect_verdict verdict;
};

struct effect_counts {
    int64_t events, purchases, days;
};
/* others: places without it, or NULL. */
struct effect effect_of_counts(const struct effect_counts *before,
                               const struct effect_counts *after,
                               const struct effect_counts others[2]);

struct effect_days {
    int64_t before, after;
};
/* own and others: before, after. others: places without it, or NULL. */
struct effect effect_of_means(const struct group_sums own[2], const struct group_sums others[2],
                              struct effect_days days);
struct effect effect_of_shares(const struct group_hits own[2], const struct group_hits others[2],
                               struct effect_days days);
struct effect effect_of_medians(const struct log_histogram *const own[2],
                                const struct log_histogram *const others[2],
                                struct effect_days days);
/* Whether its ratio is one; else it is a difference. */
bool effect_is_ratio(enum effect_unit u);

const char *effect_verdict_name(enum effect_verdict v); /* "better", ... */
enum effect_verdict effect_verdict_by_name(const char *name);
const char *effect_unit_name(enum effect_unit u); /* "per_day", ... */
enum effect_unit effect_unit_by_name(const char *name);

/* Sentences for people; appended. expectation: the ratio that was hoped for. */
void effect_words(const struct effect *e, double expectation, enum report_language language,
                  struct text *out);

#endif
