/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/standards_warnings.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/domain/calendar_read.h"
#include "common/domain/standard_content.h"
#include "services/cli/standards_text.h"

#define WEEK_US (7 * DURATION_DAY)

enum {
    WEEKS_LOOKED_AT = 52
};

static void warn(json_t *list, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void warn(json_t *list, const char *fmt, ...)
{
    char text[512];
    va_list args;

    va_start(args, fmt);
    text_vformat(text, sizeof(text), fmt, args);
    va_end(args);
    json_array_append_new(list, json_string(text));
}

/* ---- rules */

/* What a customer would hardly call a promise any more, with closed hours counted in. */
static const struct {
    const char *kind;
    int64_t usual_max_us;
} kinds[] = {
    {"first_response", 7 * DURATION_DAY },
    {"next_update",    14 * DURATION_DAY},
    {"resolution",     60 * DURATION_DAY},
    {"callback",       7 * DURATION_DAY },
};

static bool promises(const struct standard_rule *rule, const char *kind)
{
    for (size_t i = 0; i < rule->decision.promise_count; i++) {
        if (strcmp(rule->decision.promises[i].kind, kind) == 0) {
            return true;
        }
    }
    return false;
}

static void warn_of_complaints(json_t *list, const struct standard_rule *rule)
{
    const char *name = rule->decision.rule;
    const char *kind = rule->conditions[STANDARD_KIND];

    if (kind && strcmp(kind, "complaint") != 0) {
        return;
    }
    if (rule->decision.promise_count == 0) {
        warn(list, "rule %s: complaints%s are promised nothing", name,
             kind ? "" : ", which it may match, too,");
    } else if (kind && promises(rule, "resolution") && !promises(rule, "next_update")) {
        warn(list,
             "rule %s: complaints are promised no next update: until they are resolved the "
             "customer may hear nothing",
             name);
    }
}

/* How long a target takes on average with the hours that are closed; 0: it is never over. */
static int64_t elapsed_us(const struct calendar *c, int64_t target_us, int64_t now_us)
{
    const int64_t span_us = WEEKS_LOOKED_AT * WEEK_US;
    const int64_t worked_us = calendar_between(c, now_us, now_us + span_us);

    return worked_us > 0 ? (int64_t)((double)target_us * ((double)span_us / (double)worked_us)) : 0;
}

static void warn_of_target(json_t *list, const struct standard_rule *rule, size_t promise,
                           const struct calendar *c, int64_t now_us)
{
    const struct standard_promise *p = &rule->decision.promises[promise];
    const int64_t takes_us = elapsed_us(c, p->target_us, now_us);
    struct text target = {.data = NULL};
    char takes[DURATION_TEXT_SIZE];

    standards_text_length(&target, p->target_us, c != NULL);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (strcmp(kinds[i].kind, p->kind) != 0 || takes_us <= kinds[i].usual_max_us) {
            continue;
        }
        if (c) {
            warn(list, "rule %s: %s of %s by the hours of %s takes about %s", rule->decision.rule,
                 p->kind, target.data, calendar_name(c), duration_for_people(takes_us, takes));
        } else {
            warn(list, "rule %s: %s of %s is long", rule->decision.rule, p->kind, target.data);
        }
    }
    text_free(&target);
}

/* "3d" by a calendar are 72 of its hours, which may be nine of its days. */
static void warn_of_days(json_t *list, const struct standard_rule *rule, size_t promise,
                         const struct calendar *c, int64_t now_us)
{
    const struct standard_promise *p = &rule->decision.promises[promise];
    char written[DURATION_TEXT_SIZE];
    struct text hours = {.data = NULL};

    if (!rule->is_in_days[promise] || elapsed_us(c, p->target_us, now_us) == p->target_us) {
        return;
    }
    standards_text_length(&hours, p->target_us, true);
    warn(list, "rule %s: %s of %s is %s of working time, not days of it: write hours",
         rule->decision.rule, p->kind, duration_format(p->target_us, written), hours.data);
    text_free(&hours);
}

static void warn_of_targets(json_t *list, const struct standard_content *content,
                            const struct standard_rule *rule, int64_t now_us)
{
    const char *branch = rule->conditions[STANDARD_BRANCH];

    for (size_t i = 0; i < rule->decision.promise_count; i++) {
        const struct calendar *c = rule->decision.promises[i].calendar;

        if (rule->is_by_branch[i]) {
            c = calendar_book_of_branch(content->calendars, branch);
            if (!c && branch) {
                warn(list, "rule %s: branch %s has no calendar: every hour counts there",
                     rule->decision.rule, branch);
            }
        }
        warn_of_target(list, rule, i, c, now_us);
        warn_of_days(list, rule, i, c, now_us);
    }
}

static void warn_of_silence(json_t *list, const struct standard_rule *rule)
{
    for (size_t i = 0; i < rule->ladder.step_count; i++) {
        if (rule->ladder.steps[i].tell) {
            return;
        }
    }
    if (rule->decision.promise_count > 0) {
        warn(list,
             "rule %s: nobody is told when its promises come near their due time or are "
             "broken",
             rule->decision.rule);
    }
}

/* ---- calendars */

static bool has_special_day(const struct calendar *c, int year)
{
    const int64_t end = civil_to_days((struct civil_date){.year = year + 1, .month = 1, .day = 1});
    int64_t day = civil_to_days((struct civil_date){.year = year, .month = 1, .day = 1});

    for (; day < end; day++) {
        if (calendar_special_day(c, calendar_day_begin(c, day))) {
            return true;
        }
    }
    return false;
}

static void warn_of_calendar(json_t *list, const struct calendar *c, int64_t now_us)
{
    const int64_t span_us = WEEKS_LOOKED_AT * WEEK_US;
    const int64_t worked_us = calendar_between(c, now_us, now_us + span_us);
    const int year = civil_from_days(calendar_day_of(c, now_us)).year;

    if (worked_us == span_us) {
        return; /* it never closes, so no holiday is missing */
    }
    if (worked_us == 0) {
        warn(list, "calendar %s: is closed for the next year", calendar_name(c));
        return;
    }
    for (int i = 0; i < 2; i++) {
        if (!has_special_day(c, year + i)) {
            warn(list, "calendar %s: has no special days in %d: holidays count as working days",
                 calendar_name(c), year + i);
        }
    }
}

static void warn_of_branches(json_t *list, const struct standard_content *content)
{
    bool is_by_branch = false;

    for (size_t i = 0; i < content->rule_count; i++) {
        for (size_t k = 0; k < content->rules[i].decision.promise_count; k++) {
            is_by_branch = is_by_branch || content->rules[i].is_by_branch[k];
        }
    }
    /* A case without a branch gets what all other branches get. */
    if (is_by_branch && !calendar_book_of_branch(content->calendars, NULL)) {
        warn(list, "no calendar has branches \"*\": for branches that no calendar names, and cases "
                   "without a branch, every hour counts");
    }
}

json_t *standards_warnings(const struct standard *s, int64_t now_us)
{
    const struct standard_content *content = standard_content(s);
    json_t *list = json_array();

    for (size_t i = 0; i < content->rule_count; i++) {
        warn_of_complaints(list, &content->rules[i]);
        warn_of_targets(list, content, &content->rules[i], now_us);
        warn_of_silence(list, &content->rules[i]);
    }
    for (size_t i = 0; i < calendar_book_count(content->calendars); i++) {
        warn_of_calendar(list, calendar_book_at(content->calendars, i), now_us);
    }
    warn_of_branches(list, content);
    return list;
}
