/* SPDX-License-Identifier: Apache-2.0 */
/* rulebook_conditions.c - reads the conditions and measures of a rule, if its trigger knows them.
 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/calendar_parts.h"
#include "common/domain/rulebook_read.h"
#include "common/domain/rulebook_terms.h"
#include "common/domain/yearly_date.h"

enum {
    MONTHS_MAX = 120,
    LEAD_DAYS_MAX = 366,
    SERVQUAL = 4,
};

/* What a low answer may be asked to be at most: below the best one, or the rule is about every
 * answer. Of SERVQUAL it is perception - expectation. */
static const struct {
    double worst, best;
} scales[] = {
    {0,  0  },
    {1,  5  },
    {0,  10 },
    {1,  7  },
    {-6, 6  },
    {0,  100}
};

unsigned rulebook_find_term(const char *name)
{
    unsigned term = 0;

    while (term < RULEBOOK_TERM_COUNT &&
           strcmp(rulebook_term_name((enum rulebook_term)term), name) != 0) {
        term++;
    }
    return term;
}

/* ---- lists */

static bool is_contact_kind(const char *text)
{
    static const char *const kinds[] = {"complaint", "request", "enquiry", "praise"};

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (strcmp(kinds[i], text) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_any(const config_setting_t *setting)
{
    const char *text = config_setting_get_string(setting);

    return text && strcmp(text, "*") == 0;
}

/* One array more, which the content owns. */
static const char **add_list(struct rulebook_content *c, size_t count)
{
    c->lists = xreallocarray(c->lists, c->list_count + 1, sizeof(*c->lists));
    c->lists[c->list_count] = xcalloc(count, sizeof(**c->lists));
    return c->lists[c->list_count++];
}

static int read_list(const struct standard_reader *r, const config_setting_t *setting,
                     enum rulebook_term term, struct rulebook_content *content,
                     struct rulebook_list *ret)
{
    size_t count = 0;
    const char **items;

    if (is_any(setting)) {
        return 0;
    }
    if (calendar_count_texts(r, setting, RULEBOOK_LIST_MAX, &count) < 0) {
        return -1;
    }
    items = add_list(content, count);
    for (size_t i = 0; i < count; i++) {
        const config_setting_t *text = calendar_text_at(setting, i);

        items[i] = standard_read_text(r, text, STANDARD_CONDITION_BYTES_MAX);
        if (!items[i]) {
            return -1;
        }
        if (strcmp(items[i], "*") == 0) {
            return standard_read_refuse(r, text, "stands for anything: alone, or not at all");
        }
        if (term == RULEBOOK_KIND && !is_contact_kind(items[i])) {
            return standard_read_refuse(r, text,
                                        "must be complaint, request, enquiry, praise or *");
        }
    }
    *ret = (struct rulebook_list){.items = items, .count = count};
    return 0;
}

static struct rulebook_list *list_of(struct rulebook_conditions *c, enum rulebook_term term)
{
    /* cppcheck-suppress constVariable ; it is, its elements are not */
    struct rulebook_list *const lists[RULEBOOK_LIST_COUNT] = {
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

/* ---- the other terms */

static int read_within(const struct standard_reader *r, const config_setting_t *setting, double min,
                       double max, double *ret)
{
    double value = 0;

    if (rulebook_read_number(r, setting, &value) < 0) {
        return -1;
    }
    if (!(value >= min && value <= max)) {
        return standard_read_refuse(r, setting, "must be %g to %g", min, max);
    }
    *ret = value;
    return 0;
}

static int read_positive(const struct standard_reader *r, const config_setting_t *setting,
                         double *ret)
{
    double value = 0;

    if (rulebook_read_number(r, setting, &value) < 0) {
        return -1;
    }
    if (!(value > 0 && value <= 1e9)) {
        return standard_read_refuse(r, setting, "must be more than 0 and at most 1000000000");
    }
    *ret = value;
    return 0;
}

static int read_date(const struct standard_reader *r, const config_setting_t *setting,
                     const char **ret)
{
    const char *text = standard_read_text(r, setting, STANDARD_NAME_BYTES_MAX);
    struct yearly_date date;
    struct err why = ERR_NONE;

    if (!text) {
        return -1;
    }
    if (yearly_date_parse(text, &date, &why) < 0) {
        return standard_read_refuse(r, setting, "%s", why.text);
    }
    *ret = text;
    return 0;
}

static int read_months(const struct standard_reader *r, const config_setting_t *setting,
                       int32_t *ret)
{
    int months = 0;

    if (rulebook_read_count(r, setting, 1, MONTHS_MAX, &months) < 0) {
        return -1;
    }
    *ret = months;
    return 0;
}

static int read_measure(const struct standard_reader *r, const config_setting_t *setting,
                        enum rulebook_term term, struct rulebook_measure *ret)
{
    switch ((int)term) {
    case RULEBOOK_INSTRUMENT:
        return rulebook_read_word(r, setting, RULEBOOK_INSTRUMENTS, &ret->instrument);
    case RULEBOOK_DIMENSION:
        return rulebook_read_word(r, setting, RULEBOOK_DIMENSIONS, &ret->dimension);
    case RULEBOOK_AT_MOST:
        return read_within(r, setting, -1000, 1000, &ret->at_most);
    case RULEBOOK_SCORE_BELOW:
        return read_within(r, setting, 0, 100, &ret->score_below);
    case RULEBOOK_CHURN_AT_LEAST:
        return read_within(r, setting, 0, 1, &ret->churn_at_least);
    case RULEBOOK_MONTHS:
        return read_months(r, setting, &ret->months);
    case RULEBOOK_DATE:
        return read_date(r, setting, &ret->date);
    case RULEBOOK_EVERY_KM:
        return read_positive(r, setting, &ret->every_km);
    case RULEBOOK_EVERY_USAGE:
        return read_positive(r, setting, &ret->every_usage);
    case RULEBOOK_USAGE_UNIT:
        ret->usage_unit = standard_read_text(r, setting, STANDARD_NAME_BYTES_MAX);
        return ret->usage_unit ? 0 : -1;
    case RULEBOOK_LEAD:
        return standard_read_duration(r, setting, LEAD_DAYS_MAX, &ret->lead_us);
    default:
        return rulebook_read_flag(r, setting, &ret->on_fault);
    }
}

/* "knows kind, category and tier" for who asked for something else. */
static int refuse_unknown(const struct standard_reader *r, const config_setting_t *setting,
                          int trigger)
{
    struct text known = {.data = NULL};

    for (unsigned i = 0; i < RULEBOOK_TERM_COUNT; i++) {
        if (rulebook_trigger(trigger)->knows & RULEBOOK_BIT(i)) {
            text_appendf(&known, "%s%s", known.len > 0 ? ", " : "",
                         rulebook_term_name((enum rulebook_term)i));
        }
    }
    standard_read_refuse(r, setting, "'%s' knows no such thing, only %s",
                         follow_up_trigger_name(trigger), text_or_empty(&known));
    text_free(&known);
    return -1;
}

int rulebook_read_term(const struct standard_reader *r, const config_setting_t *setting,
                       struct rulebook_content *content, struct rulebook_rule *ret_rule)
{
    const enum rulebook_term term =
        (enum rulebook_term)rulebook_find_term(config_setting_name(setting));

    if (!(rulebook_trigger(ret_rule->trigger)->knows & RULEBOOK_BIT(term))) {
        return refuse_unknown(r, setting, ret_rule->trigger);
    }
    if (term < RULEBOOK_LIST_COUNT) {
        return read_list(r, setting, term, content, list_of(&ret_rule->when, term));
    }
    if (term == RULEBOOK_PRIORITY_AT_LEAST) {
        return standard_read_priority(r, setting, &ret_rule->when.priority_at_least);
    }
    return read_measure(r, setting, term, &ret_rule->measure);
}

/* ---- what belongs together */

static bool has(const config_setting_t *group, unsigned term)
{
    return config_setting_get_member(group, rulebook_term_name((enum rulebook_term)term)) != NULL;
}

static int check_needed(const struct standard_reader *r, const config_setting_t *group, int trigger)
{
    const struct rulebook_trigger *t = rulebook_trigger(trigger);
    struct text choice = {.data = NULL};
    bool has_one = t->one_of == 0;

    for (unsigned i = 0; i < RULEBOOK_TERM_COUNT; i++) {
        const char *name = rulebook_term_name((enum rulebook_term)i);

        if (t->needs & RULEBOOK_BIT(i) && !has(group, i)) {
            text_free(&choice);
            return standard_read_refuse(r, group, "a rule for '%s' needs '%s'",
                                        follow_up_trigger_name(trigger), name);
        }
        if (t->one_of & RULEBOOK_BIT(i)) {
            has_one = has_one || has(group, i);
            text_appendf(&choice, "%s%s", choice.len > 0 ? ", " : "", name);
        }
    }
    if (!has_one) {
        standard_read_refuse(r, group, "a rule for '%s' needs one of %s",
                             follow_up_trigger_name(trigger), text_or_empty(&choice));
    }
    text_free(&choice);
    return has_one ? 0 : -1;
}

static int check_low_answer(const struct standard_reader *r, const config_setting_t *group,
                            const struct rulebook_measure *m)
{
    const double worst = scales[m->instrument].worst;
    const double best = scales[m->instrument].best;

    if (m->at_most < worst || m->at_most >= best) {
        return standard_read_refuse(r, config_setting_get_member(group, "at_most"),
                                    "must be %g to less than %g with '%s'", worst, best,
                                    rulebook_word(RULEBOOK_INSTRUMENTS, m->instrument));
    }
    if (m->dimension != 0 && m->instrument != SERVQUAL) {
        return standard_read_refuse(r, config_setting_get_member(group, "dimension"),
                                    "only servqual has dimensions");
    }
    return 0;
}

/* A fault is no date: with one of both in a rule, nobody could say which of them was meant. */
static int check_service_due(const struct standard_reader *r, const config_setting_t *group,
                             const struct rulebook_rule *rule)
{
    const struct rulebook_measure *m = &rule->measure;
    const bool is_counted = m->months > 0 || m->every_km > 0 || m->every_usage > 0;

    if (m->on_fault && is_counted) {
        return standard_read_refuse(
            r, group, "on_fault needs a rule of its own, without months, every_km and every_usage");
    }
    if (m->on_fault != (rule->when.fault_codes.count > 0)) {
        return standard_read_refuse(r, group, "on_fault = true and fault_code go together");
    }
    if (!m->on_fault && !is_counted) {
        return standard_read_refuse(r, group,
                                    "needs months, every_km, every_usage or on_fault = true");
    }
    if ((m->every_usage > 0) != (m->usage_unit != NULL)) {
        return standard_read_refuse(r, group, "every_usage and usage_unit go together");
    }
    return m->on_fault && m->lead_us > 0
               ? standard_read_refuse(r, group, "on_fault has no lead: nobody knows of it before")
               : 0;
}

int rulebook_check_terms(const struct standard_reader *r, const config_setting_t *group,
                         const struct rulebook_rule *rule)
{
    if (check_needed(r, group, rule->trigger) < 0) {
        return -1;
    }
    if (rule->trigger == FOLLOW_UP_ON_LOW_ANSWER) {
        return check_low_answer(r, group, &rule->measure);
    }
    return rule->trigger == FOLLOW_UP_ON_SERVICE_DUE ? check_service_due(r, group, rule) : 0;
}
