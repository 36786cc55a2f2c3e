/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/rules_diff.h"

#include <string.h>

#include "common/base/text.h"
#include "common/domain/rulebook_words.h"
#include "services/cli/rules_text.h"
#include "services/cli/standards_diff.h"

/* Says it when the two differ. Empties both. */
static void compare(json_t *list, const char *part, const char *name, const char *what,
                    struct text pair[2])
{
    if (strcmp(text_or_empty(&pair[0]), text_or_empty(&pair[1])) != 0) {
        standards_diff_add(list, part, name, "%s: %s instead of %s", what, text_or_empty(&pair[1]),
                           text_or_empty(&pair[0]));
    }
    text_free(&pair[0]);
    text_free(&pair[1]);
}

static void add_rule(json_t *list, const struct rulebook_rule *r, const char *what)
{
    struct text when = {.data = NULL};
    struct text whom = {.data = NULL};
    struct text channels = {.data = NULL};

    rules_text_part(&when, r, RULES_WHEN);
    rules_text_part(&whom, r, RULES_FOR);
    rules_text_part(&channels, r, RULES_CHANNELS);
    standards_diff_add(list, "rule", r->name, "%s: %s, for %s, by %s", what, when.data, whom.data,
                       channels.data);
    text_free(&when);
    text_free(&whom);
    text_free(&channels);
}

/* The rule of the same topic that is tried just before this one; NULL: it is the first. */
static const struct rulebook_rule *tried_before(const struct rulebook *b,
                                                const struct rulebook_rule *r)
{
    const struct rulebook_rule *last = NULL;

    for (size_t i = 0; rulebook_rule(b, i) != r; i++) {
        if (strcmp(rulebook_rule(b, i)->topic, r->topic) == 0) {
            last = rulebook_rule(b, i);
        }
    }
    return last;
}

/* Of rules that are in both: order matters within a topic only. */
static bool is_before(const struct rulebook *b, const char *first, const char *second)
{
    return rulebook_find(b, first) < rulebook_find(b, second);
}

static bool has_moved(const struct rulebook *before, const struct rulebook *after,
                      const struct rulebook_rule *r)
{
    for (size_t i = 0; rulebook_rule(after, i) != r; i++) {
        const struct rulebook_rule *other = rulebook_rule(after, i);

        if (strcmp(other->topic, r->topic) == 0 && rulebook_find(before, other->name) &&
            !is_before(before, other->name, r->name)) {
            return true;
        }
    }
    return false;
}

static void compare_rule(json_t *list, const struct rulebook *before, const struct rulebook *after,
                         const struct rulebook_rule *is)
{
    const struct rulebook_rule *was = rulebook_find(before, is->name);
    const struct rulebook_rule *previous = tried_before(after, is);

    if (!was) {
        add_rule(list, is, "is new");
        return;
    }
    if (has_moved(before, after, is)) {
        standards_diff_add(list, "rule", is->name, "is tried after %s now", previous->name);
    }
    for (unsigned part = 1; part < RULES_PART_COUNT; part++) {
        struct text pair[2] = {{.data = NULL}, {.data = NULL}};

        rules_text_part(&pair[0], was, (enum rules_part)part);
        rules_text_part(&pair[1], is, (enum rules_part)part);
        compare(list, "rule", is->name, rules_part_name((enum rules_part)part), pair);
    }
}

static void compare_limits(json_t *list, const struct rulebook *before,
                           const struct rulebook *after)
{
    for (size_t i = 0; rules_limit_name(i); i++) {
        struct text pair[2] = {{.data = NULL}, {.data = NULL}};

        rules_text_limit(&pair[0], rulebook_limits(before), i);
        rules_text_limit(&pair[1], rulebook_limits(after), i);
        compare(list, "limits", "", rules_limit_name(i), pair);
    }
}

static void compare_outcomes(json_t *list, const struct rulebook *before,
                             const struct rulebook *after)
{
    for (int32_t i = 1; rulebook_outcome(after, i); i++) {
        struct text pair[2] = {{.data = NULL}, {.data = NULL}};

        rules_text_outcome(&pair[0], rulebook_outcome(before, i));
        rules_text_outcome(&pair[1], rulebook_outcome(after, i));
        compare(list, "outcome", rulebook_word(RULEBOOK_OUTCOMES, i), "then", pair);
    }
}

json_t *rules_diff(const struct rulebook *before, const struct rulebook *after)
{
    json_t *list = json_array();

    for (size_t i = 0; i < rulebook_rule_count(before); i++) {
        const struct rulebook_rule *was = rulebook_rule(before, i);

        if (!rulebook_find(after, was->name)) {
            add_rule(list, was, "is gone");
        }
    }
    for (size_t i = 0; i < rulebook_rule_count(after); i++) {
        compare_rule(list, before, after, rulebook_rule(after, i));
    }
    compare_limits(list, before, after);
    compare_outcomes(list, before, after);
    return list;
}
