/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_figures_store.h"

#include "services/reporting/figure_cells.h"
#include "services/reporting/report_frame.h"
#include "services/reporting/report_period.h"
#include "services/reporting/report_rows.h"
#include "services/reporting/report_sums.h"

/* Lanes and sheets are named, all of them, so that the primary key serves the range of days.
 * $1 sheets, $2 part, $3 branch, $4 and $5: first and last day since 1970; $6 and $7: parts into
 * which rows may have been split. */
#define DAY "(f.day - date '1970-01-01')::int4"
#define ROWS_OF(table, part)                                                                       \
    " FROM reporting." table " AS f"                                                               \
    " WHERE f.lane = ANY ('{0,1,2,3,4,5,6,7}'::int2[]) AND f.sheet = ANY ($1::int2[])"             \
    " AND f.branch = $3"                                                                           \
    " AND f.day >= date '1970-01-01' + $4::int4 AND f.day <= date '1970-01-01' + $5::int4"         \
    " AND f.part " part
#define WHOLE(table)                                                                               \
    "SELECT " DAY ", f.figures" ROWS_OF(table, "= $2") " UNION ALL SELECT " DAY                    \
                                                       ", f.figures" ROWS_OF(                      \
                                                           table, "BETWEEN $6::int2 AND $7::int2")

/* The first cell of a row is that of DIMENSION_ALL (figure_cells.h), unless there is none, also
 * when the row was split; who wants no other is spared the rest, which is ten times as long. Its
 * length stands in the second byte and those after it, seven bits in each. It is mostly found
 * within the first HEAD bytes. */
#define HEAD "4096"
#define FIRST_CELL(table)                                                                          \
    "SELECT g.day, CASE WHEN g.length <= " HEAD " THEN substring(g.head FROM 1 FOR g.length)"      \
    " ELSE substring(g.figures FROM 1 FOR g.length) END"                                           \
    " FROM (SELECT r.day, r.figures, r.head, CASE"                                                 \
    " WHEN get_byte(r.head, 1) < 128 THEN 2 + get_byte(r.head, 1)"                                 \
    " WHEN get_byte(r.head, 2) < 128"                                                              \
    " THEN 3 + get_byte(r.head, 1) - 128 + (get_byte(r.head, 2) << 7)"                             \
    " ELSE 4 + get_byte(r.head, 1) - 128 + ((get_byte(r.head, 2) - 128) << 7)"                     \
    " + (get_byte(r.head, 3) << 14) END AS length"                                                 \
    " FROM (SELECT " DAY " AS day, f.figures, substring(f.figures FROM 1 FOR " HEAD                \
    ") AS head" ROWS_OF(table, "= $2") " AND octet_length(f.figures) > 0 OFFSET 0) AS r"           \
                                       " OFFSET 0) AS g"

enum {
    IS_MONTHLY = 1,
    IS_FIRST_CELL = 2,
};

static const struct db_query queries[] = {
    [0] = {"report_figures_daily",       WHOLE("daily_fact"),        DB_ROWS},
    [IS_MONTHLY] = {"report_figures_monthly",     WHOLE("monthly_fact"),      DB_ROWS},
    [IS_FIRST_CELL] = {"report_figures_daily_all",   FIRST_CELL("daily_fact"),   DB_ROWS},
    [IS_FIRST_CELL |
        IS_MONTHLY] = {"report_figures_monthly_all", FIRST_CELL("monthly_fact"), DB_ROWS},
};

struct plan {
    struct report_slots slots;
    struct report_piece pieces[REPORT_PIECES_MAX];
    size_t count;
};

static void make_plan(const struct report_frame *frame, struct plan *plan)
{
    report_slots_of(frame->kind->columns, &plan->slots);
    plan->count =
        report_pieces(frame, plan->slots.has_settled, plan->slots.has_earlier, plan->pieces);
}

static void ask_piece(struct db *db, const struct report_frame *frame, const struct plan *plan,
                      const struct report_piece *piece)
{
    const struct report_source source =
        piece->is_total ? report_frame_total_source(frame) : report_frame_source(frame);
    const bool is_first = source.dimension == DIMENSION_ALL;
    struct db_params params = {.count = 0};
    struct db_array sheets;

    db_array_init(&sheets, DB_INT2);
    for (int sheet = 1; sheet < SHEET_END; sheet++) {
        if ((plan->slots.sheets >> sheet & 1) != 0) {
            db_array_add_int(&sheets, sheet);
        }
    }
    db_put_array(&params, &sheets);
    db_put_int2(&params, figure_part_of(source.dimension));
    db_put_text(&params, source.branch);
    db_put_int4(&params, (int32_t)piece->span.from);
    db_put_int4(&params, (int32_t)piece->span.to);
    if (!is_first) {
        db_put_int2(&params, figure_part_first(source.dimension));
        db_put_int2(&params, figure_part_last(source.dimension));
    }
    db_query(db, &queries[(is_first ? IS_FIRST_CELL : 0) | (piece->is_monthly ? IS_MONTHLY : 0)],
             &params);
    db_array_free(&sheets);
    db_params_free(&params);
}

void report_figures_store_ask(struct db *db, const struct report_frame *frame)
{
    struct plan plan;

    make_plan(frame, &plan);
    for (size_t i = 0; i < plan.count; i++) {
        ask_piece(db, frame, &plan, &plan.pieces[i]);
    }
}

/* The cells of a row that the report is about. */
static int take_row(struct report_rows *rows, const struct report_frame *frame,
                    const struct report_piece *piece, const struct db_rows *read, size_t row,
                    struct err *err)
{
    const struct report_source source =
        piece->is_total ? report_frame_total_source(frame) : report_frame_source(frame);
    struct figure_cells cells = {.left = db_get_bytes(read, row, 1)};
    struct figure_cell cell;
    char value[REPORT_VALUE_SIZE];

    while (figure_cells_next(&cells, &cell)) {
        if (figure_cell_is(&cell, source.dimension, source.value) &&
            report_rows_add(rows, piece, db_get_int(read, row, 0),
                            figure_cell_value(&cell, value, sizeof(value)), cell.figures,
                            err) < 0) {
            return -1;
        }
    }
    return cells.is_malformed ? err_set(err, "malformed", "a row of figures cannot be read") : 0;
}

int report_figures_store_take(const struct db_reply *reply, size_t first,
                              const struct report_frame *frame, Troth__V1__FigureTable *table,
                              struct err *err)
{
    struct plan plan;
    int rc = 0;

    make_plan(frame, &plan);
    struct report_rows *rows = report_rows_new(frame, &plan.slots);
    for (size_t i = 0; i < plan.count && rc == 0; i++) {
        const struct db_rows *read = reply->rows[first + i];
        for (size_t row = 0; row < db_row_count(read) && rc == 0; row++) {
            rc = take_row(rows, frame, &plan.pieces[i], read, row, err);
        }
    }
    if (rc == 0) {
        report_rows_finish(rows, table);
    }
    report_rows_free(rows);
    return rc;
}
