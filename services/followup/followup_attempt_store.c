/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_attempt_store.h"

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"
#include "services/followup/followup_store.h"

static const struct db_query insert = {
    "followup_attempt_store_insert",
    "INSERT INTO followup.follow_up_attempt (bucket, follow_up_number, attempt, order_key, dialer,"
    " journal, state, ordered_at, start_by)"
    " SELECT n.* FROM unnest($1::int2[], $2::int8[], $3::int4[], $4::text[], $5::text[],"
    " $6::text[], $7::int2[], $8::timestamptz[], $9::timestamptz[]) AS n",
    DB_NONE,
};

static const struct db_query lock_attempts = {
    "followup_attempt_store_lock",
    "SELECT " FOLLOWUP_STORE_COLUMNS ", a.attempt, a.dialer, a.journal, a.state, a.ordered_at,"
    " a.start_by, a.outcome, a.started_at, a.ended_at, a.finished_at"
    " FROM followup.follow_up_attempt AS a"
    " JOIN followup.follow_up AS f ON f.bucket = a.bucket AND f.number = a.follow_up_number"
    " JOIN unnest($2::int8[], $3::int4[]) AS n (number, attempt)"
    " ON a.follow_up_number = n.number AND a.attempt = n.attempt"
    " WHERE a.bucket = $1 ORDER BY f.number, a.attempt FOR UPDATE OF f, a",
    DB_ROWS,
};

static const struct db_query change = {
    "followup_attempt_store_change",
    "UPDATE followup.follow_up_attempt AS a SET state = n.state, outcome = nullif(n.outcome, 0),"
    " started_at = n.started_at, ended_at = n.ended_at, finished_at = n.finished_at"
    " FROM unnest($2::int8[], $3::int4[], $4::int2[], $5::int2[], $6::timestamptz[],"
    " $7::timestamptz[], $8::timestamptz[])"
    " AS n (number, attempt, state, outcome, started_at, ended_at, finished_at)"
    " WHERE a.bucket = $1 AND a.follow_up_number = n.number AND a.attempt = n.attempt",
    DB_NONE,
};

static const struct db_query open_orders = {
    "followup_attempt_store_open",
    "SELECT a.follow_up_number, a.attempt, a.dialer, a.journal, a.state, a.ordered_at, a.start_by,"
    " a.outcome, a.started_at, a.ended_at, a.finished_at"
    " FROM followup.follow_up_attempt AS a"
    " WHERE a.bucket = ANY ($1) AND a.state IN (1, 2) AND (a.start_by < $2 OR a.dialer = ANY ($3))"
    " ORDER BY a.start_by LIMIT $4",
    DB_ROWS,
};

static const struct db_query session = {
    "followup_attempt_store_session",
    "INSERT INTO followup.dialer_session AS s (dialer, journal, free_lines, last_seen)"
    " VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (dialer) DO UPDATE SET journal = excluded.journal,"
    " free_lines = excluded.free_lines, last_seen = excluded.last_seen",
    DB_NONE,
};

void followup_attempt_store_put_insert(struct db *db, const struct followup_attempt *list,
                                       size_t count)
{
    static const enum db_type types[] = {
        DB_INT2, DB_INT8, DB_INT4, DB_TEXT, DB_TEXT, DB_TEXT, DB_INT2, DB_TIME, DB_TIME,
    };
    struct db_columns c;
    db_columns_init(&c, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        const struct followup_attempt *a = &list[i];
        char key[FOLLOWUP_ORDER_KEY_SIZE];
        db_array_add_int(&c.array[0], identifier_bucket(a->follow_up));
        db_array_add_int(&c.array[1], a->follow_up);
        db_array_add_int(&c.array[2], a->attempt);
        db_array_add_text(&c.array[3], followup_order_key(a->follow_up, a->attempt, key));
        db_array_add_text(&c.array[4], a->dialer);
        db_array_add_text(&c.array[5], a->journal);
        db_array_add_int(&c.array[6], a->state);
        db_array_add_time(&c.array[7], a->ordered_us);
        db_array_add_time(&c.array[8], a->start_by_us);
    }
    db_columns_query(&c, db, &insert);
}

void followup_attempt_store_put_lock(struct db *db, int16_t bucket, const struct db_array *numbers,
                                     const struct db_array *attempts)
{
    struct db_params p = {.count = 0};
    db_put_int2(&p, bucket);
    db_put_array(&p, numbers);
    db_put_array(&p, attempts);
    db_query(db, &lock_attempts, &p);
    db_params_free(&p);
}

static void get_attempt(const struct db_rows *r, size_t row, int column,
                        struct followup_attempt *ret)
{
    ret->attempt = (int32_t)db_get_int(r, row, column);
    (void)text_copy(ret->dialer, sizeof(ret->dialer), db_get_text(r, row, column + 1));
    (void)text_copy(ret->journal, sizeof(ret->journal), db_get_text(r, row, column + 2));
    ret->state = (enum followup_attempt_state)db_get_int(r, row, column + 3);
    ret->ordered_us = db_get_time(r, row, column + 4);
    ret->start_by_us = db_get_time(r, row, column + 5);
    ret->outcome = (int32_t)db_get_int(r, row, column + 6);
    ret->started_us = db_get_time(r, row, column + 7);
    ret->ended_us = db_get_time(r, row, column + 8);
    ret->finished_us = db_get_time(r, row, column + 9);
}

void followup_attempt_store_get_locked(const struct db_rows *r, size_t row,
                                       struct follow_up *ret_follow_up,
                                       struct followup_attempt *ret_attempt)
{
    followup_store_get(r, row, ret_follow_up);
    *ret_attempt = (struct followup_attempt){.follow_up = ret_follow_up->number};
    get_attempt(r, row, FOLLOWUP_STORE_COLUMN_COUNT, ret_attempt);
}

static void add_change(struct db_columns *c, const struct followup_attempt *a)
{
    db_array_add_int(&c->array[0], a->follow_up);
    db_array_add_int(&c->array[1], a->attempt);
    db_array_add_int(&c->array[2], a->state);
    db_array_add_int(&c->array[3], a->outcome);
    db_array_add_time(&c->array[4], a->started_us);
    db_array_add_time(&c->array[5], a->ended_us);
    db_array_add_time(&c->array[6], a->finished_us);
}

static void put_changes_of(struct db *db, int16_t bucket, const struct db_columns *c)
{
    struct db_params p = {.count = 0};
    db_put_int2(&p, bucket);
    for (size_t i = 0; i < c->count; i++) {
        db_put_array(&p, &c->array[i]);
    }
    db_query(db, &change, &p);
    db_params_free(&p);
}

size_t followup_attempt_store_put_changes(struct db *db, const struct followup_attempt *list,
                                          size_t count)
{
    static const enum db_type types[] = {
        DB_INT8, DB_INT4, DB_INT2, DB_INT2, DB_TIME, DB_TIME, DB_TIME,
    };
    size_t statements = 0;
    for (size_t i = 0; i < count;) {
        int16_t bucket = identifier_bucket(list[i].follow_up);
        struct db_columns c;
        db_columns_init(&c, types, ARRAY_LEN(types));
        for (; i < count && identifier_bucket(list[i].follow_up) == bucket; i++) {
            if (list[i].is_changed) {
                add_change(&c, &list[i]);
            }
        }
        if (db_columns_rows(&c) > 0) {
            put_changes_of(db, bucket, &c);
            statements++;
        }
        db_columns_free(&c);
    }
    return statements;
}

void followup_attempt_store_put_open(struct db *db, const struct db_array *buckets,
                                     int64_t machine_now_us, const struct db_array *dialers,
                                     int32_t limit)
{
    struct db_params p = {.count = 0};
    db_put_array(&p, buckets);
    db_put_time(&p, machine_now_us);
    db_put_array(&p, dialers);
    db_put_int4(&p, limit);
    db_query(db, &open_orders, &p);
    db_params_free(&p);
}

void followup_attempt_store_get_open(const struct db_rows *r, size_t row,
                                     struct followup_attempt *ret)
{
    *ret = (struct followup_attempt){.follow_up = db_get_int(r, row, 0)};
    get_attempt(r, row, 1, ret);
}

void followup_attempt_store_put_session(struct db *db, const struct followup_dialer *dialer,
                                        int64_t machine_now_us)
{
    struct db_params p = {.count = 0};
    db_put_text(&p, dialer->name);
    db_put_text(&p, dialer->journal);
    db_put_int4(&p, dialer->free_lines);
    db_put_time(&p, machine_now_us);
    db_query(db, &session, &p);
    db_params_free(&p);
}
