/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_forecast_store.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"

#define RECORD_DAYS 90
#define KEPT_DAYS   120

static const struct db_query curves = {
    .name = "progress_forecast_curves",
    .sql = "SELECT f.owner_team, f.calendar, f.computed_at, f.past_cases::int8, f.known_us,"
           "  s.counted_us, s.still_open"
           " FROM intake.forecast_public AS f"
           " CROSS JOIN LATERAL unnest(f.counted_us, f.still_open) AS s (counted_us, still_open)"
           " WHERE f.kind = 'resolution' AND ($1::text IS NULL OR f.owner_team = $1)"
           " ORDER BY f.owner_team, f.calendar, s.counted_us",
    .shape = DB_ROWS,
};

enum {
    TEAM = 0,
    CALENDAR,
    COMPUTED,
    PAST,
    KNOWN,
    COUNTED,
    OPEN,
};

static const struct db_query standards = {
    .name = "progress_forecast_standards",
    .sql = "SELECT id, body FROM intake.standard_version_public WHERE id = ANY ($1::int4[])",
    .shape = DB_ROWS,
};

/* Contacts lie in the order in which they came, so the last day of them is found without reading
 * the others. */
static const struct db_query new_cases = {
    .name = "progress_forecast_new_cases",
    .sql = "SELECT c.number, coalesce(c.owner_team, ''), c.rule, c.branch, c.standard_id,"
           "  c.opened_at, c.state BETWEEN 1 AND 4"
           " FROM intake.contact_public AS k"
           " JOIN intake.service_case_public AS c ON c.bucket = k.bucket AND c.number = "
           "k.case_number"
           " WHERE k.received_at >= $1 AND k.case_version IS NULL AND k.case_number IS NOT NULL"
           "  AND NOT c.is_historical AND c.joined_case IS NULL AND c.state <> 7"
           "  AND NOT EXISTS (SELECT FROM reporting.finish_forecast AS f"
           "   WHERE f.bucket = c.bucket AND f.case_number = c.number)"
           " ORDER BY k.received_at LIMIT 200",
    .shape = DB_ROWS,
};

static const struct db_query insert = {
    .name = "progress_forecast_insert",
    .sql = "INSERT INTO reporting.finish_forecast (bucket, case_number, half_at, most_at, made_at)"
           " SELECT n.bucket, n.number, n.half_at, n.most_at, $5"
           "  FROM unnest($1::int2[], $2::int8[], $3::timestamptz[], $4::timestamptz[])"
           "   AS n (bucket, number, half_at, most_at)"
           " ON CONFLICT (bucket, case_number) DO NOTHING",
    .shape = DB_NONE,
};

/* Not only cases that are done by now: those that are late are what a date is wrong about. At most
 * the newest 20,000, which is more than any share needs. */
static const struct db_query record = {
    .name = "progress_forecast_record",
    .sql = "SELECT count(*), count(*) FILTER (WHERE c.resolved_at <= f.half_at),"
           "  count(*) FILTER (WHERE c.resolved_at <= f.most_at)"
           " FROM (SELECT bucket, case_number, half_at, most_at FROM reporting.finish_forecast"
           "  WHERE most_at > $1 AND most_at <= $2 ORDER BY most_at DESC LIMIT 20000) AS f"
           " JOIN intake.service_case_public AS c"
           "  ON c.bucket = f.bucket AND c.number = f.case_number"
           " WHERE c.state <> 7 AND c.joined_case IS NULL",
    .shape = DB_ONE,
};

static const struct db_query forget = {
    .name = "progress_forecast_forget",
    .sql = "DELETE FROM reporting.finish_forecast WHERE (bucket, case_number) IN"
           " (SELECT bucket, case_number FROM reporting.finish_forecast WHERE made_at < $1"
           "  ORDER BY made_at LIMIT 5000)",
    .shape = DB_NONE,
};

void progress_forecast_put_curves(struct db *db, const char *owner_team)
{
    struct db_params p = {.count = 0};

    db_put_text(&p, owner_team);
    db_query(db, &curves, &p);
    db_params_free(&p);
}

bool progress_forecast_take_curve(const struct db_rows *rows, const char *owner_team,
                                  const char *calendar, struct progress_curve *ret_curve,
                                  struct survival_step **ret_steps, int64_t *ret_computed_us)
{
    size_t first = 0, count = 0;

    for (size_t i = 0; i < db_row_count(rows); i++) {
        if (strcmp(db_get_text(rows, i, TEAM), owner_team) == 0 &&
            strcmp(db_get_text(rows, i, CALENDAR), calendar) == 0) {
            first = count == 0 ? i : first;
            count++;
        }
    }
    if (count == 0) {
        return false;
    }
    struct survival_step *steps = xcalloc(count, sizeof(*steps));
    for (size_t i = 0; i < count; i++) {
        steps[i] = (struct survival_step){.at_us = db_get_int(rows, first + i, COUNTED),
                                          .open = db_get_float8(rows, first + i, OPEN)};
    }
    *ret_steps = steps;
    *ret_curve = (struct progress_curve){
        .steps = steps,
        .step_count = count,
        .known_us =
            db_is_null(rows, first, KNOWN) ? SURVIVAL_NEVER : db_get_int(rows, first, KNOWN),
        .past_cases = db_get_int(rows, first, PAST),
    };
    if (ret_computed_us) {
        *ret_computed_us = db_get_time(rows, first, COMPUTED);
    }
    return true;
}

void progress_forecast_put_standards(struct db *db, const int32_t *ids, size_t count)
{
    struct db_params p = {.count = 0};
    struct db_array list;

    db_array_init(&list, DB_INT4);
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&list, ids[i]);
    }
    db_put_array(&p, &list);
    db_query(db, &standards, &p);
    db_array_free(&list);
    db_params_free(&p);
}

static void put_instant(struct db *db, const struct db_query *q, int64_t us)
{
    struct db_params p = {.count = 0};

    db_put_time(&p, us);
    db_query(db, q, &p);
    db_params_free(&p);
}

void progress_forecast_put_new_cases(struct db *db, int64_t now_us)
{
    put_instant(db, &new_cases, now_us - DURATION_DAY);
}

void progress_forecast_take_new_case(const struct db_rows *rows, size_t row,
                                     struct progress_new_case *ret)
{
    *ret = (struct progress_new_case){
        .number = db_get_int(rows, row, 0),
        .owner_team = db_get_text(rows, row, 1),
        .rule = db_get_text(rows, row, 2),
        .branch = db_get_text(rows, row, 3),
        .standard_id = (int32_t)db_get_int(rows, row, 4),
        .opened_us = db_get_time(rows, row, 5),
        .is_open = db_get_bool(rows, row, 6),
    };
}

void progress_forecast_put(struct db *db, const struct progress_forecast_row *rows, size_t count,
                           int64_t now_us)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8, DB_TIME, DB_TIME};
    struct db_columns c;
    struct db_params p = {.count = 0};

    db_columns_init(&c, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&c.array[0], identifier_bucket(rows[i].service_case));
        db_array_add_int(&c.array[1], rows[i].service_case);
        db_array_add_time(&c.array[2], rows[i].is_known ? rows[i].finish.half_us : DB_NO_TIME);
        db_array_add_time(&c.array[3], rows[i].is_known ? rows[i].finish.most_us : DB_NO_TIME);
    }
    db_columns_put(&c, &p);
    db_put_time(&p, now_us);
    db_query(db, &insert, &p);
    db_params_free(&p);
}

void progress_forecast_put_record(struct db *db, int64_t now_us)
{
    struct db_params p = {.count = 0};

    db_put_time(&p, now_us - RECORD_DAYS * DURATION_DAY);
    db_put_time(&p, now_us);
    db_query(db, &record, &p);
    db_params_free(&p);
    put_instant(db, &forget, now_us - KEPT_DAYS * DURATION_DAY);
}

void progress_forecast_take_record(const struct db_rows *rows, struct progress_record *ret)
{
    *ret = (struct progress_record){
        .count = db_get_int(rows, 0, 0),
        .half_done = db_get_int(rows, 0, 1),
        .most_done = db_get_int(rows, 0, 2),
    };
}
