/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/weekly_chart.h"

#include <math.h>
#include <string.h>

#include "common/domain/figure_text.h"
#include "common/runtime/mail_text.h"

enum {
    WIDTH = 720,
    /* Bars: a line of text each. */
    LABEL_WIDTH = 190,
    VALUE_WIDTH = 190,
    LINE_HEIGHT = 24,
    BAR_HEIGHT = 14,
    /* Columns. */
    PLOT_HEIGHT = 130,
    FOOT_HEIGHT = 34,
};

const char *weekly_chart_label(const Troth__V1__FigureRow *row)
{
    const char *label = text_is_empty(row->label) ? row->key : row->label;

    return text_is_empty(label) ? "-" : label;
}

/* What is drawn of a table. */
struct plot {
    const Troth__V1__FigureTable *table;
    size_t column;
    size_t rows;
    double largest; /* of values and of what they may be off by */
    bool is_chinese;
};

static const Troth__V1__FigureCell *cell_of(const struct plot *p, size_t row)
{
    return p->table->rows[row]->cells[p->column];
}

/* A value below 0 has no bar: such columns are told by the table. */
static double value_of(const Troth__V1__FigureCell *cell)
{
    return cell->has_value && cell->value > 0 ? cell->value : 0;
}

static bool find_column(const struct weekly_section *section, size_t *ret_column)
{
    for (size_t i = 0; section->column && i < section->table->n_columns; i++) {
        if (strcmp(section->table->columns[i]->name, section->column) == 0) {
            *ret_column = i;
            return true;
        }
    }
    return false;
}

static void measure(struct plot *p)
{
    p->largest = 0;
    for (size_t i = 0; i < p->rows; i++) {
        const Troth__V1__FigureCell *cell = cell_of(p, i);
        p->largest = fmax(p->largest, value_of(cell));
        if (cell->has_value && cell->has_high) {
            p->largest = fmax(p->largest, cell->high);
        }
    }
}

static void append_open(const struct plot *p, int height, struct text *out)
{
    text_appendf(out,
                 "<svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" "
                 "aria-label=\"",
                 (int)WIDTH, height, (int)WIDTH, height);
    html_append_text(p->table->title, out);
    text_append(out, ": ");
    html_append_text(p->table->columns[p->column]->label, out);
    text_append(out, "\">\n");
}

static void append_label(double x, double y, const char *anchor, const char *label,
                         struct text *out)
{
    text_appendf(out, "<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"%s\">", x, y, anchor);
    html_append_text(label, out);
    text_append(out, "</text>");
}

/* ---- bars from the left */

static void append_bar(const struct plot *p, size_t row, struct text *out)
{
    const Troth__V1__FigureCell *cell = cell_of(p, row);
    const double room = WIDTH - LABEL_WIDTH - VALUE_WIDTH;
    const double top = (double)(LINE_HEIGHT * row) + 5;
    const double length = room * value_of(cell) / p->largest;
    double end = LABEL_WIDTH + length;
    struct text figure = {.data = NULL};

    append_label(LABEL_WIDTH - 8, top + 12, "end", weekly_chart_label(p->table->rows[row]), out);
    text_appendf(out, "<rect class=\"bar\" x=\"%d\" y=\"%.0f\" width=\"%.1f\" height=\"%d\"/>",
                 (int)LABEL_WIDTH, top, length, (int)BAR_HEIGHT);
    if (cell->has_value && cell->has_low && cell->has_high) {
        double low = LABEL_WIDTH + room * fmax(cell->low, 0) / p->largest;
        end = fmax(end, LABEL_WIDTH + room * fmax(cell->high, 0) / p->largest);
        text_appendf(out, "<line class=\"off\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.0f\" y2=\"%.0f\"/>",
                     low, end, top + BAR_HEIGHT / 2.0, top + BAR_HEIGHT / 2.0);
    }
    figure_text_append(p->table->columns[p->column], cell, p->is_chinese, &figure);
    append_label(end + 8, top + 12, "start", text_or_empty(&figure), out);
    text_append(out, "\n");
    text_free(&figure);
}

static void append_bars(struct plot *p, struct text *out)
{
    append_open(p, LINE_HEIGHT * (int)p->rows + 4, out);
    for (size_t i = 0; i < p->rows; i++) {
        append_bar(p, i, out);
    }
    text_append(out, "</svg>\n");
}

/* ---- columns upwards, one for each day */

static void append_column(const struct plot *p, size_t row, double width, struct text *out)
{
    const Troth__V1__FigureCell *cell = cell_of(p, row);
    const Troth__V1__FigureColumn *column = p->table->columns[p->column];
    const double height = (PLOT_HEIGHT - 24) * value_of(cell) / p->largest;
    const double middle = width * ((double)row + 0.5);
    const Troth__V1__FigureCell bare = {
        .base = cell->base, .has_value = cell->has_value, .value = cell->value};
    struct text figure = {.data = NULL};

    text_appendf(out, "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
                 middle - width * 0.3, PLOT_HEIGHT - height, width * 0.6, height);
    figure_text_append(column, &bare, p->is_chinese, &figure);
    append_label(middle, PLOT_HEIGHT - height - 5, "middle", text_or_empty(&figure), out);
    append_label(middle, PLOT_HEIGHT + 18, "middle", weekly_chart_label(p->table->rows[row]), out);
    text_append(out, "\n");
    text_free(&figure);
}

static void append_columns(struct plot *p, struct text *out)
{
    append_open(p, PLOT_HEIGHT + FOOT_HEIGHT, out);
    for (size_t i = 0; i < p->rows; i++) {
        append_column(p, i, (double)WIDTH / (double)p->rows, out);
    }
    text_appendf(out, "<line class=\"axis\" x1=\"0\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/></svg>\n",
                 (int)WIDTH, (int)PLOT_HEIGHT, (int)PLOT_HEIGHT);
}

void weekly_chart_append(const struct weekly_section *section, bool is_chinese, struct text *out)
{
    struct plot plot = {.table = section->table, .is_chinese = is_chinese};

    if (section->chart == WEEKLY_NO_CHART || !find_column(section, &plot.column)) {
        return;
    }
    plot.rows = section->table->n_rows < WEEKLY_BARS_MAX ? section->table->n_rows : WEEKLY_BARS_MAX;
    measure(&plot);
    if (plot.largest <= 0) {
        return;
    }
    if (section->chart == WEEKLY_BARS) {
        append_bars(&plot, out);
    } else {
        append_columns(&plot, out);
    }
}
