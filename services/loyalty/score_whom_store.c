/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/score_whom_store.h"

#include "common/domain/identifier.h"

static const struct db_query one_snapshot = {
    .name = "score_one_snapshot",
    .sql = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    .shape = DB_NONE,
};

static const struct db_query one_plan = {
    .name = "score_one_plan",
    .sql = "SET LOCAL plan_cache_mode = force_generic_plan",
    .shape = DB_NONE,
};

void score_whom_begin(struct db *db)
{
    db_begin(db);
    db_query(db, &one_snapshot, NULL);
    db_query(db, &one_plan, NULL);
}

void score_whom_put(struct db_params *params, const struct score_whom *whom)
{
    struct db_array buckets, numbers, names;

    db_array_init(&buckets, DB_INT2);
    db_array_init(&numbers, DB_INT8);
    for (size_t i = 0; i < whom->count; i++) {
        db_array_add_int(&buckets, identifier_bucket(whom->numbers[i]));
        db_array_add_int(&numbers, whom->numbers[i]);
    }
    db_put_array(params, &buckets);
    db_put_array(params, &numbers);
    db_array_clear(&buckets);
    db_array_init(&names, DB_TEXT);
    for (size_t i = 0; whom->sources != NULL && i < db_row_count(whom->sources); i++) {
        int32_t id = (int32_t)db_get_int(whom->sources, i, 0);
        db_array_add_int(&buckets, identifier_bucket_of_reference(id, whom->reference));
        db_array_add_text(&names, db_get_text(whom->sources, i, 1));
    }
    db_put_array(params, &buckets);
    db_put_array(params, &names);
    db_put_text(params, whom->sources == NULL ? "" : whom->reference);
    db_array_free(&buckets);
    db_array_free(&numbers);
    db_array_free(&names);
}
