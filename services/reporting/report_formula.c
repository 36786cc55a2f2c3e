/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_formula.h"

#include <math.h>

#include "common/model/nps.h"
#include "common/model/proportion.h"

/* Squares and histograms tell nothing about the spread of fewer. */
#define SPREAD_MIN 2

struct input {
    const struct report_formula *f;
    const struct report_slots *slots;
    const struct report_sums *sums, *total;
};

static int64_t counts(const struct input *in, const struct report_sums *sums, const uint16_t *terms)
{
    int64_t count = 0;

    for (int i = 0; i < REPORT_TERMS_MAX && terms[i] != 0; i++) {
        count += report_sums_get(sums, in->slots, terms[i])->count;
    }
    return count;
}

static figure_total totals(const struct input *in, const uint16_t *terms)
{
    figure_total sum = 0;

    for (int i = 0; i < REPORT_TERMS_MAX && terms[i] != 0; i++) {
        sum += report_sums_get(in->sums, in->slots, terms[i])->sum;
    }
    return sum;
}

static double scale_of(const struct input *in)
{
    return in->f->scale > 0 ? in->f->scale : 1;
}

static const struct report_sum *first(const struct input *in)
{
    return report_sums_get(in->sums, in->slots, in->f->of[0]);
}

/* ---- kinds */

static struct report_estimate plain(double value, int64_t count)
{
    return (struct report_estimate){
        .has_value = true, .has_count = true, .value = value, .count = count};
}

static struct report_estimate share(double hits, double count)
{
    struct report_estimate e = {.has_value = false};

    if (count <= 0) {
        return e;
    }
    /* Figures that are corrected arrive one after the other: for a moment a part may be more than
     * the whole. */
    hits = fmin(fmax(hits, 0), count);
    e = plain(hits / count, (int64_t)count);
    e.has_interval = true;
    e.interval = proportion_wilson_95(hits, count);
    return e;
}

static struct report_estimate of_count(const struct input *in)
{
    const int64_t count = counts(in, in->sums, in->f->of);

    return plain((double)count, count);
}

static struct report_estimate of_sum(const struct input *in)
{
    return plain((double)totals(in, in->f->of) * scale_of(in), counts(in, in->sums, in->f->of));
}

static struct report_estimate of_share(const struct input *in)
{
    return share((double)counts(in, in->sums, in->f->of), (double)counts(in, in->sums, in->f->by));
}

static struct report_estimate of_share_in(const struct input *in)
{
    return share((double)totals(in, in->f->of), (double)counts(in, in->sums, in->f->of));
}

static struct report_estimate of_share_sum(const struct input *in)
{
    const double whole = (double)totals(in, in->f->by);

    return whole > 0 ? plain((double)totals(in, in->f->of) / whole, counts(in, in->sums, in->f->of))
                     : (struct report_estimate){.has_value = false};
}

static struct report_estimate of_part(const struct input *in)
{
    return share((double)counts(in, in->sums, in->f->of),
                 (double)counts(in, in->total ? in->total : in->sums, in->f->of));
}

/* Of single observations, around mean; 0 and false when nothing tells it. */
static bool variance_of(const struct input *in, double mean, double count, double *ret)
{
    const struct log_histogram *h = &first(in)->histogram;
    double sum = 0;

    if (count < SPREAD_MIN) {
        return false;
    }
    if (in->f->by[0] != 0) {
        sum = (double)totals(in, in->f->by) - count * mean * mean;
    } else if (h->count > 0) {
        sum = (double)h->zeros * mean * mean;
        for (size_t i = 0; i < h->size; i++) {
            const double off = log_histogram_value(h->buckets[i].index) - mean;
            sum += (double)h->buckets[i].count * off * off;
        }
    } else {
        return false;
    }
    *ret = fmax(sum, 0) / (count - 1);
    return true;
}

static struct report_estimate of_mean(const struct input *in)
{
    const double count = (double)counts(in, in->sums, in->f->of);
    double variance;

    if (count <= 0) {
        return (struct report_estimate){.has_value = false};
    }
    const double mean = (double)totals(in, in->f->of) / count;
    struct report_estimate e = plain(mean * scale_of(in), (int64_t)count);
    if (variance_of(in, mean, count, &variance)) {
        const double off = INTERVAL_Z_95 * sqrt(variance / count) * scale_of(in);
        e.has_interval = true;
        e.interval = (struct interval){.low = e.value - off, .high = e.value + off};
    }
    return e;
}

static struct report_estimate of_spread(const struct input *in)
{
    const double count = (double)counts(in, in->sums, in->f->of);
    double variance;

    if (count <= 0 || !variance_of(in, (double)totals(in, in->f->of) / count, count, &variance)) {
        return (struct report_estimate){.has_value = false};
    }
    return plain(sqrt(variance) * scale_of(in), (int64_t)count);
}

/* How many of n observations lie below the quantile is binomial; hence the ranks of the limits. */
static struct report_estimate of_quantile(const struct input *in)
{
    const struct log_histogram *h = &first(in)->histogram;
    const double q = in->f->quantile;
    double value, low, high;

    if (h->count <= 0 || !log_histogram_quantile(h, q, &value)) {
        return (struct report_estimate){.has_value = false};
    }
    struct report_estimate e = plain(value * scale_of(in), h->count);
    const double off = INTERVAL_Z_95 * sqrt(q * (1 - q) / (double)h->count);
    e.has_interval = h->count >= SPREAD_MIN && log_histogram_quantile(h, fmax(q - off, 0), &low) &&
                     log_histogram_quantile(h, fmin(q + off, 1), &high);
    if (e.has_interval) {
        e.interval = (struct interval){.low = low * scale_of(in), .high = high * scale_of(in)};
    }
    return e;
}

static struct report_estimate of_nps(const struct input *in)
{
    const uint16_t *of = in->f->of;
    const struct nps_counts c = {
        .promoters = fmax(0, (double)report_sums_get(in->sums, in->slots, of[0])->count),
        .passives = fmax(0, (double)report_sums_get(in->sums, in->slots, of[1])->count),
        .detractors = fmax(0, (double)report_sums_get(in->sums, in->slots, of[2])->count),
    };
    struct interval interval;
    struct nps nps, adjusted;

    if (!nps_of(c, &nps)) {
        return (struct report_estimate){.has_value = false};
    }
    nps_adjusted_wald(c, INTERVAL_Z_95, &adjusted, &interval);
    struct report_estimate e =
        plain(100 * nps.score, (int64_t)(c.promoters + c.passives + c.detractors));
    e.has_interval = true;
    e.interval = (struct interval){.low = 100 * interval.low, .high = 100 * interval.high};
    return e;
}

struct interval report_poisson_interval(double count)
{
    const double more = count + 1;
    const double low = 1 - 1 / (9 * count) - INTERVAL_Z_95 / (3 * sqrt(count));
    const double high = 1 - 1 / (9 * more) + INTERVAL_Z_95 / (3 * sqrt(more));

    return (struct interval){.low = count > 0 ? count * fmax(low * low * low, 0) : 0,
                             .high = more * high * high * high};
}

static struct report_estimate of_rate(const struct input *in)
{
    const double hits = fmax(0, (double)counts(in, in->sums, in->f->of));
    const double per = (double)counts(in, in->sums, in->f->by) / 1000;

    if (per <= 0) {
        return (struct report_estimate){.has_value = false};
    }
    struct report_estimate e = plain(hits / per, counts(in, in->sums, in->f->by));
    const struct interval interval = report_poisson_interval(hits);
    e.has_interval = true;
    e.interval = (struct interval){.low = interval.low / per, .high = interval.high / per};
    return e;
}

static struct report_estimate of_stock(const struct input *in)
{
    const uint16_t earlier = (uint16_t)(in->f->of[0] + REPORT_EARLIER);
    const int64_t count = first(in)->count + report_sums_get(in->sums, in->slots, earlier)->count;

    return plain((double)count, count);
}

static struct report_estimate of_calibration(const struct input *in)
{
    const double said = (double)counts(in, in->sums, in->f->of);
    const double came = (double)counts(in, in->sums, in->f->by);

    return said > 0 && came > 0 ? plain((double)totals(in, in->f->of) / said * scale_of(in) -
                                            (double)totals(in, in->f->by) / came,
                                        (int64_t)came)
                                : (struct report_estimate){.has_value = false};
}

struct report_estimate report_formula_of(const struct report_formula *formula,
                                         const struct report_slots *slots,
                                         const struct report_sums *sums,
                                         const struct report_sums *total)
{
    typedef struct report_estimate formula_fn(const struct input *in);
    static formula_fn *const kinds[] = {
        [FORMULA_COUNT] = of_count,         [FORMULA_SUM] = of_sum,
        [FORMULA_SHARE] = of_share,         [FORMULA_SHARE_IN] = of_share_in,
        [FORMULA_SHARE_SUM] = of_share_sum, [FORMULA_MEAN] = of_mean,
        [FORMULA_QUANTILE] = of_quantile,   [FORMULA_NPS] = of_nps,
        [FORMULA_RATE] = of_rate,           [FORMULA_STOCK] = of_stock,
        [FORMULA_PART] = of_part,           [FORMULA_RUNNING] = NULL,
        [FORMULA_SPREAD] = of_spread,       [FORMULA_CALIBRATION] = of_calibration,
    };
    const struct input in = {.f = formula, .slots = slots, .sums = sums, .total = total};

    return kinds[formula->kind] ? kinds[formula->kind](&in)
                                : (struct report_estimate){.has_value = false};
}
