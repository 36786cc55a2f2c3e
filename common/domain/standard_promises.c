/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standard_promises.c - what a rule promises, in whose hours, and who is told on the way: the
 * promises and the ladder of escalation of a standards file.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/domain/calendar_read.h"
#include "common/domain/standard_read.h"

enum {
    TARGET_DAYS_MAX = 3650,
    AFTER_DAYS_MAX = 366,
};

/* ---- promises */

const char *const standard_promise_kinds[STANDARD_PROMISES_MAX] = {"first_response", "next_update",
                                                                   "resolution", "callback"};

static int read_promise_kind(const struct standard_reader *r, const config_setting_t *setting,
                             struct standard_promise *ret_promise)
{
    const char *text = standard_read_text(r, setting, STANDARD_NAME_BYTES_MAX);

    if (!text) {
        return -1;
    }
    for (size_t i = 0; i < ARRAY_LEN(standard_promise_kinds); i++) {
        if (strcmp(standard_promise_kinds[i], text) == 0) {
            ret_promise->kind = standard_promise_kinds[i];
            return 0;
        }
    }
    return standard_read_refuse(r, setting,
                                "must be first_response, next_update, resolution or callback");
}

static int read_target(const struct standard_reader *r, const config_setting_t *setting,
                       struct standard_promise *ret_promise, bool *ret_is_in_days)
{
    if (standard_read_duration(r, setting, TARGET_DAYS_MAX, &ret_promise->target_us) < 0) {
        return -1;
    }
    *ret_is_in_days = strchr(config_setting_get_string(setting), 'd') != NULL;
    return 0;
}

static int read_calendar(const struct standard_reader *r, const config_setting_t *setting,
                         const struct calendar_book *book, struct standard_promise *ret_promise,
                         bool *ret_is_by_branch)
{
    const char *text = standard_read_text(r, setting, STANDARD_NAME_BYTES_MAX);

    if (!text) {
        return -1;
    }
    if (strcmp(text, "24x7") == 0) {
        return 0;
    }
    if (strcmp(text, "branch") == 0) {
        *ret_is_by_branch = true;
        return calendar_book_count(book) > 0
                   ? 0
                   : standard_read_refuse(r, setting, "no branch has a calendar: there are none");
    }
    ret_promise->calendar = calendar_book_find(book, text);
    if (!ret_promise->calendar) {
        return standard_read_refuse(
            r, setting, "there is no calendar \"%s\": name one, or write \"branch\" or \"24x7\"",
            text);
    }
    return 0;
}

static int read_promise(const struct standard_reader *r, const config_setting_t *group,
                        const struct calendar_book *book, struct standard_rule *ret_rule, size_t n)
{
    struct standard_promise *promise = &ret_rule->decision.promises[n];

    if (!config_setting_is_group(group)) {
        return standard_read_refuse(r, group,
                                    "must be a group: { kind = \"...\"; target = \"...\"; }");
    }
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
        const char *name = config_setting_name(setting);
        int rc;

        if (strcmp(name, "kind") == 0) {
            rc = read_promise_kind(r, setting, promise);
        } else if (strcmp(name, "target") == 0) {
            rc = read_target(r, setting, promise, &ret_rule->is_in_days[n]);
        } else if (strcmp(name, "calendar") == 0) {
            rc = read_calendar(r, setting, book, promise, &ret_rule->is_by_branch[n]);
        } else {
            rc = standard_read_refuse(
                r, setting, "a promise has no such setting, only kind, target and calendar");
        }
        if (rc < 0) {
            return -1;
        }
    }
    if (!promise->kind || promise->target_us == 0) {
        return standard_read_refuse(r, group, "a promise needs kind and target");
    }
    return 0;
}

int standard_read_promises(const struct standard_reader *r, const config_setting_t *list,
                           const struct calendar_book *calendars, struct standard_rule *ret_rule)
{
    struct standard_decision *decision = &ret_rule->decision;

    if (!config_setting_is_list(list)) {
        return standard_read_refuse(r, list, "must be a list: ( { ... }, { ... } )");
    }
    if (config_setting_length(list) > STANDARD_PROMISES_MAX) {
        return standard_read_refuse(r, list, "must have at most %d promises",
                                    STANDARD_PROMISES_MAX);
    }
    for (size_t i = 0; i < (size_t)config_setting_length(list); i++) {
        const config_setting_t *group = config_setting_get_elem(list, (unsigned)i);
        const struct standard_promise *promise = &decision->promises[i];

        if (read_promise(r, group, calendars, ret_rule, i) < 0) {
            return -1;
        }
        for (size_t k = 0; k < i; k++) {
            if (decision->promises[k].kind == promise->kind) {
                return standard_read_refuse(r, group, "this rule promises %s twice", promise->kind);
            }
        }
        decision->promise_count++;
    }
    return 0;
}

/* ---- the ladder */

/* In the order of time: percents, then what comes after the due time. */
static int compare_steps(const struct standard_step *a, const struct standard_step *b)
{
    const int percent_a = a->percent ? a->percent : 101;
    const int percent_b = b->percent ? b->percent : 101;

    if (percent_a != percent_b) {
        return percent_a - percent_b;
    }
    return (a->after_us > b->after_us) - (a->after_us < b->after_us);
}

/* Keeps the order. A step that is there already is only told somebody: returns it then, else the
 * new one; NULL: there is no room. */
static struct standard_step *find_or_insert(struct standard_ladder *ladder,
                                            const struct standard_step *step)
{
    size_t at = 0;

    while (at < ladder->step_count && compare_steps(&ladder->steps[at], step) < 0) {
        at++;
    }
    if (at < ladder->step_count && compare_steps(&ladder->steps[at], step) == 0) {
        return &ladder->steps[at];
    }
    if (ladder->step_count == STANDARD_STEPS_MAX) {
        return NULL;
    }
    memmove(&ladder->steps[at + 1], &ladder->steps[at],
            (ladder->step_count - at) * sizeof(*ladder->steps));
    ladder->step_count++;
    ladder->steps[at] = *step;
    ladder->steps[at].tell = NULL;
    return &ladder->steps[at];
}

static int read_at(const struct standard_reader *r, const config_setting_t *setting,
                   struct standard_step *ret)
{
    const int percent = config_setting_get_int(setting);

    if (config_setting_type(setting) != CONFIG_TYPE_INT || percent < 1 || percent > 100) {
        return standard_read_refuse(r, setting, "must be 1 to 100, percent of the target");
    }
    ret->percent = percent;
    return 0;
}

static int read_step(const struct standard_reader *r, const config_setting_t *group,
                     struct standard_step *ret)
{
    if (!config_setting_is_group(group)) {
        return standard_read_refuse(r, group, "must be a group: { at = 80; tell = \"...\"; }");
    }
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
        const char *name = config_setting_name(setting);
        int rc;

        if (strcmp(name, "at") == 0) {
            rc = read_at(r, setting, ret);
        } else if (strcmp(name, "after") == 0) {
            rc = standard_read_duration(r, setting, AFTER_DAYS_MAX, &ret->after_us);
        } else if (strcmp(name, "tell") == 0) {
            rc = standard_read_name(r, setting, &ret->tell);
        } else {
            rc = standard_read_refuse(r, setting,
                                      "a step has no such setting, only at, after and tell");
        }
        if (rc < 0) {
            return -1;
        }
    }
    if (!ret->tell || (ret->percent == 0) == (ret->after_us == 0)) {
        return standard_read_refuse(r, group, "a step needs tell, and either at or after");
    }
    return 0;
}

void standard_ladder_set_usual(struct standard_ladder *ladder)
{
    static const int percents[] = {50, 80, 100};

    ladder->step_count = ARRAY_LEN(percents);
    for (size_t i = 0; i < ARRAY_LEN(percents); i++) {
        ladder->steps[i] = (struct standard_step){.percent = percents[i]};
    }
}

int standard_read_ladder(const struct standard_reader *r, const config_setting_t *list,
                         struct standard_ladder *ret)
{
    if (!config_setting_is_list(list)) {
        return standard_read_refuse(r, list,
                                    "must be a list: ( { at = 80; tell = \"...\"; }, ... )");
    }
    standard_ladder_set_usual(ret);
    for (int i = 0; i < config_setting_length(list); i++) {
        const config_setting_t *group = config_setting_get_elem(list, (unsigned)i);
        struct standard_step step = {.tell = NULL};
        struct standard_step *place;

        if (read_step(r, group, &step) < 0) {
            return -1;
        }
        place = find_or_insert(ret, &step);
        if (!place) {
            return standard_read_refuse(r, group,
                                        "a ladder has at most %d steps, with those at 50, 80 and "
                                        "100 percent",
                                        (int)STANDARD_STEPS_MAX);
        }
        if (place->tell) {
            return standard_read_refuse(r, group, "another step is at the same time");
        }
        place->tell = step.tell;
    }
    return 0;
}

int standard_read_escalation(const struct standard_reader *r, const config_setting_t *list,
                             struct standard_content *ret)
{
    return standard_read_ladder(r, list, &ret->ladder);
}

int standard_read_renegotiators(const struct standard_reader *r, const config_setting_t *list,
                                struct standard_content *ret)
{
    return standard_read_names(r, list, &ret->renegotiators);
}
