/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/fold_row_store.h"

#include "common/runtime/db_columns.h"
#include "services/reporting/figure_cells.h"

/* Days are numbers since 1970-01-01. */
#define KEYS "unnest($1::int2[], $2::int2[], $3::int2[], $4::text[], $5::int4[])"
#define AT                                                                                         \
    "o.lane = k.lane AND o.sheet = k.sheet AND o.part = k.part AND o.branch = k.branch"            \
    " AND o.day = date '1970-01-01' + k.day"

#define READ(table)                                                                                \
    "SELECT k.place, f.figures, f.is_split FROM " KEYS                                             \
    " WITH ORDINALITY AS k (lane, sheet, part, branch, day, place)"                                \
    " CROSS JOIN LATERAL (SELECT o.figures, o.is_split FROM reporting." table " AS o WHERE " AT    \
    " OFFSET 0) AS f ORDER BY 1"
#define WRITE(table)                                                                               \
    "INSERT INTO reporting." table " (lane, sheet, part, branch, day, figures, is_split)"          \
    " SELECT k.lane, k.sheet, k.part, k.branch, date '1970-01-01' + k.day, k.figures, k.is_split"  \
    " FROM unnest($1::int2[], $2::int2[], $3::int2[], $4::text[], $5::int4[], $6::bytea[],"        \
    " $7::bool[]) AS k (lane, sheet, part, branch, day, figures, is_split)"                        \
    " ON CONFLICT (lane, sheet, branch, day, part)"                                                \
    " DO UPDATE SET figures = excluded.figures, is_split = excluded.is_split"
#define DELETE(table)                                                                              \
    "DELETE FROM reporting." table " AS o USING " KEYS " AS k (lane, sheet, part, branch, day)"    \
    " WHERE " AT

enum {
    TABLES = 2 /* days, months */
};

static const struct db_query reads[TABLES] = {
    {"fold_row_read_days",   READ("daily_fact"),   DB_ROWS},
    {"fold_row_read_months", READ("monthly_fact"), DB_ROWS},
};
static const struct db_query writes[TABLES] = {
    {"fold_row_write_days",   WRITE("daily_fact"),   DB_NONE},
    {"fold_row_write_months", WRITE("monthly_fact"), DB_NONE},
};
static const struct db_query deletes[TABLES] = {
    {"fold_row_delete_days",   DELETE("daily_fact"),   DB_NONE},
    {"fold_row_delete_months", DELETE("monthly_fact"), DB_NONE},
};

static const enum db_type types[] = {DB_INT2, DB_INT2,  DB_INT2, DB_TEXT,
                                     DB_INT4, DB_BYTES, DB_BOOL};
enum {
    KEY_COLUMNS = 5,
    ROW_COLUMNS = 7
};

static void put_key(struct db_columns *to, const struct figure_addend *a, int16_t part)
{
    db_array_add_int(&to->array[0], a->lane);
    db_array_add_int(&to->array[1], (int64_t)a->sheet);
    db_array_add_int(&to->array[2], part);
    db_array_add_text(&to->array[3], a->branch);
    db_array_add_int(&to->array[4], a->day);
}

/* How many at the beginning of the list stand in the row of the first. */
static size_t row_length(const struct figure_addend *list, size_t count)
{
    size_t i = 1;

    while (i < count && figure_addend_is_with(&list[0], &list[i])) {
        i++;
    }
    return i;
}

void fold_rows_ask(const struct fold_rows *r, struct db *db)
{
    struct db_columns keys[TABLES];

    for (size_t t = 0; t < TABLES; t++) {
        db_columns_init(&keys[t], types, KEY_COLUMNS);
    }
    for (size_t i = 0; i < r->count; i += row_length(r->list + i, r->count - i)) {
        put_key(&keys[r->list[i].is_month], &r->list[i], r->list[i].part);
    }
    for (size_t t = 0; t < TABLES; t++) {
        db_columns_query(&keys[t], db, &reads[t]);
    }
}

/* ---- one row */

struct row_writer {
    struct buffer row;   /* as it will stand there */
    struct buffer sheet; /* of the cell at hand */
};

static void put_cell(struct row_writer *w, struct figure_addend *a)
{
    buffer_clear(&w->sheet);
    figure_sums_pack(&a->sums, &w->sheet);
    if (w->sheet.len > 0) {
        figure_cells_put(&w->row, a->dimension, a->value,
                         (struct bytes){.data = w->sheet.data, .len = w->sheet.len});
    }
}

/* Both are in the same order: cells that nothing is added to are copied as they stand. */
static int add_to_row(struct row_writer *w, struct bytes stored, struct figure_addend *list,
                      size_t count, struct err *err)
{
    struct figure_cells cells = {.left = stored};
    struct figure_cell cell;
    size_t i = 0;

    buffer_clear(&w->row);
    while (figure_cells_next(&cells, &cell)) {
        int order = -1;
        while (i < count &&
               (order = figure_cell_compare(&cell, list[i].dimension, list[i].value)) > 0) {
            put_cell(w, &list[i++]);
        }
        if (i == count || order < 0) {
            buffer_append(&w->row, cell.whole.data, cell.whole.len);
            continue;
        }
        if (figure_sums_add_packed(&list[i].sums, cell.figures, err) < 0) {
            return -1;
        }
        put_cell(w, &list[i++]);
    }
    while (i < count) {
        put_cell(w, &list[i++]);
    }
    return cells.is_malformed ? err_set(err, "malformed", "a row of figures is not ours") : 0;
}

/* ---- all of them */

struct table_writer {
    struct db_columns kept, gone;
    const struct db_rows *read;
    size_t next;  /* of the rows that were read */
    size_t place; /* of the row at hand among those that were asked for */
};

struct stored_row {
    struct bytes figures;
    bool is_split;
};

static struct stored_row take_stored(struct table_writer *t)
{
    size_t row = t->next;

    t->place++;
    if (row < db_row_count(t->read) && db_get_int(t->read, row, 0) == (int64_t)t->place) {
        t->next++;
        return (struct stored_row){db_get_bytes(t->read, row, 1), db_get_bool(t->read, row, 2)};
    }
    return (struct stored_row){.is_split = false};
}

static void put_row(struct table_writer *t, const struct figure_addend *at, int16_t part,
                    const struct buffer *row, bool is_split)
{
    static const uint8_t nothing[1];

    put_key(&t->kept, at, part);
    db_array_add_bytes(&t->kept.array[KEY_COLUMNS],
                       (struct bytes){.data = row->len > 0 ? row->data : nothing, .len = row->len});
    db_array_add_bool(&t->kept.array[KEY_COLUMNS + 1], is_split);
}

enum {
    BELOW_MAX = DIMENSION_COUNT /* rows into which one is split at once */
};

struct below {
    int16_t part;
    struct buffer row;
};

static struct buffer *row_below(struct below list[BELOW_MAX], int16_t part)
{
    size_t i = 0;

    while (list[i].part != 0 && list[i].part != part) {
        i++;
    }
    list[i].part = part;
    return &list[i].row;
}

/* The rows below are not there yet. */
static void split_row(struct table_writer *t, const struct figure_addend *at,
                      const struct buffer *row)
{
    struct below below[BELOW_MAX] = {{.part = 0}};
    struct buffer rest = {.len = 0};
    struct figure_cells cells = {
        .left = {.data = row->data, .len = row->len}
    };
    struct figure_cell cell;

    while (figure_cells_next(&cells, &cell)) {
        int16_t part = figure_part_below(at->part, cell.dimension, cell.value);
        buffer_append(part == 0 ? &rest : row_below(below, part), cell.whole.data, cell.whole.len);
    }
    put_row(t, at, at->part, &rest, true);
    for (size_t i = 0; i < BELOW_MAX && below[i].part != 0; i++) {
        put_row(t, at, below[i].part, &below[i].row, false);
        buffer_free(&below[i].row);
    }
    buffer_free(&rest);
}

/* Whether a row is to be split: a single value cannot be. */
static bool is_full(const struct figure_addend *at, const struct buffer *row)
{
    struct figure_cells cells = {
        .left = {.data = row->data, .len = row->len}
    };
    struct figure_cell cell;
    int movable = 0;

    if (row->len <= (at->is_month ? FOLD_MONTH_FULL : FOLD_DAY_FULL)) {
        return false;
    }
    while (movable < 2 && figure_cells_next(&cells, &cell)) {
        movable += figure_part_below(at->part, cell.dimension, cell.value) != 0;
    }
    return movable >= 2;
}

/* How many at the beginning of a row stay in it when it was split. */
static size_t stay_length(const struct figure_addend *list, size_t count)
{
    size_t i = 0;

    while (i < count &&
           figure_part_below(list[i].part, list[i].dimension, bytes_of_text(list[i].value)) == 0) {
        i++;
    }
    return i;
}

/* To the front of the list, where only what is written stands. */
static void move_below(struct figure_addend *list, size_t from, size_t until, size_t *moved)
{
    for (size_t i = from; i < until; i++) {
        struct figure_addend one = list[i];
        one.part = figure_part_below(one.part, one.dimension, bytes_of_text(one.value));
        list[i] = list[*moved];
        list[(*moved)++] = one;
    }
}

struct writer {
    struct table_writer tables[TABLES];
    struct row_writer row;
    size_t moved; /* addends at the front of the list */
};

/* Those from begin until end stand in one row. */
static int write_row(struct writer *w, struct figure_addend *list, size_t begin, size_t end,
                     struct err *err)
{
    const struct figure_addend at = list[begin]; /* its place may be given away */
    struct table_writer *t = &w->tables[at.is_month];
    const struct stored_row stored = take_stored(t);
    size_t stay = stored.is_split ? stay_length(list + begin, end - begin) : end - begin;

    if (stay > 0 && add_to_row(&w->row, stored.figures, list + begin, stay, err) < 0) {
        return -1;
    }
    if (stored.is_split) {
        if (stay > 0) {
            put_row(t, &at, at.part, &w->row.row, true);
        }
        move_below(list, begin + stay, end, &w->moved);
    } else if (is_full(&at, &w->row.row)) {
        split_row(t, &at, &w->row.row);
    } else if (w->row.row.len > 0) {
        put_row(t, &at, at.part, &w->row.row, false);
    } else {
        put_key(&t->gone, &at, at.part);
    }
    return 0;
}

static void query_or_free(struct fold_rows *r, struct db_columns *columns, struct db *db,
                          const struct db_query *q, bool is_wanted)
{
    if (is_wanted && db_columns_rows(columns) > 0) {
        db_columns_query(columns, db, q);
        r->first_set++;
    } else {
        db_columns_free(columns);
    }
}

int fold_rows_write(struct fold_rows *r, const struct db_rows *const *sets, struct db *db,
                    struct err *err)
{
    struct writer w = {.moved = 0};
    int rc = 0;

    for (size_t t = 0; t < TABLES; t++) {
        w.tables[t] = (struct table_writer){.read = sets[r->first_set + t]};
        db_columns_init(&w.tables[t].kept, types, ROW_COLUMNS);
        db_columns_init(&w.tables[t].gone, types, KEY_COLUMNS);
    }
    for (size_t i = 0, end; rc == 0 && i < r->count; i = end) {
        end = i + row_length(r->list + i, r->count - i);
        rc = write_row(&w, r->list, i, end, err);
    }
    r->first_set = 0;
    for (size_t t = 0; t < TABLES; t++) {
        query_or_free(r, &w.tables[t].kept, db, &writes[t], rc == 0);
        query_or_free(r, &w.tables[t].gone, db, &deletes[t], rc == 0);
    }
    buffer_free(&w.row.row);
    buffer_free(&w.row.sheet);
    r->count = w.moved;
    if (rc == 0 && r->count > 0) {
        figure_addend_sort(r->list, r->count);
        fold_rows_ask(r, db);
    }
    return rc;
}
