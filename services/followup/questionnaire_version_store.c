/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/questionnaire_version_store.h"

static const struct db_query insert = {
    "questionnaire_version_insert",
    "INSERT INTO followup.questionnaire_version AS v (hash, body, first_used_at)"
    " VALUES ($1, $2, $3) ON CONFLICT (hash) DO UPDATE SET hash = excluded.hash RETURNING v.id",
    DB_ONE,
};

static const struct db_query all = {
    "questionnaire_version_all",
    "SELECT id, hash, body FROM followup.questionnaire_version",
    DB_ROWS,
};

static const struct db_query some = {
    "questionnaire_version_some",
    "SELECT id, hash, body FROM followup.questionnaire_version WHERE id = ANY ($1::int4[])",
    DB_ROWS,
};

void questionnaire_version_put(struct db *db, const struct questionnaire *q, int64_t now_us)
{
    struct db_params p = {.count = 0};
    db_put_text(&p, questionnaire_hash(q));
    db_put_text(&p, questionnaire_text(q));
    db_put_time(&p, now_us);
    db_query(db, &insert, &p);
    db_params_free(&p);
}

void questionnaire_version_ask_all(struct db *db)
{
    struct db_params none = {.count = 0};
    db_query(db, &all, &none);
}

void questionnaire_version_ask(struct db *db, const int32_t *ids, size_t count)
{
    struct db_params p = {.count = 0};
    struct db_array list;
    db_array_init(&list, DB_INT4);
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&list, ids[i]);
    }
    db_put_array(&p, &list);
    db_query(db, &some, &p);
    db_array_free(&list);
    db_params_free(&p);
}
