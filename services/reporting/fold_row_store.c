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
    "SELECT k.place, f.figures FROM " KEYS                                                         \
    " WITH ORDINALITY AS k (lane, sheet, part, branch, day, place)"                                \
    " CROSS JOIN LATERAL (SELECT o.figures FROM reporting." table " AS o WHERE " AT " OFFSET 0)"   \
    " AS f ORDER BY 1"
#define WRITE(table)                                                                               \
    "INSERT INTO reporting." table " (lane, sheet, part, branch, day, figures)"                    \
    " SELECT k.lane, k.sheet, k.part, k.branch, date '1970-01-01' + k.day, k.figures"              \
    " FROM unnest($1::int2[], $2::int2[], $3::int2[], $4::text[], $5::int4[], $6::bytea[])"        \
    " AS k (lane, sheet, part, branch, day, figures)"                                              \
    " ON CONFLICT (lane, sheet, part, branch, day) DO UPDATE SET figures = excluded.figures"
#define DELETE(table)                                                                              \
    "DELETE FROM reporting." table " AS o USING " KEYS " AS k (lane, sheet, part, branch, day)"    \
    " WHERE " AT

static const struct db_query reads[FOLD_ROW_SETS] = {
    {"fold_row_read_days",   READ("daily_fact"),   DB_ROWS},
    {"fold_row_read_months", READ("monthly_fact"), DB_ROWS},
};
static const struct db_query writes[FOLD_ROW_SETS] = {
    {"fold_row_write_days",   WRITE("daily_fact"),   DB_NONE},
    {"fold_row_write_months", WRITE("monthly_fact"), DB_NONE},
};
static const struct db_query deletes[FOLD_ROW_SETS] = {
    {"fold_row_delete_days",   DELETE("daily_fact"),   DB_NONE},
    {"fold_row_delete_months", DELETE("monthly_fact"), DB_NONE},
};

static const enum db_type types[] = {DB_INT2, DB_INT2, DB_INT2, DB_TEXT, DB_INT4, DB_BYTES};
enum {
    KEY_COLUMNS = 5,
    ROW_COLUMNS = 6
};

static void put_key(struct db_columns *to, const struct figure_addend *a)
{
    db_array_add_int(&to->array[0], a->lane);
    db_array_add_int(&to->array[1], (int64_t)a->sheet);
    db_array_add_int(&to->array[2], (int64_t)a->part);
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

void fold_row_store_ask(struct db *db, const struct figure_addend *list, size_t count)
{
    struct db_columns keys[FOLD_ROW_SETS];

    for (size_t set = 0; set < FOLD_ROW_SETS; set++) {
        db_columns_init(&keys[set], types, KEY_COLUMNS);
    }
    for (size_t i = 0; i < count; i += row_length(list + i, count - i)) {
        put_key(&keys[list[i].is_month], &list[i]);
    }
    for (size_t set = 0; set < FOLD_ROW_SETS; set++) {
        db_columns_query(&keys[set], db, &reads[set]);
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

static struct bytes stored_row(struct table_writer *t)
{
    size_t row = t->next;

    t->place++;
    if (row < db_row_count(t->read) && db_get_int(t->read, row, 0) == (int64_t)t->place) {
        t->next++;
        return db_get_bytes(t->read, row, 1);
    }
    return (struct bytes){.data = NULL};
}

static int write_rows(struct table_writer tables[FOLD_ROW_SETS], struct row_writer *w,
                      struct figure_addend *list, size_t count, struct err *err)
{
    for (size_t i = 0, length; i < count; i += length) {
        struct table_writer *t = &tables[list[i].is_month];
        length = row_length(list + i, count - i);
        if (add_to_row(w, stored_row(t), list + i, length, err) < 0) {
            return -1;
        }
        if (w->row.len > 0) {
            put_key(&t->kept, &list[i]);
            db_array_add_bytes(&t->kept.array[KEY_COLUMNS],
                               (struct bytes){.data = w->row.data, .len = w->row.len});
        } else {
            put_key(&t->gone, &list[i]);
        }
    }
    return 0;
}

static void query_or_free(struct db_columns *columns, struct db *db, const struct db_query *q,
                          bool is_wanted)
{
    if (is_wanted && db_columns_rows(columns) > 0) {
        db_columns_query(columns, db, q);
    } else {
        db_columns_free(columns);
    }
}

int fold_row_store_write(struct db *db, const struct db_rows *const *sets,
                         struct figure_addend *list, size_t count, struct err *err)
{
    struct table_writer tables[FOLD_ROW_SETS];
    struct row_writer w = {.row = {0}};

    for (size_t set = 0; set < FOLD_ROW_SETS; set++) {
        tables[set] = (struct table_writer){.read = sets[set]};
        db_columns_init(&tables[set].kept, types, ROW_COLUMNS);
        db_columns_init(&tables[set].gone, types, KEY_COLUMNS);
    }
    int rc = write_rows(tables, &w, list, count, err);
    for (size_t set = 0; set < FOLD_ROW_SETS; set++) {
        query_or_free(&tables[set].kept, db, &writes[set], rc == 0);
        query_or_free(&tables[set].gone, db, &deletes[set], rc == 0);
    }
    buffer_free(&w.row);
    buffer_free(&w.sheet);
    return rc;
}
