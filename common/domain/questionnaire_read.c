/* SPDX-License-Identifier: Apache-2.0 */
/*
 * questionnaire_read.c - from libconfig's tree to what a questionnaire says, refusing what is
 * doubtful: a question that is missing in one language would be asked in silence.
 */
#include "common/domain/questionnaire_read.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"

/* ---- parts */

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

int questionnaire_read_members(const struct questionnaire_reader *r, const config_setting_t *group,
                               const char *const *names, size_t count, bool may_have_texts)
{
    const struct questionnaire_content *c = r->content;
    if (!config_setting_is_group(group)) {
        return standard_read_refuse(&r->standard, group, "must be a group: { ... }");
    }
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *member = config_setting_get_elem(group, (unsigned)i);
        const char *name = config_setting_name(member);
        if (!is_one_of(name, names, count) &&
            !(may_have_texts && is_one_of(name, c->languages, c->language_count))) {
            return standard_read_refuse(&r->standard, member, "there is no such setting here");
        }
    }
    return 0;
}

const config_setting_t *questionnaire_read_need(const struct questionnaire_reader *r,
                                                const config_setting_t *group, const char *name)
{
    const config_setting_t *member = config_setting_get_member(group, name);
    if (!member) {
        (void)standard_read_refuse(&r->standard, group, "%s is missing", name);
    }
    return member;
}

int questionnaire_read_list(const struct questionnaire_reader *r, const config_setting_t *list,
                            size_t max, size_t *ret_count)
{
    int count = config_setting_length(list);
    if (!(config_setting_is_list(list) || config_setting_is_array(list)) || count < 1 ||
        (size_t)count > max) {
        return standard_read_refuse(&r->standard, list, "must be a list of 1 to %zu: ( ... )", max);
    }
    *ret_count = (size_t)count;
    return 0;
}

int questionnaire_read_bool(const struct questionnaire_reader *r, const config_setting_t *group,
                            const char *name, bool *ret)
{
    const config_setting_t *member = config_setting_get_member(group, name);
    if (member && config_setting_type(member) != CONFIG_TYPE_BOOL) {
        return standard_read_refuse(&r->standard, member, "must be true or false");
    }
    *ret = member && config_setting_get_bool(member);
    return 0;
}

int questionnaire_read_whole(const struct questionnaire_reader *r, const config_setting_t *setting,
                             int min, int max, int *ret)
{
    int value = config_setting_get_int(setting);
    if (config_setting_type(setting) != CONFIG_TYPE_INT || value < min || value > max) {
        return standard_read_refuse(&r->standard, setting, "must be a whole number, %d to %d", min,
                                    max);
    }
    *ret = value;
    return 0;
}

/* ---- texts */

static int check_placeholder(const struct questionnaire_reader *r, const config_setting_t *setting,
                             const char *name, size_t len)
{
    for (unsigned about = 0; about < QUESTIONNAIRE_PLACEHOLDER_COUNT; about++) {
        const char *known = questionnaire_about_name((enum questionnaire_about)about);
        if (strlen(known) != len || strncmp(name, known, len) != 0) {
            continue;
        }
        if (!questionnaire_content_name(r->content, (enum questionnaire_about)about, NULL, 0)) {
            return standard_read_refuse(&r->standard, setting,
                                        "{%s} needs a row of names about \"%s\" for \"*\"", known,
                                        known);
        }
        return 0;
    }
    return standard_read_refuse(&r->standard, setting,
                                "{%.*s} is none of {branch}, {promise} and {category}", (int)len,
                                name);
}

static int check_placeholders(const struct questionnaire_reader *r, const config_setting_t *setting,
                              const char *text)
{
    for (const char *at = text + strcspn(text, "{}"); *at; at += strcspn(at, "{}")) {
        size_t len = strcspn(at + 1, "{}");
        if (*at == '}' || at[1 + len] != '}') {
            return standard_read_refuse(&r->standard, setting,
                                        "braces stand around placeholders, as in {branch}");
        }
        if (check_placeholder(r, setting, at + 1, len) < 0) {
            return -1;
        }
        at += len + 2;
    }
    return 0;
}

int questionnaire_read_text(const struct questionnaire_reader *r, const config_setting_t *group,
                            struct questionnaire_text *ret)
{
    const struct questionnaire_content *c = r->content;
    for (size_t i = 0; i < c->language_count; i++) {
        const config_setting_t *member = questionnaire_read_need(r, group, c->languages[i]);
        if (!member) {
            return -1;
        }
        ret->in[i] = standard_read_text(&r->standard, member, QUESTIONNAIRE_TEXT_MAX);
        if (!ret->in[i] || check_placeholders(r, member, ret->in[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- languages and names */

static bool is_language(const char *name)
{
    return name[0] >= 'a' && name[0] <= 'z' && strlen(name) <= 35 &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")] ==
               '\0';
}

static int read_languages(const struct questionnaire_reader *r, const config_setting_t *root)
{
    struct questionnaire_content *c = r->content;
    const config_setting_t *list = questionnaire_read_need(r, root, "languages");
    size_t count = 0;
    if (!list || questionnaire_read_list(r, list, QUESTIONNAIRE_LANGUAGES_MAX, &count) < 0) {
        return -1;
    }
    for (unsigned i = 0; i < count; i++) {
        const config_setting_t *setting = config_setting_get_elem(list, i);
        const char *name = standard_read_text(&r->standard, setting, 35);
        if (!name) {
            return -1;
        }
        if (!is_language(name)) {
            return standard_read_refuse(&r->standard, setting,
                                        "must be a language tag such as \"en\" or \"zh\"");
        }
        if (is_one_of(name, c->languages, c->language_count)) {
            return standard_read_refuse(&r->standard, setting, "stands here twice");
        }
        c->languages[c->language_count++] = name;
    }
    return 0;
}

static int read_about(const struct questionnaire_reader *r, const config_setting_t *setting,
                      enum questionnaire_about *ret)
{
    const char *name = standard_read_text(&r->standard, setting, STANDARD_NAME_BYTES_MAX);
    for (unsigned i = 0; name && i < QUESTIONNAIRE_ABOUT_COUNT; i++) {
        if (strcmp(name, questionnaire_about_name((enum questionnaire_about)i)) == 0) {
            *ret = (enum questionnaire_about)i;
            return 0;
        }
    }
    return name ? standard_read_refuse(&r->standard, setting,
                                       "must be \"branch\", \"promise\", \"category\", "
                                       "\"rule\" or \"standard\"")
                : -1;
}

static int read_name(const struct questionnaire_reader *r, const config_setting_t *group,
                     struct questionnaire_name_row *ret)
{
    static const char *const members[] = {"about", "value"};
    struct questionnaire_content *c = r->content;
    if (questionnaire_read_members(r, group, members, ARRAY_LEN(members), true) < 0) {
        return -1;
    }
    const config_setting_t *about = questionnaire_read_need(r, group, "about");
    const config_setting_t *value = about ? questionnaire_read_need(r, group, "value") : NULL;
    if (!value || read_about(r, about, &ret->about) < 0) {
        return -1;
    }
    ret->value = standard_read_text(&r->standard, value, STANDARD_CONDITION_BYTES_MAX);
    if (!ret->value) {
        return -1;
    }
    for (size_t i = 0; i < c->name_count; i++) {
        if (c->names[i].about == ret->about && strcmp(c->names[i].value, ret->value) == 0) {
            return standard_read_refuse(&r->standard, value, "stands here twice");
        }
    }
    for (size_t i = 0; i < c->language_count; i++) { /* a name has no placeholders itself */
        const config_setting_t *text = questionnaire_read_need(r, group, c->languages[i]);
        ret->text.in[i] =
            text ? standard_read_text(&r->standard, text, STANDARD_CONDITION_BYTES_MAX) : NULL;
        if (!ret->text.in[i]) {
            return -1;
        }
    }
    return 0;
}

static int read_names(const struct questionnaire_reader *r, const config_setting_t *list)
{
    struct questionnaire_content *c = r->content;
    size_t count = 0;
    if (questionnaire_read_list(r, list, QUESTIONNAIRE_NAMES_MAX, &count) < 0) {
        return -1;
    }
    c->names = xcalloc(count, sizeof(*c->names));
    for (; c->name_count < count; c->name_count++) {
        if (read_name(r, config_setting_get_elem(list, (unsigned)c->name_count),
                      &c->names[c->name_count]) < 0) {
            return -1;
        }
    }
    return 0;
}

const char *questionnaire_content_name(const struct questionnaire_content *c,
                                       enum questionnaire_about about, const char *value,
                                       size_t language)
{
    const char *any = NULL;
    for (size_t i = 0; i < c->name_count; i++) {
        const struct questionnaire_name_row *row = &c->names[i];
        if (row->about == about && value && strcmp(row->value, value) == 0) {
            return row->text.in[language];
        }
        if (row->about == about && strcmp(row->value, "*") == 0) {
            any = row->text.in[language];
        }
    }
    return any;
}

/* ---- the file */

int questionnaire_read(const config_t *tree, const struct standard_source *source,
                       struct questionnaire_content *ret, struct err *err)
{
    static const char *const sections[] = {"languages", "names",   "questions", "servqual",
                                           "opening",   "closing", "scripts"};
    const struct questionnaire_reader r = {
        .standard = {.path = source->files[0], .source = source, .err = err},
          .content = ret
    };
    const config_setting_t *root = config_root_setting(tree);
    if (questionnaire_read_members(&r, root, sections, ARRAY_LEN(sections), false) < 0 ||
        read_languages(&r, root) < 0) {
        return -1;
    }
    const config_setting_t *names = config_setting_get_member(root, "names");
    const config_setting_t *questions = config_setting_get_member(root, "questions");
    const config_setting_t *servqual = config_setting_get_member(root, "servqual");
    if ((names && read_names(&r, names) < 0) ||
        (questions && questionnaire_read_questions(&r, questions) < 0) ||
        (servqual && questionnaire_read_servqual(&r, servqual) < 0)) {
        return -1;
    }
    return questionnaire_read_scripts(&r, root);
}

void questionnaire_content_free(struct questionnaire_content *c)
{
    free(c->names);
    free(c->questions);
    free(c->items);
    free(c->scripts);
    *c = (struct questionnaire_content){.language_count = 0};
}
