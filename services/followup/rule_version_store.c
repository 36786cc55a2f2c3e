/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/rule_version_store.h"

#include "common/base/zone.h"

static const struct db_query rule_version_insert = {
    "rule_version_insert",
    "INSERT INTO followup.rule_version AS v (hash, body, tzdata, first_used_at, last_used_at)"
    " VALUES ($1, $2, $3, $4, $4) ON CONFLICT (hash) DO UPDATE"
    " SET last_used_at = greatest(v.last_used_at, excluded.last_used_at) RETURNING v.id",
    DB_ONE};

static const struct db_query rule_version_all = {
    "rule_version_all", "SELECT id, hash, body FROM followup.rule_version", DB_ROWS};

static const struct db_query rule_version_some = {
    "rule_version_some",
    "SELECT id, hash, body FROM followup.rule_version WHERE id = ANY ($1::int4[])", DB_ROWS};

void rule_version_put(struct db *db, const struct rulebook *b, int64_t now_us)
{
    char tzdata[ZONE_VERSION_SIZE];
    struct db_params p = {0};
    db_put_text(&p, rulebook_hash(b));
    db_put_text(&p, rulebook_text(b));
    db_put_text(&p, zone_database_version(tzdata));
    db_put_time(&p, now_us);
    db_query(db, &rule_version_insert, &p);
    db_params_free(&p);
}

void rule_version_ask_all(struct db *db)
{
    struct db_params none = {0};
    db_query(db, &rule_version_all, &none);
}

void rule_version_ask(struct db *db, const int32_t *ids, size_t count)
{
    struct db_params p = {0};
    struct db_array list;
    db_array_init(&list, DB_INT4);
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&list, ids[i]);
    }
    db_put_array(&p, &list);
    db_query(db, &rule_version_some, &p);
    db_array_free(&list);
    db_params_free(&p);
}
