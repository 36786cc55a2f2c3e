/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/mapping_load_value.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/runtime/message_json.h"
#include "services/cli/date_format.h"

int load_fail(const struct loading *l, const config_setting_t *at, const char *fmt, ...)
{
    char text[256];
    va_list args;

    va_start(args, fmt);
    text_vformat(text, sizeof(text), fmt, args);
    va_end(args);
    return err_set(l->err, "mapping_invalid", "%s:%u: %s", l->path, config_setting_source_line(at),
                   text);
}

void *load_alloc(const struct loading *l, size_t count, size_t size)
{
    void *p = arena_alloc(l->m->arena, count * size);

    if (!p) {
        BUG("the arena of a mapping has no budget");
    }
    return memset(p, 0, count * size);
}

const char *load_copy(const struct loading *l, const char *text)
{
    const size_t size = strlen(text) + 1;

    return memcpy(load_alloc(l, size, 1), text, size);
}

int load_text(const struct loading *l, const config_setting_t *s, const char **ret_text)
{
    struct text text = {0};

    switch (config_setting_type(s)) {
    case CONFIG_TYPE_STRING:
        text_append(&text, config_setting_get_string(s));
        break;
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        text_appendf(&text, "%lld", config_setting_get_int64(s));
        break;
    case CONFIG_TYPE_FLOAT:
        text_appendf(&text, "%.17g", config_setting_get_float(s));
        break;
    case CONFIG_TYPE_BOOL:
        text_append(&text, config_setting_get_bool(s) ? "true" : "false");
        break;
    default:
        return load_fail(l, s, "a text, a number or true or false is expected here");
    }
    *ret_text = load_copy(l, text_or_empty(&text));
    text_free(&text);
    return 0;
}

static size_t note_column(const struct loading *l, const char *name)
{
    struct mapping *m = l->m;

    for (size_t i = 0; i < m->column_count; i++) {
        if (strcmp(m->columns[i].name, name) == 0) {
            return i;
        }
    }
    if (m->column_count == m->column_capacity) {
        m->column_capacity = m->column_capacity ? 2 * m->column_capacity : 32;
        m->columns = xreallocarray(m->columns, m->column_capacity, sizeof(*m->columns));
    }
    m->columns[m->column_count] = (struct column){.name = load_copy(l, name)};
    return m->column_count++;
}

int load_column(const struct loading *l, const config_setting_t *s, size_t *ret_column)
{
    if (config_setting_type(s) != CONFIG_TYPE_STRING) {
        return load_fail(l, s, "the name of a column in quotes is expected here");
    }
    *ret_column = note_column(l, config_setting_get_string(s));
    return 0;
}

int load_zone(const struct loading *l, const config_setting_t *s, const struct zone **ret_zone)
{
    struct mapping *m = l->m;
    struct err why = ERR_NONE;
    const char *name = "";
    struct zone *z;

    if (load_text(l, s, &name) < 0) {
        return -1;
    }
    for (size_t i = 0; i < m->zone_count; i++) {
        if (strcmp(zone_name(m->zones[i]), name) == 0) {
            *ret_zone = m->zones[i];
            return 0;
        }
    }
    z = zone_open(name, &why);
    if (!z) {
        return load_fail(l, s, "%s", why.text);
    }
    m->zones = xreallocarray(m->zones, m->zone_count + 1, sizeof(void *));
    m->zones[m->zone_count++] = z;
    *ret_zone = z;
    return 0;
}

/* ---- conditions */

static int load_test_texts(const struct loading *l, const config_setting_t *s, struct test *t)
{
    const int count = config_setting_is_aggregate(s) ? config_setting_length(s) : 1;

    t->texts = load_alloc(l, (size_t)count, sizeof(*t->texts));
    for (int i = 0; i < count; i++) {
        const config_setting_t *one =
            config_setting_is_aggregate(s) ? config_setting_get_elem(s, (unsigned)i) : s;

        if (load_text(l, one, &t->texts[t->text_count++]) < 0) {
            return -1;
        }
    }
    return 0;
}

static int load_test_member(const struct loading *l, const config_setting_t *member,
                            bool *has_column, struct test *t)
{
    const char *name = config_setting_name(member);

    if (strcmp(name, "column") == 0) {
        *has_column = true;
        return load_column(l, member, &t->column);
    }
    if (t->kind != TEST_NOT_EMPTY) {
        return load_fail(l, member, "only one of is, is_not and is_empty may be given");
    }
    if (strcmp(name, "is") == 0 || strcmp(name, "is_not") == 0) {
        t->kind = name[2] ? TEST_IS_NOT : TEST_IS;
        return load_test_texts(l, member, t);
    }
    if (strcmp(name, "is_empty") == 0 && config_setting_type(member) == CONFIG_TYPE_BOOL) {
        t->kind = config_setting_get_bool(member) ? TEST_EMPTY : TEST_NOT_EMPTY;
        return 0;
    }
    return load_fail(l, member,
                     "a condition has column, and one of is, is_not and is_empty; not %s", name);
}

static int load_test(const struct loading *l, const config_setting_t *s, struct test *t)
{
    bool has_column = false;

    if (!config_setting_is_group(s)) {
        return load_fail(l, s, "a condition { column = \"...\"; } is expected here");
    }
    t->kind = TEST_NOT_EMPTY;
    for (int i = 0; i < config_setting_length(s); i++) {
        if (load_test_member(l, config_setting_get_elem(s, (unsigned)i), &has_column, t) < 0) {
            return -1;
        }
    }
    return has_column ? 0 : load_fail(l, s, "the condition does not say which column");
}

int load_tests(const struct loading *l, const config_setting_t *s, struct tests *ret_tests)
{
    const bool is_list = config_setting_is_list(s) == CONFIG_TRUE;
    const int count = is_list ? config_setting_length(s) : 1;

    ret_tests->list = load_alloc(l, (size_t)count + 1, sizeof(*ret_tests->list));
    for (int i = 0; i < count; i++) {
        if (load_test(l, is_list ? config_setting_get_elem(s, (unsigned)i) : s,
                      &ret_tests->list[ret_tests->count++]) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- where a value comes from */

static int load_columns(const struct loading *l, const config_setting_t *s, struct value *v)
{
    const int count = config_setting_is_aggregate(s) ? config_setting_length(s) : 0;

    if (count == 0) {
        return load_fail(l, s, "columns = [\"...\", \"...\"] is expected here");
    }
    v->pieces = load_alloc(l, (size_t)count, sizeof(*v->pieces));
    for (int i = 0; i < count; i++) {
        if (load_column(l, config_setting_get_elem(s, (unsigned)i),
                        &v->pieces[v->piece_count++].column) < 0) {
            return -1;
        }
    }
    return 0;
}

static int load_one_column(const struct loading *l, const config_setting_t *s, struct value *v)
{
    v->pieces = load_alloc(l, 1, sizeof(*v->pieces));
    v->piece_count = 1;
    return load_column(l, s, &v->pieces[0].column);
}

/* "cfpb-{Complaint ID}"; "{{" is a brace. */
static int load_template(const struct loading *l, const config_setting_t *s, struct value *v)
{
    const char *c = config_setting_get_string(s);
    struct text piece = {0};
    int rc = 0;

    if (!c) {
        return load_fail(l, s, "a text in quotes is expected here");
    }
    v->is_template = true;
    v->pieces = load_alloc(l, strlen(c) + 1, sizeof(*v->pieces));
    while (*c && rc == 0) {
        text_clear(&piece);
        if (c[0] == '{' && c[1] != '{') {
            const size_t len = strcspn(c + 1, "}");

            text_append_len(&piece, c + 1, len);
            rc = c[1 + len] ? 0 : load_fail(l, s, "a '{' without its '}'");
            v->pieces[v->piece_count++].column = note_column(l, text_or_empty(&piece));
            c += rc == 0 ? len + 2 : 0;
            continue;
        }
        if (c[0] == '{') {
            text_append(&piece, "{");
            c += 2;
        }
        text_append_len(&piece, c, strcspn(c, "{"));
        c += strcspn(c, "{");
        v->pieces[v->piece_count++].text = load_copy(l, text_or_empty(&piece));
    }
    text_free(&piece);
    return rc;
}

static int load_constant(const struct loading *l, const config_setting_t *s, struct value *v)
{
    v->is_constant = true;
    v->pieces = load_alloc(l, 1, sizeof(*v->pieces));
    v->piece_count = 1;
    return load_text(l, s, &v->pieces[0].text);
}

/* ---- what is done with it */

static int load_pairs(const struct loading *l, const config_setting_t *s, struct value *v)
{
    const int count = config_setting_is_list(s) ? config_setting_length(s) : 0;
    struct pair *pairs;

    if (count == 0 || v->pair_count > 0) {
        return load_fail(l, s, "one table ( [\"from\", \"to\"], ... ) is expected here");
    }
    pairs = load_alloc(l, (size_t)count, sizeof(*pairs));
    for (int i = 0; i < count; i++) {
        const config_setting_t *pair = config_setting_get_elem(s, (unsigned)i);

        if (!config_setting_is_aggregate(pair) || config_setting_length(pair) != 2) {
            return load_fail(l, pair, "a pair [\"from\", \"to\"] is expected here");
        }
        if (load_text(l, config_setting_get_elem(pair, 0), &pairs[i].from) < 0 ||
            load_text(l, config_setting_get_elem(pair, 1), &pairs[i].to) < 0) {
            return -1;
        }
    }
    v->pairs = pairs;
    v->pair_count = (size_t)count;
    return 0;
}

static int load_contains(const struct loading *l, const config_setting_t *s, struct value *v)
{
    v->is_contains = true;
    return load_pairs(l, s, v);
}

static int load_format(const struct loading *l, const config_setting_t *s, struct value *v)
{
    const size_t len = strlen(v->field->name);

    if (len < 4 || strcmp(v->field->name + len - 3, "_us") != 0) {
        return load_fail(l, s, "%s is no point in time: it has no format", v->field->name);
    }
    return load_text(l, s, &v->format);
}

static int load_value_zone(const struct loading *l, const config_setting_t *s, struct value *v)
{
    return load_zone(l, s, &v->zone);
}

static int load_plus(const struct loading *l, const config_setting_t *s, struct value *v)
{
    const char *text = "";

    if (load_text(l, s, &text) < 0) {
        return -1;
    }
    return duration_parse(text, &v->plus_us) == 0
               ? 0
               : load_fail(l, s, "a duration such as \"12h\" or \"15d\" is expected here");
}

static int load_number(const struct loading *l, const config_setting_t *s, int min, int max,
                       int *ret_number)
{
    if (config_setting_type(s) != CONFIG_TYPE_INT || config_setting_get_int(s) < min ||
        config_setting_get_int(s) > max) {
        return load_fail(l, s, "a number from %d to %d is expected here", min, max);
    }
    *ret_number = config_setting_get_int(s);
    return 0;
}

static int load_decimals(const struct loading *l, const config_setting_t *s, struct value *v)
{
    return load_number(l, s, 0, 9, &v->decimals);
}

static int load_truncate(const struct loading *l, const config_setting_t *s, struct value *v)
{
    int number = 0;

    if (v->field->type != PROTOBUF_C_TYPE_STRING) {
        return load_fail(l, s, "%s is no text: it cannot be truncated", v->field->name);
    }
    if (load_number(l, s, 1, 32768, &number) < 0) {
        return -1;
    }
    v->max_bytes = (size_t)number;
    return 0;
}

static int load_fallback(const struct loading *l, const config_setting_t *s, struct value *v)
{
    return load_text(l, s, &v->fallback);
}

static int load_join(const struct loading *l, const config_setting_t *s, struct value *v)
{
    return load_text(l, s, &v->join);
}

static int load_required(const struct loading *l, const config_setting_t *s, struct value *v)
{
    if (config_setting_type(s) != CONFIG_TYPE_BOOL) {
        return load_fail(l, s, "true or false is expected here");
    }
    v->is_required = config_setting_get_bool(s);
    return 0;
}

static int load_when(const struct loading *l, const config_setting_t *s, struct value *v)
{
    return load_tests(l, s, &v->when);
}

static const struct member {
    const char *name;
    bool is_source; /* exactly one of these */
    int (*load)(const struct loading *l, const config_setting_t *s, struct value *v);
} members[] = {
    {"column",   true,  load_one_column},
    {"columns",  true,  load_columns   },
    {"template", true,  load_template  },
    {"value",    true,  load_constant  },
    {"join",     false, load_join      },
    {"when",     false, load_when      },
    {"map",      false, load_pairs     },
    {"contains", false, load_contains  },
    {"format",   false, load_format    },
    {"zone",     false, load_value_zone},
    {"plus",     false, load_plus      },
    {"decimals", false, load_decimals  },
    {"truncate", false, load_truncate  },
    {"default",  false, load_fallback  },
    {"required", false, load_required  },
};

static int load_members(const struct loading *l, const config_setting_t *s, struct value *v)
{
    size_t sources = 0;

    for (int i = 0; i < config_setting_length(s); i++) {
        const config_setting_t *member = config_setting_get_elem(s, (unsigned)i);
        size_t n = 0;

        while (n < ARRAY_LEN(members) &&
               strcmp(members[n].name, config_setting_name(member)) != 0) {
            n++;
        }
        if (n == ARRAY_LEN(members)) {
            return load_fail(l, member, "a value has no setting %s", config_setting_name(member));
        }
        sources += members[n].is_source;
        if (members[n].load(l, member, v) < 0) {
            return -1;
        }
    }
    return sources == 1 ? 0
                        : load_fail(l, s, "%s needs one of column, columns, template and value",
                                    v->field->name);
}

/* ---- checks over the whole value */

/* Would the field take this text? */
static int try_text(const struct loading *l, const config_setting_t *s,
                    const ProtobufCMessageDescriptor *type, const struct value *v, const char *text)
{
    struct arena *scratch = arena_new(262144);
    json_t *object = json_object();
    struct err why = ERR_NONE;
    int rc = 0;

    json_object_set_new(object, v->field->name, json_string(text));
    if (json_object_size(object) == 0) {
        rc = load_fail(l, s, "%s: the text is not UTF-8", v->field->name);
    } else if (!message_from_json(type, object, scratch, &why)) {
        rc = load_fail(l, s, "%s = '%s': %s", v->field->name, text, why.text);
    }
    json_decref(object);
    arena_free(scratch);
    return rc;
}

static int check_value(const struct loading *l, const config_setting_t *s,
                       const ProtobufCMessageDescriptor *type, struct value *v)
{
    bool needs_zone = false;
    struct err why = ERR_NONE;

    if (v->format && date_format_check(v->format, &needs_zone, &why) < 0) {
        return load_fail(l, s, "%s: %s", v->field->name, why.text);
    }
    if (needs_zone && !v->zone) {
        return load_fail(l, s, "%s needs a zone: the format does not say the offset from UTC",
                         v->field->name);
    }
    if (!v->format && v->plus_us != 0) {
        return load_fail(l, s, "%s: plus goes with a format", v->field->name);
    }
    if ((v->format || v->decimals >= 0) && v->pair_count > 0) {
        return load_fail(l, s, "%s: a table does not go with a format or decimals", v->field->name);
    }
    if (v->is_constant && try_text(l, s, type, v, v->pieces[0].text) < 0) {
        return -1;
    }
    if (v->fallback && try_text(l, s, type, v, v->fallback) < 0) {
        return -1;
    }
    for (size_t i = 0; i < v->pair_count; i++) {
        if (try_text(l, s, type, v, v->pairs[i].to) < 0) {
            return -1;
        }
    }
    return 0;
}

int load_value(const struct loading *l, const config_setting_t *s,
               const ProtobufCMessageDescriptor *type, const ProtobufCFieldDescriptor *field,
               struct value *ret_value)
{
    struct value v = {.field = field, .zone = l->zone, .join = " ", .decimals = -1};

    if (config_setting_is_group(s) ? load_members(l, s, &v) < 0 : load_constant(l, s, &v) < 0) {
        return -1;
    }
    if (check_value(l, s, type, &v) < 0) {
        return -1;
    }
    *ret_value = v;
    return 0;
}
