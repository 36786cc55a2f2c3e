/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/effect_judge.h"

#include <math.h>
#include <string.h>

#include "common/base/compiler.h"
#include "common/model/group_ratio.h"

static const struct effect nothing = {
    .before_rate = NAN,
    .after_rate = NAN,
    .ratio = NAN,
    .interval = {NAN, NAN},
    .others_ratio = NAN,
    .against_others = {NAN, NAN},
    .verdict = EFFECT_TOO_EARLY,
};

/* middle: of an interval that says nothing. NAN compares as neither. */
static enum effect_verdict verdict_of(const struct interval *i, double middle, bool is_less_better)
{
    bool is_less = i->high<middle, is_more = i->low> middle;

    if (!is_less && !is_more) {
        return EFFECT_NO_DIFFERENCE;
    }
    return is_less == is_less_better ? EFFECT_BETTER : EFFECT_WORSE;
}

/* ---- counts */

static struct rate rate_of(const struct effect_counts *c, bool is_per_purchase)
{
    return (struct rate){(double)c->events,
                         is_per_purchase ? (double)c->purchases / 1000.0 : (double)c->days};
}

static bool have_purchases(const struct effect_counts *before, const struct effect_counts *after,
                           const struct effect_counts others[2])
{
    return before->purchases > 0 && after->purchases > 0 &&
           (!others || (others[0].purchases > 0 && others[1].purchases > 0));
}

static void against(const struct rate own[2], const struct effect_counts others[2],
                    bool is_per_purchase, struct effect *e)
{
    const struct rate first = rate_of(&others[0], is_per_purchase);
    const struct rate second = rate_of(&others[1], is_per_purchase);
    struct log_ratio here, there;

    if (rate_ratio_log(&first, &second, &there)) {
        e->others_ratio = exp(there.value);
        if (rate_ratio_log(&own[0], &own[1], &here)) {
            (void)log_ratio_against(&here, &there, &e->against_others);
        }
    }
}

struct effect effect_of_counts(const struct effect_counts *before,
                               const struct effect_counts *after,
                               const struct effect_counts others[2])
{
    bool is_per_purchase = have_purchases(before, after, others);
    const struct rate own[2] = {rate_of(before, is_per_purchase), rate_of(after, is_per_purchase)};
    struct effect e = nothing;

    e.unit = is_per_purchase ? EFFECT_PER_PURCHASES : EFFECT_PER_DAY;
    e.days_before = before->days;
    e.days_after = after->days;
    e.events_before = before->events;
    e.events_after = after->events;
    e.before_rate = own[0].exposure > 0 ? own[0].events / own[0].exposure : NAN;
    e.after_rate = own[1].exposure > 0 ? own[1].events / own[1].exposure : NAN;
    if (!rate_ratio_95(&own[0], &own[1], RATE_RATIO_MID_P, &e.interval)) {
        return e;
    }
    e.ratio = own[0].events > 0 ? e.after_rate / e.before_rate : NAN;
    if (others) {
        against(own, others, is_per_purchase, &e);
    }
    double expected = e.before_rate * own[1].exposure;
    if (after->days >= EFFECT_DAYS_MIN && fmax(expected, own[1].events) >= EFFECT_EVENTS_MIN) {
        bool is_against = !isnan(e.against_others.low);
        e.verdict = verdict_of(is_against ? &e.against_others : &e.interval, 1.0, true);
    }
    return e;
}

/* ---- answers, promises, durations */

static bool is_enough(double before, double after)
{
    return before >= EFFECT_ANSWERS_MIN && after >= EFFECT_ANSWERS_MIN;
}

static struct effect begin(enum effect_unit unit, double before, double after,
                           struct effect_days days)
{
    struct effect e = nothing;

    e.unit = unit;
    e.days_before = days.before;
    e.days_after = days.after;
    e.events_before = (int64_t)before;
    e.events_after = (int64_t)after;
    return e;
}

/* A change, and its interval; has_interval: there is one. */
struct change {
    struct estimate estimate;
    bool has_interval;
};

static void judge(struct effect *e, const struct change *own, const struct change *others,
                  bool is_less_better)
{
    bool is_ratio = effect_is_ratio(e->unit);

    e->ratio = own->estimate.value;
    if (own->has_interval) {
        e->interval = own->estimate.interval;
    }
    if (others && others->has_interval) {
        e->others_ratio = others->estimate.value;
    }
    if (own->has_interval && others && others->has_interval) {
        if (!is_ratio) {
            estimate_difference(&others->estimate, &own->estimate, &e->against_others);
        } else {
            (void)estimate_ratio(&others->estimate, &own->estimate, &e->against_others);
        }
    }
    if (own->has_interval && e->days_after >= EFFECT_DAYS_MIN &&
        is_enough((double)e->events_before, (double)e->events_after)) {
        bool is_against = !isnan(e->against_others.low);
        e->verdict = verdict_of(is_against ? &e->against_others : &e->interval,
                                is_ratio ? 1.0 : 0.0, is_less_better);
    }
}

static struct change change_of_means(const struct group_sums g[2])
{
    struct change c = {.estimate.value = group_mean(&g[1]) - group_mean(&g[0])};

    c.has_interval = group_difference_means(&g[0], &g[1], &c.estimate.interval);
    return c;
}

struct effect effect_of_means(const struct group_sums own[2], const struct group_sums others[2],
                              struct effect_days days)
{
    struct effect e = begin(EFFECT_MEAN, own[0].count, own[1].count, days);
    const struct change here = change_of_means(own);
    struct change there = {.has_interval = false};

    if (others && is_enough(others[0].count, others[1].count)) {
        there = change_of_means(others);
    }
    e.before_rate = group_mean(&own[0]);
    e.after_rate = group_mean(&own[1]);
    judge(&e, &here, &there, false);
    return e;
}

static double share_of(const struct group_hits *g)
{
    return g->count > 0.0 ? g->hits / g->count : NAN;
}

static struct change change_of_shares(const struct group_hits g[2])
{
    double before = share_of(&g[0]);
    struct change c = {.estimate.value = before > 0.0 ? share_of(&g[1]) / before : NAN};

    c.has_interval = group_ratio_shares(&g[0], &g[1], &c.estimate.interval);
    return c;
}

struct effect effect_of_shares(const struct group_hits own[2], const struct group_hits others[2],
                               struct effect_days days)
{
    struct effect e = begin(EFFECT_SHARE, own[0].count, own[1].count, days);
    const struct change here = change_of_shares(own);
    struct change there = {.has_interval = false};

    if (others && is_enough(others[0].count, others[1].count)) {
        there = change_of_shares(others);
    }
    e.before_rate = share_of(&own[0]);
    e.after_rate = share_of(&own[1]);
    judge(&e, &here, &there, false);
    return e;
}

static double median_of(const struct log_histogram *h)
{
    double median = NAN;

    (void)log_histogram_quantile(h, 0.5, &median);
    return median;
}

static struct change change_of_medians(const struct log_histogram *const h[2])
{
    struct estimate before, after;
    struct change c = {.estimate.value = median_of(h[1]) / median_of(h[0])};

    c.has_interval = median_estimate(h[0], &before) && median_estimate(h[1], &after) &&
                     estimate_ratio(&before, &after, &c.estimate.interval);
    return c;
}

struct effect effect_of_medians(const struct log_histogram *const own[2],
                                const struct log_histogram *const others[2],
                                struct effect_days days)
{
    struct effect e = begin(EFFECT_DURATION, (double)own[0]->count, (double)own[1]->count, days);
    const struct change here = change_of_medians(own);
    struct change there = {.has_interval = false};

    if (others) {
        there = change_of_medians(others);
    }
    e.before_rate = median_of(own[0]);
    e.after_rate = median_of(own[1]);
    judge(&e, &here, &there, true);
    return e;
}

bool effect_is_ratio(enum effect_unit u)
{
    return u != EFFECT_MEAN;
}

/* ---- names */

static const char *const verdicts[] = {"too_early", "no_difference", "better", "worse"};
static const char *const units[] = {"per_1000_purchases", "per_day", "mean", "share", "duration"};

static size_t by_name(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return i;
        }
    }
    return 0;
}

const char *effect_verdict_name(enum effect_verdict v)
{
    return verdicts[v];
}

enum effect_verdict effect_verdict_by_name(const char *name)
{
    return (enum effect_verdict)by_name(verdicts, ARRAY_LEN(verdicts), name);
}

const char *effect_unit_name(enum effect_unit u)
{
    return units[u];
}

enum effect_unit effect_unit_by_name(const char *name)
{
    return (enum effect_unit)by_name(units, ARRAY_LEN(units), name);
}

/* ---- words */

static const struct report_words verdict_words[] = {
    [EFFECT_TOO_EARLY] = {{"Too early to say.", "为时尚早，还不能下结论。"}},
    [EFFECT_NO_DIFFERENCE] = {{"No difference beyond chance.", "与偶然波动没有区别。"}},
    [EFFECT_BETTER] = {{"It helped.", "措施有效。"}},
    [EFFECT_WORSE] = {{"It got worse.", "情况变差了。"}},
};

static const struct report_words unit_words[] = {
    [EFFECT_PER_PURCHASES] = {{" per 1,000 purchases", "（每千次购买）"}},
    [EFFECT_PER_DAY] = {{" a day", "（每天）"}},
    [EFFECT_MEAN] = {{"", ""}},
    [EFFECT_SHARE] = {{"", ""}},
    [EFFECT_DURATION] = {{" hours", " 小时"}},
};

static void append_rate(const struct effect *e, double value, struct text *out)
{
    if (e->unit == EFFECT_SHARE) {
        text_appendf(out, "%.1f %%", value * 100.0);
    } else {
        text_appendf(out, "%.2f", e->unit == EFFECT_DURATION ? value / 3.6e9 : value);
    }
}

static void append_rates(const struct effect *e, bool is_zh, struct text *out)
{
    text_append(out, is_zh ? "之前 " : "Before ");
    append_rate(e, e->before_rate, out);
    text_append(out, is_zh ? "，之后 " : ", after ");
    append_rate(e, e->after_rate, out);
    text_appendf(out, "%s%s", unit_words[e->unit].text[is_zh ? REPORT_CHINESE : REPORT_ENGLISH],
                 is_zh ? "：" : ": ");
}

static void append_ratio(const struct effect *e, double expectation, bool is_zh, struct text *out)
{
    bool is_count = e->unit == EFFECT_PER_PURCHASES || e->unit == EFFECT_PER_DAY;

    text_appendf(out,
                 is_zh      ? "是以前的 %.2f 倍（95 %%：%.2f 至 %.2f），期望 %.2f。"
                 : is_count ? "%.2f times as many (95 %%: %.2f to %.2f), hoped for were %.2f. "
                            : "%.2f times (95 %%: %.2f to %.2f), hoped for were %.2f. ",
                 e->ratio, e->interval.low, e->interval.high, expectation);
    if (!isnan(e->others_ratio)) {
        text_appendf(out,
                     is_zh ? "未采取措施之处是 %.2f 倍。" : "Where it was not done: %.2f times. ",
                     e->others_ratio);
    }
    if (!isnan(e->against_others.low)) {
        text_appendf(out,
                     is_zh ? "两者相比为 %.2f 倍（95 %%：%.2f 至 %.2f）。"
                           : "Beside those: %.2f times (95 %%: %.2f to %.2f). ",
                     e->ratio / e->others_ratio, e->against_others.low, e->against_others.high);
    }
}

static void append_difference(const struct effect *e, bool is_zh, struct text *out)
{
    text_appendf(out,
                 is_zh ? "相差 %+.2f（95 %%：%+.2f 至 %+.2f）。"
                       : "a difference of %+.2f (95 %%: %+.2f to %+.2f). ",
                 e->ratio, e->interval.low, e->interval.high);
    if (!isnan(e->against_others.low)) {
        text_appendf(out,
                     is_zh ? "未采取措施之处相差 %+.2f；两者相比 %+.2f（95 %%：%+.2f 至 %+.2f）。"
                           : "Where it was not done: %+.2f; beside those %+.2f (95 %%: %+.2f to "
                             "%+.2f). ",
                     e->others_ratio, e->ratio - e->others_ratio, e->against_others.low,
                     e->against_others.high);
    }
}

void effect_words(const struct effect *e, double expectation, enum report_language language,
                  struct text *out)
{
    bool is_zh = language == REPORT_CHINESE;

    if (!isnan(e->before_rate) && !isnan(e->after_rate)) {
        append_rates(e, is_zh, out);
        if (effect_is_ratio(e->unit) && !isnan(e->ratio) && !isnan(e->interval.low)) {
            append_ratio(e, expectation, is_zh, out);
        } else if (!effect_is_ratio(e->unit) && !isnan(e->interval.low)) {
            append_difference(e, is_zh, out);
        }
    }
    text_append(out, verdict_words[e->verdict].text[language]);
}
