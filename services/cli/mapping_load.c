/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mapping_load.c - reads a mapping file and checks everything that can be checked without a row.
 *
 * The structure of the file is that of the messages: a record rule names the body's fields, a list
 * fills a field of messages. Single values are read by mapping_load_value.c.
 */
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/config_tree.h"
#include "common/base/xalloc.h"
#include "common/runtime/message_field.h"
#include "intake.pb-c.h"
#include "services/cli/mapping.h"
#include "services/cli/mapping_load_value.h"

#define ARENA_BYTES (SIZE_MAX / 8) /* the file is the user's own */

static int load_group(const struct loading *l, const config_setting_t *s,
                      const ProtobufCMessageDescriptor *type, struct group *ret_group);

static int load_list(const struct loading *l, const config_setting_t *s,
                     const ProtobufCFieldDescriptor *field, struct list *list)
{
    const bool is_list = config_setting_is_list(s) == CONFIG_TRUE;
    const int count = is_list ? config_setting_length(s) : 1;

    if (is_list && field->label != PROTOBUF_C_LABEL_REPEATED) {
        return load_fail(l, s, "%s is one message: { } is expected here", field->name);
    }
    list->field = field;
    list->groups = load_alloc(l, (size_t)count + 1, sizeof(*list->groups));
    for (int i = 0; i < count; i++) {
        const config_setting_t *element = is_list ? config_setting_get_elem(s, (unsigned)i) : s;

        if (!config_setting_is_group(element)) {
            return load_fail(l, element, "%s is made of messages: { } is expected here",
                             field->name);
        }
        if (load_group(l, element, field->descriptor, &list->groups[list->count++]) < 0) {
            return -1;
        }
    }
    return 0;
}

static int load_field(const struct loading *l, const config_setting_t *s,
                      const ProtobufCMessageDescriptor *type, struct group *group)
{
    const ProtobufCFieldDescriptor *field = message_field_find(type, config_setting_name(s));

    if (!field) {
        return load_fail(l, s, "%s has no field %s", type->short_name, config_setting_name(s));
    }
    if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        return load_list(l, s, field, &group->lists[group->list_count++]);
    }
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        return load_fail(l, s, "%s is a list, which a mapping cannot fill", field->name);
    }
    return load_value(l, s, type, field, &group->values[group->value_count++]);
}

static void open_group(const struct loading *l, const config_setting_t *s,
                       const ProtobufCMessageDescriptor *type, struct group *ret_group)
{
    const size_t count = (size_t)config_setting_length(s) + 1;

    *ret_group = (struct group){.type = type};
    ret_group->values = load_alloc(l, count, sizeof(*ret_group->values));
    ret_group->lists = load_alloc(l, count, sizeof(*ret_group->lists));
}

static int load_group(const struct loading *l, const config_setting_t *s,
                      const ProtobufCMessageDescriptor *type, struct group *ret_group)
{
    open_group(l, s, type, ret_group);
    for (int i = 0; i < config_setting_length(s); i++) {
        if (load_field(l, config_setting_get_elem(s, (unsigned)i), type, ret_group) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- records */

static int load_type(const struct loading *l, const config_setting_t *s, struct record_rule *rule)
{
    const config_setting_t *type = config_setting_get_member(s, "type");
    const char *name = type ? config_setting_get_string(type) : NULL;
    const ProtobufCFieldDescriptor *body =
        name ? message_field_find(&troth__v1__record__descriptor, name) : NULL;

    if (!body || !(body->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)) {
        return load_fail(l, type ? type : s,
                         "type = one of \"customer_profile\", \"contact\", \"case_update\", "
                         "\"survey_answer\", \"purchase\" is expected here");
    }
    rule->body = body;
    return 0;
}

static int load_record_member(const struct loading *l, const config_setting_t *s,
                              struct record_rule *rule)
{
    const char *name = config_setting_name(s);

    if (strcmp(name, "type") == 0) {
        return 0;
    }
    if (strcmp(name, "when") == 0) {
        return load_tests(l, s, &rule->when);
    }
    if (strcmp(name, "occurred") == 0) {
        const ProtobufCFieldDescriptor *field =
            message_field_find(&troth__v1__record__descriptor, "occurred_us");

        return load_value(l, s, &troth__v1__record__descriptor, field,
                          &rule->record.values[rule->record.value_count++]);
    }
    return load_field(l, s, rule->body->descriptor, &rule->fields);
}

static int load_record(const struct loading *l, const config_setting_t *s, struct record_rule *rule)
{
    if (!config_setting_is_group(s)) {
        return load_fail(l, s, "a record { type = \"...\"; ... } is expected here");
    }
    if (load_type(l, s, rule) < 0) {
        return -1;
    }
    open_group(l, s, &troth__v1__record__descriptor, &rule->record);
    open_group(l, s, rule->body->descriptor, &rule->fields);
    for (int i = 0; i < config_setting_length(s); i++) {
        if (load_record_member(l, config_setting_get_elem(s, (unsigned)i), rule) < 0) {
            return -1;
        }
    }
    return 0;
}

static int load_records(const struct loading *l, const config_setting_t *s)
{
    const int count = config_setting_is_list(s) ? config_setting_length(s) : 0;

    if (count == 0) {
        return load_fail(l, s, "records = ( { type = \"...\"; ... }, ... ) is expected here");
    }
    l->m->records = load_alloc(l, (size_t)count, sizeof(*l->m->records));
    for (int i = 0; i < count; i++) {
        if (load_record(l, config_setting_get_elem(s, (unsigned)i),
                        &l->m->records[l->m->record_count++]) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- the whole file */

static int load_name(const struct loading *l, const config_setting_t *s)
{
    if (load_text(l, s, &l->m->name) < 0) {
        return -1;
    }
    if (l->m->name[0] == '\0' || strlen(l->m->name) > 64) {
        return load_fail(l, s, "a name has 1 to 64 bytes");
    }
    return 0;
}

static int load_identity(const struct loading *l, const config_setting_t *s)
{
    const int count = config_setting_is_aggregate(s) ? config_setting_length(s) : 0;

    if (count == 0) {
        return load_fail(l, s, "identity = [\"column\", ...] is expected here");
    }
    l->m->identity = load_alloc(l, (size_t)count, sizeof(*l->m->identity));
    for (int i = 0; i < count; i++) {
        if (load_column(l, config_setting_get_elem(s, (unsigned)i),
                        &l->m->identity[l->m->identity_count++]) < 0) {
            return -1;
        }
    }
    return 0;
}

static int load_root(struct loading *l, const config_setting_t *root)
{
    const config_setting_t *zone = config_setting_get_member(root, "zone");
    const config_setting_t *records = NULL;

    /* First, because values look at it wherever it stands. */
    if (zone && load_zone(l, zone, &l->zone) < 0) {
        return -1;
    }
    for (int i = 0; i < config_setting_length(root); i++) {
        const config_setting_t *s = config_setting_get_elem(root, (unsigned)i);
        const char *name = config_setting_name(s);
        int rc = 0;

        if (strcmp(name, "name") == 0) {
            rc = load_name(l, s);
        } else if (strcmp(name, "identity") == 0) {
            rc = load_identity(l, s);
        } else if (strcmp(name, "records") == 0) {
            records = s;
            rc = load_records(l, s);
        } else if (strcmp(name, "zone") != 0) {
            rc = load_fail(l, s, "a mapping has name, zone, identity and records; not %s", name);
        }
        if (rc < 0) {
            return -1;
        }
    }
    if (!l->m->name) {
        return load_fail(l, root, "the mapping needs a name: it becomes part of every key");
    }
    return records ? 0 : load_fail(l, root, "the mapping has no records");
}

static int read_config(config_t *config, const char *path, struct err *err)
{
    char *copy = xstrdup(path);
    int rc = 0;

    config_set_include_dir(config, dirname(copy));
    if (!config_tree_read_file(config, path)) {
        if (config_error_type(config) == CONFIG_ERR_FILE_IO) {
            rc = err_set(err, "mapping_invalid", "%s: the file cannot be read", path);
        } else {
            const char *file = config_error_file(config);

            rc = err_set(err, "mapping_invalid", "%s:%d: %s", file ? file : path,
                         config_error_line(config), config_error_text(config));
        }
    }
    free(copy);
    return rc;
}

struct mapping *mapping_load(const char *path, struct err *err)
{
    struct loading l = {.path = path, .err = err};
    config_t config;
    int rc;

    config_init(&config);
    l.m = xcalloc(1, sizeof(*l.m));
    l.m->arena = arena_new(ARENA_BYTES);
    rc = read_config(&config, path, err);
    if (rc == 0) {
        rc = load_root(&l, config_root_setting(&config));
    }
    config_destroy(&config);
    if (rc < 0) {
        mapping_free(l.m);
        return NULL;
    }
    return l.m;
}
