/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standard_read.c - from libconfig's tree to rules, refusing what is doubtful.
 *
 * The table of settings leads: what it does not name is an error, so that a misspelt condition
 * never makes a rule match more than was meant. For the same reason the order is checked.
 */
#include "common/domain/standard_read.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"

enum {
    NAME_BYTES_MAX = 64,
    CONDITION_BYTES_MAX = 128, /* the longest that a contact may carry: its category */
    TARGET_DAYS_MAX = 3650,
};

static const char code[] = "standard_invalid";

static const char *const condition_names[STANDARD_CONDITION_COUNT] = {
    [STANDARD_KIND] = "kind",
    [STANDARD_CATEGORY] = "category",
    [STANDARD_CHANNEL] = "channel",
    [STANDARD_BRANCH] = "branch",
};

static const char *const contact_kinds[] = {"complaint", "request", "enquiry", "praise"};
static const char *const promise_kinds[] = {"first_response", "resolution"};

static const char *find_word(const char *const *words, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i], word) == 0) {
            return words[i];
        }
    }
    return NULL;
}

/* ---- errors */

/* "rules[2].promises[0].target", from the root down. */
static void append_path(struct text *path, const config_setting_t *setting)
{
    const config_setting_t *parent = config_setting_parent(setting);

    if (!parent) {
        return;
    }
    append_path(path, parent);
    if (config_setting_name(setting)) {
        text_append(path, path->len > 0 ? "." : "");
        text_append(path, config_setting_name(setting));
    } else {
        text_appendf(path, "[%d]", config_setting_index(setting));
    }
}

int standard_read_refuse(const struct standard_reader *r, const config_setting_t *setting,
                         const char *fmt, ...)
{
    struct text path = {.data = NULL};
    char reason[sizeof(r->err->text)];
    va_list args;

    va_start(args, fmt);
    text_vformat(reason, sizeof(reason), fmt, args);
    va_end(args);
    append_path(&path, setting);
    err_set_field(r->err, code, text_or_empty(&path), "%s:%u: %s", r->path,
                  config_setting_source_line(setting), reason);
    text_free(&path);
    return -1;
}

/* ---- single settings */

const char *standard_read_text(const struct standard_reader *r, const config_setting_t *setting,
                               size_t max)
{
    const char *text = config_setting_get_string(setting);

    if (!text) {
        standard_read_refuse(r, setting, "must be a text in quotes");
        return NULL;
    }
    if (text[0] == '\0' || strlen(text) > max) {
        standard_read_refuse(r, setting, "must have 1 to %zu bytes", max);
        return NULL;
    }
    return text;
}

int standard_read_name(const struct standard_reader *r, const config_setting_t *setting,
                       const char **ret)
{
    const char *name = standard_read_text(r, setting, NAME_BYTES_MAX);

    if (!name) {
        return -1;
    }
    if (name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] != '\0') {
        return standard_read_refuse(r, setting, "may only have lower-case letters, digits and '_'");
    }
    *ret = name;
    return 0;
}

bool standard_read_is_condition(const char *name)
{
    return find_word(condition_names, ARRAY_LEN(condition_names), name) != NULL;
}

int standard_read_condition(const struct standard_reader *r, const config_setting_t *setting,
                            const char *conditions[STANDARD_CONDITION_COUNT])
{
    const char *text = standard_read_text(r, setting, CONDITION_BYTES_MAX);
    size_t condition = 0;

    if (!text) {
        return -1;
    }
    while (strcmp(condition_names[condition], config_setting_name(setting)) != 0) {
        condition++; /* it is there: the table of settings led here */
    }
    if (strcmp(text, "*") == 0) {
        return 0;
    }
    if (condition == STANDARD_KIND && !find_word(contact_kinds, ARRAY_LEN(contact_kinds), text)) {
        return standard_read_refuse(r, setting, "must be complaint, request, enquiry, praise or *");
    }
    conditions[condition] = text;
    return 0;
}

static int read_condition(const struct standard_reader *r, const config_setting_t *setting,
                          struct standard_rule *ret_rule)
{
    return standard_read_condition(r, setting, ret_rule->conditions);
}

static int read_rule_name(const struct standard_reader *r, const config_setting_t *setting,
                          struct standard_rule *ret_rule)
{
    return standard_read_name(r, setting, &ret_rule->decision.rule);
}

static int read_priority(const struct standard_reader *r, const config_setting_t *setting,
                         struct standard_rule *ret_rule)
{
    int priority;

    if (config_setting_type(setting) != CONFIG_TYPE_INT) {
        return standard_read_refuse(r, setting, "must be a whole number");
    }
    priority = config_setting_get_int(setting);
    if (priority < STANDARD_PRIORITY_URGENT || priority > STANDARD_PRIORITY_LOW) {
        return standard_read_refuse(r, setting, "must be %d (urgent) to %d (low)",
                                    STANDARD_PRIORITY_URGENT, STANDARD_PRIORITY_LOW);
    }
    ret_rule->decision.priority = priority;
    return 0;
}

static int read_owner_team(const struct standard_reader *r, const config_setting_t *setting,
                           struct standard_rule *ret_rule)
{
    return standard_read_name(r, setting, &ret_rule->decision.owner_team);
}

/* ---- promises */

static int read_promise_kind(const struct standard_reader *r, const config_setting_t *setting,
                             struct standard_promise *ret_promise)
{
    const char *text = standard_read_text(r, setting, NAME_BYTES_MAX);
    const char *kind = text ? find_word(promise_kinds, ARRAY_LEN(promise_kinds), text) : NULL;

    if (text && !kind) {
        return standard_read_refuse(r, setting, "must be first_response or resolution");
    }
    ret_promise->kind = kind;
    return text ? 0 : -1;
}

static int read_target(const struct standard_reader *r, const config_setting_t *setting,
                       struct standard_promise *ret_promise)
{
    const char *text = standard_read_text(r, setting, NAME_BYTES_MAX);
    int64_t us = 0;

    if (!text) {
        return -1;
    }
    if (duration_parse(text, &us) < 0) {
        return standard_read_refuse(r, setting, "must be a duration such as \"4h\" or \"3d\"");
    }
    if (us <= 0 || us > TARGET_DAYS_MAX * DURATION_DAY) {
        return standard_read_refuse(r, setting, "must be more than 0 and at most %dd",
                                    (int)TARGET_DAYS_MAX);
    }
    ret_promise->target_us = us;
    return 0;
}

static int read_promise_setting(const struct standard_reader *r, const config_setting_t *setting,
                                struct standard_promise *ret_promise)
{
    if (strcmp(config_setting_name(setting), "kind") == 0) {
        return read_promise_kind(r, setting, ret_promise);
    }
    if (strcmp(config_setting_name(setting), "target") == 0) {
        return read_target(r, setting, ret_promise);
    }
    return standard_read_refuse(r, setting, "a promise has no such setting, only kind and target");
}

static int read_promise(const struct standard_reader *r, const config_setting_t *group,
                        struct standard_decision *decision)
{
    struct standard_promise promise = {.kind = NULL};

    if (!config_setting_is_group(group)) {
        return standard_read_refuse(r, group,
                                    "must be a group: { kind = \"...\"; target = \"...\"; }");
    }
    for (int i = 0; i < config_setting_length(group); i++) {
        if (read_promise_setting(r, config_setting_get_elem(group, (unsigned)i), &promise) < 0) {
            return -1;
        }
    }
    if (!promise.kind || promise.target_us == 0) {
        return standard_read_refuse(r, group, "a promise needs kind and target");
    }
    for (size_t i = 0; i < decision->promise_count; i++) {
        if (decision->promises[i].kind == promise.kind) {
            return standard_read_refuse(r, group, "this rule promises %s twice", promise.kind);
        }
    }
    decision->promises[decision->promise_count++] = promise;
    return 0;
}

static int read_promises(const struct standard_reader *r, const config_setting_t *list,
                         struct standard_rule *ret_rule)
{
    if (!config_setting_is_list(list)) {
        return standard_read_refuse(r, list, "must be a list: ( { ... }, { ... } )");
    }
    if (config_setting_length(list) > STANDARD_PROMISES_MAX) {
        return standard_read_refuse(r, list, "must have at most %d promises",
                                    STANDARD_PROMISES_MAX);
    }
    for (int i = 0; i < config_setting_length(list); i++) {
        if (read_promise(r, config_setting_get_elem(list, (unsigned)i), &ret_rule->decision) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- rules */

static const struct rule_setting {
    const char *name;
    bool is_required;
    int (*read)(const struct standard_reader *r, const config_setting_t *setting,
                struct standard_rule *ret_rule);
} rule_settings[] = {
    {"name",       true,  read_rule_name },
    {"kind",       false, read_condition },
    {"category",   false, read_condition },
    {"channel",    false, read_condition },
    {"branch",     false, read_condition },
    {"priority",   true,  read_priority  },
    {"owner_team", true,  read_owner_team},
    {"promises",   false, read_promises  },
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

static int read_rule(const struct standard_reader *r, const config_setting_t *group,
                     struct standard_rule *ret_rule)
{
    if (!config_setting_is_group(group)) {
        return standard_read_refuse(r, group, "must be a group: { name = \"...\"; ... }");
    }
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
        const struct rule_setting *known = find_rule_setting(config_setting_name(setting));

        if (!known) {
            return standard_read_refuse(r, setting, "a rule has no such setting");
        }
        if (known->read(r, setting, ret_rule) < 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(rule_settings); i++) {
        if (rule_settings[i].is_required &&
            !config_setting_get_member(group, rule_settings[i].name)) {
            return standard_read_refuse(r, group, "a rule needs '%s'", rule_settings[i].name);
        }
    }
    return 0;
}

/* Whatever the later rule matches, the earlier one has matched before. */
static bool hides(const struct standard_rule *earlier, const struct standard_rule *later)
{
    for (size_t i = 0; i < STANDARD_CONDITION_COUNT; i++) {
        const char *wanted = earlier->conditions[i];

        if (wanted && (!later->conditions[i] || strcmp(wanted, later->conditions[i]) != 0)) {
            return false;
        }
    }
    return true;
}

/* rules[last] is new; those before it are in order. */
static int check_order(const struct standard_reader *r, const config_setting_t *group,
                       const struct standard_rule *rules, size_t last)
{
    for (size_t i = 0; i < last; i++) {
        if (strcmp(rules[i].decision.rule, rules[last].decision.rule) == 0) {
            return standard_read_refuse(r, group, "another rule is already named \"%s\"",
                                        rules[last].decision.rule);
        }
        if (hides(&rules[i], &rules[last])) {
            return standard_read_refuse(
                r, group, "rule \"%s\" is never reached: \"%s\" before it matches all that it does",
                rules[last].decision.rule, rules[i].decision.rule);
        }
    }
    return 0;
}

static int read_rules(const struct standard_reader *r, const config_setting_t *list,
                      struct standard_content *ret)
{
    static const struct standard_rule everything = {.conditions = {NULL}};
    size_t count = (size_t)config_setting_length(list);

    if (!config_setting_is_list(list) || count == 0) {
        return standard_read_refuse(r, list,
                                    "must be a list of at least one rule: ( { ... }, { ... } )");
    }
    ret->rules = xcalloc(count, sizeof(*ret->rules));
    ret->rule_count = count;
    for (size_t i = 0; i < count; i++) {
        const config_setting_t *group = config_setting_get_elem(list, (unsigned)i);

        if (read_rule(r, group, &ret->rules[i]) < 0 || check_order(r, group, ret->rules, i) < 0) {
            return -1;
        }
    }
    if (!hides(&ret->rules[count - 1], &everything)) {
        return standard_read_refuse(
            r, list, "the last rule must match everything: leave out its conditions");
    }
    return 0;
}

/* ---- the file */

static const struct {
    const char *name;
    int (*read)(const struct standard_reader *r, const config_setting_t *setting,
                struct standard_content *ret);
} sections[] = {
    {"rules",    read_rules            },
    {"identity", standard_read_identity},
    {"dedup",    standard_read_dedup   },
    {"hops_max", standard_read_hops_max},
};

static int read_section(const struct standard_reader *r, const config_setting_t *setting,
                        struct standard_content *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
        if (strcmp(config_setting_name(setting), sections[i].name) == 0) {
            return sections[i].read(r, setting, ret);
        }
    }
    return standard_read_refuse(
        r, setting, "a standard has no such setting, only rules, identity, dedup and hops_max");
}

int standard_read(const config_t *tree, const char *path, struct standard_content *ret,
                  struct err *err)
{
    const struct standard_reader r = {.path = path, .err = err};
    const config_setting_t *root = config_root_setting(tree);

    *ret = (struct standard_content){.hops_max = STANDARD_HOPS_USUAL};
    for (int i = 0; i < config_setting_length(root); i++) {
        if (read_section(&r, config_setting_get_elem(root, (unsigned)i), ret) < 0) {
            return -1;
        }
    }
    if (ret->rule_count == 0) {
        return err_set_field(err, code, "rules", "%s:1: has no rules", path);
    }
    return 0;
}

void standard_content_free(struct standard_content *c)
{
    free(c->rules);
    free(c->dedup);
    *c = (struct standard_content){.rules = NULL};
}
