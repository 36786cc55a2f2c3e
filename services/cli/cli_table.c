/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/cli_table.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/message_field.h"
#include "common/runtime/message_json.h"

void cli_table_add(struct cli_table *t, const char *fmt, ...)
{
    va_list args;
    char *cell;

    va_start(args, fmt);
    if (vasprintf(&cell, fmt, args) < 0) {
        cell = xstrdup("");
    }
    va_end(args);
    t->cells = xreallocarray(t->cells, t->cell_count + 1, sizeof(*t->cells));
    t->cells[t->cell_count++] = cell;
}

static bool is_flush_right(const struct cli_table *t, size_t column)
{
    return t->titles[column][0] == '>';
}

static const char *title(const struct cli_table *t, size_t column)
{
    return t->titles[column] + is_flush_right(t, column);
}

static void print_cell(const struct cli_table *t, size_t column, const char *cell, size_t width,
                       FILE *out)
{
    const size_t columns = text_columns(cell);
    const int padding = columns < width ? (int)(width - columns) : 0;

    if (column > 0) {
        (void)fputs("  ", out);
    }
    if (is_flush_right(t, column)) {
        (void)fprintf(out, "%*s%s", padding, "", cell);
    } else if (column + 1 < t->count) {
        (void)fprintf(out, "%s%*s", cell, padding, "");
    } else { /* no blanks at the end of a line */
        (void)fputs(cell, out);
    }
}

void cli_table_print(struct cli_table *t, FILE *out)
{
    size_t widths[CLI_TABLE_COLUMNS_MAX] = {0};

    if (t->count == 0) {
        return;
    }
    for (size_t i = 0; i < t->count; i++) {
        widths[i] = text_columns(title(t, i));
    }
    for (size_t i = 0; i < t->cell_count; i++) {
        const size_t width = text_columns(t->cells[i]);

        if (width > widths[i % t->count]) {
            widths[i % t->count] = width;
        }
    }
    for (size_t i = 0; t->cell_count > 0 && i < t->count; i++) {
        print_cell(t, i, title(t, i), widths[i], out);
    }
    if (t->cell_count > 0) {
        (void)fputc('\n', out);
    }
    for (size_t i = 0; i < t->cell_count; i++) {
        print_cell(t, i % t->count, t->cells[i], widths[i % t->count], out);
        if (i % t->count == t->count - 1) {
            (void)fputc('\n', out);
        }
        free(t->cells[i]);
    }
    free(t->cells);
    t->cells = NULL;
    t->cell_count = 0;
}

void cli_put_json(json_t *json, FILE *out)
{
    (void)json_dumpf(json, out, JSON_INDENT(2));
    (void)fputc('\n', out);
    json_decref(json);
}

void cli_print_json(const ProtobufCMessage *m, FILE *out)
{
    cli_put_json(message_to_json(m), out);
}

const char *cli_enum_text(const ProtobufCEnumDescriptor *type, int value, char ret[CLI_NAME_SIZE])
{
    const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(type, value);

    if (!known || value == 0) {
        return "-";
    }
    text_copy(ret, CLI_NAME_SIZE, message_enum_short_name(type, known));
    for (char *c = ret; *c; c++) {
        *c = (char)tolower((unsigned char)*c);
        if (*c == '_') {
            *c = ' ';
        }
    }
    return ret;
}

const char *cli_time_text(int has_value, int64_t us, char ret[CLI_NAME_SIZE])
{
    char text[INSTANT_TEXT_SIZE];

    if (!has_value) {
        return "-";
    }
    instant_format(us, text);
    text_format(ret, CLI_NAME_SIZE, "%.10s %.5sZ", text, text + 11);
    return ret;
}

const char *cli_text(const char *text)
{
    return text_is_empty(text) ? "-" : text;
}
