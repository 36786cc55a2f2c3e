/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings.c - text in, typed value out, by the rows of a table.
 *
 * Every value passes parse(): defaults, the file and --set accept the same texts and refuse with
 * the same words. A row whose own default or range does not parse is our bug.
 */
#include "common/runtime/settings.h"

#include <inttypes.h>
#include <libgen.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <libconfig.h>

#include "common/base/bytes.h"
#include "common/base/config_tree.h"
#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"

union value {
    const char *text;
    int64_t number;
    double real;
    bool is_true;
};

static const char *const type_names[] = {
    [SETTING_TEXT] = "a text",         [SETTING_COUNT] = "a whole number",
    [SETTING_DURATION] = "a duration", [SETTING_REAL] = "a number",
    [SETTING_BOOL] = "true or false",
};

/* ---- values */

static void *field_of(const struct setting *s, void *values)
{
    return (char *)values + s->offset;
}

static const void *const_field_of(const struct setting *s, const void *values)
{
    return (const char *)values + s->offset;
}

static union value load(const struct setting *s, const void *values)
{
    const void *field = const_field_of(s, values);
    union value v = {.text = NULL};
    switch (s->type) {
    case SETTING_TEXT:
        memcpy(&v.text, field, sizeof(v.text));
        break;
    case SETTING_COUNT:
    case SETTING_DURATION:
        memcpy(&v.number, field, sizeof(v.number));
        break;
    case SETTING_REAL:
        memcpy(&v.real, field, sizeof(v.real));
        break;
    case SETTING_BOOL:
        memcpy(&v.is_true, field, sizeof(v.is_true));
        break;
    case SETTING_END:
        BUG("a setting without a type");
    }
    return v;
}

static void store(const struct setting *s, void *values, const union value *v)
{
    void *field = field_of(s, values);
    switch (s->type) {
    case SETTING_TEXT: {
        char *old;
        char *copy = xstrdup(v->text ? v->text : "");
        memcpy(&old, field, sizeof(old));
        free(old);
        memcpy(field, &copy, sizeof(copy));
        break;
    }
    case SETTING_COUNT:
    case SETTING_DURATION:
        memcpy(field, &v->number, sizeof(v->number));
        break;
    case SETTING_REAL:
        memcpy(field, &v->real, sizeof(v->real));
        break;
    case SETTING_BOOL:
        memcpy(field, &v->is_true, sizeof(v->is_true));
        break;
    case SETTING_END:
        BUG("a setting without a type");
    }
}

static bool is_equal(const struct setting *s, const union value *a, const union value *b)
{
    switch (s->type) {
    case SETTING_TEXT:
        return strcmp(a->text ? a->text : "", b->text ? b->text : "") == 0;
    case SETTING_COUNT:
    case SETTING_DURATION:
        return a->number == b->number;
    case SETTING_REAL:
        return !islessgreater(a->real, b->real);
    case SETTING_BOOL:
        return a->is_true == b->is_true;
    case SETTING_END:
        break;
    }
    BUG("a setting without a type");
}

/* Reads text as the type says, without the range. */
static int parse(enum setting_type type, const char *text, union value *ret)
{
    switch (type) {
    case SETTING_TEXT:
        if (!text_is_utf8(bytes_of_text(text))) {
            return -1;
        }
        ret->text = text;
        return 0;
    case SETTING_COUNT:
        return text_to_int64(text, INT64_MIN, INT64_MAX, &ret->number);
    case SETTING_DURATION:
        return duration_parse(text, &ret->number);
    case SETTING_REAL:
        return text_to_double(text, &ret->real);
    case SETTING_BOOL:
        if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0) {
            return -1;
        }
        ret->is_true = strcmp(text, "true") == 0;
        return 0;
    case SETTING_END:
        break;
    }
    BUG("a setting without a type");
}

static bool is_in_range(const struct setting *s, const union value *v)
{
    union value min = {.number = INT64_MIN};
    union value max = {.number = INT64_MAX};
    if (s->type == SETTING_TEXT || s->type == SETTING_BOOL) {
        return true;
    }
    if ((s->min && parse(s->type, s->min, &min) < 0) ||
        (s->max && parse(s->type, s->max, &max) < 0)) {
        BUG("the range of a setting does not parse");
    }
    if (s->type == SETTING_REAL) {
        return (!s->min || v->real >= min.real) && (!s->max || v->real <= max.real);
    }
    return v->number >= min.number && v->number <= max.number;
}

static void describe_range(const struct setting *s, struct text *out)
{
    text_append(out, type_names[s->type]);
    if (s->min && s->max) {
        text_appendf(out, " from %s to %s", s->min, s->max);
    } else if (s->min) {
        text_appendf(out, ", at least %s", s->min);
    } else if (s->max) {
        text_appendf(out, ", at most %s", s->max);
    }
}

/* The refused text itself is left out: it may be a password. */
static int refuse(const struct setting *s, struct err *err)
{
    struct text range = {0};
    describe_range(s, &range);
    err_set_field(err, "setting_invalid", s->name, "%s must be %s", s->name, text_or_empty(&range));
    text_free(&range);
    return -1;
}

static int set_text(const struct setting *s, void *values, const char *text, struct err *err)
{
    union value v;
    if (parse(s->type, text, &v) < 0 || !is_in_range(s, &v)) {
        return refuse(s, err);
    }
    store(s, values, &v);
    return 0;
}

void settings_set_defaults(const struct setting *table, void *values)
{
    for (const struct setting *s = table; s->type != SETTING_END; s++) {
        if (set_text(s, values, s->default_value, NULL) < 0) {
            BUG("the default of a setting is not valid");
        }
    }
}

void settings_free(const struct setting *table, void *values)
{
    for (const struct setting *s = table; s->type != SETTING_END; s++) {
        if (s->type == SETTING_TEXT) {
            char *text;
            memcpy(&text, field_of(s, values), sizeof(text));
            free(text);
            memset(field_of(s, values), 0, sizeof(text));
        }
    }
}

/* ---- names */

struct place {
    const struct setting *setting;
    void *values;
};

static int find(const struct setting *const *tables, void *const *values, size_t count,
                const char *name, struct place *ret, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        for (const struct setting *s = tables[i]; s && s->type != SETTING_END; s++) {
            if (strcmp(s->name, name) == 0) {
                *ret = (struct place){.setting = s, .values = values[i]};
                return 0;
            }
        }
    }
    return err_set_field(err, "setting_unknown", name,
                         "there is no setting named %.80s; --help lists them", name);
}

int settings_set(const struct setting *const *tables, void *const *values, size_t count,
                 const char *assignment, struct err *err)
{
    const char *equals = strchr(assignment, '=');
    if (!equals) {
        return err_set(err, "setting_invalid", "--set wants NAME=VALUE, not \"%.80s\"", assignment);
    }
    struct text name = {0};
    struct place place;
    text_append_len(&name, assignment, (size_t)(equals - assignment));
    int rc = find(tables, values, count, text_or_empty(&name), &place, err);
    text_free(&name);
    if (rc == 0) {
        rc = set_text(place.setting, place.values, equals + 1, err);
    }
    return rc == 0 ? 0 : err_prefix(err, "--set");
}

/* ---- the file */

static bool is_whole_number(const config_setting_t *from)
{
    int type = config_setting_type(from);
    return type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64;
}

/* A quoted text is accepted for durations and texts only: max = "3" is a mistake that we name. */
static int set_from_file(const struct place *place, const config_setting_t *from, struct err *err)
{
    const struct setting *s = place->setting;
    union value v;
    bool is_right_type = false;
    switch (s->type) {
    case SETTING_TEXT:
    case SETTING_DURATION:
        if (config_setting_type(from) == CONFIG_TYPE_STRING) {
            return set_text(s, place->values, config_setting_get_string(from), err);
        }
        break;
    case SETTING_COUNT:
        is_right_type = is_whole_number(from);
        v.number = config_setting_get_int64(from);
        break;
    case SETTING_REAL:
        is_right_type = is_whole_number(from) || config_setting_type(from) == CONFIG_TYPE_FLOAT;
        v.real = is_whole_number(from) ? (double)config_setting_get_int64(from)
                                       : config_setting_get_float(from);
        is_right_type = is_right_type && isfinite(v.real);
        break;
    case SETTING_BOOL:
        is_right_type = config_setting_type(from) == CONFIG_TYPE_BOOL;
        v.is_true = config_setting_get_bool(from);
        break;
    case SETTING_END:
        BUG("a setting without a type");
    }
    if (!is_right_type || !is_in_range(s, &v)) {
        return refuse(s, err);
    }
    store(s, place->values, &v);
    return 0;
}

static int read_entries(const struct setting *const *tables, void *const *values, size_t count,
                        const config_t *config, const char *path, struct err *err)
{
    config_setting_t *root = config_root_setting(config);
    for (int i = 0; i < config_setting_length(root); i++) {
        config_setting_t *entry = config_setting_get_elem(root, (unsigned)i);
        struct place place;
        if (find(tables, values, count, config_setting_name(entry), &place, err) < 0 ||
            set_from_file(&place, entry, err) < 0) {
            const char *file = config_setting_source_file(entry);
            return err_prefix(err, "%s:%u", file ? file : path, config_setting_source_line(entry));
        }
    }
    return 0;
}

static int syntax_error(const config_t *config, const char *path, struct err *err)
{
    if (config_error_type(config) == CONFIG_ERR_FILE_IO) {
        return err_set(err, "settings_unreadable", "%s cannot be read", path);
    }
    const char *file = config_error_file(config);
    return err_set(err, "settings_malformed", "%s:%d: %s", file ? file : path,
                   config_error_line(config), config_error_text(config));
}

int settings_read_file(const struct setting *const *tables, void *const *values, size_t count,
                       const char *path, struct err *err)
{
    config_t config;
    char *folder = xstrdup(path);
    config_init(&config);
    config_set_include_dir(&config, dirname(folder));
    int rc = config_tree_read_file(&config, path)
                 ? read_entries(tables, values, count, &config, path, err)
                 : syntax_error(&config, path, err);
    config_destroy(&config);
    free(folder);
    return rc;
}

/* ---- printing */

static bool ends_with(const char *text, const char *end)
{
    size_t text_len = strlen(text), end_len = strlen(end);
    return text_len >= end_len && strcmp(text + text_len - end_len, end) == 0;
}

/* Where the secret of a conninfo ends: at the closing quote, else at the next blank. */
static size_t secret_length(const char *secret)
{
    if (*secret != '\'') {
        return strcspn(secret, " \t\n&");
    }
    size_t i = 1;
    while (secret[i] && secret[i] != '\'') {
        i += secret[i] == '\\' && secret[i + 1] ? 2 : 1;
    }
    return secret[i] ? i + 1 : i;
}

/* "password = x" of a keyword list or a query part; the blanks around '=' are libpq's. */
static void hide_passwords(const char *from, struct text *out)
{
    const char *at;
    while ((at = strstr(from, "password"))) {
        const char *value = at + strlen("password");
        value += strspn(value, " \t");
        if (*value != '=') {
            text_append_len(out, from, (size_t)(value - from));
            from = value;
            continue;
        }
        value++;
        value += strspn(value, " \t");
        text_append_len(out, from, (size_t)(value - from));
        text_append(out, "(hidden)");
        from = value + secret_length(value);
    }
    text_append(out, from);
}

/* "postgresql://user:secret@host/..." */
static void hide_uri_secret(const char *value, struct text *out)
{
    const char *authority = strstr(value, "://");
    const char *at = authority ? strchr(authority + 3, '@') : NULL;
    const char *colon = authority ? strchr(authority + 3, ':') : NULL;
    if (at && colon && colon < at) {
        text_append_len(out, value, (size_t)(colon + 1 - value));
        text_append(out, "(hidden)");
        value = at;
    }
    hide_passwords(value, out);
}

static void append_quoted(struct text *out, const char *value)
{
    text_append(out, "\"");
    for (const char *p = value; *p; p++) {
        if (*p == '"' || *p == '\\') {
            text_appendf(out, "\\%c", *p);
        } else if ((unsigned char)*p < ' ') {
            text_appendf(out, "\\x%02x", (unsigned)*p);
        } else {
            text_append_len(out, p, 1);
        }
    }
    text_append(out, "\"");
}

static void append_text_value(const struct setting *s, const char *value, struct text *out)
{
    struct text shown = {0};
    if (ends_with(s->name, "password")) {
        text_append(&shown, *value ? "(hidden)" : "");
    } else {
        hide_uri_secret(value, &shown);
    }
    append_quoted(out, text_or_empty(&shown));
    text_free(&shown);
}

/* libconfig reads a number without a point as an integer, and one over 32 bits only with an L. */
static void append_value(const struct setting *s, const void *values, struct text *out)
{
    union value v = load(s, values);
    char duration[DURATION_TEXT_SIZE];
    switch (s->type) {
    case SETTING_TEXT:
        append_text_value(s, v.text ? v.text : "", out);
        break;
    case SETTING_COUNT:
        text_appendf(out, "%" PRId64 "%s", v.number,
                     v.number < INT32_MIN || v.number > INT32_MAX ? "L" : "");
        break;
    case SETTING_DURATION:
        text_appendf(out, "\"%s\"", duration_format(v.number, duration));
        break;
    case SETTING_REAL:
        text_appendf(out, "%.17g", v.real);
        break;
    case SETTING_BOOL:
        text_append(out, v.is_true ? "true" : "false");
        break;
    case SETTING_END:
        BUG("a setting without a type");
    }
}

void settings_print(const struct setting *table, const void *values, FILE *out)
{
    struct text text = {0};
    for (const struct setting *s = table; s->type != SETTING_END; s++) {
        text_appendf(&text, "# %s\n# ", s->help);
        describe_range(s, &text);
        text_appendf(&text, "%s\n%s = ", s->may_reload ? "; SIGHUP reloads it" : "", s->name);
        append_value(s, values, &text);
        text_append(&text, ";\n\n");
    }
    (void)fputs(text_or_empty(&text), out);
    text_free(&text);
}

void settings_print_help(const struct setting *table, FILE *out)
{
    struct text text = {0};
    for (const struct setting *s = table; s->type != SETTING_END; s++) {
        text_appendf(&text, "  %s (", s->name);
        describe_range(s, &text);
        text_appendf(&text, "; default %s%s%s%s)\n      %s\n", s->type == SETTING_TEXT ? "\"" : "",
                     s->default_value, s->type == SETTING_TEXT ? "\"" : "",
                     s->may_reload ? "; reloads" : "", s->help);
    }
    (void)fputs(text_or_empty(&text), out);
    text_free(&text);
}

/* ---- reload */

size_t settings_reload(const struct setting *table, void *values, const void *fresh)
{
    size_t need_restart = 0;
    for (const struct setting *s = table; s->type != SETTING_END; s++) {
        union value old = load(s, values);
        union value new = load(s, fresh);
        if (is_equal(s, &old, &new)) {
            continue;
        }
        if (s->may_reload) {
            store(s, values, &new);
        } else {
            need_restart++;
        }
    }
    return need_restart;
}
