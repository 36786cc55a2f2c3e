/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standard_sections.c - what a standards file says beside its rules: whom references join
 * (identity), which contacts belong to an open case (dedup), and how long a message may have been
 * on its way (hops_max).
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"
#include "common/domain/standard_read.h"

enum {
    WINDOW_DAYS_MAX = 366,
    DEDUP_RULES_MAX = 32,
    DIGITS_MAX = 4,
    HOPS_LIMIT = 100, /* mail servers end a loop there themselves */
};

/* ---- identity */

static int read_join_by(const struct standard_reader *r, const config_setting_t *list,
                        struct standard_identity *ret)
{
    if (!config_setting_is_list(list) && !config_setting_is_array(list)) {
        return standard_read_refuse(r, list, "must be a list: (\"phone\", \"email\")");
    }
    for (int i = 0; i < config_setting_length(list); i++) {
        const config_setting_t *one = config_setting_get_elem(list, (unsigned)i);
        const char *text = config_setting_get_string(one);

        if (text && strcmp(text, "phone") == 0) {
            ret->is_joined_by_phone = true;
        } else if (text && strcmp(text, "email") == 0) {
            ret->is_joined_by_email = true;
        } else {
            return standard_read_refuse(r, one, "must be \"phone\" or \"email\"");
        }
    }
    return 0;
}

static int read_digits(const struct standard_reader *r, const config_setting_t *setting,
                       const char **ret)
{
    const char *text = config_setting_get_string(setting);

    if (!text || strlen(text) > DIGITS_MAX || text[strspn(text, "0123456789")] != '\0') {
        return standard_read_refuse(r, setting, "must be at most %d digits in quotes",
                                    (int)DIGITS_MAX);
    }
    *ret = text;
    return 0;
}

static int read_identity_setting(const struct standard_reader *r, const config_setting_t *setting,
                                 struct standard_identity *ret)
{
    const char *name = config_setting_name(setting);

    if (strcmp(name, "join_by") == 0) {
        return read_join_by(r, setting, ret);
    }
    if (strcmp(name, "trunk_prefix") == 0) {
        return read_digits(r, setting, &ret->trunk_prefix);
    }
    if (strcmp(name, "country_code") != 0) {
        return standard_read_refuse(
            r, setting, "identity has no such setting, only join_by, country_code, trunk_prefix");
    }
    if (read_digits(r, setting, &ret->country_code) < 0) {
        return -1;
    }
    if (ret->country_code[0] == '\0' || ret->country_code[0] == '0') {
        return standard_read_refuse(r, setting, "must be a country code such as \"86\"");
    }
    return 0;
}

int standard_read_identity(const struct standard_reader *r, const config_setting_t *group,
                           struct standard_content *ret)
{
    ret->identity.trunk_prefix = "0";
    if (!config_setting_is_group(group)) {
        return standard_read_refuse(r, group, "must be a group: { join_by = (\"phone\"); }");
    }
    for (int i = 0; i < config_setting_length(group); i++) {
        if (read_identity_setting(r, config_setting_get_elem(group, (unsigned)i), &ret->identity) <
            0) {
            return -1;
        }
    }
    return 0;
}

/* ---- dedup */

static int read_same(const struct standard_reader *r, const config_setting_t *list,
                     struct standard_dedup *ret)
{
    static const struct {
        const char *name;
        unsigned bit;
    } fields[] = {
        {"category", STANDARD_SAME_CATEGORY},
        {"channel",  STANDARD_SAME_CHANNEL },
        {"branch",   STANDARD_SAME_BRANCH  },
        {"product",  STANDARD_SAME_PRODUCT },
    };
    if (!config_setting_is_list(list) && !config_setting_is_array(list)) {
        return standard_read_refuse(r, list, "must be a list: (\"category\")");
    }
    for (int i = 0; i < config_setting_length(list); i++) {
        const config_setting_t *one = config_setting_get_elem(list, (unsigned)i);
        const char *text = config_setting_get_string(one);
        unsigned bit = 0;

        for (size_t f = 0; text && f < ARRAY_LEN(fields); f++) {
            bit |= strcmp(text, fields[f].name) == 0 ? fields[f].bit : 0;
        }
        if (bit == 0) {
            return standard_read_refuse(r, one, "must be category, channel, branch or product");
        }
        ret->same |= bit;
    }
    return 0;
}

static int read_reopens(const struct standard_reader *r, const config_setting_t *setting,
                        struct standard_dedup *ret)
{
    if (config_setting_type(setting) != CONFIG_TYPE_BOOL) {
        return standard_read_refuse(r, setting, "must be true or false");
    }
    ret->reopens = config_setting_get_bool(setting) != 0;
    return 0;
}

static int read_dedup_setting(const struct standard_reader *r, const config_setting_t *setting,
                              struct standard_dedup_rule *ret)
{
    const char *name = config_setting_name(setting);

    if (strcmp(name, "name") == 0) {
        return standard_read_name(r, setting, &ret->dedup.name);
    }
    if (strcmp(name, "window") == 0) {
        return standard_read_duration(r, setting, WINDOW_DAYS_MAX, &ret->dedup.window_us);
    }
    if (strcmp(name, "same") == 0) {
        return read_same(r, setting, &ret->dedup);
    }
    if (strcmp(name, "reopens") == 0) {
        return read_reopens(r, setting, &ret->dedup);
    }
    if (!standard_read_is_condition(name, STANDARD_DEDUP_CONDITION_COUNT)) {
        return standard_read_refuse(r, setting, "a rule of dedup has no such setting");
    }
    return standard_read_condition(r, setting, ret->conditions);
}

/* What a receipt says instead of a rule's name. */
static bool is_reserved(const char *name)
{
    return strcmp(name, "case_number") == 0 || strcmp(name, "case_ref") == 0;
}

static int read_dedup_rule(const struct standard_reader *r, const config_setting_t *group,
                           const struct standard_dedup_rule *before, size_t before_count,
                           struct standard_dedup_rule *ret)
{
    if (!config_setting_is_group(group)) {
        return standard_read_refuse(r, group, "must be a group: { name = \"...\"; ... }");
    }
    for (int i = 0; i < config_setting_length(group); i++) {
        if (read_dedup_setting(r, config_setting_get_elem(group, (unsigned)i), ret) < 0) {
            return -1;
        }
    }
    if (!ret->dedup.name || ret->dedup.window_us == 0) {
        return standard_read_refuse(r, group, "a rule of dedup needs name and window");
    }
    if (is_reserved(ret->dedup.name)) {
        return standard_read_refuse(r, group, "no rule may be named \"%s\"", ret->dedup.name);
    }
    for (size_t i = 0; i < before_count; i++) {
        if (strcmp(before[i].dedup.name, ret->dedup.name) == 0) {
            return standard_read_refuse(r, group, "another rule is already named \"%s\"",
                                        ret->dedup.name);
        }
    }
    return 0;
}

int standard_read_dedup(const struct standard_reader *r, const config_setting_t *list,
                        struct standard_content *ret)
{
    size_t count = (size_t)config_setting_length(list);

    if (!config_setting_is_list(list) || count > DEDUP_RULES_MAX) {
        return standard_read_refuse(r, list, "must be a list of at most %d rules: ( { ... } )",
                                    (int)DEDUP_RULES_MAX);
    }
    ret->dedup = xcalloc(count + 1, sizeof(*ret->dedup));
    ret->dedup_count = count;
    for (size_t i = 0; i < count; i++) {
        if (read_dedup_rule(r, config_setting_get_elem(list, (unsigned)i), ret->dedup, i,
                            &ret->dedup[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- hops_max */

int standard_read_hops_max(const struct standard_reader *r, const config_setting_t *setting,
                           struct standard_content *ret)
{
    int hops = config_setting_get_int(setting);

    if (config_setting_type(setting) != CONFIG_TYPE_INT || hops < 1 || hops > HOPS_LIMIT) {
        return standard_read_refuse(r, setting, "must be 1 to %d", (int)HOPS_LIMIT);
    }
    ret->hops_max = hops;
    return 0;
}
