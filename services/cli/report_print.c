/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/report_print.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "common/domain/figure_text.h"
#include "services/cli/cli_table.h"
#include "services/cli/score_bar.h"

/* A report with more columns is printed as several tables, one below the other. */
#define BLOCK_COLUMNS 6

/* ---- which column is drawn */

static bool can_be_drawn(const Troth__V1__FigureColumn *column)
{
    return column->unit != TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_TEXT &&
           column->unit != TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_DAY;
}

size_t report_print_bar_column(const Troth__V1__FigureTable *table, const char *name)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        const Troth__V1__FigureColumn *column = table->columns[i];
        if (name ? strcmp(name, column->name) == 0 : can_be_drawn(column)) {
            return i;
        }
    }
    return REPORT_NO_BAR;
}

/* The largest value on either side of 0. */
struct bar_scale {
    double largest;
    bool has_negative;
};

static struct bar_scale scale_of(const Troth__V1__FigureTable *table, size_t column)
{
    struct bar_scale scale = {.largest = 0};

    for (size_t i = 0; i < table->n_rows; i++) {
        const Troth__V1__FigureCell *cell = table->rows[i]->cells[column];
        if (cell->has_value) {
            scale.largest = fmax(scale.largest, fabs(cell->value));
            scale.has_negative = scale.has_negative || cell->value < 0;
        }
    }
    return scale;
}

static void add_bar(struct cli_table *t, const struct bar_scale *scale,
                    const Troth__V1__FigureCell *cell)
{
    char two_sided[SCORE_BAR_SIZE];
    char one_sided[FIGURE_BAR_SIZE];

    if (!cell->has_value || scale->largest <= 0) {
        cli_table_add(t, "%s", "");
    } else if (scale->has_negative) {
        cli_table_add(t, "%s", score_bar(cell->value, scale->largest, two_sided));
    } else {
        cli_table_add(t, "%s", figure_bar(cell->value, scale->largest, one_sided));
    }
}

/* ---- the table */

/* Columns first to last - 1 of a report. */
struct block {
    const Troth__V1__FigureTable *table;
    size_t first, last;
    bool has_bar, is_chinese;
    size_t bar;
    struct bar_scale scale;
};

static const char *label_of(const Troth__V1__FigureRow *row)
{
    return text_is_empty(row->label) ? cli_text(row->key) : row->label;
}

static void add_row(struct cli_table *t, const struct block *b, const char *label,
                    const Troth__V1__FigureRow *row, bool is_total)
{
    struct text text = {.data = NULL};

    cli_table_add(t, "%s", label);
    for (size_t i = b->first; i < b->last; i++) {
        text_clear(&text);
        figure_text_append(b->table->columns[i], row->cells[i], b->is_chinese, &text);
        cli_table_add(t, "%s", text.data);
    }
    if (b->has_bar && is_total) {
        cli_table_add(t, "%s", "");
    } else if (b->has_bar) {
        add_bar(t, &b->scale, row->cells[b->bar]);
    }
    text_free(&text);
}

static char *title_of(const Troth__V1__FigureColumn *column)
{
    struct text title = {.data = NULL};
    const char *label = text_is_empty(column->label) ? column->name : column->label;

    text_appendf(&title, "%s%s", can_be_drawn(column) ? ">" : "", label);
    return title.data;
}

static void print_block(const struct report_print *p, const struct block *b)
{
    const char *titles[BLOCK_COLUMNS + 2];
    char *made[BLOCK_COLUMNS];
    size_t count = b->last - b->first;
    struct cli_table table = {.titles = titles, .count = count + (b->has_bar ? 2 : 1)};

    titles[0] = text_is_empty(b->table->group_by) ? "" : b->table->group_by;
    for (size_t i = 0; i < count; i++) {
        titles[i + 1] = made[i] = title_of(b->table->columns[b->first + i]);
    }
    titles[count + 1] = "";
    for (size_t i = 0; i < b->table->n_rows; i++) {
        add_row(&table, b, label_of(b->table->rows[i]), b->table->rows[i], false);
    }
    if (b->table->total) {
        add_row(&table, b, "=", b->table->total, true);
    }
    cli_table_print(&table, p->out);
    for (size_t i = 0; i < count; i++) {
        free(made[i]);
    }
}

static void print_head(const struct report_print *p, const Troth__V1__FigureTable *table)
{
    (void)fprintf(p->out, p->is_chinese ? "%s\n%s 至 %s，日期按 %s" : "%s\n%s to %s, days in %s",
                  cli_text(table->title), cli_text(table->from_day), cli_text(table->to_day),
                  cli_text(table->time_zone));
    if (!text_is_empty(table->before_from_day)) {
        (void)fprintf(p->out, p->is_chinese ? "；前期：%s 至 %s" : "; before: %s to %s",
                      table->before_from_day, cli_text(table->before_to_day));
    }
    (void)fputs("\n", p->out);
}

void report_print_table(const struct report_print *p, const Troth__V1__FigureTable *table)
{
    print_head(p, table);
    for (size_t first = 0; first < table->n_columns; first += BLOCK_COLUMNS) {
        struct block block = {
            .table = table,
            .first = first,
            .last =
                first + BLOCK_COLUMNS < table->n_columns ? first + BLOCK_COLUMNS : table->n_columns,
            .bar = p->bar,
            .is_chinese = p->is_chinese,
        };
        block.has_bar = p->bar != REPORT_NO_BAR && p->bar >= first && p->bar < block.last;
        if (block.has_bar) {
            block.scale = scale_of(table, p->bar);
        }
        (void)fputs("\n", p->out);
        print_block(p, &block);
    }
    for (size_t i = 0; i < table->n_notes; i++) {
        (void)fprintf(p->out, "%s%s\n", i == 0 ? "\n" : "", table->notes[i]);
    }
    if (table->events_behind > 0) {
        (void)fprintf(p->out, "\n%" PRId64 " events are not counted yet.\n", table->events_behind);
    }
}

/* ---- lists */

void report_print_catalogue(const Troth__V1__Catalogue *catalogue, FILE *out)
{
    static const char *const titles[] = {"REPORT", "SAYS", "BY"};
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};
    struct text groups = {.data = NULL};

    for (size_t i = 0; i < catalogue->n_reports; i++) {
        const Troth__V1__ReportEntry *r = catalogue->reports[i];
        text_clear(&groups);
        for (size_t k = 0; k < r->n_groups; k++) {
            text_appendf(&groups, "%s%s", k == 0 ? "" : " ", r->groups[k]);
        }
        cli_table_add(&table, "%s", cli_text(r->name));
        cli_table_add(&table, "%s", cli_text(r->title));
        cli_table_add(&table, "%s", cli_text(groups.data));
    }
    cli_table_print(&table, out);
    text_free(&groups);
    if (!text_is_empty(catalogue->first_day)) {
        (void)fprintf(out, "\nFigures from %s to %s, days in %s.\n", catalogue->first_day,
                      cli_text(catalogue->last_day), cli_text(catalogue->time_zone));
    }
}

void report_print_cases(const Troth__V1__CaseList *list, FILE *out)
{
    static const char *const titles[] = {"CASE",     "KIND",     "STATE",    "BRANCH",
                                         "TEAM",     "STAFF",    "CATEGORY", "OPENED",
                                         "ANSWERED", "RESOLVED", "BROKEN",   "NEXT DUE"};
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};
    char text[CLI_NAME_SIZE];

    for (size_t i = 0; i < list->n_cases; i++) {
        const Troth__V1__CaseLine *c = list->cases[i];
        cli_table_add(&table, "%s", cli_text(c->case_number));
        cli_table_add(&table, "%s",
                      cli_enum_text(&troth__v1__contact_kind__descriptor, (int)c->kind, text));
        cli_table_add(&table, "%s",
                      cli_enum_text(&troth__v1__case_state__descriptor, (int)c->state, text));
        cli_table_add(&table, "%s", cli_text(c->branch));
        cli_table_add(&table, "%s", cli_text(c->team));
        cli_table_add(&table, "%s", cli_text(c->staff));
        cli_table_add(&table, "%s", cli_text(c->category));
        cli_table_add(&table, "%s", cli_time_text(c->has_opened_us, c->opened_us, text));
        cli_table_add(&table, "%s",
                      cli_time_text(c->has_first_response_us, c->first_response_us, text));
        cli_table_add(&table, "%s", cli_time_text(c->has_resolved_us, c->resolved_us, text));
        cli_table_add(&table, "%s", cli_time_text(c->has_broken_us, c->broken_us, text));
        cli_table_add(&table, "%s", cli_time_text(c->has_next_due_us, c->next_due_us, text));
    }
    cli_table_print(&table, out);
    if (!text_is_empty(list->next)) {
        (void)fprintf(out, "\nThere are more: --after %s\n", list->next);
    }
}
