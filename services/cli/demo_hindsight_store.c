/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/demo_hindsight_store.h"

#include "common/base/text.h"
#include "common/base/xalloc.h"

/* Numbers last: they may differ from run to run. 4, 5, 9: kept late, broken, renegotiated late. */
static const struct db_query breaks = {
    .name = "demo_hindsight_breaks",
    .sql = "SELECT p.number, c.opened_at, p.made_at, coalesce(c.branch, ''), p.kind"
           "  FROM intake.promise AS p"
           "  JOIN intake.service_case AS c ON c.bucket = p.bucket AND c.number = p.case_number"
           " WHERE p.state IN (4, 5, 9) AND p.cause IS NULL AND NOT p.is_void"
           "   AND NOT p.is_historical AND p.settled_at > $1 AND p.settled_at <= $2"
           " ORDER BY c.opened_at, p.made_at, p.kind, p.number",
    .shape = DB_ROWS,
};

/* 7: reopened. States 1 to 4 are open. */
static const struct db_query reopened = {
    .name = "demo_hindsight_reopened",
    .sql = "SELECT c.number, c.opened_at, e.received_at, coalesce(c.branch, ''), ''"
           "  FROM intake.case_event AS e"
           "  JOIN intake.source AS s ON s.id = e.source_id AND s.name = 'followup'"
           "  JOIN intake.service_case AS c ON c.bucket = e.bucket AND c.number = e.case_number"
           " WHERE e.action = 7 AND NOT e.is_void AND c.joined_case IS NULL"
           "   AND c.state BETWEEN 1 AND 4 AND e.received_at > $1 AND e.received_at <= $2"
           " ORDER BY c.opened_at, e.received_at, c.number",
    .shape = DB_ROWS,
};

static int read_list(struct db *db, const struct db_query *query, const int64_t range_us[2],
                     struct demo_trouble **ret_list, size_t *ret_count, struct err *err)
{
    struct db_params params = {0};
    db_put_time(&params, range_us[0]);
    db_put_time(&params, range_us[1]);
    db_query(db, query, &params);
    const struct db_reply *reply = db_run_wait(db);
    db_params_free(&params);
    if (reply->outcome != DB_OK) {
        *err = reply->err;
        return -1;
    }
    const struct db_rows *rows = reply->rows[0];
    struct demo_trouble *list = xcalloc(db_row_count(rows) + 1, sizeof(*list));
    for (size_t i = 0; i < db_row_count(rows); i++) {
        list[i] = (struct demo_trouble){
            .number = db_get_int(rows, i, 0),
            .opened_us = db_get_time(rows, i, 1),
            .began_us = db_get_time(rows, i, 2),
        };
        (void)text_copy(list[i].branch, sizeof list[i].branch, db_get_text(rows, i, 3));
        (void)text_copy(list[i].kind, sizeof list[i].kind, db_get_text(rows, i, 4));
    }
    *ret_list = list;
    *ret_count = db_row_count(rows);
    return 0;
}

int demo_hindsight_store_read_breaks(struct db *db, int64_t since_us, int64_t now_us,
                                     struct demo_trouble **ret_list, size_t *ret_count,
                                     struct err *err)
{
    return read_list(db, &breaks, (const int64_t[2]){since_us, now_us}, ret_list, ret_count, err);
}

int demo_hindsight_store_read_reopened(struct db *db, int64_t since_us, int64_t now_us,
                                       struct demo_trouble **ret_list, size_t *ret_count,
                                       struct err *err)
{
    return read_list(db, &reopened, (const int64_t[2]){since_us, now_us}, ret_list, ret_count, err);
}
