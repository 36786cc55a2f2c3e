/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/standards_diff.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/standard_content.h"
#include "services/cli/standards_text.h"

#define NONE SIZE_MAX

void standards_diff_add(json_t *list, const char *part, const char *name, const char *fmt, ...)
{
    char *change; /* a rule may have many words: nothing is cut */
    va_list args;

    va_start(args, fmt);
    if (vasprintf(&change, fmt, args) < 0) {
        change = xstrdup("");
    }
    va_end(args);
    json_array_append_new(
        list, json_pack("{s:s, s:s, s:s}", "part", part, "name", name, "change", change));
    free(change);
}

static size_t find_rule(const struct standard_content *c, const char *name)
{
    for (size_t i = 0; i < c->rule_count; i++) {
        if (strcmp(c->rules[i].decision.rule, name) == 0) {
            return i;
        }
    }
    return NONE;
}

/* ---- one rule that is in both */

/* Says it when the two differ. Empties both. */
static void compare(json_t *list, const char *rule, const char *what, struct text *before,
                    struct text *after)
{
    if (strcmp(text_or_empty(before), text_or_empty(after)) != 0) {
        standards_diff_add(list, "rule", rule, "%s: %s instead of %s", what, text_or_empty(after),
                           text_or_empty(before));
    }
    text_clear(before);
    text_clear(after);
}

/* The same for what is long. */
static void compare_lists(json_t *list, const char *part, const char *name, const char *what,
                          const struct text *before, const struct text *after)
{
    if (strcmp(text_or_empty(before), text_or_empty(after)) != 0) {
        standards_diff_add(list, part, name, "%s: %s (before: %s)", what, text_or_empty(after),
                           text_or_empty(before));
    }
}

static size_t find_promise(const struct standard_rule *rule, const char *kind)
{
    for (size_t i = 0; i < rule->decision.promise_count; i++) {
        if (strcmp(rule->decision.promises[i].kind, kind) == 0) {
            return i;
        }
    }
    return NONE;
}

static void compare_promises(json_t *list, const struct standard_rule *before,
                             const struct standard_rule *after)
{
    for (size_t i = 0; i < STANDARD_PROMISES_MAX; i++) {
        const size_t was = find_promise(before, standard_promise_kinds[i]);
        const size_t is = find_promise(after, standard_promise_kinds[i]);
        struct text kind = {.data = NULL};
        struct text a = {.data = NULL};
        struct text b = {.data = NULL};

        standards_text_kind(&kind, standard_promise_kinds[i]);
        if (was != NONE) {
            standards_text_target(&a, before, was);
        }
        if (is != NONE) {
            standards_text_target(&b, after, is);
        }
        if (was != NONE && is != NONE) {
            compare(list, after->decision.rule, kind.data, &a, &b);
        } else if (is != NONE) {
            standards_diff_add(list, "rule", after->decision.rule, "%s is promised now: %s",
                               kind.data, b.data);
        } else if (was != NONE) {
            standards_diff_add(list, "rule", after->decision.rule,
                               "%s is not promised any more (before: %s)", kind.data, a.data);
        }
        text_free(&kind);
        text_free(&a);
        text_free(&b);
    }
}

static void compare_ladders(json_t *list, const char *part, const char *name,
                            const struct standard_ladder *before,
                            const struct standard_ladder *after)
{
    struct text was = {.data = NULL};
    struct text is = {.data = NULL};

    standards_text_ladder(&was, before);
    standards_text_ladder(&is, after);
    compare_lists(list, part, name, "who is told", &was, &is);
    text_free(&was);
    text_free(&is);
}

static void compare_teams(json_t *list, const char *part, const char *name,
                          const struct standard_ladder *before, const struct standard_ladder *after)
{
    struct text was = {.data = NULL};
    struct text is = {.data = NULL};

    standards_text_renegotiators(&was, before);
    standards_text_renegotiators(&is, after);
    compare_lists(list, part, name, "who may agree on another date", &was, &is);
    text_free(&was);
    text_free(&is);
}

static bool is_same_ladder(const struct standard_ladder *a, const struct standard_ladder *b)
{
    struct text first = {.data = NULL};
    struct text second = {.data = NULL};

    standards_text_ladder(&first, a);
    standards_text_ladder(&second, b);
    const bool is_same = strcmp(first.data, second.data) == 0;
    text_free(&first);
    text_free(&second);
    return is_same;
}

/* A standard and one of its rules. */
struct side {
    const struct standard_content *content;
    const struct standard_rule *rule;
};

/* What all rules share is said once, see diff_rest(). Who promises nothing tells nobody. */
static void compare_escalation(json_t *list, struct side before, struct side after)
{
    const char *name = after.rule->decision.rule;

    if (before.rule->decision.promise_count + after.rule->decision.promise_count == 0) {
        return;
    }
    if (!is_same_ladder(&before.rule->ladder, &before.content->ladder) ||
        !is_same_ladder(&after.rule->ladder, &after.content->ladder)) {
        compare_ladders(list, "rule", name, &before.rule->ladder, &after.rule->ladder);
    }
    if (before.rule->renegotiators.count + after.rule->renegotiators.count > 0) {
        compare_teams(list, "rule", name, &before.rule->ladder, &after.rule->ladder);
    }
}

static void compare_rules(json_t *list, struct side before, struct side after)
{
    const char *name = after.rule->decision.rule;
    struct text was = {.data = NULL};
    struct text is = {.data = NULL};

    standards_text_conditions(&was, before.rule);
    standards_text_conditions(&is, after.rule);
    compare_lists(list, "rule", name, "for", &was, &is);
    text_clear(&was);
    text_clear(&is);
    standards_text_priority(&was, before.rule->decision.priority);
    standards_text_priority(&is, after.rule->decision.priority);
    compare(list, name, "priority", &was, &is);
    text_append(&was, before.rule->decision.owner_team);
    text_append(&is, after.rule->decision.owner_team);
    compare(list, name, "owner", &was, &is);
    compare_promises(list, before.rule, after.rule);
    compare_escalation(list, before, after);
    text_free(&was);
    text_free(&is);
}

/* ---- rules that came, went, moved */

/* The rules of `after` that are in `before`, by their places there; marks those that kept their
 * order: a longest increasing run, so that as few as possible are said to have moved. */
static void mark_kept(const size_t *places, size_t count, bool *ret_is_kept)
{
    size_t *length = xcalloc(count + 1, sizeof(*length));
    size_t *from = xcalloc(count + 1, sizeof(*from));
    size_t best = NONE;

    for (size_t i = 0; i < count; i++) {
        if (places[i] == NONE) {
            continue;
        }
        length[i] = 1;
        from[i] = NONE;
        for (size_t k = 0; k < i; k++) {
            if (places[k] != NONE && places[k] < places[i] && length[k] + 1 > length[i]) {
                length[i] = length[k] + 1;
                from[i] = k;
            }
        }
        best = best == NONE || length[i] > length[best] ? i : best;
    }
    for (; best != NONE; best = from[best]) {
        ret_is_kept[best] = true;
    }
    free(length);
    free(from);
}

static const char *name_before(const struct standard_content *c, size_t rule)
{
    return rule > 0 ? c->rules[rule - 1].decision.rule : NULL;
}

static void describe_place(struct text *t, const char *rule_before)
{
    text_append(t, rule_before ? "after " : "first of all");
    text_append(t, rule_before ? rule_before : "");
}

static void add_new_rule(json_t *list, const struct standard_content *c, size_t i)
{
    const struct standard_rule *rule = &c->rules[i];
    struct text place = {.data = NULL};
    struct text conditions = {.data = NULL};
    struct text promises = {.data = NULL};

    describe_place(&place, name_before(c, i));
    standards_text_conditions(&conditions, rule);
    standards_text_promises(&promises, rule);
    standards_diff_add(list, "rule", rule->decision.rule,
                       "is new, tried %s, for %s: priority %d, owner %s, promised: %s", place.data,
                       conditions.data, rule->decision.priority, rule->decision.owner_team,
                       promises.data);
    text_free(&place);
    text_free(&conditions);
    text_free(&promises);
}

static void add_moved_rule(json_t *list, const struct standard_content *before,
                           const struct standard_content *after, size_t was, size_t is)
{
    struct text a = {.data = NULL};
    struct text b = {.data = NULL};

    describe_place(&a, name_before(before, was));
    describe_place(&b, name_before(after, is));
    standards_diff_add(list, "rule", after->rules[is].decision.rule, "is tried %s now, not %s",
                       b.data, a.data);
    text_free(&a);
    text_free(&b);
}

static void add_removed_rules(json_t *list, const struct standard_content *before,
                              const struct standard_content *after)
{
    for (size_t i = 0; i < before->rule_count; i++) {
        const char *name = before->rules[i].decision.rule;
        struct text conditions = {.data = NULL};

        if (find_rule(after, name) == NONE) {
            standards_text_conditions(&conditions, &before->rules[i]);
            standards_diff_add(list, "rule", name, "is gone (before: for %s)", conditions.data);
        }
        text_free(&conditions);
    }
}

/* ---- whom other rules decide about now */

/* A contact of which the rule knows just what it asks for. */
static struct standard_request example_of(const struct standard_rule *rule)
{
    return (struct standard_request){
        .kind = rule->conditions[STANDARD_KIND],
        .category = rule->conditions[STANDARD_CATEGORY],
        .channel = rule->conditions[STANDARD_CHANNEL],
        .branch = rule->conditions[STANDARD_BRANCH],
        .tier = rule->conditions[STANDARD_TIER],
        .asked_priority = rule->asked_priority,
        .texts = rule->words.texts,
        .text_count = rule->words.count > 0 ? 1 : 0,
    };
}

static void add_handed_over(json_t *list, const struct standard *before,
                            const struct standard *after, const struct standard_rule *rule)
{
    const struct standard_request example = example_of(rule);
    struct standard_decision was;
    struct standard_decision is;
    struct text conditions = {.data = NULL};

    standard_decide(before, &example, &was);
    standard_decide(after, &example, &is);
    if (strcmp(was.rule, rule->decision.rule) == 0 && strcmp(is.rule, was.rule) != 0) {
        standards_text_conditions(&conditions, rule);
        standards_diff_add(list, "rule", rule->decision.rule,
                           "its contacts (%s) are decided by %s now", conditions.data, is.rule);
    }
    text_free(&conditions);
}

static void diff_rules(json_t *list, const struct standard *before, const struct standard *after)
{
    const struct standard_content *a = standard_content(before);
    const struct standard_content *b = standard_content(after);
    size_t *places = xcalloc(b->rule_count, sizeof(*places));
    bool *is_kept = xcalloc(b->rule_count, sizeof(*is_kept));

    for (size_t i = 0; i < b->rule_count; i++) {
        places[i] = find_rule(a, b->rules[i].decision.rule);
    }
    mark_kept(places, b->rule_count, is_kept);
    add_removed_rules(list, a, b);
    for (size_t i = 0; i < b->rule_count; i++) {
        if (places[i] == NONE) {
            add_new_rule(list, b, i);
            continue;
        }
        if (!is_kept[i]) {
            add_moved_rule(list, a, b, places[i], i);
        }
        compare_rules(list, (struct side){a, &a->rules[places[i]]}, (struct side){b, &b->rules[i]});
    }
    for (size_t i = 0; i < a->rule_count; i++) {
        add_handed_over(list, before, after, &a->rules[i]);
    }
    free(places);
    free(is_kept);
}

/* ---- the rest */

static bool are_same_lists(const struct standard_list *a, const struct standard_list *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(a->texts[i], b->texts[i]) != 0) {
            return false;
        }
    }
    return true;
}

static bool is_same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool is_same_triage(const struct standard_content *a, const struct standard_content *b)
{
    if (a->triage_count != b->triage_count) {
        return false;
    }
    for (size_t i = 0; i < a->triage_count; i++) {
        if (strcmp(a->triage[i].category, b->triage[i].category) != 0 ||
            !are_same_lists(&a->triage[i].words, &b->triage[i].words)) {
            return false;
        }
    }
    return true;
}

static bool is_same_dedup(const struct standard_content *a, const struct standard_content *b)
{
    if (a->dedup_count != b->dedup_count) {
        return false;
    }
    for (size_t i = 0; i < a->dedup_count; i++) {
        const struct standard_dedup_rule *was = &a->dedup[i];
        const struct standard_dedup_rule *is = &b->dedup[i];

        for (size_t k = 0; k < STANDARD_CONDITION_COUNT; k++) {
            if (!is_same_text(was->conditions[k], is->conditions[k])) {
                return false;
            }
        }
        if (strcmp(was->dedup.name, is->dedup.name) != 0 ||
            was->dedup.window_us != is->dedup.window_us || was->dedup.same != is->dedup.same ||
            was->dedup.reopens != is->dedup.reopens) {
            return false;
        }
    }
    return true;
}

static bool is_same_identity(const struct standard_identity *a, const struct standard_identity *b)
{
    return a->is_joined_by_phone == b->is_joined_by_phone &&
           a->is_joined_by_email == b->is_joined_by_email &&
           is_same_text(a->country_code, b->country_code) &&
           is_same_text(a->trunk_prefix, b->trunk_prefix);
}

static void diff_rest(json_t *list, const struct standard_content *a,
                      const struct standard_content *b)
{
    const struct standard_ladder was = {.renegotiators = a->renegotiators.texts,
                                        .renegotiator_count = a->renegotiators.count};
    const struct standard_ladder is = {.renegotiators = b->renegotiators.texts,
                                       .renegotiator_count = b->renegotiators.count};

    compare_ladders(list, "standard", "escalation", &a->ladder, &b->ladder);
    compare_teams(list, "standard", "renegotiate_by", &was, &is);
    if (!is_same_triage(a, b)) {
        standards_diff_add(list, "standard", "triage",
                           "texts get their category by other words (%zu rows instead of %zu)",
                           b->triage_count, a->triage_count);
    }
    if (!are_same_lists(&a->thanks, &b->thanks)) {
        standards_diff_add(list, "standard", "thanks", "other words count as nothing but thanks");
    }
    if (!is_same_dedup(a, b)) {
        standards_diff_add(list, "standard", "dedup",
                           "contacts join open cases by other rules (%zu instead of %zu)",
                           b->dedup_count, a->dedup_count);
    }
    if (!is_same_identity(&a->identity, &b->identity)) {
        standards_diff_add(list, "standard", "identity",
                           "references of customers are joined in another way");
    }
    if (a->hops_max != b->hops_max) {
        standards_diff_add(list, "standard", "hops_max", "%d instead of %d", b->hops_max,
                           a->hops_max);
    }
}

json_t *standards_diff(const struct standard *before, const struct standard *after,
                       int64_t first_day, int64_t last_day)
{
    json_t *list = json_array();

    diff_rules(list, before, after);
    standards_diff_calendars(list, before, after, first_day, last_day);
    diff_rest(list, standard_content(before), standard_content(after));
    return list;
}
