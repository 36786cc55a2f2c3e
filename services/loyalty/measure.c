/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/model/decay.h"
#include "common/model/nps.h"
#include "common/model/peak_end.h"
#include "common/model/shrinkage.h"
#include "services/loyalty/score_policy.h"

#define STATE(name) TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name

#define LATENESS_MAX    100.0 /* times the time given: later is as bad */
#define AVERAGE_ANSWERS 2.0   /* that a small sample is filled up with */

const struct account account_empty = {
    .first_purchase_us = INT64_MIN,
    .last_purchase_us = INT64_MIN,
    .seen_us = INT64_MIN,
};

static const char *const names[MEASURE_END] = {
    [MEASURE_TRUST] = "trust",
    [MEASURE_LATE] = "late",
    [MEASURE_BROKEN] = "broken",
    [MEASURE_SATISFACTION] = "satisfaction",
    [MEASURE_EXPERIENCE] = "experience",
    [MEASURE_RECOMMENDATION] = "recommendation",
    [MEASURE_PROMOTERS] = "promoters",
    [MEASURE_DETRACTORS] = "detractors",
    [MEASURE_EFFORT] = "effort",
    [MEASURE_GAP_TANGIBLES] = "gap_tangibles",
    [MEASURE_GAP_RELIABILITY] = "gap_reliability",
    [MEASURE_GAP_RESPONSIVENESS] = "gap_responsiveness",
    [MEASURE_GAP_ASSURANCE] = "gap_assurance",
    [MEASURE_GAP_EMPATHY] = "gap_empathy",
    [MEASURE_COMPLAINTS] = "complaints",
    [MEASURE_RECENT] = "recent",
    [MEASURE_PURCHASES] = "purchases",
    [MEASURE_REFUNDS] = "refunds",
};

const char *measure_name(enum measure m)
{
    return names[m];
}

static size_t put(struct share *ret, size_t count, enum measure m, int64_t at_us, double value)
{
    ret[count] = (struct share){.measure = m, .at_us = at_us, .weight = 1, .value = value};
    return count + 1;
}

/* ---- promises */

/* How late, as a share of the time that was given; below 0: not known. */
static double lateness_of(const struct evidence *promise)
{
    double given = (double)promise->due_us - (double)promise->made_us;
    double over = (double)promise->done_us - (double)promise->due_us;

    if (promise->made_us == 0 || promise->due_us == 0 || promise->done_us == 0 || given <= 0) {
        return -1;
    }
    return fmin(fmax(over / given, 0), LATENESS_MAX);
}

static double grade_of_late(const struct score_policy *policy, double lateness)
{
    return lateness < 0 ? 0 : fmax(-1, 1 - lateness / policy->late_zero);
}

static const struct evidence *unless_void(const struct evidence *e)
{
    return e != NULL && e->version > 0 && !e->is_void ? e : NULL;
}

static double weight_of_break(const struct score_policy *policy, const struct evidence *cause)
{
    size_t why = cause == NULL ? 0 : (size_t)cause->value;

    return policy->broken_weight *
           (why < ARRAY_LEN(policy->cause_weight) ? policy->cause_weight[why] : 1);
}

enum promise_end promise_end_of(const struct evidence *promise, const struct evidence *word)
{
    promise = unless_void(promise);
    word = unless_void(word);
    int64_t state = promise == NULL ? STATE(UNSPECIFIED) : promise->value;
    bool is_broken = state == STATE(BROKEN) || state == STATE(RENEGOTIATED_LATE);

    if (state != STATE(KEPT) && state != STATE(KEPT_LATE) && !is_broken) {
        return PROMISE_END_NONE;
    }
    if (word != NULL && word->value < 0) {
        return PROMISE_END_BROKEN;
    }
    if (state == STATE(KEPT_LATE)) {
        return PROMISE_END_LATE;
    }
    return is_broken && word == NULL ? PROMISE_END_BROKEN : PROMISE_END_KEPT;
}

size_t shares_of_promise(const struct score_policy *policy, const struct evidence *promise,
                         const struct evidence *word, const struct evidence *cause,
                         struct share ret[static SHARES_MAX])
{
    enum promise_end end = promise_end_of(promise, word);
    double weight = 1, grade = 1;

    if (end == PROMISE_END_NONE) {
        return 0;
    }
    double lateness = lateness_of(promise);
    if (end == PROMISE_END_BROKEN) {
        grade = -1;
        weight = weight_of_break(policy, unless_void(cause));
    } else if (end == PROMISE_END_LATE) {
        grade = grade_of_late(policy, lateness);
    }
    if (unless_void(word) != NULL) {
        weight *= policy->word_weight;
        grade = end == PROMISE_END_LATE ? fmax(grade, 0) : grade;
    }
    size_t count = put(ret, 0, MEASURE_TRUST, promise->at_us, grade);
    ret[0].weight = weight;
    if (end == PROMISE_END_BROKEN) {
        count = put(ret, count, MEASURE_BROKEN, promise->at_us, 1);
    } else if (end == PROMISE_END_LATE) {
        count = put(ret, count, MEASURE_LATE, promise->at_us, fmax(lateness, 0));
    }
    return count;
}

/* ---- other things */

static size_t shares_of_nps(const struct evidence *e, struct share *ret)
{
    const int group = nps_group((int)e->value);
    const enum measure kin = group == NPS_PROMOTER ? MEASURE_PROMOTERS : MEASURE_DETRACTORS;
    size_t count = put(ret, 0, MEASURE_RECOMMENDATION, e->at_us, group);

    return group == NPS_PASSIVE ? count : put(ret, count, kin, e->at_us, 1);
}

static size_t shares_of_csat(const struct evidence *e, struct share *ret)
{
    size_t count = put(ret, 0, MEASURE_RECENT, e->at_us, (double)e->value);

    if (e->service_case != 0) {
        return count;
    }
    return put(ret, count, MEASURE_SATISFACTION, e->at_us, (double)e->value);
}

static size_t shares_of_item(const struct evidence *e, struct share *ret)
{
    if (e->value == 0 || e->expectation == 0) {
        return 0; /* one half alone is no gap */
    }
    enum measure gap = (enum measure)(MEASURE_GAP_TANGIBLES + (e->dimension - 1));
    return put(ret, 0, gap, e->at_us, (double)(e->value - e->expectation));
}

size_t shares_of_thing(const struct evidence *e, struct share ret[static SHARES_MAX])
{
    if (unless_void(e) == NULL) {
        return 0;
    }
    switch (e->kind) {
    case EVIDENCE_CSAT:
        return shares_of_csat(e, ret);
    case EVIDENCE_NPS:
        return shares_of_nps(e, ret);
    case EVIDENCE_CES:
        return put(ret, 0, MEASURE_EFFORT, e->at_us, (double)e->value);
    case EVIDENCE_SERVQUAL:
        return shares_of_item(e, ret);
    case EVIDENCE_COMPLAINT:
        return e->value == 1 ? put(ret, 0, MEASURE_COMPLAINTS, e->at_us, 1) : 0;
    case EVIDENCE_PURCHASE:
        return put(ret, 0, MEASURE_PURCHASES, e->at_us, (double)e->value);
    case EVIDENCE_REFUND:
        return put(ret, 0, MEASURE_REFUNDS, e->at_us, (double)e->value);
    case EVIDENCE_PROMISE:
    case EVIDENCE_WORD:
    case EVIDENCE_CAUSE:
    case EVIDENCE_END:
        break;
    }
    return 0; /* promises: shares_of_promise() */
}

/* ---- what a case is remembered as */

static int compare_times(const void *a, const void *b)
{
    const struct evidence *left = *(const struct evidence *const *)a;
    const struct evidence *right = *(const struct evidence *const *)b;

    if (left->at_us != right->at_us) {
        return left->at_us < right->at_us ? -1 : 1;
    }
    return evidence_compare_things(left, right);
}

/* From -1 to 1. */
static double scaled(const struct evidence *e)
{
    return e->kind == EVIDENCE_CES ? (double)(e->value - 4) / 3 : (double)(e->value - 3) / 2;
}

size_t shares_of_case(const struct evidence *const *answers, size_t count,
                      struct share ret[static SHARES_MAX])
{
    struct peak_end felt;

    if (count == 0) {
        return 0;
    }
    const struct evidence **sorted = xcalloc(count, sizeof(const struct evidence *));
    double *scores = xcalloc(count, sizeof(*scores));
    memcpy(sorted, answers, count * sizeof(const struct evidence *));
    qsort(sorted, count, sizeof(const struct evidence *), compare_times);
    for (size_t i = 0; i < count; i++) {
        scores[i] = scaled(sorted[i]);
    }
    int64_t end_us = sorted[count - 1]->at_us;
    bool is_felt = peak_end_of(scores, count, 0, &felt);
    free(scores);
    free(sorted);
    return is_felt ? put(ret, 0, MEASURE_EXPERIENCE, end_us, felt.remembered) : 0;
}

/* ---- accounts */

void account_apply(struct account *a, const struct score_policy *policy, const struct share *shares,
                   size_t count, int sign)
{
    for (size_t i = 0; i < count; i++) {
        const struct share *s = &shares[i];
        struct measure_sum *sum = &a->sums[s->measure];
        double weight = share_forward_weight(policy, s);
        sum->count += sign;
        sum->weight += sign * weight;
        sum->value += sign * (weight * s->value);
        if (sum->count <= 0) {
            *sum = (struct measure_sum){.count = 0}; /* rounding leaves no trace */
        }
    }
}

double share_forward_weight(const struct score_policy *policy, const struct share *s)
{
    return s->weight * decay_forward_weight(policy->half_life_us[s->measure], s->at_us);
}

struct faded account_fade(const struct account *a, const struct score_policy *policy,
                          enum measure m, int64_t now_us)
{
    const struct measure_sum *sum = &a->sums[m];
    double half_life_us = policy->half_life_us[m];

    if (sum->count == 0) {
        return (struct faded){.weight = 0};
    }
    return (struct faded){
        .weight = fmax(0, decay_of_sum(sum->weight, half_life_us, now_us)),
        .value = decay_of_sum(sum->value, half_life_us, now_us),
    };
}

double faded_shrunk(struct faded f, double average)
{
    return shrunk_mean(f.value, f.weight, average, AVERAGE_ANSWERS);
}

static int64_t later(int64_t a_us, int64_t b_us)
{
    return a_us > b_us ? a_us : b_us;
}

void account_add_currency(struct account *a, const char *currency)
{
    const char *both = a->currency[0] == '\0' ? currency : a->currency;

    if (currency[0] != '\0') {
        bool is_same = strcmp(both, currency) == 0;
        (void)text_copy(a->currency, sizeof(a->currency), is_same ? currency : SEVERAL_CURRENCIES);
    }
}

void account_merge(struct account *to, const struct account *from)
{
    for (size_t m = 1; m < MEASURE_END; m++) {
        to->sums[m].count += from->sums[m].count;
        to->sums[m].weight += from->sums[m].weight;
        to->sums[m].value += from->sums[m].value;
    }
    if (to->first_purchase_us == INT64_MIN ||
        (from->first_purchase_us != INT64_MIN && from->first_purchase_us < to->first_purchase_us)) {
        to->first_purchase_us = from->first_purchase_us;
    }
    to->last_purchase_us = later(to->last_purchase_us, from->last_purchase_us);
    to->purchase_days += from->purchase_days;
    to->seen_us = later(to->seen_us, from->seen_us);
    account_add_currency(to, from->currency);
}
