/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/identity_write_store.h"

#include "common/domain/identifier.h"
#include "services/intake/intake_rows.h"

static void put_point(struct rows *rows, int kind, const uint8_t *hash, int64_t customer)
{
    put_int(rows, hash[0]); /* the bucket: a hash is even in all its bits */
    put_int(rows, kind + 1);
    put_bytes(rows, (struct bytes){.data = hash, .len = KEYRING_HASH_LEN});
    put_int(rows, customer);
}

/* ---- contact points */

static const struct db_query identity_write_given_up = {
    "identity_write_given_up",
    "DELETE FROM intake.contact_point AS p"
    " USING unnest($1::int2[], $2::int2[], $3::bytea[], $4::int8[])"
    "       AS u (bucket, kind, hash, customer_number)"
    " WHERE (p.bucket, p.kind, p.hash) = (u.bucket, u.kind, u.hash)"
    "   AND p.customer_number = u.customer_number",
    DB_NONE};

static size_t write_given_up(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT2, DB_BYTES, DB_INT8);
    WORK_EACH(const struct work_given_up, g, &w->given_up_points)
    {
        put_point(&rows, g->kind, g->hash, g->customer);
    }
    return rows_send(&rows, db, &identity_write_given_up);
}

static const struct db_query identity_write_points = {
    "identity_write_points",
    "INSERT INTO intake.contact_point (bucket, kind, hash, customer_number)"
    " SELECT unnest($1::int2[]), unnest($2::int2[]), unnest($3::bytea[]), unnest($4::int8[])"
    " ORDER BY 1, 2, 3", /* who claims the same ones at the same instant waits in the same order */
    DB_NONE};

static size_t write_points(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT2, DB_BYTES, DB_INT8);
    WORK_EACH(const struct work_contact_point, p, &w->contact_points)
    {
        if (p->is_claimed) {
            put_point(&rows, p->kind, p->hash, p->owner);
        }
    }
    return rows_send(&rows, db, &identity_write_points);
}

/* ---- questions */

/* One that was decided is not asked again. */
static const struct db_query identity_write_questions = {
    "identity_write_questions",
    "INSERT INTO intake.identity_question AS q (bucket, customer_number, other_number, reason, "
    "state,"
    "       asked_at, decided_at)"
    " SELECT u.*, $6, CASE WHEN u.state <> 0 THEN $6::timestamptz END"
    "   FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::text[], $5::int2[])"
    "        AS u (bucket, customer_number, other_number, reason, state)"
    "  ORDER BY 1, 2, 3"
    " ON CONFLICT (bucket, customer_number, other_number) DO UPDATE"
    "   SET state = excluded.state, decided_at = excluded.decided_at WHERE excluded.state <> 0",
    DB_NONE};

static const struct db_query identity_write_answers = {
    "identity_write_answers",
    "UPDATE intake.identity_question AS q"
    "   SET state = u.state, decided_at = CASE WHEN u.state <> 0 THEN $5::timestamptz END"
    "  FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::int2[])"
    "       AS u (bucket, customer_number, other_number, state)"
    " WHERE (q.bucket, q.customer_number, q.other_number)"
    "       = (u.bucket, u.customer_number, u.other_number)",
    DB_NONE};

/* What a person says of two that nobody asked about is written down when it must be remembered:
 * that they are two. */
static bool is_written(const struct work_question *q)
{
    return q->is_asked || q->state == WORK_QUESTION_DISTINCT;
}

static size_t write_questions(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_TEXT, DB_INT2);
    WORK_EACH(const struct work_question, q, &w->questions)
    {
        if (is_written(q)) {
            put_key(&rows, q->customer);
            put_int(&rows, q->other);
            put_text(&rows, q->reason);
            put_int(&rows, (int64_t)q->state);
        }
    }
    return rows_send_at(&rows, db, &identity_write_questions, w->now_us);
}

static size_t write_answers(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_INT2);
    WORK_EACH(const struct work_question, q, &w->questions)
    {
        if (!is_written(q) || q->is_reopened) {
            put_key(&rows, q->customer);
            put_int(&rows, q->other);
            put_int(&rows, (int64_t)q->state);
        }
    }
    return rows_send_at(&rows, db, &identity_write_answers, w->now_us);
}

/* ---- links */

static const struct db_query identity_write_links = {
    "identity_write_links",
    "INSERT INTO intake.customer_link (bucket, number, survivor_number, merged_number, action,"
    "       source_id, occurred_at, received_at)"
    " SELECT unnest($1::int2[]), unnest($2::int8[]), unnest($3::int8[]), unnest($4::int8[]),"
    "      unnest($5::int2[]), unnest($6::int4[]), unnest($7::timestamptz[]), $8",
    DB_NONE};

static size_t write_links(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_INT8, DB_INT2, DB_INT4, DB_TIME);
    WORK_EACH(const struct work_customer_link, l, &w->customer_links)
    {
        put_key(&rows, l->number);
        put_int(&rows, l->survivor);
        put_int(&rows, l->merged);
        put_int(&rows, (int64_t)l->action);
        put_int(&rows, l->source_id);
        put_time(&rows, l->occurred_us);
    }
    return rows_send_at(&rows, db, &identity_write_links, w->now_us);
}

size_t identity_write_queue(struct db *db, const struct intake_work *w)
{
    /* What is given up may be claimed by somebody else in the same transaction. */
    size_t count = write_given_up(db, w);
    count += write_points(db, w);
    count += write_questions(db, w);
    count += write_answers(db, w);
    count += write_links(db, w);
    return count;
}
