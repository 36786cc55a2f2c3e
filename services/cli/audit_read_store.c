/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/audit_read_store.h"

#include <string.h>

#include "common/audit/audit_redacted.h"
#include "common/base/text.h"

/* The streams of intake are those between: '/' follows '.'. */
#define OF_INTAKE "stream >= 'intake.' AND stream < 'intake/'"

enum {
    HEADS_PAGE = 4096
};

static const struct db_query read_extent = {
    "audit_read_extent",
    "SELECT coalesce((SELECT first_position + last_seq - first_seq + 1 FROM audit.run"
    "                  ORDER BY first_position DESC LIMIT 1), 0),"
    "       coalesce((SELECT 256 * index + octet_length(hashes) / 32 FROM audit.tile"
    "                  WHERE level = 0 ORDER BY index DESC LIMIT 1), 0)",
    DB_ONE};

#define HEAD "SELECT number, tree_size, root, at, installation, key_id, signature FROM audit.head"

static const struct db_query read_heads = {
    "audit_read_heads", HEAD " WHERE number >= $1 ORDER BY number LIMIT $2", DB_ROWS};

static const struct db_query read_newest_head = {"audit_read_newest_head",
                                                 HEAD " ORDER BY number DESC LIMIT 1", DB_OPTIONAL};

#define RUN "SELECT first_position, stream, bucket, first_seq, last_seq FROM audit.run"

static const struct db_query read_runs = {
    "audit_read_runs", RUN " WHERE first_position >= $1 ORDER BY first_position LIMIT $2", DB_ROWS};

static const struct db_query read_run_of = {
    "audit_read_run_of",
    RUN " WHERE (stream, bucket) = ($1, $2) AND first_seq <= $3 AND last_seq >= $3"
        " ORDER BY first_seq DESC LIMIT 1",
    DB_OPTIONAL};

static const struct db_query read_tiles = {
    "audit_read_tiles",
    "SELECT index, hashes FROM audit.tile WHERE level = $1 AND index BETWEEN $2 AND $3"
    " ORDER BY index",
    DB_ROWS};

static const struct db_query read_dropped = {
    "audit_read_dropped", "SELECT max(closed_at) FROM log.event_part WHERE dropped_at IS NOT NULL",
    DB_ONE};

#define EVENT "e.stream, e.bucket, e.seq, e.at, e.customer_id, e.version, e.kind, e.body"

static const struct db_query read_events = {
    "audit_read_events",
    "SELECT r.place, " EVENT
    "  FROM unnest($1::text[], $2::int2[], $3::int8[], $4::int8[]) WITH ORDINALITY"
    "         AS r (stream, bucket, first_seq, last_seq, place)"
    " CROSS JOIN LATERAL ("
    "       SELECT * FROM log.event"
    "        WHERE stream = r.stream AND bucket = r.bucket"
    "          AND seq BETWEEN r.first_seq AND r.last_seq"
    "        ORDER BY seq) AS e"
    " ORDER BY r.place, e.seq",
    DB_ROWS};

static const struct db_query read_events_with = {
    "audit_read_events_with",
    "SELECT 1::int8, " EVENT "  FROM log.event AS e"
    " WHERE " OF_INTAKE " AND bucket = $1 AND position($2::bytea in body) > 0"
    " ORDER BY stream, seq",
    DB_ROWS};

static const struct db_query read_erasures = {
    "audit_read_erasures",
    "SELECT 1::int8, " EVENT "  FROM log.event AS e"
    " WHERE " OF_INTAKE " AND bucket = $1 AND customer_id = $2 AND kind = 'customer_erased'",
    DB_ROWS};

static const struct db_query read_states = {
    "audit_read_states",
    "SELECT p.stream, p.bucket, coalesce(max(p.head), 0), coalesce(max(p.cursor), 0),"
    "       coalesce(sum(p.below), 0)::int8, coalesce(sum(p.above), 0)::int8,"
    "       coalesce(sum(p.unrecorded), 0)::int8"
    "  FROM (SELECT stream, bucket, seq AS head, NULL::int8 AS cursor, NULL::int8 AS below,"
    "               NULL::int8 AS above, NULL::int8 AS unrecorded"
    "          FROM log.head WHERE " OF_INTAKE "         UNION ALL"
    "        SELECT stream, bucket, NULL, seq, NULL, NULL, NULL FROM log.consumer_cursor"
    "         WHERE consumer = 'intake.audit'"
    "         UNION ALL"
    "        SELECT e.stream, e.bucket, NULL, NULL, count(*) FILTER (WHERE e.seq < 1),"
    "               count(*) FILTER (WHERE e.seq > coalesce(h.seq, 0)),"
    "               count(*) FILTER (WHERE e.seq > coalesce(c.seq, 0) AND e.seq <= h.seq)"
    "          FROM (SELECT stream, bucket, seq FROM log.event WHERE " OF_INTAKE ") AS e"
    "          LEFT JOIN log.head AS h USING (stream, bucket)"
    "          LEFT JOIN log.consumer_cursor AS c"
    "            ON c.consumer = 'intake.audit' AND c.stream = e.stream AND c.bucket = e.bucket"
    "         GROUP BY e.stream, e.bucket) AS p"
    " GROUP BY p.stream, p.bucket ORDER BY p.stream, p.bucket",
    DB_ROWS};

static const struct db_query read_removals = {
    "audit_read_removals",
    "SELECT number, part, closed_at, events, places, at, installation, key_id, signature"
    "  FROM audit.removal ORDER BY number",
    DB_ROWS};

/* Runs what is queued. NULL with err. */
static const struct db_rows *ask(struct db *db, const struct db_query *q, struct db_params *p,
                                 struct err *err)
{
    db_query(db, q, p);
    db_params_free(p);
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        (void)err_set(err, reply->err.code, "%s: %s", reply->err.field, reply->err.text);
        return NULL;
    }
    return reply->rows[0];
}

int audit_read_extent(struct db *db, struct audit_extent *ret, struct err *err)
{
    struct db_params p = {0};
    const struct db_rows *rows = ask(db, &read_extent, &p, err);
    if (!rows) {
        return -1;
    }
    ret->entries = (uint64_t)db_get_int(rows, 0, 0);
    ret->hashes = (uint64_t)db_get_int(rows, 0, 1);
    return 0;
}

/* ---- heads */

/* The table sees to the lengths; a row that was forced in all the same has a wrong signature. */
static void take(struct bytes from, uint8_t *ret, size_t len)
{
    memcpy(ret, from.data, from.len < len ? from.len : len);
}

static struct audit_head head_of(const struct db_rows *rows, size_t i)
{
    struct audit_head h = {
        .number = db_get_int(rows, i, 0),
        .root = {.size = (uint64_t)db_get_int(rows, i, 1)},
        .at_us = db_get_time(rows, i, 3),
    };
    take(db_get_bytes(rows, i, 2), h.root.hash.bytes, MERKLE_HASH_LEN);
    (void)text_copy(h.installation, sizeof(h.installation), db_get_text(rows, i, 4));
    take(db_get_bytes(rows, i, 5), h.key_id, sizeof(h.key_id));
    take(db_get_bytes(rows, i, 6), h.signature, sizeof(h.signature));
    return h;
}

int audit_read_heads(struct db *db, int64_t from, audit_read_head_fn *fn, void *ctx,
                     struct err *err)
{
    for (size_t count = HEADS_PAGE; count == HEADS_PAGE;) {
        struct db_params p = {0};
        db_put_int8(&p, from);
        db_put_int8(&p, HEADS_PAGE);
        const struct db_rows *rows = ask(db, &read_heads, &p, err);
        if (!rows) {
            return -1;
        }
        count = db_row_count(rows);
        for (size_t i = 0; i < count; i++) {
            const struct audit_head h = head_of(rows, i);
            from = h.number + 1;
            fn(ctx, &h);
        }
    }
    return 0;
}

int audit_read_newest_head(struct db *db, struct audit_head *ret, struct err *err)
{
    struct db_params p = {0};
    const struct db_rows *rows = ask(db, &read_newest_head, &p, err);
    if (rows && db_row_count(rows) > 0) {
        *ret = head_of(rows, 0);
    }
    return rows ? (int)db_row_count(rows) : -1;
}

int audit_read_dropped(struct db *db, int64_t *ret_us, struct err *err)
{
    struct db_params p = {0};
    const struct db_rows *rows = ask(db, &read_dropped, &p, err);
    if (rows) {
        *ret_us = db_is_null(rows, 0, 0) ? DB_NO_TIME : db_get_time(rows, 0, 0);
    }
    return rows ? 0 : -1;
}

/* ---- runs and tiles */

static void load_run(const struct db_rows *rows, size_t i, struct audit_run *ret)
{
    *ret = (struct audit_run){
        .first_position = (uint64_t)db_get_int(rows, i, 0),
        .first = {.bucket = (int16_t)db_get_int(rows, i, 2), .seq = db_get_int(rows, i, 3)},
        .last_seq = db_get_int(rows, i, 4),
    };
    (void)text_copy(ret->name, sizeof(ret->name), db_get_text(rows, i, 1));
    ret->first.stream = ret->name;
}

int audit_read_runs(struct db *db, uint64_t position, struct audit_run ret[AUDIT_READ_RUNS],
                    struct err *err)
{
    struct db_params p = {0};
    int64_t events = 0;
    int count = 0;
    db_put_int8(&p, (int64_t)position);
    db_put_int8(&p, AUDIT_READ_RUNS);
    const struct db_rows *rows = ask(db, &read_runs, &p, err);
    if (!rows) {
        return -1;
    }
    for (size_t i = 0; i < db_row_count(rows) && events < AUDIT_READ_EVENTS; i++) {
        load_run(rows, i, &ret[count]);
        events += ret[count].last_seq - ret[count].first.seq + 1;
        count++;
    }
    return count;
}

int audit_read_run_of(struct db *db, const struct audit_place *place, struct audit_run *ret,
                      struct err *err)
{
    struct db_params p = {0};
    db_put_text(&p, place->stream);
    db_put_int2(&p, place->bucket);
    db_put_int8(&p, place->seq);
    const struct db_rows *rows = ask(db, &read_run_of, &p, err);
    if (rows && db_row_count(rows) > 0) {
        load_run(rows, 0, ret);
    }
    return rows ? (int)db_row_count(rows) : -1;
}

int audit_read_tiles(struct db *db, const struct audit_tile_range *range, audit_read_tile_fn *fn,
                     void *ctx, struct err *err)
{
    struct db_params p = {0};
    db_put_int2(&p, (int16_t)range->level);
    db_put_int8(&p, (int64_t)range->first);
    db_put_int8(&p, (int64_t)range->last);
    const struct db_rows *rows = ask(db, &read_tiles, &p, err);
    for (size_t i = 0; rows && i < db_row_count(rows); i++) {
        fn(ctx, range->level, (uint64_t)db_get_int(rows, i, 0), db_get_bytes(rows, i, 1));
    }
    return rows ? 0 : -1;
}

/* ---- events */

static void hand_on(const struct db_rows *rows, audit_read_event_fn *fn, void *ctx)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct audit_event e = {
            .place = {.stream = db_get_text(rows, i, 1),
                      .bucket = (int16_t)db_get_int(rows, i, 2),
                      .seq = db_get_int(rows, i, 3)},
            .at_us = db_get_time(rows, i, 4),
            .customer = db_get_int(rows, i, 5),
            .version = db_get_int(rows, i, 6),
            .kind = db_get_text(rows, i, 7),
            .body = db_get_bytes(rows, i, 8),
        };
        audit_redacted_find(&e);
        fn(ctx, (size_t)db_get_int(rows, i, 0) - 1, &e);
    }
}

int audit_read_events(struct db *db, const struct audit_run *runs, size_t count,
                      audit_read_event_fn *fn, void *ctx, struct err *err)
{
    struct db_params p = {0};
    struct db_array arrays[4];
    static const enum db_type types[] = {DB_TEXT, DB_INT2, DB_INT8, DB_INT8};
    for (size_t i = 0; i < ARRAY_LEN(arrays); i++) {
        db_array_init(&arrays[i], types[i]);
    }
    for (size_t i = 0; i < count; i++) {
        db_array_add_text(&arrays[0], runs[i].name);
        db_array_add_int(&arrays[1], runs[i].first.bucket);
        db_array_add_int(&arrays[2], runs[i].first.seq);
        db_array_add_int(&arrays[3], runs[i].last_seq);
    }
    for (size_t i = 0; i < ARRAY_LEN(arrays); i++) {
        db_put_array(&p, &arrays[i]);
        db_array_free(&arrays[i]);
    }
    const struct db_rows *rows = ask(db, &read_events, &p, err);
    if (rows) {
        hand_on(rows, fn, ctx);
    }
    return rows ? 0 : -1;
}

int audit_read_events_with(struct db *db, int16_t bucket, struct bytes part,
                           audit_read_event_fn *fn, void *ctx, struct err *err)
{
    struct db_params p = {0};
    db_put_int2(&p, bucket);
    db_put_bytes(&p, part);
    const struct db_rows *rows = ask(db, &read_events_with, &p, err);
    if (rows) {
        hand_on(rows, fn, ctx);
    }
    return rows ? 0 : -1;
}

int audit_read_erasures(struct db *db, int64_t customer, audit_read_event_fn *fn, void *ctx,
                        struct err *err)
{
    struct db_params p = {0};
    db_put_int2(&p, (int16_t)(customer & 0xff));
    db_put_int8(&p, customer);
    const struct db_rows *rows = ask(db, &read_erasures, &p, err);
    if (rows) {
        hand_on(rows, fn, ctx);
    }
    return rows ? 0 : -1;
}

int audit_read_removals(struct db *db, audit_read_removal_fn *fn, void *ctx, struct err *err)
{
    struct db_params p = {0};
    const struct db_rows *rows = ask(db, &read_removals, &p, err);
    for (size_t i = 0; rows && i < db_row_count(rows); i++) {
        struct audit_removal r = {
            .number = db_get_int(rows, i, 0),
            .part = (int32_t)db_get_int(rows, i, 1),
            .closed_us = db_get_time(rows, i, 2),
            .events = db_get_int(rows, i, 3),
            .places = db_get_text(rows, i, 4),
            .at_us = db_get_time(rows, i, 5),
        };
        (void)text_copy(r.installation, sizeof(r.installation), db_get_text(rows, i, 6));
        take(db_get_bytes(rows, i, 7), r.key_id, sizeof(r.key_id));
        take(db_get_bytes(rows, i, 8), r.signature, sizeof(r.signature));
        fn(ctx, &r);
    }
    return rows ? 0 : -1;
}

int audit_read_states(struct db *db, audit_read_state_fn *fn, void *ctx, struct err *err)
{
    struct db_params p = {0};
    const struct db_rows *rows = ask(db, &read_states, &p, err);
    for (size_t i = 0; rows && i < db_row_count(rows); i++) {
        fn(ctx, &(struct audit_bucket_state){
                    .stream = db_get_text(rows, i, 0),
                    .bucket = (int16_t)db_get_int(rows, i, 1),
                    .head = db_get_int(rows, i, 2),
                    .cursor = db_get_int(rows, i, 3),
                    .below = db_get_int(rows, i, 4),
                    .above = db_get_int(rows, i, 5),
                    .unrecorded = db_get_int(rows, i, 6),
                });
    }
    return rows ? 0 : -1;
}
