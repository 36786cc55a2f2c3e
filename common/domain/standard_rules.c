/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standard_rules.c - the rules of a standards file, and that each of them can be reached.
 *
 * A rule is hidden when one before it matches whatever it does. Of words that is so when the
 * earlier rule has none, or when each word of the later rule contains one of the earlier rule's:
 * where the one is found, so is the other.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/standard_read.h"

/* ---- settings */

/* What rules are read into, and what they refer to. */
struct rule_in {
    const struct standard_reader *r;
    const struct standard_content *content;
};

static int read_condition(const struct rule_in *in, const config_setting_t *setting,
                          struct standard_rule *ret_rule)
{
    return standard_read_condition(in->r, setting, ret_rule->conditions);
}

static int read_rule_name(const struct rule_in *in, const config_setting_t *setting,
                          struct standard_rule *ret_rule)
{
    return standard_read_name(in->r, setting, &ret_rule->decision.rule);
}

static int read_asked_priority(const struct rule_in *in, const config_setting_t *setting,
                               struct standard_rule *ret_rule)
{
    return standard_read_priority(in->r, setting, &ret_rule->asked_priority);
}

static int read_words(const struct rule_in *in, const config_setting_t *setting,
                      struct standard_rule *ret_rule)
{
    return standard_read_words(in->r, setting, &ret_rule->words);
}

static int read_priority(const struct rule_in *in, const config_setting_t *setting,
                         struct standard_rule *ret_rule)
{
    return standard_read_priority(in->r, setting, &ret_rule->decision.priority);
}

static int read_owner_team(const struct rule_in *in, const config_setting_t *setting,
                           struct standard_rule *ret_rule)
{
    return standard_read_name(in->r, setting, &ret_rule->decision.owner_team);
}

static int read_promises(const struct rule_in *in, const config_setting_t *setting,
                         struct standard_rule *ret_rule)
{
    return standard_read_promises(in->r, setting, in->content->calendars, ret_rule);
}

static int read_escalation(const struct rule_in *in, const config_setting_t *setting,
                           struct standard_rule *ret_rule)
{
    return standard_read_ladder(in->r, setting, &ret_rule->ladder);
}

static int read_renegotiators(const struct rule_in *in, const config_setting_t *setting,
                              struct standard_rule *ret_rule)
{
    return standard_read_names(in->r, setting, &ret_rule->renegotiators);
}

static const struct rule_setting {
    const char *name;
    bool is_required;
    int (*read)(const struct rule_in *in, const config_setting_t *setting,
                struct standard_rule *ret_rule);
} rule_settings[] = {
    {"name",           true,  read_rule_name     },
    {"kind",           false, read_condition     },
    {"category",       false, read_condition     },
    {"channel",        false, read_condition     },
    {"branch",         false, read_condition     },
    {"tier",           false, read_condition     },
    {"asked_priority", false, read_asked_priority},
    {"words",          false, read_words         },
    {"priority",       true,  read_priority      },
    {"owner_team",     true,  read_owner_team    },
    {"promises",       false, read_promises      },
    {"escalation",     false, read_escalation    },
    {"renegotiate_by", false, read_renegotiators },
};

static const struct rule_setting *find_rule_setting(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(rule_settings); i++) {
        if (strcmp(rule_settings[i].name, name) == 0) {
            return &rule_settings[i];
        }
    }
    return NULL;
}

/* What the rule does not say itself is as the standard says. */
static void inherit(const struct standard_content *c, struct standard_rule *rule)
{
    const struct standard_list *teams =
        rule->renegotiators.count > 0 ? &rule->renegotiators : &c->renegotiators;

    if (rule->ladder.step_count == 0) {
        rule->ladder = c->ladder;
    }
    rule->ladder.renegotiators = teams->texts;
    rule->ladder.renegotiator_count = teams->count;
    rule->decision.ladder = &rule->ladder;
}

static int read_rule(const struct rule_in *in, const config_setting_t *group,
                     struct standard_rule *ret_rule)
{
    if (!config_setting_is_group(group)) {
        return standard_read_refuse(in->r, group, "must be a group: { name = \"...\"; ... }");
    }
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
        const struct rule_setting *known = find_rule_setting(config_setting_name(setting));

        if (!known) {
            return standard_read_refuse(in->r, setting, "a rule has no such setting");
        }
        if (known->read(in, setting, ret_rule) < 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(rule_settings); i++) {
        if (rule_settings[i].is_required &&
            !config_setting_get_member(group, rule_settings[i].name)) {
            return standard_read_refuse(in->r, group, "a rule needs '%s'", rule_settings[i].name);
        }
    }
    inherit(in->content, ret_rule);
    return 0;
}

/* ---- words */

static int build_words(const struct standard_reader *r, const config_setting_t *list,
                       struct standard_content *c)
{
    struct standard_words *words = standard_words_new();
    bool has_words = false;

    for (size_t i = 0; i < c->rule_count; i++) {
        for (size_t k = 0; k < c->rules[i].words.count; k++) {
            if (standard_words_add(words, c->rules[i].words.texts[k], i) < 0) {
                standard_words_free(words);
                return standard_read_refuse(
                    r, config_setting_get_elem(list, (unsigned)i),
                    "the words of all rules have more than %d bytes together",
                    (int)STANDARD_WORDS_BYTES_MAX);
            }
            has_words = true;
        }
    }
    if (has_words) {
        standard_words_build(words);
        c->rule_words = words;
    } else {
        standard_words_free(words);
    }
    return 0;
}

/* The rules with words that are found wherever any of the rule's own is. */
static struct standard_word_set found_with(const struct standard_content *c, size_t rule)
{
    const struct standard_list *words = &c->rules[rule].words;
    struct standard_word_set all = {{0}};

    for (size_t i = 0; i < words->count; i++) {
        struct standard_word_set one = {{0}};

        standard_words_find(c->rule_words, words->texts[i], &one);
        for (size_t k = 0; k < ARRAY_LEN(all.bits); k++) {
            all.bits[k] = i == 0 ? one.bits[k] : all.bits[k] & one.bits[k];
        }
    }
    return all;
}

/* ---- order */

/* Whatever the later rule matches, the earlier one has matched before, as far as texts do not
 * matter. */
static bool hides(const struct standard_rule *earlier, const struct standard_rule *later)
{
    for (size_t i = 0; i < STANDARD_CONDITION_COUNT; i++) {
        const char *wanted = earlier->conditions[i];

        if (wanted && (!later->conditions[i] || strcmp(wanted, later->conditions[i]) != 0)) {
            return false;
        }
    }
    return earlier->asked_priority == 0 || earlier->asked_priority == later->asked_priority;
}

/* rules[last] is new; those before it are in order. */
static int check_order(const struct standard_reader *r, const config_setting_t *group,
                       const struct standard_content *c, size_t last)
{
    const struct standard_rule *rules = c->rules;
    const struct standard_word_set found = found_with(c, last);

    for (size_t i = 0; i < last; i++) {
        if (strcmp(rules[i].decision.rule, rules[last].decision.rule) == 0) {
            return standard_read_refuse(r, group, "another rule is already named \"%s\"",
                                        rules[last].decision.rule);
        }
        if (hides(&rules[i], &rules[last]) &&
            (rules[i].words.count == 0 || standard_word_set_has(&found, i))) {
            return standard_read_refuse(
                r, group, "rule \"%s\" is never reached: \"%s\" before it matches all that it does",
                rules[last].decision.rule, rules[i].decision.rule);
        }
    }
    return 0;
}

int standard_read_rules(const struct standard_reader *r, const config_setting_t *list,
                        struct standard_content *ret)
{
    static const struct standard_rule everything = {.conditions = {NULL}};
    const struct rule_in in = {.r = r, .content = ret};
    const size_t count = (size_t)config_setting_length(list);

    if (!config_setting_is_list(list) || count == 0 || count > STANDARD_RULES_MAX) {
        return standard_read_refuse(r, list,
                                    "must be a list of 1 to %d rules: ( { ... }, { ... } )",
                                    (int)STANDARD_RULES_MAX);
    }
    ret->rules = xcalloc(count, sizeof(*ret->rules));
    ret->rule_count = count;
    for (size_t i = 0; i < count; i++) {
        if (read_rule(&in, config_setting_get_elem(list, (unsigned)i), &ret->rules[i]) < 0) {
            return -1;
        }
    }
    if (build_words(r, list, ret) < 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (check_order(r, config_setting_get_elem(list, (unsigned)i), ret, i) < 0) {
            return -1;
        }
    }
    if (!hides(&ret->rules[count - 1], &everything) || ret->rules[count - 1].words.count > 0) {
        return standard_read_refuse(
            r, list, "the last rule must match everything: leave out its conditions");
    }
    return 0;
}
