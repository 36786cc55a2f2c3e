/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_rows.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/hash_table.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/reporting/report_formula.h"
#include "services/reporting/report_frame.h"
#include "services/reporting/report_labels.h"
#include "services/reporting/report_table.h"

/* The sums of one row, and those of the range before. */
struct pair {
    struct report_sums now, before;
};

struct row {
    char key[REPORT_VALUE_SIZE];
    struct pair sums;
    double size; /* what it stands by */
    UT_hash_handle hh;
};

struct report_rows {
    const struct report_frame *frame;
    const struct report_slots *slots;
    bool is_by_time;
    struct pair *periods; /* by time */
    size_t period_count;
    struct row *by_key; /* by a dimension */
    struct pair total;
};

struct report_rows *report_rows_new(const struct report_frame *frame,
                                    const struct report_slots *slots)
{
    struct report_rows *rows = xcalloc(1, sizeof(*rows));

    rows->frame = frame;
    rows->slots = slots;
    rows->is_by_time = frame->grouping != GROUP_NONE && frame->grouping != GROUP_DIMENSION;
    if (rows->is_by_time) {
        rows->period_count = report_period_count(frame);
        rows->periods = xcalloc(rows->period_count, sizeof(struct pair));
    }
    return rows;
}

static void free_pair(struct pair *p)
{
    report_sums_free(&p->now);
    report_sums_free(&p->before);
}

void report_rows_free(struct report_rows *rows)
{
    if (rows == NULL) {
        return;
    }
    struct row *row = rows->by_key;
    HASH_CLEAR(hh, rows->by_key); /* they stay linked */
    while (row != NULL) {
        struct row *next = row->hh.next;
        free_pair(&row->sums);
        free(row);
        row = next;
    }
    for (size_t i = 0; i < rows->period_count; i++) {
        free_pair(&rows->periods[i]);
    }
    free(rows->periods);
    free_pair(&rows->total);
    free(rows);
}

/* ---- adding */

/* NOLINTNEXTLINE(readability-function-size): of uthash */
static struct pair *pair_of_key(struct report_rows *rows, const char *value)
{
    char key[REPORT_VALUE_SIZE] = "";
    struct row *row;

    if (rows->frame->kind->key_of) {
        rows->frame->kind->key_of(rows->frame, value, key);
    } else {
        (void)text_copy(key, sizeof(key), value);
    }
    HASH_FIND_STR(rows->by_key, key, row);
    if (row == NULL) {
        row = xcalloc(1, sizeof(*row));
        memcpy(row->key, key, sizeof(row->key));
        HASH_ADD_STR(rows->by_key, key, row);
    }
    return &row->sums;
}

static struct pair *pair_of_day(struct report_rows *rows, const struct report_piece *piece,
                                int64_t day)
{
    const struct report_frame *frame = rows->frame;

    if (piece->use == REPORT_USE_EARLIER || piece->use == REPORT_USE_BEFORE_EARLIER) {
        return &rows->total; /* a stock is carried on from period to period at the end */
    }
    if (piece->use == REPORT_USE_BEFORE) {
        /* The n-th day of the range before stands beside the n-th of this one. */
        day += report_frame_span(frame).from - report_frame_before(frame).from;
    }
    const size_t period = report_period_of(frame, day);
    return period < rows->period_count ? &rows->periods[period] : &rows->total;
}

int report_rows_add(struct report_rows *rows, const struct report_piece *piece, int64_t day,
                    const char *value, struct bytes figures, struct err *err)
{
    const bool is_before =
        piece->use == REPORT_USE_BEFORE || piece->use == REPORT_USE_BEFORE_EARLIER;
    const bool is_earlier =
        piece->use == REPORT_USE_EARLIER || piece->use == REPORT_USE_BEFORE_EARLIER;
    struct pair *pair = &rows->total;

    if (rows->is_by_time) {
        pair = pair_of_day(rows, piece, day);
    } else if (rows->frame->grouping == GROUP_DIMENSION && !piece->is_total) {
        pair = pair_of_key(rows, value);
    }
    return report_sums_add_sheet(is_before ? &pair->before : &pair->now, rows->slots,
                                 is_earlier          ? REPORT_BEFORE_RANGE
                                 : piece->is_settled ? REPORT_IN_RANGE_SETTLED
                                                     : REPORT_IN_RANGE,
                                 figures, err);
}

/* ---- time: what was there before each period */

static void carry(struct report_rows *rows, bool is_before)
{
    const struct report_slots *slots = rows->slots;

    for (size_t s = 0; s < slots->count; s++) {
        if ((slots->code[s] & REPORT_EARLIER) == 0) {
            continue;
        }
        const uint16_t code = (uint16_t)(slots->code[s] - REPORT_EARLIER);
        int64_t stock =
            report_sums_at(is_before ? &rows->total.before : &rows->total.now, slots, s)->count;
        for (size_t i = 0; i < rows->period_count; i++) {
            struct report_sums *sums = is_before ? &rows->periods[i].before : &rows->periods[i].now;
            report_sums_at(sums, slots, s)->count = stock;
            stock += report_sums_get(sums, slots, code)->count;
        }
    }
}

/* Before anything is carried: what was there before the range stands in the total alone. */
static void add_up_periods(struct report_rows *rows)
{
    for (size_t i = 0; i < rows->period_count; i++) {
        report_sums_merge(&rows->total.now, rows->slots, &rows->periods[i].now);
        report_sums_merge(&rows->total.before, rows->slots, &rows->periods[i].before);
    }
}

/* ---- cells */

/* Whether the measures of a column are counted by the dimension that is read. */
static bool is_counted(const uint16_t *terms, enum figure_dimension dimension)
{
    for (int i = 0; dimension != DIMENSION_ALL && i < REPORT_TERMS_MAX && terms[i] != 0; i++) {
        const struct figure_measure_row *row =
            figure_measure_find((enum figure_measure)(terms[i] & (REPORT_SETTLED - 1)));
        if ((row->dimensions >> dimension & 1) == 0) {
            return false;
        }
    }
    return true;
}

static bool has_meaning(const struct report_column *c, const struct report_source *source)
{
    return is_counted(c->formula.of, source->dimension) &&
           is_counted(c->formula.by, source->dimension) &&
           (!c->is_money || (source->dimension == DIMENSION_CURRENCY && source->value != NULL));
}

static void put_cell(Troth__V1__FigureCell *cell, const struct report_estimate *now,
                     const struct report_estimate *before)
{
    cell->has_value = now->has_value;
    cell->value = now->value;
    cell->has_low = cell->has_high = now->has_value && now->has_interval;
    cell->low = now->interval.low;
    cell->high = now->interval.high;
    cell->has_count = now->has_count;
    cell->count = now->count;
    cell->has_before = before && before->has_value;
    cell->before = cell->has_before ? before->value : 0;
}

static void put_cells(const struct report_rows *rows, const struct report_source *source,
                      const struct pair *pair, Troth__V1__FigureRow *row)
{
    const bool is_compared = rows->frame->before_from_day[0] != '\0';
    const struct report_column *columns = rows->frame->kind->columns;

    for (size_t i = 0; columns[i].name != NULL; i++) {
        if (!has_meaning(&columns[i], source)) {
            continue;
        }
        const struct report_estimate now =
            report_formula_of(&columns[i].formula, rows->slots, &pair->now, &rows->total.now);
        const struct report_estimate before =
            is_compared ? report_formula_of(&columns[i].formula, rows->slots, &pair->before,
                                            &rows->total.before)
                        : (struct report_estimate){.has_value = false};
        put_cell(row->cells[i], &now, is_compared ? &before : NULL);
    }
}

/* ---- rows */

static void add_periods(const struct report_rows *rows, const struct report_source *source,
                        Troth__V1__FigureTable *table)
{
    char from[REPORT_DAY_SIZE], to[REPORT_DAY_SIZE], label[64];

    for (size_t i = 0; i < rows->period_count; i++) {
        const struct report_span span = report_period_span(rows->frame, i);
        (void)report_day_format(span.from, from);
        (void)report_day_format(span.to, to);
        (void)text_format(label, sizeof(label), "%s%s%s", from, span.from < span.to ? " - " : "",
                          span.from < span.to ? to : "");
        put_cells(rows, source, &rows->periods[i], report_table_add(table, from, label));
    }
}

static bool is_empty(const struct row *row)
{
    return report_sums_is_empty(&row->sums.now) && report_sums_is_empty(&row->sums.before);
}

static int largest_first(const struct row *a, const struct row *b)
{
    return a->size > b->size ? -1 : a->size < b->size ? 1 : strcmp(a->key, b->key);
}

/* NOLINTNEXTLINE(readability-function-size): of uthash */
static void sort_by_size(struct report_rows *rows)
{
    const struct report_formula *first = &rows->frame->kind->columns[0].formula;
    struct row *row, *next;

    HASH_ITER(hh, rows->by_key, row, next)
    {
        const struct report_estimate e =
            report_formula_of(first, rows->slots, &row->sums.now, &rows->total.now);
        row->size = e.has_value ? e.value : 0;
    }
    HASH_SORT(rows->by_key, largest_first);
}

/* Of very many values those that are shown alone become rows of the table, which are large. */
static void add_values(struct report_rows *rows, const struct report_source *source,
                       Troth__V1__FigureTable *table)
{
    const bool is_cut =
        report_table_is_by_size(rows->frame) && HASH_COUNT(rows->by_key) > rows->frame->limit;
    struct text label = {.data = NULL};
    size_t all = 0;
    struct row *row, *next;

    if (is_cut) {
        sort_by_size(rows);
    }
    HASH_ITER(hh, rows->by_key, row, next)
    {
        /* Of a value: it is one currency. */
        const struct report_source one = {source->dimension, source->branch, row->key};
        if (is_empty(row) || (++all > rows->frame->limit && is_cut)) {
            continue;
        }
        const char *words = report_label_in(rows->frame, rows->frame->dimension, row->key, &label);
        put_cells(rows, &one, &row->sums, report_table_add(table, row->key, words));
    }
    text_free(&label);
    if (is_cut && all > rows->frame->limit) {
        report_table_note_cut(table, rows->frame, all);
    }
    report_table_order(table, rows->frame);
}

void report_rows_finish(struct report_rows *rows, Troth__V1__FigureTable *table)
{
    const struct report_source source = report_frame_source(rows->frame);
    const struct report_source total = report_frame_total_source(rows->frame);

    if (rows->is_by_time) {
        add_up_periods(rows);
        carry(rows, false);
        carry(rows, true);
        add_periods(rows, &source, table);
    } else if (rows->frame->grouping == GROUP_DIMENSION) {
        add_values(rows, &source, table);
    }
    put_cells(rows, &total, &rows->total, report_table_total(table));
}
