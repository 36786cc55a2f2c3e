/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/export_file.h"

#include <string.h>

/* Somebody else typed it: no control character of it reaches the terminal. */
static void put_text(FILE *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        (void)fputc((unsigned char)*p < 0x20 || *p == 0x7f ? ' ' : *p, out);
    }
}

static void put_value(FILE *out, const json_t *value)
{
    if (json_is_string(value)) {
        put_text(out, json_string_value(value));
    } else if (json_is_boolean(value)) {
        (void)fputs(json_is_true(value) ? "yes" : "no", out);
    } else if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++) {
            (void)fputs(i > 0 ? ", " : "", out);
            put_value(out, json_array_get(value, i));
        }
    } else {
        (void)json_dumpf(value, out, JSON_ENCODE_ANY | JSON_COMPACT);
    }
}

static void put_json(FILE *out, const char *name, const json_t *value)
{
    (void)fprintf(out, "\"%s\": ", name); /* names are ours: nothing in them is escaped */
    (void)json_dumpf(value, out, JSON_ENCODE_ANY | JSON_COMPACT);
}

void export_file_begin(struct export_file *f, json_t *head)
{
    const char *name;
    json_t *value;
    const char *separator = "{\n";
    json_object_foreach(head, name, value)
    {
        if (f->is_json) {
            (void)fputs(separator, f->out);
            put_json(f->out, name, value);
            separator = ",\n";
        } else {
            (void)fprintf(f->out, "%s: ", name);
            put_value(f->out, value);
            (void)fputc('\n', f->out);
        }
    }
}

static void close_section(struct export_file *f)
{
    if (f->is_section_open && f->is_json) {
        (void)fputs(f->has_rows ? "\n]" : "]", f->out);
    }
    f->is_section_open = false;
}

void export_file_section(struct export_file *f, const char *name, const char *title)
{
    close_section(f);
    f->is_section_open = true;
    f->has_rows = false;
    f->title = title;
    if (f->is_json) {
        (void)fprintf(f->out, ",\n\"%s\": [", name);
    }
}

/* The fields in a line, the texts each in one of its own. */
static void put_row(FILE *out, json_t *row)
{
    const char *name;
    json_t *value;
    const char *separator = "  ";
    json_object_foreach(row, name, value)
    {
        if (strcmp(name, "texts") != 0 && !json_is_object(value)) {
            (void)fprintf(out, "%s%s: ", separator, name);
            put_value(out, value);
            separator = "; ";
        }
    }
    (void)fputc('\n', out);
    const json_t *texts = json_object_get(row, "texts");
    for (size_t i = 0; i < json_array_size(texts); i++) {
        const json_t *one = json_array_get(texts, i);
        (void)fprintf(out, "    %s: ", json_string_value(json_object_get(one, "field")));
        put_value(out, json_object_get(one, "text"));
        (void)fputc('\n', out);
    }
}

void export_file_row(struct export_file *f, json_t *row)
{
    if (f->is_json) {
        (void)fputs(f->has_rows ? ",\n" : "\n", f->out);
        (void)json_dumpf(row, f->out, JSON_COMPACT);
    } else {
        if (!f->has_rows) {
            (void)fprintf(f->out, "\n%s\n", f->title);
        }
        put_row(f->out, row);
    }
    f->has_rows = true;
}

void export_file_end(struct export_file *f, json_t *tail)
{
    const char *name;
    json_t *value;
    close_section(f);
    json_object_foreach(tail, name, value)
    {
        if (f->is_json) {
            (void)fputs(",\n", f->out);
            put_json(f->out, name, value);
        }
    }
    if (f->is_json) {
        (void)fputs("\n}\n", f->out);
        return;
    }
    const json_t *missing = json_object_get(tail, "missing");
    for (size_t i = 0; i < json_array_size(missing); i++) {
        (void)fprintf(f->out, "\nMISSING: %s\n", json_string_value(json_array_get(missing, i)));
    }
}
