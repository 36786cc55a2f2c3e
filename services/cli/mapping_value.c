/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mapping_value.c - one value of one row, step by step: condition, text, default, table, date,
 * decimals, length.
 *
 * Errors name the column and not what stands in it: rows are personal data.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "services/cli/date_format.h"
#include "services/cli/mapping_rules.h"

static const char *cell(const struct mapping *m, const struct csv_row *row, size_t column)
{
    return row->fields[m->columns[column].index];
}

/* Appends without the blanks around it. */
static void append_trimmed(struct text *out, const char *text)
{
    size_t len;

    while (isspace((unsigned char)*text)) {
        text++;
    }
    len = strlen(text);
    while (len > 0 && isspace((unsigned char)text[len - 1])) {
        len--;
    }
    text_append_len(out, text, len);
}

static bool test_holds(const struct mapping *m, const struct test *t, const struct csv_row *row)
{
    struct text trimmed = {0};
    bool is_found = false;
    bool holds = false;

    append_trimmed(&trimmed, cell(m, row, t->column));
    for (size_t i = 0; i < t->text_count; i++) {
        is_found = is_found || strcmp(text_or_empty(&trimmed), t->texts[i]) == 0;
    }
    switch (t->kind) {
    case TEST_NOT_EMPTY:
        holds = trimmed.len > 0;
        break;
    case TEST_EMPTY:
        holds = trimmed.len == 0;
        break;
    case TEST_IS:
        holds = is_found;
        break;
    case TEST_IS_NOT:
        holds = !is_found;
        break;
    default:
        break;
    }
    text_free(&trimmed);
    return holds;
}

bool mapping_tests_hold(const struct mapping *m, const struct tests *tests,
                        const struct csv_row *row)
{
    for (size_t i = 0; i < tests->count; i++) {
        if (!test_holds(m, &tests->list[i], row)) {
            return false;
        }
    }
    return true;
}

static void read_pieces(const struct mapping *m, const struct value *v, const struct csv_row *row,
                        struct text *out)
{
    bool has_column = false;

    for (size_t i = 0; i < v->piece_count; i++) {
        const struct piece *piece = &v->pieces[i];
        const size_t before = out->len;

        if (piece->text) {
            text_append(out, piece->text);
            continue;
        }
        if (!v->is_template && before > 0) {
            text_append(out, v->join);
        }
        const size_t joined = out->len;

        append_trimmed(out, cell(m, row, piece->column));
        if (out->len > joined) {
            has_column = true;
        } else {
            out->len = before;
        }
    }
    if (!has_column && !v->is_constant) {
        out->len = 0;
    }
    text_append(out, ""); /* ends it where it was cut */
}

static void replace(struct text *text, const char *with)
{
    struct text copy = {0};

    text_append(&copy, with); /* with may stand in text */
    text_clear(text);
    text_append(text, text_or_empty(&copy));
    text_free(&copy);
}

/* The column an error is about: the first one. */
static const char *column_name(const struct mapping *m, const struct value *v)
{
    for (size_t i = 0; i < v->piece_count; i++) {
        if (!v->pieces[i].text) {
            return m->columns[v->pieces[i].column].name;
        }
    }
    return "";
}

static const struct pair *look_up(const struct value *v, const char *text)
{
    for (size_t i = 0; i < v->pair_count; i++) {
        if (v->is_contains ? strstr(text, v->pairs[i].from) != NULL
                           : strcmp(text, v->pairs[i].from) == 0) {
            return &v->pairs[i];
        }
    }
    return NULL;
}

static int read_date(const struct mapping *m, const struct value *v, struct text *text,
                     struct err *err)
{
    int64_t us;

    if (date_format_read(v->format, text_or_empty(text), v->zone, &us) < 0) {
        return err_set_field(err, "date_invalid", v->field->name,
                             "column '%s' is no date of the format %s", column_name(m, v),
                             v->format);
    }
    text_clear(text);
    text_appendf(text, "%" PRId64, us + v->plus_us);
    return 0;
}

/* "12.3" with two decimals is 1230. More digits than that would be lost, which is an error. */
static int read_decimals(const struct mapping *m, const struct value *v, struct text *text,
                         struct err *err)
{
    struct text digits = {0};
    const char *c = text_or_empty(text);
    int behind = -1;
    int64_t number;
    int rc = -1;

    for (; *c; c++) {
        if (*c == '.' && behind < 0) {
            behind = 0;
        } else {
            behind += behind >= 0;
            text_append_len(&digits, c, 1);
        }
    }
    behind = behind < 0 ? 0 : behind;
    if (behind <= v->decimals) {
        for (; behind < v->decimals; behind++) {
            text_append(&digits, "0");
        }
        rc = text_to_int64(text_or_empty(&digits), INT64_MIN, INT64_MAX, &number);
    }
    if (rc == 0) {
        text_clear(text);
        text_appendf(text, "%" PRId64, number);
    } else {
        err_set_field(err, "number_invalid", v->field->name,
                      "column '%s' is no number with at most %d digits behind the point",
                      column_name(m, v), v->decimals);
    }
    text_free(&digits);
    return rc;
}

static void cut(struct text *text, size_t max_bytes)
{
    if (text->len > max_bytes) {
        while (max_bytes > 0 && ((unsigned char)text->data[max_bytes] & 0xc0) == 0x80) {
            max_bytes--;
        }
        text->len = max_bytes;
        text->data[max_bytes] = '\0';
    }
}

/* From the text of the column to that of the field. */
static int convert(const struct mapping *m, const struct value *v, struct text *text,
                   struct err *err)
{
    if (v->pair_count > 0) {
        const struct pair *pair = look_up(v, text_or_empty(text));
        const char *to = pair ? pair->to : v->fallback;

        if (!to) {
            return err_set_field(err, "value_unknown", v->field->name,
                                 "what stands in column '%s' is not in the table of the mapping",
                                 column_name(m, v));
        }
        replace(text, to);
    }
    if (v->format && read_date(m, v, text, err) < 0) {
        return -1;
    }
    if (v->decimals >= 0 && read_decimals(m, v, text, err) < 0) {
        return -1;
    }
    if (v->max_bytes > 0) {
        cut(text, v->max_bytes);
    }
    return 0;
}

int mapping_value_read(const struct mapping *m, const struct value *v, const struct csv_row *row,
                       struct text *text, struct err *err)
{
    text_clear(text);
    if (!mapping_tests_hold(m, &v->when, row)) {
        return 0;
    }
    read_pieces(m, v, row, text);
    if (v->is_constant) {
        return 1;
    }
    if (text->len == 0) {
        if (v->fallback) {
            text_append(text, v->fallback);
            return 1;
        }
        if (v->is_required) {
            return err_set_field(err, "column_empty", v->field->name,
                                 "column '%s' is empty and the mapping needs it",
                                 column_name(m, v));
        }
        return 0;
    }
    return convert(m, v, text, err) < 0 ? -1 : 1;
}
