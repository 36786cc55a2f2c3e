/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_store.h"

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"

static const struct db_query snapshot = {
    .name = "report_snapshot",
    .sql = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
    .shape = DB_NONE,
};

void report_store_begin(struct db *db)
{
    db_begin(db);
    db_query(db, &snapshot, NULL);
}

static const struct db_query events_behind = {
    .name = "report_events_behind",
    .sql = "SELECT " REPORT_STORE_BEHIND("'reporting'", "'intake', 'followup', 'loyalty'"),
    .shape = DB_ONE,
};

void report_store_ask_behind(struct db *db)
{
    db_query(db, &events_behind, NULL);
}

static const struct db_query sources_by_name = {
    .name = "report_sources_by_name",
    .sql = "SELECT id, name FROM intake.source_public WHERE $1 = '' OR name = $1",
    .shape = DB_ROWS,
};

static const struct db_query customers_by_reference = {
    .name = "report_customers_by_reference",
    .sql = "SELECT DISTINCT r.customer_number"
           " FROM unnest($1::int2[], $2::text[]) AS k (bucket, source)"
           " JOIN intake.customer_reference_public AS r"
           " ON r.bucket = k.bucket AND r.source = k.source AND r.reference = $3"
           " LIMIT 2",
    .shape = DB_ROWS,
};

void report_store_ask_sources(struct db *db, const char *source)
{
    struct db_params params = {.count = 0};

    db_put_text(&params, source);
    db_query(db, &sources_by_name, &params);
    db_params_free(&params);
}

void report_store_ask_reference(struct db *db, const struct db_rows *sources, const char *reference)
{
    struct db_params params = {.count = 0};
    struct db_array buckets, names;

    db_array_init(&buckets, DB_INT2);
    db_array_init(&names, DB_TEXT);
    for (size_t i = 0; i < db_row_count(sources); i++) {
        int32_t id = (int32_t)db_get_int(sources, i, 0);
        db_array_add_int(&buckets, identifier_bucket_of_reference(id, reference));
        db_array_add_text(&names, db_get_text(sources, i, 1));
    }
    db_put_array(&params, &buckets);
    db_put_array(&params, &names);
    db_put_text(&params, reference);
    db_query(db, &customers_by_reference, &params);
    db_array_free(&buckets);
    db_array_free(&names);
    db_params_free(&params);
}

size_t report_store_take_reference(const struct db_rows *rows, int64_t *ret_number)
{
    if (db_row_count(rows) > 0) {
        *ret_number = db_get_int(rows, 0, 0);
    }
    return db_row_count(rows);
}

char *report_store_text(const struct db_rows *rows, size_t row, int column)
{
    const char *text = db_get_text(rows, row, column);

    return text_is_empty(text) ? NULL : xstrdup(text);
}
