/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_csv.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define EXACT_MAX 9007199254740992.0 /* 2^53 */
#define US_PER_S  1e6

static void append_quoted(const char *value, const char *guard, struct text *out)
{
    text_append(out, "\"");
    text_append(out, guard);
    for (const char *at = value; *at != '\0'; at++) {
        text_append_len(out, at, 1);
        if (*at == '"') {
            text_append(out, "\"");
        }
    }
    text_append(out, "\"");
}

static void append_text(const char *value, struct text *out)
{
    const char *text = value ? value : "";
    const char *guard = text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL ? "'" : "";

    if (guard[0] != '\0' || strpbrk(text, "\",\r\n") != NULL) {
        append_quoted(text, guard, out);
    } else {
        text_append(out, text);
    }
}

static bool is_duration(const Troth__V1__FigureColumn *column)
{
    return column->unit == TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_DURATION;
}

/* Behind the names of whatever has the column's unit. */
static const char *suffix_of(const Troth__V1__FigureColumn *column)
{
    return is_duration(column)                                         ? "_s"
           : column->unit == TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_MONEY ? "_minor"
                                                                       : "";
}

static void append_number(bool has, double value, struct text *out)
{
    if (!has) {
        return;
    }
    if (value == floor(value) && fabs(value) < EXACT_MAX) {
        text_appendf(out, "%" PRId64, (int64_t)value);
    } else {
        text_appendf(out, "%.17g", value); /* read back, it is the same number */
    }
}

static void append_value(const Troth__V1__FigureColumn *column, bool has, double value,
                         struct text *out)
{
    if (has && is_duration(column)) {
        text_appendf(out, "%.3f", value / US_PER_S);
    } else {
        append_number(has, value, out);
    }
}

static bool is_text(const Troth__V1__FigureColumn *column)
{
    return column->unit == TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_TEXT ||
           column->unit == TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_DAY;
}

static void append_names(const Troth__V1__FigureTable *table, struct text *out)
{
    text_append(out, "key,label");
    for (size_t i = 0; i < table->n_columns; i++) {
        const char *name = table->columns[i]->name, *unit = suffix_of(table->columns[i]);
        text_appendf(out, ",%s%s", name, unit);
        if (!is_text(table->columns[i])) {
            text_appendf(out, ",%s_low%s,%s_high%s,%s_count", name, unit, name, unit, name);
        }
        if (table->before_from_day && !is_text(table->columns[i])) {
            text_appendf(out, ",%s_before%s", name, unit);
        }
    }
    text_append(out, "\r\n");
}

static void append_cells(const Troth__V1__FigureTable *table, const Troth__V1__FigureRow *row,
                         struct text *out)
{
    for (size_t i = 0; i < table->n_columns && i < row->n_cells; i++) {
        const Troth__V1__FigureCell *cell = row->cells[i];
        const Troth__V1__FigureColumn *column = table->columns[i];
        text_append(out, ",");
        if (is_text(column)) {
            append_text(cell->text, out);
            continue;
        }
        append_value(column, cell->has_value, cell->value, out);
        text_append(out, ",");
        append_value(column, cell->has_low, cell->low, out);
        text_append(out, ",");
        append_value(column, cell->has_high, cell->high, out);
        text_append(out, ",");
        append_number(cell->has_count, (double)cell->count, out);
        if (table->before_from_day) {
            text_append(out, ",");
            append_value(column, cell->has_before, cell->before, out);
        }
    }
    text_append(out, "\r\n");
}

void report_csv_append(const Troth__V1__FigureTable *table, bool has_bom, struct text *out)
{
    if (has_bom) {
        text_append(out, "\xef\xbb\xbf");
    }
    append_names(table, out);
    for (size_t i = 0; i < table->n_rows; i++) {
        append_text(table->rows[i]->key, out);
        text_append(out, ",");
        append_text(table->rows[i]->label, out);
        append_cells(table, table->rows[i], out);
    }
    if (table->total) {
        text_append(out, "total,");
        append_cells(table, table->total, out);
    }
}
