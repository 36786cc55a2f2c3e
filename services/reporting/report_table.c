/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_table.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/reporting/report_column.h"
#include "services/reporting/report_frame.h"
#include "services/reporting/report_labels.h"
#include "services/reporting/report_period.h"

static const char *in(const struct report_words *words, enum report_language language)
{
    return words->text[language];
}

/* ---- frame and columns */

Troth__V1__FigureColumn *report_table_column(const struct report_column *column,
                                             enum report_language language)
{
    Troth__V1__FigureColumn *view = xcalloc(1, sizeof(*view));

    troth__v1__figure_column__init(view);
    view->name = xstrdup(column->name);
    view->label = xstrdup(in(&column->label, language));
    view->help = xstrdup(in(&column->help, language));
    view->has_unit = true;
    view->unit = column->unit;
    view->has_is_less_better = column->is_less_better;
    view->is_less_better = column->is_less_better;
    view->has_target = column->has_target;
    view->target = column->target;
    return view;
}

static const char *group_name(const struct report_frame *frame)
{
    static const char *const names[] = {
        [GROUP_NONE] = "none", [GROUP_DAY] = "day", [GROUP_WEEK] = "week", [GROUP_MONTH] = "month"};

    return frame->grouping == GROUP_DIMENSION ? figure_dimension_name(frame->dimension)
                                              : names[frame->grouping];
}

Troth__V1__FigureTable *report_table_new(const struct report_frame *frame)
{
    Troth__V1__FigureTable *table = xcalloc(1, sizeof(*table));
    const struct report_kind *kind = frame->kind;
    size_t count = 0;

    troth__v1__figure_table__init(table);
    table->name = xstrdup(kind->name);
    table->title = xstrdup(in(&kind->title, frame->language));
    table->from_day = xstrdup(frame->from_day);
    table->to_day = xstrdup(frame->to_day);
    table->time_zone = xstrdup(frame->time_zone);
    table->group_by = xstrdup(group_name(frame));
    if (frame->before_from_day[0] != '\0') {
        table->before_from_day = xstrdup(frame->before_from_day);
        table->before_to_day = xstrdup(frame->before_to_day);
    }
    table->cases = kind->cases ? xstrdup(kind->cases) : NULL;
    while (kind->columns[count].name != NULL) {
        count++;
    }
    table->columns = xcalloc(count + 1, sizeof(Troth__V1__FigureColumn *));
    for (; table->n_columns < count; table->n_columns++) {
        table->columns[table->n_columns] =
            report_table_column(&kind->columns[table->n_columns], frame->language);
    }
    for (size_t i = 0; kind->notes && kind->notes[i].text[0] != NULL; i++) {
        report_table_note(table, in(&kind->notes[i], frame->language));
    }
    return table;
}

/* ---- rows and cells */

static Troth__V1__FigureRow *new_row(const Troth__V1__FigureTable *table)
{
    Troth__V1__FigureRow *row = xcalloc(1, sizeof(*row));

    troth__v1__figure_row__init(row);
    row->cells = xcalloc(table->n_columns + 1, sizeof(Troth__V1__FigureCell *));
    for (; row->n_cells < table->n_columns; row->n_cells++) {
        row->cells[row->n_cells] = xcalloc(1, sizeof(Troth__V1__FigureCell));
        troth__v1__figure_cell__init(row->cells[row->n_cells]);
    }
    return row;
}

Troth__V1__FigureRow *report_table_add(Troth__V1__FigureTable *table, const char *key,
                                       const char *label)
{
    Troth__V1__FigureRow *row = new_row(table);

    row->key = xstrdup(key);
    row->label = xstrdup(label);
    if ((table->n_rows & (table->n_rows - 1)) == 0) { /* full: twice the room */
        table->rows = xreallocarray(table->rows, table->n_rows == 0 ? 1 : 2 * table->n_rows,
                                    sizeof(Troth__V1__FigureRow *));
    }
    table->rows[table->n_rows++] = row;
    return row;
}

Troth__V1__FigureRow *report_table_total(Troth__V1__FigureTable *table)
{
    if (table->total == NULL) {
        table->total = new_row(table);
    }
    return table->total;
}

void report_cell_number(Troth__V1__FigureRow *row, size_t column, double value)
{
    row->cells[column]->has_value = true;
    row->cells[column]->value = value;
}

void report_cell_estimate(Troth__V1__FigureRow *row, size_t column, double value, double low,
                          double high, int64_t count)
{
    Troth__V1__FigureCell *cell = row->cells[column];

    report_cell_number(row, column, value);
    cell->has_low = cell->has_high = cell->has_count = true;
    cell->low = low;
    cell->high = high;
    cell->count = count;
}

void report_cell_text(Troth__V1__FigureRow *row, size_t column, const char *text)
{
    free(row->cells[column]->text);
    row->cells[column]->text = xstrdup(text);
}

void report_table_note(Troth__V1__FigureTable *table, const char *note)
{
    table->notes = xreallocarray(table->notes, table->n_notes + 1, sizeof(char *));
    table->notes[table->n_notes++] = xstrdup(note);
}

static void free_row(Troth__V1__FigureRow *row)
{
    troth__v1__figure_row__free_unpacked(row, NULL);
}

bool report_table_drop(Troth__V1__FigureTable *table)
{
    const bool is_by_time = table->group_by && (strcmp(table->group_by, "day") == 0 ||
                                                strcmp(table->group_by, "week") == 0 ||
                                                strcmp(table->group_by, "month") == 0);

    if (table->n_rows == 0) {
        return false;
    }
    table->n_rows--;
    if (is_by_time) {
        free_row(table->rows[0]);
        memmove(&table->rows[0], &table->rows[1], table->n_rows * sizeof(Troth__V1__FigureRow *));
    } else {
        free_row(table->rows[table->n_rows]);
    }
    return true;
}

void report_table_clear(Troth__V1__FigureTable *table)
{
    while (table->n_rows > 0) {
        free_row(table->rows[--table->n_rows]);
    }
    free(table->rows);
    table->rows = NULL;
}

/* ---- order */

static size_t digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* "item/9" before "item/10". */
static int compare_numbers(const char **left, const char **right)
{
    const size_t zeros[2] = {strspn(*left, "0"), strspn(*right, "0")};
    const size_t lens[2] = {digits(*left + zeros[0]), digits(*right + zeros[1])};
    int order = lens[0] < lens[1]   ? -1
                : lens[0] > lens[1] ? 1
                                    : memcmp(*left + zeros[0], *right + zeros[1], lens[0]);

    *left += zeros[0] + lens[0];
    *right += zeros[1] + lens[1];
    return order;
}

static int compare_keys(const char *left, const char *right)
{
    const char *a = left, *b = right;

    while (*a != '\0' && *b != '\0') {
        const bool are_numbers = digits(a) > 0 && digits(b) > 0;
        int order = are_numbers ? compare_numbers(&a, &b) : (unsigned char)*a - (unsigned char)*b;
        if (order != 0) {
            return order;
        }
        if (!are_numbers) {
            a++;
            b++;
        }
    }
    return *a != *b ? (unsigned char)*a - (unsigned char)*b : strcmp(left, right);
}

static int by_key(const void *a, const void *b)
{
    return compare_keys((*(Troth__V1__FigureRow *const *)a)->key,
                        (*(Troth__V1__FigureRow *const *)b)->key);
}

static double size_of(const Troth__V1__FigureRow *row)
{
    return row->n_cells > 0 && row->cells[0]->has_value ? row->cells[0]->value : 0;
}

static int largest_first(const void *a, const void *b)
{
    const double left = size_of(*(Troth__V1__FigureRow *const *)a);
    const double right = size_of(*(Troth__V1__FigureRow *const *)b);

    return left > right ? -1 : left < right ? 1 : by_key(a, b);
}

/* How many rows at the start have at least least in the first column. */
static size_t many(const Troth__V1__FigureTable *table, int32_t least)
{
    size_t count = 0;

    while (count < table->n_rows && size_of(table->rows[count]) >= least) {
        count++;
    }
    return count;
}

static void set_apart(Troth__V1__FigureTable *table, const struct report_frame *frame)
{
    char note[160];
    const size_t enough = many(table, frame->options->least);

    if (enough == table->n_rows) {
        return;
    }
    qsort(table->rows + enough, table->n_rows - enough, sizeof(Troth__V1__FigureRow *), by_key);
    if (frame->language == REPORT_CHINESE) {
        (void)text_format(note, sizeof(note), "样本不足 %d 的列在最后，按名称排列，不排名次。",
                          frame->options->least);
    } else {
        (void)text_format(note, sizeof(note),
                          "Fewer than %d observations: shown by name at the end, in no order.",
                          frame->options->least);
    }
    report_table_note(table, note);
}

static bool has_order(enum figure_dimension dimension)
{
    const uint32_t ordered = 1u << DIMENSION_PRIORITY | 1u << DIMENSION_CHANCE |
                             1u << DIMENSION_LEVEL | 1u << DIMENSION_ANSWER |
                             1u << DIMENSION_SERVQUAL;

    return (ordered >> dimension & 1) != 0;
}

bool report_table_is_by_size(const struct report_frame *frame)
{
    return frame->grouping == GROUP_DIMENSION && !has_order(frame->dimension) &&
           !frame->kind->is_cautious && !frame->kind->finish;
}

void report_table_order(Troth__V1__FigureTable *table, const struct report_frame *frame)
{
    if (table->n_rows == 0) {
        return;
    }
    qsort(table->rows, table->n_rows, sizeof(Troth__V1__FigureRow *),
          has_order(frame->dimension) ? by_key : largest_first);
    if (frame->kind->is_cautious && !has_order(frame->dimension)) {
        set_apart(table, frame);
    }
}

/* ---- rounding off */

/* The column before it is the part that runs up. */
static void run_up(Troth__V1__FigureTable *table, size_t column)
{
    double sum = 0;

    for (size_t i = 0; i < table->n_rows; i++) {
        const Troth__V1__FigureCell *part = table->rows[i]->cells[column - 1];
        sum += part->has_value ? part->value : 0;
        report_cell_number(table->rows[i], column, sum < 1 ? sum : 1);
    }
}

static void note_young_days(Troth__V1__FigureTable *table, const struct report_frame *frame)
{
    const int64_t settled = report_frame_settled(frame);
    char day[REPORT_DAY_SIZE], note[240];

    if (report_frame_span(frame).to <= settled) {
        return;
    }
    (void)report_day_format(settled, day);
    if (frame->language == REPORT_CHINESE) {
        (void)text_format(note, sizeof(note),
                          "%s 之后的日子还没过 %d 天回访观察期，一次解决率暂不计。", day,
                          frame->options->return_window_days);
    } else {
        (void)text_format(note, sizeof(note),
                          "After %s the %d days in which customers may come back have not passed: "
                          "what was solved at the first contact is not told of them yet.",
                          day, frame->options->return_window_days);
    }
    report_table_note(table, note);
}

void report_table_note_cut(Troth__V1__FigureTable *table, const struct report_frame *frame,
                           size_t all)
{
    char note[160];

    if (frame->language == REPORT_CHINESE) {
        (void)text_format(note, sizeof(note), "共 %zu 行，显示前 %zu 行；合计包括全部。", all,
                          frame->limit);
    } else {
        (void)text_format(note, sizeof(note),
                          "The first %zu of %zu rows; the total is over all of them.", frame->limit,
                          all);
    }
    report_table_note(table, note);
}

static void cut(Troth__V1__FigureTable *table, const struct report_frame *frame)
{
    const size_t all = table->n_rows;

    if (frame->grouping != GROUP_DIMENSION || all <= frame->limit) {
        return;
    }
    while (table->n_rows > frame->limit) {
        free_row(table->rows[--table->n_rows]);
    }
    report_table_note_cut(table, frame, all);
}

void report_table_finish(Troth__V1__FigureTable *table, const struct report_frame *frame)
{
    const struct report_column *columns = frame->kind->columns;
    bool has_settled = false, has_money = false;

    for (size_t i = 0; columns[i].name != NULL; i++) {
        if (columns[i].formula.kind == FORMULA_RUNNING) {
            run_up(table, i);
        }
        has_settled |= (columns[i].formula.of[0] & REPORT_SETTLED) != 0 ||
                       (columns[i].formula.of[1] & REPORT_SETTLED) != 0;
        has_money |= columns[i].is_money;
    }
    if (frame->kind->finish) {
        frame->kind->finish(frame, table);
    }
    if (has_settled) {
        note_young_days(table, frame);
    }
    if (has_money && frame->dimension != DIMENSION_CURRENCY &&
        report_frame_filter(frame, DIMENSION_CURRENCY)[0] == '\0') {
        report_table_note(table,
                          frame->language == REPORT_CHINESE
                              ? "金额只按一种币种显示：按币种分组，或筛选一种币种。"
                              : "Amounts are shown in one currency alone: group by currency, "
                                "or choose one.");
    }
    cut(table, frame);
}
