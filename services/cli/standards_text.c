/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/standards_text.h"

#include <inttypes.h>

#include "common/base/duration.h"

void standards_text_kind(struct text *t, const char *kind)
{
    for (const char *at = kind; *at; at++) {
        text_append_len(t, *at == '_' ? " " : at, 1);
    }
}

void standards_text_priority(struct text *t, int priority)
{
    static const char *const names[] = {"", "urgent", "high", "normal", "low"};

    text_appendf(t, "%d (%s)", priority, names[priority]);
}

void standards_text_conditions(struct text *t, const struct standard_rule *rule)
{
    const char *separator = "";

    for (unsigned i = 0; i < STANDARD_CONDITION_COUNT; i++) {
        if (!rule->conditions[i]) {
            continue;
        }
        text_append(t, separator);
        if (i != STANDARD_KIND) {
            text_appendf(t, "%s ", standard_condition_name((enum standard_condition)i));
        }
        text_append(t, rule->conditions[i]);
        separator = ", ";
    }
    if (rule->asked_priority > 0) {
        text_appendf(t, "%spriority by hand %d", separator, rule->asked_priority);
        separator = ", ";
    }
    for (size_t i = 0; i < rule->words.count; i++) {
        text_appendf(t, "%s%s\"%s\"", separator, i == 0 ? "words " : "", rule->words.texts[i]);
        separator = ", ";
    }
    text_append(t, separator[0] ? "" : "everything else");
}

void standards_text_length(struct text *t, int64_t target_us, bool is_by_calendar)
{
    const int64_t days_us = is_by_calendar ? target_us / DURATION_DAY * DURATION_DAY : 0;
    int64_t rest_us = target_us - days_us;
    char rest[DURATION_TEXT_SIZE];

    if (days_us > 0) {
        text_appendf(t, "%" PRId64 "h", target_us / DURATION_H);
        rest_us %= DURATION_H;
    }
    if (rest_us > 0 || days_us == 0) {
        text_append(t, duration_format(rest_us, rest));
    }
}

void standards_text_target(struct text *t, const struct standard_rule *rule, size_t promise)
{
    const struct standard_promise *p = &rule->decision.promises[promise];

    standards_text_length(t, p->target_us, rule->is_by_branch[promise] || p->calendar);
    if (rule->is_by_branch[promise]) {
        text_append(t, " of the branch's hours");
    } else if (p->calendar) {
        text_appendf(t, " of %s", calendar_name(p->calendar));
    }
}

void standards_text_promises(struct text *t, const struct standard_rule *rule)
{
    for (size_t i = 0; i < rule->decision.promise_count; i++) {
        text_append(t, i > 0 ? ", " : "");
        standards_text_kind(t, rule->decision.promises[i].kind);
        text_append(t, " ");
        standards_text_target(t, rule, i);
    }
    text_append(t, rule->decision.promise_count > 0 ? "" : "nothing");
}

void standards_text_ladder(struct text *t, const struct standard_ladder *ladder)
{
    const char *separator = "";

    for (size_t i = 0; i < ladder->step_count; i++) {
        const struct standard_step *step = &ladder->steps[i];
        char after[DURATION_TEXT_SIZE];

        if (!step->tell) {
            continue;
        }
        text_appendf(t, "%s%s ", separator, step->tell);
        if (step->percent > 0) {
            text_appendf(t, "at %d %%", step->percent);
        } else {
            text_appendf(t, "%s after", duration_format(step->after_us, after));
        }
        separator = ", ";
    }
    text_append(t, separator[0] ? "" : "nobody");
}

void standards_text_renegotiators(struct text *t, const struct standard_ladder *ladder)
{
    for (size_t i = 0; i < ladder->renegotiator_count; i++) {
        text_appendf(t, "%s%s", i > 0 ? ", " : "", ladder->renegotiators[i]);
    }
    text_append(t, ladder->renegotiator_count > 0 ? "" : "anybody");
}
