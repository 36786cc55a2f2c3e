/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/standards_store.h"

#include "common/domain/identifier.h"

static const struct db_query standards_store_by_id = {
    "standards_store_by_id",
    "SELECT id, hash, body FROM intake.standard_version_public WHERE id = $1", DB_ROWS};

static const struct db_query standards_store_by_hash = {
    "standards_store_by_hash",
    "SELECT id, hash, body FROM intake.standard_version_public WHERE starts_with(hash, $1)"
    " ORDER BY id LIMIT 2",
    DB_ROWS};

static const struct db_query standards_store_list = {
    "standards_store_list",
    "SELECT id, hash, first_used_at, tzdata FROM intake.standard_version_public"
    " ORDER BY first_used_at, id",
    DB_ROWS};

static const struct db_query standards_store_counts = {
    "standards_store_counts",
    "SELECT standard_id, count(*) FILTER (WHERE is_case), count(*) FILTER (WHERE NOT is_case)"
    "  FROM (SELECT standard_id, true AS is_case FROM intake.service_case_public"
    "         WHERE bucket = $1"
    "        UNION ALL"
    "        SELECT standard_id, false FROM intake.promise_public WHERE bucket = $1) AS decided"
    " GROUP BY 1",
    DB_ROWS};

static const struct db_query standards_store_case = {
    "standards_store_case",
    "SELECT kind, channel, branch, category, category_by, asked_priority, standard_id, rule,"
    "       opened_at"
    "  FROM intake.service_case_public WHERE bucket = $1 AND number = $2",
    DB_ROWS};

static const struct db_query standards_store_promises = {
    "standards_store_promises",
    "SELECT number, kind, state, made_at, due_at FROM intake.promise_public"
    " WHERE bucket = $1 AND case_number = $2 AND rule IS NOT NULL AND NOT is_void"
    " ORDER BY number",
    DB_ROWS};

void standards_store_ask_id(struct db *db, int32_t id)
{
    struct db_params p = {0};

    db_put_int4(&p, id);
    db_query(db, &standards_store_by_id, &p);
    db_params_free(&p);
}

void standards_store_ask_hash(struct db *db, const char *prefix)
{
    struct db_params p = {0};

    db_put_text(&p, prefix);
    db_query(db, &standards_store_by_hash, &p);
    db_params_free(&p);
}

void standards_store_ask_list(struct db *db)
{
    db_query(db, &standards_store_list, NULL);
}

void standards_store_ask_counts(struct db *db, int16_t bucket)
{
    struct db_params p = {0};

    db_put_int2(&p, bucket);
    db_query(db, &standards_store_counts, &p);
    db_params_free(&p);
}

static void ask_of_case(struct db *db, const struct db_query *query, int64_t service_case)
{
    struct db_params p = {0};

    db_put_int2(&p, identifier_bucket(service_case));
    db_put_int8(&p, service_case);
    db_query(db, query, &p);
    db_params_free(&p);
}

void standards_store_ask_case(struct db *db, int64_t service_case)
{
    ask_of_case(db, &standards_store_case, service_case);
}

void standards_store_ask_promises(struct db *db, int64_t service_case)
{
    ask_of_case(db, &standards_store_promises, service_case);
}
