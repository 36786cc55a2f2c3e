/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rulebook_rules.c - the rules of a rulebook, and that each of them can be reached.
 *
 * The trigger is read first: it says what else a rule may have. Rules of one topic compete, so one
 * is hidden when one before it matches whatever it does; measures that say when (months, date,
 * every_km ...) tell no facts apart, and rules which differ in them alone need topics of their own.
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

enum {
    DAYS_MAX = 366,
    ATTEMPTS_MAX = 100,
    ATTEMPTS_USUAL = 3,
    CHANNEL_CALL = 1,
};

/* ---- settings */

static int read_rule_name(const struct standard_reader *r, const config_setting_t *setting,
                          struct rulebook_rule *ret)
{
    return rulebook_read_name(r, setting, &ret->name);
}

static int read_trigger(const struct standard_reader *r, const config_setting_t *setting,
                        struct rulebook_rule *ret)
{
    int32_t trigger = 0;

    if (rulebook_read_word(r, setting, RULEBOOK_TRIGGERS, &trigger) < 0) {
        return -1;
    }
    ret->trigger = trigger;
    return 0;
}

static int read_topic(const struct standard_reader *r, const config_setting_t *setting,
                      struct rulebook_rule *ret)
{
    return rulebook_read_name(r, setting, &ret->topic);
}

static int read_purpose(const struct standard_reader *r, const config_setting_t *setting,
                        struct rulebook_rule *ret)
{
    return rulebook_read_word(r, setting, RULEBOOK_PURPOSES, &ret->purpose);
}

static int read_priority(const struct standard_reader *r, const config_setting_t *setting,
                         struct rulebook_rule *ret)
{
    return standard_read_priority(r, setting, &ret->priority);
}

static int read_after(const struct standard_reader *r, const config_setting_t *setting,
                      struct rulebook_rule *ret)
{
    return rulebook_read_span(r, setting, DAYS_MAX, &ret->after_us);
}

static int read_window(const struct standard_reader *r, const config_setting_t *setting,
                       struct rulebook_rule *ret)
{
    return standard_read_duration(r, setting, DAYS_MAX, &ret->window_us);
}

static int read_at(const struct standard_reader *r, const config_setting_t *setting,
                   struct rulebook_rule *ret)
{
    return rulebook_read_minute(r, setting, &ret->at_minute);
}

static int read_channels(const struct standard_reader *r, const config_setting_t *setting,
                         struct rulebook_rule *ret)
{
    size_t count = 0;

    if (calendar_count_texts(r, setting, RULEBOOK_CHANNELS_MAX, &count) < 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        const config_setting_t *text = calendar_text_at(setting, i);

        if (rulebook_read_word(r, text, RULEBOOK_CHANNELS, &ret->channels[i]) < 0) {
            return -1;
        }
        for (size_t k = 0; k < i; k++) {
            if (ret->channels[k] == ret->channels[i]) {
                return standard_read_refuse(r, text, "is there twice");
            }
        }
    }
    ret->channel_count = count;
    return 0;
}

static int read_script(const struct standard_reader *r, const config_setting_t *setting,
                       struct rulebook_rule *ret)
{
    return rulebook_read_name(r, setting, &ret->script);
}

static int read_attempts(const struct standard_reader *r, const config_setting_t *setting,
                         struct rulebook_rule *ret)
{
    return rulebook_read_count(r, setting, 1, ATTEMPTS_MAX, &ret->attempts);
}

static const struct rule_setting {
    const char *name;
    bool is_required;
    int (*read)(const struct standard_reader *r, const config_setting_t *setting,
                struct rulebook_rule *ret);
} rule_settings[] = {
    {"trigger",  true,  read_trigger  }, /* the first: others depend on it */
    {"name",     true,  read_rule_name},
    {"window",   true,  read_window   },
    {"topic",    false, read_topic    },
    {"purpose",  false, read_purpose  },
    {"priority", false, read_priority },
    {"after",    false, read_after    },
    {"at",       false, read_at       },
    {"channels", false, read_channels },
    {"script",   false, read_script   },
    {"attempts", false, read_attempts },
};

static bool is_rule_setting(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(rule_settings); i++) {
        if (strcmp(rule_settings[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- one rule */

static int read_settings(const struct standard_reader *r, const config_setting_t *group,
                         struct rulebook_rule *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(rule_settings); i++) {
        const struct rule_setting *known = &rule_settings[i];
        const config_setting_t *setting = config_setting_get_member(group, known->name);

        if (!setting && known->is_required) {
            return standard_read_refuse(r, group, "a rule needs '%s'", known->name);
        }
        if (setting && known->read(r, setting, ret) < 0) {
            return -1;
        }
    }
    return 0;
}

static int read_terms(const struct standard_reader *r, const config_setting_t *group,
                      struct rulebook_content *content, struct rulebook_rule *ret)
{
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
        const char *name = config_setting_name(setting);

        if (is_rule_setting(name)) {
            continue;
        }
        if (rulebook_find_term(name) == RULEBOOK_TERM_COUNT) {
            return standard_read_refuse(r, setting, "a rule has no such setting");
        }
        if (rulebook_read_term(r, setting, content, ret) < 0) {
            return -1;
        }
    }
    return rulebook_check_terms(r, group, ret);
}

static void set_usual(struct rulebook_rule *rule)
{
    const struct rulebook_trigger *t = rulebook_trigger(rule->trigger);
    const char *name = follow_up_trigger_name(rule->trigger);

    rule->topic = rule->topic ? rule->topic : name;
    rule->script = rule->script ? rule->script : name;
    rule->purpose = rule->purpose ? rule->purpose : t->purpose;
    rule->priority = rule->priority ? rule->priority : t->priority;
    if (rule->channel_count == 0) {
        rule->channels[rule->channel_count++] = CHANNEL_CALL;
    }
}

static int read_rule(const struct standard_reader *r, const config_setting_t *group,
                     struct rulebook_content *content, struct rulebook_rule *ret)
{
    *ret = (struct rulebook_rule){
        .name = "", /* until it is read: it is required */
        .at_minute = -1,
        .attempts = ATTEMPTS_USUAL,
        .measure = {.score_below = NAN, .churn_at_least = NAN},
    };
    if (!config_setting_is_group(group)) {
        return standard_read_refuse(r, group, "must be a group: { name = \"...\"; ... }");
    }
    if (read_settings(r, group, ret) < 0 || read_terms(r, group, content, ret) < 0) {
        return -1;
    }
    set_usual(ret);
    return 0;
}

/* ---- order */

/* rules[last] is new; those before it are in order. */
static int check_order(const struct standard_reader *r, const config_setting_t *group,
                       const struct rulebook_rule *rules, size_t last)
{
    const struct rulebook_rule *rule = &rules[last];
    const int named = follow_up_trigger_find(rule->topic);

    if (named != 0 && named != rule->trigger) {
        return standard_read_refuse(r, group, "topic \"%s\" is that of another trigger",
                                    rule->topic);
    }
    for (size_t i = 0; i < last; i++) {
        if (strcmp(rules[i].name, rule->name) == 0) {
            return standard_read_refuse(r, group, "another rule is already named \"%s\"",
                                        rule->name);
        }
        if (strcmp(rules[i].topic, rule->topic) != 0) {
            continue;
        }
        if (rules[i].trigger != rule->trigger) {
            return standard_read_refuse(r, group,
                                        "topic \"%s\" is that of rule \"%s\" with another trigger",
                                        rule->topic, rules[i].name);
        }
        if (rulebook_hides(&rules[i], rule)) {
            return standard_read_refuse(
                r, group,
                "rule \"%s\" is never reached: \"%s\" before it matches all that it does; change "
                "their order, or give it a topic of its own",
                rule->name, rules[i].name);
        }
    }
    return 0;
}

int rulebook_read_rules(const struct standard_reader *r, const config_setting_t *list,
                        struct rulebook_content *ret)
{
    const int count = config_setting_length(list);

    if (!config_setting_is_list(list) || count == 0 || count > RULEBOOK_RULES_MAX) {
        return standard_read_refuse(r, list,
                                    "must be a list of 1 to %d rules: ( { ... }, { ... } )",
                                    (int)RULEBOOK_RULES_MAX);
    }
    ret->rules = xcalloc((size_t)count, sizeof(*ret->rules));
    ret->rule_count = (size_t)count;
    for (size_t i = 0; i < ret->rule_count; i++) {
        const config_setting_t *group = config_setting_get_elem(list, (unsigned)i);

        if (read_rule(r, group, ret, &ret->rules[i]) < 0 ||
            check_order(r, group, ret->rules, i) < 0) {
            return -1;
        }
    }
    return 0;
}
