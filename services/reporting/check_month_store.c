/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/check_month_store.h"

#include "common/base/log.h"
#include "common/model/log_histogram.h"
#include "services/reporting/figure_cells.h"
#include "services/reporting/report_day.h"
#include "services/reporting/sheet_read.h"

/* Of a branch those of few values alone; a month may be split where its days are not (figure.h). */
#define WHERE                                                                                      \
    " WHERE f.lane = $1 AND f.sheet = $2 AND (f.branch = ''"                                       \
    " OR f.part <> 2 AND f.part / 1024 NOT IN (4, 5, 6, 18, 22))"                                  \
    " AND f.day >= date_trunc('month', CAST($3::text AS date))"                                    \
    " AND f.day < date_trunc('month', CAST($4::text AS date)) + interval '1 month'"                \
    " AND date_trunc('month', f.day) <> ALL (SELECT date_trunc('month', CAST(b.day AS date))"      \
    " FROM unnest($5::text[]) AS b (day))"

static const struct db_query rows_of_months = {
    .name = "check_months",
    .sql = "SELECT true, f.day - DATE '1970-01-01', f.branch, f.figures"
           " FROM reporting.monthly_fact AS f" WHERE " UNION ALL SELECT false,"
           " date_trunc('month', f.day)::date - DATE '1970-01-01', f.branch, f.figures"
           " FROM reporting.daily_fact AS f" WHERE,
    .shape = DB_ROWS,
};

void check_month_ask(struct db *db, const struct check_slice *slice)
{
    struct db_params params = {.count = 0};
    struct db_array done;
    char from[REPORT_DAY_SIZE], to[REPORT_DAY_SIZE];

    db_put_int2(&params, (int16_t)slice->lane);
    db_put_int2(&params, (int16_t)slice->sheet);
    db_put_text(&params, report_day_format(slice->from_day, from));
    db_put_text(&params, report_day_format(slice->to_day, to));
    db_array_init(&done, DB_TEXT);
    for (size_t i = 0; i < slice->before_count; i++) {
        db_array_add_text(&done, report_day_format(slice->before[i].from, from));
        db_array_add_text(&done, report_day_format(slice->before[i].to, to));
    }
    db_put_array(&params, &done);
    db_query(db, &rows_of_months, &params);
    db_array_free(&done);
    db_params_free(&params);
}

/* ---- checksums */

#define CHECKSUM_BITS 0x7fffffffU /* those of eight lanes are added up */

enum number_kind {
    NUMBER_COUNT,
    NUMBER_SUM,
    NUMBER_ZEROS,
    NUMBER_BUCKET,
};

struct checking {
    uint64_t cell; /* hash of dimension and value */
    uint64_t sum;
    int64_t count;
};

static void add(struct checking *c, enum figure_measure measure, enum number_kind kind,
                int32_t index, int64_t number)
{
    const uint64_t what[3] = {c->cell, ((uint64_t)measure << 8) | kind, (uint64_t)index};

    c->sum += bytes_hash64((struct bytes){(const uint8_t *)what, sizeof(what)}) * (uint64_t)number;
}

static void add_figure(void *ctx, const struct sheet_figure *f)
{
    struct checking *c = ctx;
    struct log_histogram h = {0};
    struct err err = ERR_NONE;

    c->count = figure_plus(c->count, f->count);
    add(c, f->measure, NUMBER_COUNT, 0, f->count);
    add(c, f->measure, NUMBER_SUM, 0, (int64_t)(uint64_t)f->sum);
    if (f->histogram.len > 0) {
        if (log_histogram_add_packed(&h, f->histogram, &err) < 0) {
            log_error("histogram_malformed", LOG_INT("measure", f->measure), LOG_ERR(&err));
        }
        add(c, f->measure, NUMBER_ZEROS, 0, h.zeros);
        for (size_t i = 0; i < h.size; i++) {
            add(c, f->measure, NUMBER_BUCKET, h.buckets[i].index, h.buckets[i].count);
        }
        log_histogram_free(&h);
    }
}

static struct checking check_row(struct bytes row, int64_t day)
{
    struct checking c = {.count = 0};
    struct figure_cells cells = {.left = row};
    struct figure_cell cell;
    struct err err = ERR_NONE;

    while (figure_cells_next(&cells, &cell)) {
        c.cell = bytes_hash64(cell.value) * 31 + (uint64_t)cell.dimension;
        if (sheet_read(cell.figures, add_figure, &c, &err) < 0) {
            log_error("figures_malformed", LOG_INT("day", day), LOG_ERR(&err));
        }
    }
    return c;
}

void check_month_take(const struct db_rows *rows, const struct check_slice *slice,
                      struct check_compare *to)
{
    for (size_t row = 0; row < db_row_count(rows); row++) {
        int64_t day = db_get_int(rows, row, 1);
        const struct checking c = check_row(db_get_bytes(rows, row, 3), day);
        struct check_key key = {.day = day,
                                .measure = (enum figure_measure)slice->sheet,
                                .part = CHECK_MONTH,
                                .branch = db_get_text(rows, row, 2)};
        bool is_month = db_get_bool(rows, row, 0);

        (is_month ? check_compare_figure : check_compare_fact)(to, &key, c.count);
        key.part = CHECK_MONTH_CONTENT;
        (is_month ? check_compare_figure : check_compare_fact)(to, &key,
                                                               (int64_t)(c.sum & CHECKSUM_BITS));
    }
}
