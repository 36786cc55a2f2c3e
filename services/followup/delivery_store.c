/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/delivery_store.h"

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"

static const struct db_query subscriptions = {
    "delivery_store_subscriptions",
    "SELECT id, array_to_string(kinds, ','), array_to_string(branches, ','),"
    " array_to_string(teams, ','), created_at FROM followup.subscription WHERE ended_at IS NULL",
    DB_ROWS,
};

static const struct db_query insert = {
    "delivery_store_insert",
    "INSERT INTO followup.delivery (bucket, subscription_id, stream, seq, kind, at, body, state,"
    " attempts, next_attempt_at, last_code)"
    " SELECT n.bucket, n.subscription, n.stream, n.seq, n.kind, n.at, n.body, 1, 0, n.now, ''"
    " FROM unnest($1::int2[], $2::int4[], $3::text[], $4::int8[], $5::text[], $6::timestamptz[],"
    " $7::text[], $8::timestamptz[])"
    " AS n (bucket, subscription, stream, seq, kind, at, body, now)"
    " ON CONFLICT (bucket, subscription_id, stream, seq) DO NOTHING",
    DB_NONE,
};

/* Each subscription has its own room, so that one whose receiver is slow holds up no other; where
 * there is no room for all, whoever has least under way comes first. The claim is the next attempt
 * itself: it only lies far enough ahead for this one to end. */
static const struct db_query claim_due = {
    "delivery_store_claim",
    "WITH due AS (SELECT d.bucket, d.subscription_id, d.stream, d.seq, s.url, s.mail,"
    " CASE WHEN s.next_secret IS NULL THEN s.secret"
    " WHEN s.secret_until > $6 THEN s.next_secret || ' ' || s.secret"
    " ELSE s.next_secret END AS secret"
    " FROM followup.subscription AS s"
    " LEFT JOIN unnest($2::int4[], $3::int4[]) AS b (id, count) ON b.id = s.id"
    " CROSS JOIN LATERAL (SELECT q.bucket, q.subscription_id, q.stream, q.seq, q.next_attempt_at"
    " FROM followup.delivery AS q"
    " WHERE q.subscription_id = s.id AND q.state = 1 AND q.next_attempt_at <= $6"
    " AND q.bucket = ANY ($1) ORDER BY q.next_attempt_at"
    " LIMIT greatest($4 - coalesce(b.count, 0), 0) FOR UPDATE SKIP LOCKED) AS d"
    " WHERE s.ended_at IS NULL ORDER BY coalesce(b.count, 0), d.next_attempt_at LIMIT $5)"
    " UPDATE followup.delivery AS d SET attempts = d.attempts + 1,"
    " first_attempt_at = coalesce(d.first_attempt_at, $6), next_attempt_at = $7"
    " FROM due WHERE d.bucket = due.bucket AND d.subscription_id = due.subscription_id"
    " AND d.stream = due.stream AND d.seq = due.seq"
    " RETURNING d.bucket, d.subscription_id, d.stream, d.seq, d.attempts, d.first_attempt_at,"
    " d.kind, d.body, due.url, due.mail, due.secret",
    DB_ROWS,
};

static const struct db_query results = {
    "delivery_store_results",
    "UPDATE followup.delivery AS d SET"
    " state = CASE WHEN n.code = '' THEN 2 WHEN n.next IS NULL THEN 3 ELSE 1 END,"
    " next_attempt_at = coalesce(n.next, d.next_attempt_at), last_status = n.status,"
    " last_code = n.code,"
    " settled_at = CASE WHEN n.code = '' OR n.next IS NULL THEN n.now END"
    " FROM unnest($1::int2[], $2::int4[], $3::text[], $4::int8[], $5::int4[], $6::int4[],"
    " $7::text[], $8::timestamptz[], $9::timestamptz[])"
    " AS n (bucket, subscription, stream, seq, attempts, status, code, next, now)"
    " WHERE d.bucket = n.bucket AND d.subscription_id = n.subscription AND d.stream = n.stream"
    " AND d.seq = n.seq AND d.attempts = n.attempts AND d.state = 1",
    DB_NONE,
};

static const struct db_query ended = {
    "delivery_store_ended",
    "UPDATE followup.delivery AS d SET state = 3, last_code = 'ended', settled_at = $1"
    " FROM followup.subscription AS s"
    " WHERE s.ended_at IS NOT NULL AND d.subscription_id = s.id AND d.state = 1",
    DB_NONE,
};

static const struct db_query settle = {"delivery_store_settle",
                                       "SELECT followup.subscription_settle()", DB_ONE};

static const struct db_query purge = {
    "delivery_store_purge",
    "WITH told AS (SELECT bucket, subscription_id, stream, seq"
    " FROM followup.delivery WHERE state = 2 AND settled_at < $1 ORDER BY settled_at LIMIT $2"
    " FOR UPDATE SKIP LOCKED),"
    " dead AS (SELECT q.bucket, q.subscription_id, q.stream, q.seq"
    " FROM followup.subscription AS s JOIN followup.delivery AS q ON q.subscription_id = s.id"
    " WHERE s.ended_at IS NOT NULL AND q.state = 3 AND q.settled_at < $1 LIMIT $2"
    " FOR UPDATE OF q SKIP LOCKED)"
    " DELETE FROM followup.delivery AS d"
    " USING (SELECT * FROM told UNION ALL SELECT * FROM dead) AS o"
    " WHERE d.bucket = o.bucket AND d.subscription_id = o.subscription_id"
    " AND d.stream = o.stream AND d.seq = o.seq",
    DB_NONE,
};

void delivery_store_put_subscriptions(struct db *db)
{
    db_query(db, &subscriptions, NULL);
}

void delivery_store_get_subscription(const struct db_rows *rows, size_t row,
                                     struct delivery_subscription *ret)
{
    ret->id = (int32_t)db_get_int(rows, row, 0);
    ret->choice = (struct delivery_choice){
        .kinds = db_get_text(rows, row, 1),
        .branches = db_get_text(rows, row, 2),
        .teams = db_get_text(rows, row, 3),
    };
    ret->created_us = db_get_time(rows, row, 4);
}

void delivery_store_put_new(struct db *db, const struct delivery_new *list, size_t count,
                            const char *bodies, int64_t now_us)
{
    static const enum db_type types[] = {DB_INT2, DB_INT4, DB_TEXT, DB_INT8,
                                         DB_TEXT, DB_TIME, DB_TEXT, DB_TIME};
    struct db_columns c;
    db_columns_init(&c, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        const Troth__V1__Event *e = list[i].event;
        db_array_add_int(&c.array[0], e->bucket);
        db_array_add_int(&c.array[1], list[i].subscription);
        db_array_add_text(&c.array[2], e->stream);
        db_array_add_int(&c.array[3], e->seq);
        db_array_add_text(&c.array[4], list[i].kind);
        db_array_add_time(&c.array[5], e->recorded_us);
        db_array_add_text(&c.array[6], bodies + list[i].body);
        db_array_add_time(&c.array[7], now_us);
    }
    db_columns_query(&c, db, &insert);
}

void delivery_store_put_claim(struct db *db, const struct delivery_claim *claim)
{
    struct db_params p = {.count = 0};
    db_put_array(&p, claim->buckets);
    db_put_array(&p, claim->busy);
    db_put_array(&p, claim->counts);
    db_put_int4(&p, claim->each_max);
    db_put_int4(&p, claim->all_max);
    db_put_time(&p, claim->now_us);
    db_put_time(&p, claim->now_us + claim->hold_us);
    db_query(db, &claim_due, &p);
    db_params_free(&p);
}

void delivery_store_get_due(const struct db_rows *rows, size_t row, struct delivery_due *ret)
{
    *ret = (struct delivery_due){
        .id = {.bucket = (int16_t)db_get_int(rows, row, 0),
               .subscription = (int32_t)db_get_int(rows, row, 1),
               .seq = db_get_int(rows, row, 3),
               .attempts = (int32_t)db_get_int(rows, row, 4)},
        .first_us = db_get_time(rows, row, 5),
        .kind = db_get_text(rows, row, 6),
        .body = db_get_text(rows, row, 7),
        .url = db_get_text(rows, row, 8),
        .mail = db_get_text(rows, row, 9),
        .secret = db_get_text(rows, row, 10),
    };
    (void)text_copy(ret->id.stream, sizeof(ret->id.stream), db_get_text(rows, row, 2));
}

void delivery_store_put_results(struct db *db, const struct delivery_result *list, size_t count,
                                int64_t now_us)
{
    static const enum db_type types[] = {DB_INT2, DB_INT4, DB_TEXT, DB_INT8, DB_INT4,
                                         DB_INT4, DB_TEXT, DB_TIME, DB_TIME};
    struct db_columns c;
    db_columns_init(&c, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        const struct delivery_id *id = &list[i].id;
        db_array_add_int(&c.array[0], id->bucket);
        db_array_add_int(&c.array[1], id->subscription);
        db_array_add_text(&c.array[2], id->stream);
        db_array_add_int(&c.array[3], id->seq);
        db_array_add_int(&c.array[4], id->attempts);
        db_array_add_int(&c.array[5], list[i].status);
        db_array_add_text(&c.array[6], list[i].code);
        db_array_add_time(&c.array[7], list[i].next_us < 0 ? DB_NO_TIME : list[i].next_us);
        db_array_add_time(&c.array[8], now_us);
    }
    db_columns_query(&c, db, &results);
}

void delivery_store_put_ended(struct db *db, int64_t now_us)
{
    struct db_params p = {.count = 0};
    db_put_time(&p, now_us);
    db_query(db, &ended, &p);
    db_params_free(&p);
}

void delivery_store_put_settle(struct db *db)
{
    db_query(db, &settle, NULL);
}

void delivery_store_put_purge(struct db *db, int64_t before_us, int32_t limit)
{
    struct db_params p = {.count = 0};
    db_put_time(&p, before_us);
    db_put_int4(&p, limit);
    db_query(db, &purge, &p);
    db_params_free(&p);
}
