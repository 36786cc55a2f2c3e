/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_backlog_now_store.h"

#include "common/base/compiler.h"
#include "common/model/proportion.h"
#include "services/reporting/report_filter_store.h"
#include "services/reporting/report_table.h"

#define DAY_S "86400"

/* $10: now. Ages in whole days: 0, 1 and 2, 3 to 6, 7 to 13, 14 to 29, 30 and more. */
static const struct db_query open_by_age = {
    .name = "report_open_by_age",
    .sql = "SELECT width_bucket(date_part('epoch', $10::timestamptz - c.opened_at) / " DAY_S
           ", '{1,3,7,14,30}'::float8[])::int4 AS age, count(*)::int8,"
           " count(*) FILTER (WHERE " REPORT_OUR_TURN_SQL ")::int8,"
           " count(*) FILTER (WHERE " REPORT_CUSTOMER_TURN_SQL ")::int8,"
           " count(*) FILTER (WHERE " REPORT_THIRD_PARTY_TURN_SQL ")::int8,"
           " count(*) FILTER (WHERE c.overdue_at IS NOT NULL)::int8,"
           " min(c.opened_at)"
           " FROM reporting.case_fact AS c"
           " WHERE " REPORT_OPEN_SQL " AND" REPORT_FILTER_SQL " GROUP BY 1 ORDER BY 1",
    .shape = DB_ROWS,
};

enum {
    AGES = 6,
    COUNTS = 5,
    SHARE = COUNTS,
    OLDEST
};

static const struct {
    const char *key;
    struct report_words label;
} ages[AGES] = {
    {"0",  {{"under 1 day", "不到 1 天"}}     },
    {"1",  {{"1 to 2 days", "1 至 2 天"}}      },
    {"3",  {{"3 to 6 days", "3 至 6 天"}}      },
    {"7",  {{"7 to 13 days", "7 至 13 天"}}    },
    {"14", {{"14 to 29 days", "14 至 29 天"}}  },
    {"30", {{"30 days and more", "30 天以上"}}},
};

void report_backlog_now_store_ask(struct db *db, const struct report_frame *frame)
{
    struct db_params params = {.count = 0};

    report_filter_store_put(&params, frame->filters, frame->filter_count);
    db_put_time(&params, frame->now_us);
    db_query(db, &open_by_age, &params);
    db_params_free(&params);
}

static void put(Troth__V1__FigureRow *row, const int64_t counts[COUNTS], int64_t all,
                int64_t oldest_us)
{
    const struct interval sure = proportion_wilson_95((double)counts[0], (double)all);

    for (size_t i = 0; i < COUNTS; i++) {
        report_cell_number(row, i, (double)counts[i]);
        row->cells[i]->has_count = true;
        row->cells[i]->count = counts[i];
    }
    if (all > 0) {
        report_cell_estimate(row, SHARE, (double)counts[0] / (double)all, sure.low, sure.high, all);
    }
    if (counts[0] > 0) {
        report_cell_number(row, OLDEST, (double)oldest_us);
    }
}

void report_backlog_now_store_take(const struct db_reply *reply, size_t first,
                                   const struct report_frame *frame, Troth__V1__FigureTable *table)
{
    const struct db_rows *rows = reply->rows[first];
    int64_t counts[AGES + 1][COUNTS] = {{0}}, oldest_us[AGES + 1] = {0};

    for (size_t row = 0; row < db_row_count(rows); row++) {
        const int64_t age = db_get_int(rows, row, 0);
        if (age < 0 || age >= AGES) {
            continue;
        }
        for (int i = 0; i < COUNTS; i++) {
            counts[age][i] = db_get_int(rows, row, 1 + i);
            counts[AGES][i] += counts[age][i];
        }
        oldest_us[age] = frame->now_us - db_get_time(rows, row, 1 + COUNTS);
        oldest_us[AGES] = oldest_us[age] > oldest_us[AGES] ? oldest_us[age] : oldest_us[AGES];
    }
    for (size_t i = 0; i < AGES; i++) {
        put(report_table_add(table, ages[i].key, ages[i].label.text[frame->language]), counts[i],
            counts[AGES][0], oldest_us[i]);
    }
    put(report_table_total(table), counts[AGES], counts[AGES][0], oldest_us[AGES]);
}
