/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standard_read.c - from libconfig's tree to what a standard says, refusing what is doubtful.
 *
 * The tables of settings lead: what they do not name is an error, so that a misspelt condition
 * never makes a rule match more than was meant. For the same reason the order of rules is checked.
 */
#include "common/domain/standard_read.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/config_tree.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/calendar_days.h"
#include "common/domain/calendar_read.h"

enum {
    NAMES_MAX = 32,
    WORDS_MAX = 256,
};

static const char code[] = "standard_invalid";

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
    const unsigned line = config_setting_source_line(setting);
    struct text path = {.data = NULL};
    char reason[sizeof(r->err->text)];
    va_list args;

    va_start(args, fmt);
    text_vformat(reason, sizeof(reason), fmt, args);
    va_end(args);
    append_path(&path, setting);
    err_set_field(r->err, standard_source_invalid(r->source), text_or_empty(&path), "%s:%u: %s",
                  r->source ? standard_source_file(r->source, line) : r->path,
                  r->source ? standard_source_line(r->source, line) : line, reason);
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
    const char *name = standard_read_text(r, setting, STANDARD_NAME_BYTES_MAX);

    if (!name) {
        return -1;
    }
    if (name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] != '\0') {
        return standard_read_refuse(r, setting, "may only have lower-case letters, digits and '_'");
    }
    *ret = name;
    return 0;
}

int standard_read_priority(const struct standard_reader *r, const config_setting_t *setting,
                           int *ret)
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
    *ret = priority;
    return 0;
}

int standard_read_duration(const struct standard_reader *r, const config_setting_t *setting,
                           int max_days, int64_t *ret)
{
    const char *text = standard_read_text(r, setting, STANDARD_NAME_BYTES_MAX);
    int64_t us = 0;

    if (!text) {
        return -1;
    }
    if (duration_parse(text, &us) < 0) {
        return standard_read_refuse(r, setting, "must be a duration such as \"4h\" or \"3d\"");
    }
    if (us <= 0 || us > max_days * DURATION_DAY) {
        return standard_read_refuse(r, setting, "must be more than 0 and at most %dd", max_days);
    }
    *ret = us;
    return 0;
}

/* ---- lists */

static int begin_list(const struct standard_reader *r, const config_setting_t *list, size_t max,
                      const char *example, struct standard_list *ret)
{
    const size_t count = (size_t)config_setting_length(list);

    if ((!config_setting_is_list(list) && !config_setting_is_array(list)) || count == 0 ||
        count > max) {
        return standard_read_refuse(r, list, "must be a list of 1 to %zu: %s", max, example);
    }
    ret->texts = xcalloc(count, sizeof(*ret->texts));
    ret->count = count;
    return 0;
}

int standard_read_names(const struct standard_reader *r, const config_setting_t *list,
                        struct standard_list *ret)
{
    if (begin_list(r, list, NAMES_MAX, "(\"service_manager\")", ret) < 0) {
        return -1;
    }
    for (size_t i = 0; i < ret->count; i++) {
        if (standard_read_name(r, config_setting_get_elem(list, (unsigned)i), &ret->texts[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

/* A blank at an end, or two in a row, would never be found. */
static bool has_lost_blank(const char *word)
{
    bool was_blank = true;

    for (const char *at = word; *at; at++) {
        const bool is_blank = strchr(" \t\n\v\f\r", *at) != NULL;

        if (is_blank && was_blank) {
            return true;
        }
        was_blank = is_blank;
    }
    return was_blank;
}

int standard_read_words(const struct standard_reader *r, const config_setting_t *list,
                        struct standard_list *ret)
{
    if (begin_list(r, list, WORDS_MAX, "(\"刹车\", \"brake\")", ret) < 0) {
        return -1;
    }
    for (size_t i = 0; i < ret->count; i++) {
        const config_setting_t *setting = config_setting_get_elem(list, (unsigned)i);

        ret->texts[i] = standard_read_text(r, setting, STANDARD_WORD_BYTES_MAX);
        if (!ret->texts[i]) {
            return -1;
        }
        if (has_lost_blank(ret->texts[i])) {
            return standard_read_refuse(r, setting,
                                        "may have single blanks inside, and none at its ends");
        }
    }
    return 0;
}

/* ---- conditions */

bool standard_read_is_condition(const char *name, enum standard_condition count)
{
    for (unsigned i = 0; i < count; i++) {
        if (strcmp(standard_condition_name((enum standard_condition)i), name) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_contact_kind(const char *text)
{
    int kind = 1;

    while (*standard_contact_kind(kind) && strcmp(standard_contact_kind(kind), text) != 0) {
        kind++;
    }
    return *standard_contact_kind(kind) != '\0';
}

int standard_read_condition(const struct standard_reader *r, const config_setting_t *setting,
                            const char *conditions[STANDARD_CONDITION_COUNT])
{
    const char *text = standard_read_text(r, setting, STANDARD_CONDITION_BYTES_MAX);
    unsigned condition = 0;

    if (!text) {
        return -1;
    }
    while (strcmp(standard_condition_name((enum standard_condition)condition),
                  config_setting_name(setting)) != 0) {
        condition++; /* it is there: the table of settings led here */
    }
    if (strcmp(text, "*") == 0) {
        return 0;
    }
    if (condition == STANDARD_KIND && !is_contact_kind(text)) {
        return standard_read_refuse(r, setting, "must be complaint, request, enquiry, praise or *");
    }
    conditions[condition] = text;
    return 0;
}

/* ---- the file */

static const struct {
    const char *name;
    int (*read)(const struct standard_reader *r, const config_setting_t *setting,
                struct standard_content *ret);
} sections[] = {
    {"identity",       standard_read_identity     },
    {"dedup",          standard_read_dedup        },
    {"hops_max",       standard_read_hops_max     },
    {"thanks",         standard_read_thanks       },
    {"triage",         standard_read_triage       },
    {"escalation",     standard_read_escalation   },
    {"renegotiate_by", standard_read_renegotiators},
    {"rules",          standard_read_rules        },
};

static bool is_section(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
        if (strcmp(name, sections[i].name) == 0) {
            return true;
        }
    }
    return strcmp(name, "calendars") == 0 ||
           strncmp(name, CALENDAR_DAYS_PREFIX, strlen(CALENDAR_DAYS_PREFIX)) == 0;
}

static int check_names(const struct standard_reader *r, const config_setting_t *root)
{
    for (int i = 0; i < config_setting_length(root); i++) {
        const config_setting_t *setting = config_setting_get_elem(root, (unsigned)i);

        if (!is_section(config_setting_name(setting))) {
            return standard_read_refuse(
                r, setting,
                "a standard has no such setting, only rules, escalation, renegotiate_by, triage, "
                "thanks, calendars, days_..., identity, dedup and hops_max");
        }
    }
    return 0;
}

int standard_read_tree(const struct standard_source *source, config_t *ret_tree, struct err *err)
{
    if (!config_tree_read_text(ret_tree, text_or_empty(&source->text))) {
        const unsigned line = (unsigned)config_error_line(ret_tree);

        return err_set(err, standard_source_invalid(source), "%s:%u: %s",
                       standard_source_file(source, line), standard_source_line(source, line),
                       config_error_text(ret_tree));
    }
    return 0;
}

int standard_read(const config_t *tree, const struct standard_source *source,
                  struct standard_content *ret, struct err *err)
{
    const struct standard_reader r = {.path = source->files[0], .source = source, .err = err};
    const config_setting_t *root = config_root_setting(tree);

    *ret = (struct standard_content){.hops_max = STANDARD_HOPS_USUAL};
    standard_ladder_set_usual(&ret->ladder);
    if (check_names(&r, root) < 0) {
        return -1;
    }
    ret->calendars = calendar_book_read(&r, root);
    if (!ret->calendars) {
        return -1;
    }
    for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
        const config_setting_t *setting = config_setting_get_member(root, sections[i].name);

        if (setting && sections[i].read(&r, setting, ret) < 0) {
            return -1;
        }
    }
    if (ret->rule_count == 0) {
        return err_set_field(err, code, "rules", "%s:1: has no rules", source->files[0]);
    }
    return 0;
}

void standard_content_free(struct standard_content *c)
{
    for (size_t i = 0; i < c->rule_count; i++) {
        free(c->rules[i].words.texts);
        free(c->rules[i].renegotiators.texts);
    }
    for (size_t i = 0; i < c->triage_count; i++) {
        free(c->triage[i].words.texts);
    }
    standard_words_free(c->rule_words);
    standard_words_free(c->triage_words);
    calendar_book_free(c->calendars);
    free(c->rules);
    free(c->triage);
    free(c->thanks.texts);
    free(c->renegotiators.texts);
    free(c->dedup);
    *c = (struct standard_content){.rules = NULL};
}
