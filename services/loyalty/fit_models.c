/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/fit_models.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"
#include "common/model/correlation.h"
#include "common/model/rfm.h"

/* ---- what the fits say about themselves */

/* Words of fit_report for a person. */
static const char *reason_of(const char *why_not)
{
    static const struct {
        const char *word, *sentence;
    } reasons[] = {
        {"too_few_customers", "too few customers"                                       },
        {"history_invalid",   "a history holds a number that cannot be"                 },
        {"no_variation",      "all customers are alike: there is nothing to learn from" },
        {"at_bound",
         "the likelihood grows without end: the model does not describe these customers"},
        {"no_optimum",        "no optimum was found"                                    },
    };
    for (size_t i = 0; why_not && i < ARRAY_LEN(reasons); i++) {
        if (strcmp(reasons[i].word, why_not) == 0) {
            return reasons[i].sentence;
        }
    }
    return why_not ? why_not : "";
}

static void take_report(struct fit_row *row, const struct fit_report *report)
{
    row->is_converged = report->is_converged;
    row->iterations = report->evaluations;
    row->has_likelihood = report->evaluations > 0 && isfinite(report->log_likelihood);
    row->log_likelihood = row->has_likelihood ? report->log_likelihood : 0;
    if (!report->is_converged) {
        fit_row_refuse(row, "%s", reason_of(report->why_not));
    }
}

/* ---- purchases */

static size_t repeat_buyers(const struct buyers *b)
{
    size_t count = 0;
    for (size_t i = 0; i < b->count; i++) {
        count += b->list[i].days > 1;
    }
    return count;
}

/* Those who were buyers then; freed by the caller. */
static struct purchase_history *histories_before(const struct buyers *b, double held_days,
                                                 size_t *ret_count)
{
    struct purchase_history *list = xreallocarray(NULL, b->count + 1, sizeof(*list));
    size_t count = 0;
    for (size_t i = 0; i < b->count; i++) {
        count += buyer_before(&b->list[i], held_days, &list[count]);
    }
    *ret_count = count;
    return list;
}

struct held_sums {
    double expected, actual, absolute;
};

/* Writes what was expected and what came over the histories, which are two doubles too many. */
static void compare(const struct buyers *b, const struct bg_nbd *m, double held_days,
                    struct fit_row *row)
{
    struct held_sums s = {.expected = 0};
    double *expected = xreallocarray(NULL, b->count + 1, sizeof(double));
    double *actual = xreallocarray(NULL, b->count + 1, sizeof(double));
    double correlation;
    size_t count = 0;
    for (size_t i = 0; i < b->count; i++) {
        struct purchase_history h;
        if (buyer_before(&b->list[i], held_days, &h)) {
            expected[count] = bg_nbd_expected(m, h, held_days);
            actual[count] = b->list[i].days - b->list[i].days_before;
            s.expected += expected[count];
            s.actual += actual[count];
            s.absolute += fabs(expected[count] - actual[count]);
            count++;
        }
    }
    double n = (double)count;
    fit_row_error(row, "held_days", held_days);
    fit_row_error(row, "held_customers", n);
    fit_row_error(row, "expected_mean", s.expected / n);
    fit_row_error(row, "actual_mean", s.actual / n);
    fit_row_error(row, "mean_error", (s.expected - s.actual) / n);
    fit_row_error(row, "mean_absolute_error", s.absolute / n);
    if (correlation_pearson(expected, actual, count, &correlation)) {
        fit_row_error(row, "correlation", correlation);
    }
    free(expected);
    free(actual);
}

/* Fits on what was before the held part and looks how it did there. */
static void hold_out(const struct buyers *b, const struct fit_span *span, struct fit_row *row)
{
    double held_days = fit_span_held_days(span);
    if (held_days < FIT_HELD_DAYS_MIN) {
        return;
    }
    size_t count;
    struct purchase_history *before = histories_before(b, held_days, &count);
    struct bg_nbd_fit fit = bg_nbd_fit(before, NULL, count, &fit_terms_usual);
    free(before);
    if (fit.report.is_converged) {
        compare(b, &fit.model, held_days, row);
    }
}

struct fit_row fit_purchases(const struct buyers *b, const struct fit_span *span)
{
    struct fit_row row = fit_row_of(FIT_PURCHASES, span->from_us, span->now_us);
    size_t repeat = repeat_buyers(b);
    row.observations = (int64_t)b->count;
    if (b->count < FIT_BUYERS_MIN || repeat < FIT_REPEAT_MIN) {
        fit_row_refuse(
            &row, "%zu customers bought, %zu of them on more than one day; %d and %d are needed",
            b->count, repeat, FIT_BUYERS_MIN, FIT_REPEAT_MIN);
        return row;
    }
    hold_out(b, span, &row);
    struct purchase_history *now = xreallocarray(NULL, b->count, sizeof(*now));
    for (size_t i = 0; i < b->count; i++) {
        now[i] = buyer_now(&b->list[i]);
    }
    struct bg_nbd_fit fit = bg_nbd_fit(now, NULL, b->count, &fit_terms_usual);
    free(now);
    row.set.purchases = fit.model;
    take_report(&row, &fit.report);
    return row;
}

/* ---- spend */

struct fit_row fit_spend(const struct buyers *b, const struct fit_span *span, const char *currency)
{
    struct fit_row row = fit_row_of(FIT_SPEND, span->from_us, span->now_us);
    struct purchase_spend *spends = xreallocarray(NULL, b->count + 1, sizeof(*spends));
    size_t count = 0;
    for (size_t i = 0; i < b->count; i++) {
        if (b->list[i].is_in_main_currency && b->list[i].money > 0) {
            spends[count++] = (struct purchase_spend){b->list[i].days, b->list[i].money};
        }
    }
    row.observations = (int64_t)count;
    (void)text_copy(row.set.currency, sizeof(row.set.currency), currency);
    if (count < FIT_BUYERS_MIN) {
        fit_row_refuse(&row, "%zu customers spent money in one currency; %d are needed", count,
                       FIT_BUYERS_MIN);
    } else {
        struct gamma_gamma_fit fit = gamma_gamma_fit(spends, NULL, count, &fit_terms_usual);
        row.set.spend = fit.model;
        take_report(&row, &fit.report);
    }
    free(spends);
    return row;
}

/* ---- quintiles */

static double recency_of(const struct buyer *b)
{
    return b->t - b->t_x;
}

static double frequency_of(const struct buyer *b)
{
    return b->days;
}

static double money_of(const struct buyer *b)
{
    return (double)b->money * b->days;
}

/* Of those in the main currency, or of all. */
static size_t collect(const struct buyers *b, double (*value_of)(const struct buyer *),
                      bool in_main_currency, double *values)
{
    size_t count = 0;
    for (size_t i = 0; i < b->count; i++) {
        if (!in_main_currency || b->list[i].is_in_main_currency) {
            values[count++] = value_of(&b->list[i]);
        }
    }
    return count;
}

struct fit_row fit_rfm(const struct buyers *b, const struct fit_span *span, const char *currency)
{
    static double (*const values_of[])(const struct buyer *) = {recency_of, frequency_of, money_of};
    struct fit_row row = fit_row_of(FIT_RFM, span->from_us, span->now_us);
    double *values = xreallocarray(NULL, b->count + 1, sizeof(*values));
    size_t count = 0;
    for (size_t what = 0; what < ARRAY_LEN(values_of); what++) {
        count = collect(b, values_of[what], values_of[what] == money_of, values);
        rfm_cuts(values, count, row.set.rfm_cuts[what]);
    }
    free(values);
    row.observations = (int64_t)b->count;
    (void)text_copy(row.set.rfm_currency, sizeof(row.set.rfm_currency), currency);
    row.is_converged = count >= FIT_BUYERS_MIN;
    if (!row.is_converged) {
        fit_row_refuse(&row, "%zu customers bought in one currency; %d are needed", count,
                       FIT_BUYERS_MIN);
    }
    return row;
}

/* ---- averages */

struct fit_row fit_averages(const struct measure_sum sums[static MEASURE_END], int64_t now_us)
{
    struct fit_row row = fit_row_of(FIT_AVERAGES, INT64_MIN, now_us);
    struct measure_sum gap = {.count = 0};
    for (int m = MEASURE_GAP_TANGIBLES; m <= MEASURE_GAP_EMPATHY; m++) {
        gap.count += sums[m].count;
        gap.weight += sums[m].weight;
        gap.value += sums[m].value;
    }
    const struct fit_parameter *ranges = fit_model_parameters(FIT_AVERAGES);
    const struct {
        const struct measure_sum *sum;
        double *to;
    } means[] = {
  /* in the order of the ranges */
        {&sums[MEASURE_SATISFACTION],   &row.set.average_csat      },
        {&sums[MEASURE_RECOMMENDATION], &row.set.average_nps_share },
        {&sums[MEASURE_EFFORT],         &row.set.average_ces       },
        {&gap,                          &row.set.average_gap       },
        {&sums[MEASURE_EXPERIENCE],     &row.set.average_experience},
    };
    int64_t most = 0;
    for (size_t i = 0; i < ARRAY_LEN(means); i++) {
        row.observations += means[i].sum->count;
        most = means[i].sum->count > most ? means[i].sum->count : most;
        if (means[i].sum->count >= FIT_ANSWERS_MIN && means[i].sum->weight > 0) {
            double mean = means[i].sum->value / means[i].sum->weight;
            /* Rounding may leave the scale. */
            *means[i].to = fmax(ranges[i].min, fmin(mean, ranges[i].max));
        }
    }
    row.is_converged = true;
    if (most < FIT_ANSWERS_MIN) {
        fit_row_refuse(&row, "at most %" PRId64 " answers of one kind; %d are needed", most,
                       FIT_ANSWERS_MIN);
    }
    return row;
}
