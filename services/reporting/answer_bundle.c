/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/answer_bundle.h"

#include "common/base/compiler.h"

#define INSTRUMENT(name) TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_##name

/* An instrument with one mark: its scale, and from where on a mark is low or good. */
struct scale {
    int low_until, good_from, neutral, reach;
};

static const struct scale csat = {2, 4, 3, 2};
static const struct scale nps = {6, 9, 5, 5};
static const struct scale ces = {3, 5, 4, 3};

static const struct scale *scale_of(const struct answer_row *a)
{
    if (a->value < 0) {
        return NULL;
    }
    switch ((int)a->instrument) {
    case INSTRUMENT(CSAT):
        return &csat;
    case INSTRUMENT(NPS):
        return &nps;
    case INSTRUMENT(CES):
        return &ces;
    default:
        return NULL;
    }
}

bool answer_is_mark(const struct answer_row *a)
{
    return scale_of(a) != NULL;
}

bool answer_is_low(const struct answer_row *a)
{
    const struct scale *s = scale_of(a);

    return s != NULL && a->value <= s->low_until;
}

bool answer_is_good(const struct answer_row *a)
{
    const struct scale *s = scale_of(a);

    return s != NULL && a->value >= s->good_from;
}

double answer_scaled(const struct answer_row *a)
{
    const struct scale *s = scale_of(a);

    return s != NULL ? (double)(a->value - s->neutral) / s->reach : 0;
}

const char *answer_channel_name(int channel)
{
    static const char *const names[] = {"", "call", "message", "mail", "person"};

    return channel <= 0 || channel >= (int)ARRAY_LEN(names) ? "" : names[channel];
}

const char *answer_trigger_name(int trigger)
{
    static const char *const names[] = {
        "",           "case_resolved", "promise_at_risk", "promise_broken",
        "low_answer", "churn_risk",    "silence",         "birthday",
        "festival",   "service_due",   "compensation",    "improvement"};

    return trigger <= 0 || trigger >= (int)ARRAY_LEN(names) ? "" : names[trigger];
}

static const char *servqual_name(Troth__V1__ServqualDimension dimension)
{
    static const char *const names[] = {"",          "tangibles", "reliability", "responsiveness",
                                        "assurance", "empathy"};

    return (size_t)dimension < ARRAY_LEN(names) ? names[dimension] : "";
}

/* ---- instruments */

struct adding {
    struct figure_bundle *to;
    int32_t day;
};

static struct figure_entry *add(const struct adding *a, enum figure_measure measure, int64_t sum)
{
    struct figure_entry *e = figure_bundle_add(a->to, measure, a->day);

    e->sum = sum;
    return e;
}

static struct figure_entry *add_mark(const struct adding *a, enum figure_measure measure,
                                     int64_t sum, int value)
{
    struct figure_entry *e = add(a, measure, sum);

    figure_entry_set(e, DIMENSION_ANSWER, figure_bundle_text(a->to, "%d", value));
    return e;
}

static void add_csat(const struct adding *a, int value)
{
    (void)add_mark(a, MEASURE_CSAT, value, value);
    (void)add(a, MEASURE_CSAT_SQUARES, (int64_t)value * value);
    if (value >= csat.good_from) {
        (void)add(a, MEASURE_CSAT_SATISFIED, 0);
    }
}

static void add_nps(const struct adding *a, int value)
{
    (void)add_mark(a,
                   value >= nps.good_from  ? MEASURE_NPS_PROMOTERS
                   : value > nps.low_until ? MEASURE_NPS_PASSIVES
                                           : MEASURE_NPS_DETRACTORS,
                   0, value);
}

static void add_ces(const struct adding *a, int value)
{
    (void)add_mark(a, MEASURE_CES, value, value);
    (void)add(a, MEASURE_CES_SQUARES, (int64_t)value * value);
    if (value >= ces.good_from) {
        (void)add(a, MEASURE_CES_EASY, 0);
    }
}

static void add_item_sum(const struct adding *a, enum figure_measure measure, int64_t sum,
                         const struct answer_item *item)
{
    struct figure_entry *e = add(a, measure, sum);

    figure_entry_set(e, DIMENSION_SERVQUAL, servqual_name(item->dimension));
    figure_entry_set(e, DIMENSION_QUESTION, figure_bundle_text(a->to, "item/%d", item->item));
    if (measure == MEASURE_SERVQUAL_PERCEPTION) {
        figure_entry_set(
            e, DIMENSION_ANSWER,
            figure_bundle_text(a->to, "%s/%d", servqual_name(item->dimension), item->perception));
    }
}

static void add_item(const struct adding *a, const struct answer_item *item)
{
    int64_t gap = item->perception - item->expectation;

    if (item->expectation > 0) {
        add_item_sum(a, MEASURE_SERVQUAL_EXPECTATION, item->expectation, item);
    }
    if (item->perception > 0) {
        add_item_sum(a, MEASURE_SERVQUAL_PERCEPTION, item->perception, item);
    }
    if (item->expectation > 0 && item->perception > 0) {
        add_item_sum(a, MEASURE_SERVQUAL_GAP, gap, item);
        add_item_sum(a, MEASURE_SERVQUAL_GAP_SQUARES, gap * gap, item);
    }
}

static void add_origin(const struct adding *a, const struct answer_row *row)
{
    struct figure_entry *e = add(a, MEASURE_FOLLOW_UP_ANSWERS, 0);

    figure_entry_set(e, DIMENSION_RULE, row->rule);
    figure_entry_set(e, DIMENSION_TRIGGER, answer_trigger_name(row->trigger));
    figure_entry_set(e, DIMENSION_CHANNEL, answer_channel_name(row->channel));
}

void answer_bundle_add(const struct answer_row *row, const struct zone *zone,
                       struct figure_bundle *to)
{
    const struct adding a = {.to = to, .day = figure_day(zone, row->at_us)};

    if (row->value >= 0 && row->instrument == INSTRUMENT(CSAT)) {
        add_csat(&a, row->value);
    } else if (row->value >= 0 && row->instrument == INSTRUMENT(NPS)) {
        add_nps(&a, row->value);
    } else if (row->value >= 0 && row->instrument == INSTRUMENT(CES)) {
        add_ces(&a, row->value);
    } else if (row->value >= 0 && row->instrument == INSTRUMENT(OWN)) {
        figure_entry_set(add(&a, MEASURE_OWN_ANSWERS, row->value), DIMENSION_QUESTION,
                         row->question);
    }
    for (size_t i = 0; i < row->item_count; i++) {
        add_item(&a, &row->items[i]);
    }
    if (answer_is_low(row)) {
        (void)add(&a, MEASURE_LOW_ANSWERS, 0);
    }
    if (row->rule != NULL) {
        add_origin(&a, row);
    }
}

void answer_bundle_make(const struct answer_row *row, const struct zone *zone,
                        struct figure_bundle *ret)
{
    ret->values[DIMENSION_BRANCH] = row->branch;
    answer_bundle_add(row, zone, ret);
    figure_bundle_sort(ret);
}
