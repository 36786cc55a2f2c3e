/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mapping.c - applies a mapping: each rule whose condition holds becomes a JSON tree of texts, and
 * that a record.
 *
 * The conversion from text to the field's type is message_from_json(), the same as for `troth
 * send`, so that a mapping and a person write values the same way.
 */
#include "services/cli/mapping.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/message_json.h"
#include "services/cli/mapping_rules.h"

#define REMARK_PREFIX "troth_" /* columns of ours in a file of rejected rows */

void mapping_free(struct mapping *m)
{
    if (!m) {
        return;
    }
    for (size_t i = 0; i < m->zone_count; i++) {
        zone_free(m->zones[i]);
    }
    free(m->zones);
    free(m->columns);
    free(m->is_remark);
    arena_free(m->arena);
    free(m);
}

const char *mapping_name(const struct mapping *m)
{
    return m->name;
}

size_t mapping_records_max(const struct mapping *m)
{
    return m->record_count;
}

/* ---- the header */

static size_t find_column(const struct csv_row *header, const char *name, size_t *ret_index)
{
    size_t found = 0;

    for (size_t i = 0; i < header->count; i++) {
        if (strcmp(header->fields[i], name) == 0) {
            *ret_index = i;
            found++;
        }
    }
    return found;
}

int mapping_bind(struct mapping *m, const struct csv_row *header, struct err *err)
{
    struct text missing = {0};
    int rc = 0;

    for (size_t i = 0; i < m->column_count; i++) {
        const char *name = m->columns[i].name;
        const size_t found = find_column(header, name, &m->columns[i].index);

        if (found > 1) {
            rc = err_set(err, "column_twice", "the file has more than one column '%s'", name);
            goto cleanup;
        }
        if (found == 0) {
            text_appendf(&missing, "%s'%s'", missing.len > 0 ? ", " : "", name);
        }
    }
    if (missing.len > 0) {
        rc = err_set(err, "column_missing", "the file lacks what the mapping needs: %s",
                     missing.data);
        goto cleanup;
    }
    free(m->is_remark);
    m->is_remark = xcalloc(header->count, sizeof(*m->is_remark));
    for (size_t i = 0; i < header->count; i++) {
        m->is_remark[i] = strncmp(header->fields[i], REMARK_PREFIX, strlen(REMARK_PREFIX)) == 0;
    }
    m->header_count = header->count;
cleanup:
    text_free(&missing);
    return rc;
}

/* ---- one row */

/* What reading one row needs everywhere. */
struct reading {
    const struct mapping *m;
    const struct csv_row *row;
    struct text text; /* reused */
    struct err *err;
};

static int read_group(struct reading *r, const struct group *group, json_t *object);

static int read_list(struct reading *r, const struct list *list, json_t *object)
{
    const bool is_repeated = list->field->label == PROTOBUF_C_LABEL_REPEATED;
    json_t *elements = json_array();

    for (size_t i = 0; i < list->count; i++) {
        json_t *element = json_object();

        if (read_group(r, &list->groups[i], element) < 0) {
            json_decref(element);
            json_decref(elements);
            return -1;
        }
        if (json_object_size(element) > 0) {
            json_array_append(elements, element);
        }
        json_decref(element);
    }
    if (json_array_size(elements) > 0) {
        json_object_set(object, list->field->name,
                        is_repeated ? elements : json_array_get(elements, 0));
    }
    json_decref(elements);
    return 0;
}

static int read_group(struct reading *r, const struct group *group, json_t *object)
{
    for (size_t i = 0; i < group->value_count; i++) {
        const struct value *v = &group->values[i];
        const int got = mapping_value_read(r->m, v, r->row, &r->text, r->err);

        if (got < 0) {
            return -1;
        }
        if (got == 0) {
            continue;
        }
        if (json_object_set_new(object, v->field->name, json_string(text_or_empty(&r->text))) < 0) {
            return err_set_field(r->err, "not_utf8", v->field->name,
                                 "the row is not UTF-8: convert the file first");
        }
    }
    for (size_t i = 0; i < group->list_count; i++) {
        if (read_list(r, &group->lists[i], object) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Puts the name of the body before the field that an error names. */
static void prefix_field(struct err *err, const char *body)
{
    struct err inner;

    if (err) {
        inner = *err;
        err_set_field(err, inner.code, "", "%s", inner.text);
        text_format(err->field, sizeof(err->field), "%s.%s", body, inner.field);
    }
}

static Troth__V1__Record *read_record(struct reading *r, const struct record_rule *rule,
                                      struct arena *arena)
{
    json_t *object = json_object();
    json_t *body = json_object();
    ProtobufCMessage *record = NULL;

    json_object_set_new(object, rule->body->name, body);
    if (read_group(r, &rule->fields, body) < 0) {
        prefix_field(r->err, rule->body->name);
    } else if (read_group(r, &rule->record, object) == 0) {
        record = message_from_json(&troth__v1__record__descriptor, object, arena, r->err);
    }
    json_decref(object);
    return (Troth__V1__Record *)record;
}

int mapping_apply(const struct mapping *m, const struct csv_row *row, struct arena *arena,
                  Troth__V1__Record **ret_records, struct err *err)
{
    struct reading r = {.m = m, .row = row, .err = err};
    int rc = 0;

    if (row->count != m->header_count) {
        return err_set(err, "column_count", "the row has %zu fields, the header has %zu",
                       row->count, m->header_count);
    }
    for (size_t i = 0; rc == 0 && i < m->record_count; i++) {
        ret_records[i] = NULL;
        if (mapping_tests_hold(m, &m->records[i].when, row)) {
            ret_records[i] = read_record(&r, &m->records[i], arena);
            rc = ret_records[i] ? 0 : -1;
        }
    }
    text_free(&r.text);
    return rc;
}

/* ---- identity */

/* As a netstring, "3:abc,", so that ("ab", "c") and ("a", "bc") differ. */
static void add_field(struct text *content, const char *field)
{
    text_appendf(content, "%zu:%s,", strlen(field), field);
}

void mapping_row_identity(const struct mapping *m, const struct csv_row *row,
                          uint8_t ret_digest[BYTES_DIGEST_LEN])
{
    struct text content = {0};

    add_field(&content, m->name);
    for (size_t i = 0; i < m->identity_count; i++) {
        add_field(&content, row->fields[m->columns[m->identity[i]].index]);
    }
    for (size_t i = 0; m->identity_count == 0 && i < row->count; i++) {
        if (!m->is_remark[i]) {
            add_field(&content, row->fields[i]);
        }
    }
    bytes_digest((struct bytes){.data = (const uint8_t *)content.data, .len = content.len},
                 ret_digest);
    text_free(&content);
}
