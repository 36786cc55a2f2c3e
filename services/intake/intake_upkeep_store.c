/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_upkeep_store.h"

/* In a new database the first round is not due yet: what was just inserted is not seen here. */
static const struct db_query intake_upkeep_claim_work = {
    "intake_upkeep_claim_work",
    "WITH first AS (INSERT INTO intake.upkeep (name, began_at) VALUES ($1, $2)"
    "               ON CONFLICT (name) DO NOTHING)"
    " UPDATE intake.upkeep SET began_at = $4 WHERE name = $1 AND began_at <= $3 RETURNING 1",
    DB_OPTIONAL};

/* Another one may have begun meanwhile. */
static const struct db_query intake_upkeep_end_round = {
    "intake_upkeep_end_round",
    "UPDATE intake.upkeep SET began_at = greatest(began_at, $2) WHERE name = $1", DB_NONE};

/* By page and not by key: receipts lie in the order in which they came, and an index on their age
 * would cost every record something. */
static const struct db_query intake_upkeep_expire_receipts = {
    "intake_upkeep_expire_receipts",
    "WITH gone AS (DELETE FROM intake.receipt"
    "               WHERE ctid >= format('(%s,0)', $1::int8)::tid"
    "                 AND ctid < format('(%s,0)', $2::int8)::tid"
    "                 AND received_at < $3 AND NOT is_permanent RETURNING 1)"
    " SELECT (SELECT count(*) FROM gone),"
    "        pg_relation_size('intake.receipt') / current_setting('block_size')::int8",
    DB_ONE};

static const struct db_query intake_upkeep_count_orphans = {
    "intake_upkeep_count_orphans",
    "SELECT relation, orphans FROM intake.count_orphans($1, $1) WHERE orphans > 0", DB_ROWS};

static const struct db_query intake_upkeep_keys = {
    "intake_upkeep_keys",
    "SELECT number, key_generation, wrapped_key FROM intake.customer"
    " WHERE bucket = $1 AND number > $2 AND key_generation <> $3 AND wrapped_key IS NOT NULL"
    " ORDER BY number LIMIT $4 FOR UPDATE SKIP LOCKED",
    DB_ROWS};

static const struct db_query intake_upkeep_set_keys = {
    "intake_upkeep_set_keys",
    "UPDATE intake.customer AS c SET key_generation = $4, wrapped_key = u.wrapped_key"
    "  FROM unnest($1::int8[], $2::bytea[]) AS u (number, wrapped_key)"
    " WHERE c.bucket = $3 AND c.number = u.number AND c.wrapped_key IS NOT NULL",
    DB_NONE};

static const struct db_query intake_upkeep_generations = {
    "intake_upkeep_generations",
    "SELECT key_generation, count(*) FROM intake.customer"
    " WHERE bucket = $1 AND wrapped_key IS NOT NULL GROUP BY 1",
    DB_ROWS};

static const struct db_query intake_upkeep_old_processes = {
    "intake_upkeep_old_processes",
    "SELECT count(*) FILTER (WHERE known < $1), count(*) FILTER (WHERE sealing < $1)"
    " FROM intake.master_key_process",
    DB_ONE};

static const struct db_query intake_upkeep_retire_key = {
    "intake_upkeep_retire_key",
    "UPDATE intake.master_key SET retired_at = $2 WHERE generation = $1 AND retired_at IS NULL",
    DB_NONE};

static const struct db_query intake_upkeep_reopen_key = {
    "intake_upkeep_reopen_key",
    "UPDATE intake.master_key SET retired_at = NULL WHERE generation = $1 AND retired_at IS NOT "
    "NULL",
    DB_NONE};

static const struct db_query intake_upkeep_sweep_erasures = {
    "intake_upkeep_sweep_erasures", "SELECT intake.sweep_erasures($1, $2)", DB_ONE};

/* Backups may be older than the erasure by any number of generations. */
static const struct db_query intake_upkeep_erasures_rotated = {
    "intake_upkeep_erasures_rotated",
    "WITH oldest AS (SELECT min(generation) AS living FROM intake.master_key"
    "                 WHERE generation > 0 AND retired_at IS NULL),"
    "     done AS (UPDATE intake.erasure AS e SET rotated_at = $1 FROM oldest"
    "               WHERE e.rotated_at IS NULL AND e.key_generation < oldest.living RETURNING 1)"
    " SELECT (SELECT count(*) FROM done),"
    "        (SELECT count(*) FROM intake.erasure WHERE rotated_at IS NULL)"
    "        - (SELECT count(*) FROM done)",
    DB_ONE};

static void send(struct db *db, const struct db_query *q, struct db_params *p)
{
    db_query(db, q, p);
    db_params_free(p);
}

static void claim(struct db *db, const char *name, int64_t now_us, int64_t every_us,
                  int64_t began_us)
{
    struct db_params p = {0};
    db_put_text(&p, name);
    db_put_time(&p, now_us);
    db_put_time(&p, now_us - every_us);
    db_put_time(&p, began_us);
    send(db, &intake_upkeep_claim_work, &p);
}

void intake_upkeep_claim(struct db *db, const char *name, int64_t now_us, int64_t every_us)
{
    claim(db, name, now_us, every_us, now_us);
}

void intake_upkeep_begin(struct db *db, const char *name, int64_t now_us, int64_t every_us)
{
    claim(db, name, now_us, every_us, now_us - every_us + UPKEEP_AGAIN_US);
}

void intake_upkeep_end(struct db *db, const char *name, int64_t began_us)
{
    struct db_params p = {0};
    db_put_text(&p, name);
    db_put_time(&p, began_us);
    send(db, &intake_upkeep_end_round, &p);
}

void intake_upkeep_expire(struct db *db, int64_t first_page, int64_t before_us)
{
    struct db_params p = {0};
    db_put_int8(&p, first_page);
    db_put_int8(&p, first_page + UPKEEP_PAGES);
    db_put_time(&p, before_us);
    send(db, &intake_upkeep_expire_receipts, &p);
}

void intake_upkeep_orphans(struct db *db, int16_t bucket)
{
    struct db_params p = {0};
    db_put_int2(&p, bucket);
    send(db, &intake_upkeep_count_orphans, &p);
}

void intake_upkeep_read_keys(struct db *db, int16_t bucket, int64_t after, int16_t newest)
{
    struct db_params p = {0};
    db_put_int2(&p, bucket);
    db_put_int8(&p, after);
    db_put_int2(&p, newest);
    db_put_int8(&p, UPKEEP_REWRAP_MAX);
    send(db, &intake_upkeep_keys, &p);
}

void intake_upkeep_write_keys(struct db *db, int16_t bucket, int16_t newest,
                              struct db_columns *columns)
{
    struct db_params p = {0};
    db_columns_put(columns, &p);
    db_put_int2(&p, bucket);
    db_put_int2(&p, newest);
    send(db, &intake_upkeep_set_keys, &p);
}

void intake_upkeep_count_keys(struct db *db, int16_t bucket)
{
    struct db_params p = {0};
    db_put_int2(&p, bucket);
    send(db, &intake_upkeep_generations, &p);
}

void intake_upkeep_count_old_processes(struct db *db, int16_t newest)
{
    struct db_params p = {0};
    db_put_int2(&p, newest);
    send(db, &intake_upkeep_old_processes, &p);
}

void intake_upkeep_retire(struct db *db, int16_t generation, int64_t machine_now_us)
{
    struct db_params p = {0};
    db_put_int2(&p, generation);
    db_put_time(&p, machine_now_us);
    send(db, &intake_upkeep_retire_key, &p);
}

void intake_upkeep_reopen(struct db *db, int16_t generation)
{
    struct db_params p = {0};
    db_put_int2(&p, generation);
    send(db, &intake_upkeep_reopen_key, &p);
}

void intake_upkeep_sweep(struct db *db, int64_t now_us)
{
    struct db_params p = {0};
    db_put_time(&p, now_us - UPKEEP_SWEEP_AFTER_US);
    db_put_time(&p, now_us);
    send(db, &intake_upkeep_sweep_erasures, &p);
}

void intake_upkeep_note_rotation(struct db *db, int64_t machine_now_us)
{
    struct db_params p = {0};
    db_put_time(&p, machine_now_us);
    send(db, &intake_upkeep_erasures_rotated, &p);
}
