/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/retention_store.h"

static const struct db_query retention_close = {
    "retention_close", "SELECT log.event_part_close($1, $2 * interval '1 microsecond', $3)",
    DB_ONE};

static const struct db_query retention_list = {
    "retention_list",
    "SELECT number, closed_at, bytes, why, detail"
    "  FROM log.event_part_list($1, $2 * interval '1 microsecond', $3)",
    DB_ROWS};

static const struct db_query retention_keep_open = {"retention_keep_open",
                                                    "SELECT log.event_part_keep_open($1)", DB_ONE};

static const struct db_query retention_places = {
    "retention_places", "SELECT stream, bucket, first_seq, last_seq FROM log.event_part_places($1)",
    DB_ROWS};

static const struct db_query retention_next_removal = {
    "retention_next_removal",
    "SELECT coalesce(max(number), 0) + 1, EXISTS (SELECT FROM audit.run) FROM audit.removal",
    DB_ONE};

static const struct db_query retention_put_removal = {
    "retention_put_removal",
    "INSERT INTO audit.removal (number, part, closed_at, events, places, at, installation, key_id,"
    " signature) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    DB_NONE};

static const struct db_query retention_drop = {
    "retention_drop",
    "SELECT log.event_part_drop($1, $2, $3 * interval '1 microsecond', $4, $5, $6)", DB_HIDDEN};

void retention_store_close(struct db *db, int64_t now_us, int64_t part_us, int32_t wait_ms)
{
    struct db_params p = {0};
    db_put_time(&p, now_us);
    db_put_float8(&p, (double)part_us);
    db_put_int4(&p, wait_ms);
    db_query(db, &retention_close, &p);
    db_params_free(&p);
}

void retention_store_list(struct db *db, const struct retention_times *t)
{
    struct db_params p = {0};
    db_put_time(&p, t->now_us);
    db_put_float8(&p, (double)t->keep_us);
    db_put_array(&p, t->absent);
    db_query(db, &retention_list, &p);
    db_params_free(&p);
}

void retention_store_ask_places(struct db *db, int32_t part)
{
    struct db_params p = {0};
    db_put_int4(&p, part);
    db_query(db, &retention_keep_open, &p);
    db_query(db, &retention_places, &p);
    db_query(db, &retention_next_removal, NULL);
    db_params_free(&p);
}

void retention_store_add_removal(struct db *db, const struct audit_removal *r)
{
    struct db_params p = {0};
    db_put_int8(&p, r->number);
    db_put_int4(&p, r->part);
    db_put_time(&p, r->closed_us);
    db_put_int8(&p, r->events);
    db_put_text(&p, r->places);
    db_put_time(&p, r->at_us);
    db_put_text(&p, r->installation);
    db_put_bytes(&p, (struct bytes){r->key_id, sizeof(r->key_id)});
    db_put_bytes(&p, (struct bytes){r->signature, sizeof(r->signature)});
    db_query(db, &retention_put_removal, &p);
    db_params_free(&p);
}

void retention_store_drop(struct db *db, const struct retention_times *t, int32_t part,
                          int64_t kept_events, int32_t wait_ms)
{
    struct db_params p = {0};
    db_put_int4(&p, part);
    db_put_time(&p, t->now_us);
    db_put_float8(&p, (double)t->keep_us);
    db_put_array(&p, t->absent);
    db_put_int8(&p, kept_events);
    db_put_int4(&p, wait_ms);
    db_query(db, &retention_drop, &p);
    db_params_free(&p);
}
