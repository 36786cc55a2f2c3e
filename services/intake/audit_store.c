/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/audit_store.h"

#include "common/audit/audit_redacted.h"
#include <string.h>

#include "common/base/text.h"

static const struct db_query audit_size = {
    "audit_size",
    "SELECT coalesce((SELECT first_position + last_seq - first_seq + 1 FROM audit.run"
    "                  ORDER BY first_position DESC LIMIT 1), 0)",
    DB_ONE};

static const struct db_query audit_newest_head = {
    "audit_newest_head",
    "SELECT number, tree_size, root, at, installation, key_id, signature FROM audit.head"
    " ORDER BY number DESC LIMIT 1",
    DB_OPTIONAL};

static const struct db_query audit_tiles = {
    "audit_tiles",
    "SELECT t.level, t.index, t.hashes FROM unnest($1::int2[], $2::int8[]) AS n (level, index)"
    "  JOIN audit.tile AS t ON (t.level, t.index) = (n.level, n.index)",
    DB_ROWS};

static const struct db_query audit_events = {
    "audit_events",
    "SELECT p.stream, p.bucket, p.old, e.seq, e.customer_id, e.version, e.kind, e.at, e.body"
    "  FROM unnest($1::text[], $2::int2[], $3::int8[]) WITH ORDINALITY"
    "         AS p (stream, bucket, old, place)"
    " CROSS JOIN LATERAL ("
    "       SELECT seq, customer_id, version, kind, at, body FROM log.event"
    "        WHERE stream = p.stream AND bucket = p.bucket AND seq > p.old"
    "        ORDER BY seq LIMIT $4) AS e"
    " ORDER BY p.place, e.seq LIMIT $4",
    DB_ROWS};

enum {
    EVENT_STREAM = 0,
    EVENT_BUCKET,
    EVENT_FROM,
    EVENT_SEQ,
    EVENT_CUSTOMER,
    EVENT_VERSION,
    EVENT_KIND,
    EVENT_AT,
    EVENT_BODY,
};

static const struct db_query audit_add_runs = {
    "audit_add_runs",
    "INSERT INTO audit.run (first_position, stream, bucket, first_seq, last_seq)"
    " SELECT * FROM unnest($1::int8[], $2::text[], $3::int2[], $4::int8[], $5::int8[])",
    DB_NONE};

static const struct db_query audit_put_tiles = {
    "audit_put_tiles",
    "INSERT INTO audit.tile (level, index, hashes)"
    " SELECT * FROM unnest($1::int2[], $2::int8[], $3::bytea[])"
    "     ON CONFLICT (level, index) DO UPDATE SET hashes = excluded.hashes",
    DB_NONE};

static const struct db_query audit_add_head = {
    "audit_add_head",
    "INSERT INTO audit.head (number, tree_size, root, at, installation, key_id, signature)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)",
    DB_NONE};

void audit_store_ask_state(struct db *db)
{
    db_query(db, &audit_size, NULL);
    db_query(db, &audit_newest_head, NULL);
}

int64_t audit_store_size(const struct db_rows *rows)
{
    return db_get_int(rows, 0, 0);
}

/* Another length is refused by the table. */
static bool take(struct bytes from, uint8_t *ret, size_t len)
{
    if (from.len != len) {
        return false;
    }
    memcpy(ret, from.data, len);
    return true;
}

bool audit_store_load_head(const struct db_rows *rows, struct audit_head *ret)
{
    if (db_row_count(rows) == 0) {
        return false;
    }
    *ret = (struct audit_head){
        .number = db_get_int(rows, 0, 0),
        .root = {.size = (uint64_t)db_get_int(rows, 0, 1)},
        .at_us = db_get_time(rows, 0, 3),
    };
    return take(db_get_bytes(rows, 0, 2), ret->root.hash.bytes, MERKLE_HASH_LEN) &&
           text_copy(ret->installation, sizeof(ret->installation), db_get_text(rows, 0, 4)) &&
           take(db_get_bytes(rows, 0, 5), ret->key_id, sizeof(ret->key_id)) &&
           take(db_get_bytes(rows, 0, 6), ret->signature, sizeof(ret->signature));
}

void audit_store_ask_tiles(struct db *db, const struct merkle_tile_name *names, size_t count)
{
    struct db_params p = {0};
    struct db_array levels, indexes;
    db_array_init(&levels, DB_INT2);
    db_array_init(&indexes, DB_INT8);
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&levels, names[i].level);
        db_array_add_int(&indexes, (int64_t)names[i].index);
    }
    db_put_array(&p, &levels);
    db_put_array(&p, &indexes);
    db_query(db, &audit_tiles, &p);
    db_array_free(&levels);
    db_array_free(&indexes);
    db_params_free(&p);
}

void audit_store_load_tiles(const struct db_rows *rows, struct merkle_edge *e)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        /* Of another edge, or too short: then this one is not loaded in the end. */
        (void)(merkle_edge_load(e, (unsigned)db_get_int(rows, i, 0),
                                (uint64_t)db_get_int(rows, i, 1), db_get_bytes(rows, i, 2)) < 0);
    }
}

void audit_store_ask_events(struct db *db, const struct event_position *places, size_t count,
                            size_t limit)
{
    struct db_params p = {0};
    struct db_array streams, buckets, from;
    db_array_init(&streams, DB_TEXT);
    db_array_init(&buckets, DB_INT2);
    db_array_init(&from, DB_INT8);
    for (size_t i = 0; i < count; i++) {
        db_array_add_text(&streams, places[i].stream);
        db_array_add_int(&buckets, places[i].bucket);
        db_array_add_int(&from, places[i].from);
    }
    db_put_array(&p, &streams);
    db_put_array(&p, &buckets);
    db_put_array(&p, &from);
    db_put_int8(&p, (int64_t)limit);
    db_query(db, &audit_events, &p);
    db_array_free(&streams);
    db_array_free(&buckets);
    db_array_free(&from);
    db_params_free(&p);
}

struct audit_event audit_store_event(const struct db_rows *rows, size_t i)
{
    struct audit_event e = {
        .place = {.stream = db_get_text(rows, i, EVENT_STREAM),
                  .bucket = (int16_t)db_get_int(rows, i, EVENT_BUCKET),
                  .seq = db_get_int(rows, i, EVENT_SEQ)},
        .at_us = db_get_time(rows, i, EVENT_AT),
        .customer = db_get_int(rows, i, EVENT_CUSTOMER),
        .version = db_get_int(rows, i, EVENT_VERSION),
        .kind = db_get_text(rows, i, EVENT_KIND),
        .body = db_get_bytes(rows, i, EVENT_BODY),
    };
    audit_redacted_find(&e);
    return e;
}

int64_t audit_store_event_from(const struct db_rows *rows, size_t i)
{
    return db_get_int(rows, i, EVENT_FROM);
}

/* ---- writing */

void audit_writing_init(struct audit_writing *w)
{
    db_array_init(&w->first_position, DB_INT8);
    db_array_init(&w->stream, DB_TEXT);
    db_array_init(&w->bucket, DB_INT2);
    db_array_init(&w->first_seq, DB_INT8);
    db_array_init(&w->last_seq, DB_INT8);
    db_array_init(&w->level, DB_INT2);
    db_array_init(&w->index, DB_INT8);
    db_array_init(&w->hashes, DB_BYTES);
}

void audit_writing_clear(struct audit_writing *w)
{
    db_array_clear(&w->first_position);
    db_array_clear(&w->stream);
    db_array_clear(&w->bucket);
    db_array_clear(&w->first_seq);
    db_array_clear(&w->last_seq);
    db_array_clear(&w->level);
    db_array_clear(&w->index);
    db_array_clear(&w->hashes);
}

void audit_writing_free(struct audit_writing *w)
{
    db_array_free(&w->first_position);
    db_array_free(&w->stream);
    db_array_free(&w->bucket);
    db_array_free(&w->first_seq);
    db_array_free(&w->last_seq);
    db_array_free(&w->level);
    db_array_free(&w->index);
    db_array_free(&w->hashes);
}

void audit_store_write(struct db *db, const struct audit_writing *w)
{
    struct db_params p = {0};
    db_put_array(&p, &w->first_position);
    db_put_array(&p, &w->stream);
    db_put_array(&p, &w->bucket);
    db_put_array(&p, &w->first_seq);
    db_put_array(&p, &w->last_seq);
    db_query(db, &audit_add_runs, &p);
    db_params_clear(&p);
    db_put_array(&p, &w->level);
    db_put_array(&p, &w->index);
    db_put_array(&p, &w->hashes);
    db_query(db, &audit_put_tiles, &p);
    db_params_free(&p);
}

void audit_store_add_head(struct db *db, const struct audit_head *h)
{
    struct db_params p = {0};
    db_put_int8(&p, h->number);
    db_put_int8(&p, (int64_t)h->root.size);
    db_put_bytes(&p, (struct bytes){h->root.hash.bytes, MERKLE_HASH_LEN});
    db_put_time(&p, h->at_us);
    db_put_text(&p, h->installation);
    db_put_bytes(&p, (struct bytes){h->key_id, sizeof(h->key_id)});
    db_put_bytes(&p, (struct bytes){h->signature, sizeof(h->signature)});
    db_query(db, &audit_add_head, &p);
    db_params_free(&p);
}
