/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/rulebook_terms.h"

#include <math.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/domain/rulebook_words.h"

static const char *const names[RULEBOOK_TERM_COUNT] = {
    [RULEBOOK_KIND] = "kind",
    [RULEBOOK_CATEGORY] = "category",
    [RULEBOOK_PRODUCT] = "product",
    [RULEBOOK_BRANCH] = "branch",
    [RULEBOOK_TIER] = "tier",
    [RULEBOOK_PROMISE_KIND] = "promise_kind",
    [RULEBOOK_FAULT_CODE] = "fault_code",
    [RULEBOOK_PRIORITY_AT_LEAST] = "priority_at_least",
    [RULEBOOK_INSTRUMENT] = "instrument",
    [RULEBOOK_DIMENSION] = "dimension",
    [RULEBOOK_AT_MOST] = "at_most",
    [RULEBOOK_SCORE_BELOW] = "score_below",
    [RULEBOOK_CHURN_AT_LEAST] = "churn_at_least",
    [RULEBOOK_MONTHS] = "months",
    [RULEBOOK_DATE] = "date",
    [RULEBOOK_EVERY_KM] = "every_km",
    [RULEBOOK_EVERY_USAGE] = "every_usage",
    [RULEBOOK_USAGE_UNIT] = "usage_unit",
    [RULEBOOK_LEAD] = "lead",
    [RULEBOOK_ON_FAULT] = "on_fault",
};

const char *rulebook_term_name(enum rulebook_term term)
{
    return names[term];
}

/* ---- what each trigger knows */

#define B(term) RULEBOOK_BIT(RULEBOOK_##term)
#define OF_CASE (B(KIND) | B(CATEGORY) | B(PRODUCT) | B(BRANCH) | B(PRIORITY_AT_LEAST) | B(TIER))
#define OF_USE  (B(MONTHS) | B(EVERY_KM) | B(EVERY_USAGE) | B(ON_FAULT))

enum { /* Purpose */
    SERVICE_CALL = 1,
    GREETING = 3,
    MARKETING = 4,
};

/* The usual priorities put what the company owes before what it would like. */
static const struct rulebook_trigger triggers[FOLLOW_UP_TRIGGER_COUNT] = {
    [FOLLOW_UP_ON_CASE_RESOLVED] = {.knows = OF_CASE,                                                            .purpose = SERVICE_CALL, .priority = 3                                                                },
    [FOLLOW_UP_ON_PROMISE_AT_RISK] = {.knows = OF_CASE | B(PROMISE_KIND),
                                    .purpose = SERVICE_CALL,
                                    .priority = 1                                                                                                                                                                      },
    [FOLLOW_UP_ON_PROMISE_BROKEN] = {.knows = OF_CASE | B(PROMISE_KIND),
                                    .purpose = SERVICE_CALL,
                                    .priority = 1                                                                                                                                                                      },
    [FOLLOW_UP_ON_LOW_ANSWER] = {.knows = OF_CASE | B(INSTRUMENT) | B(DIMENSION) | B(AT_MOST),
                                    .needs = B(INSTRUMENT) | B(AT_MOST),
                                    .purpose = SERVICE_CALL,
                                    .priority = 2},
    [FOLLOW_UP_ON_CHURN_RISK] = {.knows = B(TIER) | B(SCORE_BELOW) | B(CHURN_AT_LEAST),
                                    .one_of = B(SCORE_BELOW) | B(CHURN_AT_LEAST),
                                    .purpose = MARKETING,
                                    .priority = 3},
    [FOLLOW_UP_ON_SILENCE] = {.knows = B(TIER) | B(MONTHS),
                                    .needs = B(MONTHS),
                                    .purpose = MARKETING,
                                    .priority = 4},
    [FOLLOW_UP_ON_BIRTHDAY] = {.knows = B(TIER),                                                        .purpose = GREETING,                                                                                        .priority = 4                                                                                                                                                                    },
    [FOLLOW_UP_ON_FESTIVAL] = {.knows = B(TIER) | B(DATE),
                                    .needs = B(DATE),
                                    .purpose = GREETING,
                                    .priority = 4},
    [FOLLOW_UP_ON_SERVICE_DUE] = {.knows = B(TIER) | B(PRODUCT) | B(BRANCH) | B(FAULT_CODE) |
                                           OF_USE | B(USAGE_UNIT) | B(LEAD),
                                    .one_of = OF_USE,
                                    .purpose = MARKETING,
                                    .priority = 3},
    [FOLLOW_UP_ON_COMPENSATION] = {.knows = OF_CASE, .purpose = SERVICE_CALL,                                                                                     .priority = 3                                                                                                                                                               },
    [FOLLOW_UP_ON_IMPROVEMENT] = {.knows = OF_CASE,                                                                           .purpose = SERVICE_CALL,                                                                                   .priority = 4                                                                                                                                        },
};

const struct rulebook_trigger *rulebook_trigger(int trigger)
{
    return &triggers[trigger];
}

/* ---- conditions */

const struct rulebook_list *rulebook_term_list(const struct rulebook_conditions *c,
                                               enum rulebook_term term)
{
    const struct rulebook_list *const lists[RULEBOOK_LIST_COUNT] = {
        [RULEBOOK_KIND] = &c->kinds,
        [RULEBOOK_CATEGORY] = &c->categories,
        [RULEBOOK_PRODUCT] = &c->products,
        [RULEBOOK_BRANCH] = &c->branches,
        [RULEBOOK_TIER] = &c->tiers,
        [RULEBOOK_PROMISE_KIND] = &c->promise_kinds,
        [RULEBOOK_FAULT_CODE] = &c->fault_codes,
    };
    return lists[term];
}

static bool list_has(const struct rulebook_list *l, const char *text)
{
    for (size_t i = 0; i < l->count; i++) {
        if (strcmp(l->items[i], text) == 0) {
            return true;
        }
    }
    return false;
}

static bool list_covers(const struct rulebook_list *earlier, const struct rulebook_list *later)
{
    if (earlier->count == 0) {
        return true;
    }
    for (size_t i = 0; i < later->count; i++) {
        if (!list_has(earlier, later->items[i])) {
            return false;
        }
    }
    return later->count > 0;
}

/* A NAN is not asked. */
static bool is_wider(double earlier, double later, bool is_upper)
{
    if (isnan(earlier)) {
        return true;
    }
    return !isnan(later) && (is_upper ? later <= earlier : later >= earlier);
}

bool rulebook_hides(const struct rulebook_rule *earlier, const struct rulebook_rule *later)
{
    const struct rulebook_measure *a = &earlier->measure;
    const struct rulebook_measure *b = &later->measure;

    for (unsigned i = 0; i < RULEBOOK_LIST_COUNT; i++) {
        const enum rulebook_term term = (enum rulebook_term)i;

        if (!list_covers(rulebook_term_list(&earlier->when, term),
                         rulebook_term_list(&later->when, term))) {
            return false;
        }
    }
    if (earlier->when.priority_at_least != 0 &&
        (later->when.priority_at_least == 0 ||
         later->when.priority_at_least > earlier->when.priority_at_least)) {
        return false;
    }
    return (a->instrument == 0 || a->instrument == b->instrument) &&
           (a->dimension == 0 || a->dimension == b->dimension) && a->at_most >= b->at_most &&
           is_wider(a->score_below, b->score_below, true) &&
           is_wider(a->churn_at_least, b->churn_at_least, false);
}

/* ---- words */

static void describe_list(const struct rulebook_list *l, const char *name, struct text *ret)
{
    for (size_t i = 0; i < l->count; i++) {
        text_appendf(ret, "%s%s", i == 0 ? name : "", i == 0 ? " " : " or ");
        text_append(ret, l->items[i]);
    }
}

static void describe_number(bool is_asked, const char *name, double value, struct text *ret)
{
    if (is_asked) {
        text_appendf(ret, "%s %g", name, value);
    }
}

static void describe_word(const char *name, const char *word, struct text *ret)
{
    if (word) {
        text_appendf(ret, "%s %s", name, word);
    }
}

static void describe_lead(int64_t us, struct text *ret)
{
    char lead[DURATION_TEXT_SIZE];

    if (us > 0) {
        text_appendf(ret, "lead %s", duration_format(us, lead));
    }
}

static void describe_measure(const struct rulebook_rule *r, enum rulebook_term term,
                             struct text *ret)
{
    const struct rulebook_measure *m = &r->measure;
    const char *name = names[term];

    switch ((int)term) {
    case RULEBOOK_INSTRUMENT:
        describe_word(name, rulebook_word(RULEBOOK_INSTRUMENTS, m->instrument), ret);
        break;
    case RULEBOOK_DIMENSION:
        describe_word(name, rulebook_word(RULEBOOK_DIMENSIONS, m->dimension), ret);
        break;
    case RULEBOOK_AT_MOST:
        describe_number(r->trigger == FOLLOW_UP_ON_LOW_ANSWER, name, m->at_most, ret);
        break;
    case RULEBOOK_SCORE_BELOW:
        describe_number(!isnan(m->score_below), name, m->score_below, ret);
        break;
    case RULEBOOK_CHURN_AT_LEAST:
        describe_number(!isnan(m->churn_at_least), name, m->churn_at_least, ret);
        break;
    case RULEBOOK_MONTHS:
        describe_number(m->months > 0, name, m->months, ret);
        break;
    case RULEBOOK_DATE:
        describe_word(name, m->date, ret);
        break;
    case RULEBOOK_EVERY_KM:
        describe_number(m->every_km > 0, name, m->every_km, ret);
        break;
    case RULEBOOK_EVERY_USAGE:
        describe_number(m->every_usage > 0, name, m->every_usage, ret);
        break;
    case RULEBOOK_USAGE_UNIT:
        describe_word(name, m->usage_unit, ret);
        break;
    case RULEBOOK_LEAD:
        describe_lead(m->lead_us, ret);
        break;
    default:
        text_append(ret, m->on_fault ? name : "");
        break;
    }
}

void rulebook_term_describe(const struct rulebook_rule *r, enum rulebook_term term,
                            struct text *ret)
{
    if (term < RULEBOOK_LIST_COUNT) {
        describe_list(rulebook_term_list(&r->when, term), names[term], ret);
    } else if (term == RULEBOOK_PRIORITY_AT_LEAST) {
        describe_number(r->when.priority_at_least > 0, names[term], r->when.priority_at_least, ret);
    } else {
        describe_measure(r, term, ret);
    }
}
