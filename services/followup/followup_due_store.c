/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_due_store.c - SQL of due work.
 *
 * The hot part of the scan goes through follow_up_by_due_lane: per channel with a line and per
 * priority, from the low mark on, in the order of due. States as in enum follow_up_state; the
 * partial indexes name the same ones.
 */
#include "services/followup/followup_due_store.h"

#include "services/followup/followup_group.h"

#define ROW                                                                                        \
    "f.bucket, f.number, f.customer_number, f.channel, f.priority, f.next_attempt_at,"             \
    " f.window_end_at"

/* What is due by a channel with a line: so many of each, or a herd of calls would hide the mails.
 */
#define DUE_CALLS                                                                                  \
    "(SELECT 1 AS kind, d.* FROM (SELECT DISTINCT channel FROM unnest($1::int2[]) AS o (channel))" \
    " AS o CROSS JOIN LATERAL (SELECT d.* FROM"                                                    \
    " unnest($1::int2[], $2::int2[], $3::timestamptz[], $4::int8[])"                               \
    " AS l (channel, priority, from_at, from_number) CROSS JOIN LATERAL (SELECT " ROW              \
    " FROM followup.follow_up AS f WHERE f.state = 1 AND f.channel = l.channel"                    \
    " AND f.priority = l.priority AND f.next_attempt_at <= $5"                                     \
    " AND (f.next_attempt_at, f.number) >= (l.from_at, l.from_number) AND f.bucket = ANY ($6)"     \
    " ORDER BY f.next_attempt_at, f.number LIMIT $7) AS d WHERE l.channel = o.channel"             \
    " ORDER BY d.priority, d.next_attempt_at, d.number LIMIT $7) AS d)"
#define DUE_WINDOWS                                                                                \
    "(SELECT 2, " ROW " FROM followup.follow_up AS f WHERE f.state = 1 AND f.window_end_at > $8"   \
    " AND f.window_end_at <= $5 AND f.bucket = ANY ($6) ORDER BY f.window_end_at LIMIT $7)"
#define DUE_CLAIMS                                                                                 \
    "(SELECT 3, " ROW " FROM followup.follow_up AS f WHERE $9 AND f.state = 2"                     \
    " AND (f.claim_holder <> $10 OR f.claim_until <= $11) AND f.next_attempt_at <= $5"             \
    " AND f.bucket = ANY ($6) LIMIT $7)"
/* Whose leader was not held: suppressed or missed. A week after their window nobody looks any
 * more: they ended with their leader. */
#define DUE_MERGED                                                                                 \
    "(SELECT 4, " ROW " FROM followup.follow_up AS f JOIN followup.follow_up AS l"                 \
    " ON l.bucket = (f.merged_into & 255)::int2 AND l.number = f.merged_into"                      \
    " WHERE $12 AND f.state = 9 AND f.window_end_at > $5 - interval '7 days'"                      \
    " AND l.state IN (5, 6) AND f.bucket = ANY ($6) LIMIT $7)"

static const struct db_query scan_due = {
    "followup_due_store_scan",
    "SELECT due.kind, due.number, coalesce(m.number, due.customer_number), due.channel,"
    " due.priority, due.next_attempt_at, due.window_end_at FROM (" DUE_CALLS
    " UNION ALL " DUE_WINDOWS " UNION ALL " DUE_CLAIMS " UNION ALL " DUE_MERGED ") AS due"
    " LEFT JOIN intake.customer_public AS c"
    " ON c.bucket = due.bucket AND c.number = due.customer_number"
    " LEFT JOIN LATERAL (SELECT m.number FROM intake.customer_public AS m WHERE " OF_GROUP
    ") AS m ON true ORDER BY due.kind, due.priority, due.next_attempt_at, due.number",
    DB_ROWS,
};

static const struct db_query next_due = {
    "followup_due_store_next",
    "SELECT min(d.next_attempt_at) FROM unnest($1::int2[], $2::int2[]) AS l (channel, priority)"
    " CROSS JOIN LATERAL (SELECT f.next_attempt_at FROM followup.follow_up AS f"
    " WHERE f.state = 1 AND f.channel = l.channel AND f.priority = l.priority"
    " AND f.next_attempt_at > $3 AND f.bucket = ANY ($4)"
    " ORDER BY f.next_attempt_at, f.number LIMIT 1) AS d",
    DB_ONE,
};

static const struct db_query lock_due = {
    "followup_due_store_lock",
    "SELECT " FOLLOWUP_STORE_COLUMNS " FROM followup.follow_up AS f"
    " JOIN (SELECT DISTINCT customer FROM unnest($1::int8[]) AS c (customer)) AS c"
    " ON f.bucket = (c.customer & 255)::int2 AND f.customer_number = c.customer WHERE"
    " (f.state = 1 AND (f.next_attempt_at <= $2 OR f.window_end_at <= $3))"
    " OR (f.state = 2 AND ((f.claim_holder <> $4 AND f.bucket = ANY ($7)) OR f.claim_until <= $5)"
    " AND f.next_attempt_at <= $3)"
    " OR (f.state = 9 AND f.number = ANY ($6))"
    " ORDER BY f.priority, f.next_attempt_at, f.number LIMIT 2048 FOR UPDATE OF f SKIP LOCKED",
    DB_ROWS,
};

static void put_lanes(struct db_params *p, const struct followup_due_scan *scan, bool has_marks)
{
    struct db_array channels;
    struct db_array priorities;
    struct db_array instants;
    struct db_array numbers;
    db_array_init(&channels, DB_INT2);
    db_array_init(&priorities, DB_INT2);
    db_array_init(&instants, DB_TIME);
    db_array_init(&numbers, DB_INT8);
    for (int32_t channel = 1; channel <= FOLLOWUP_CHANNEL_COUNT; channel++) {
        for (int32_t priority = 1; priority <= FOLLOWUP_PRIORITY_COUNT; priority++) {
            const struct followup_low_mark *mark =
                &scan->marks->lanes[followup_lane_of(channel, priority)];
            if (scan->channels & UINT32_C(1) << channel) {
                db_array_add_int(&channels, channel);
                db_array_add_int(&priorities, priority);
                db_array_add_time(&instants, mark->from_us);
                db_array_add_int(&numbers, mark->from_number);
            }
        }
    }
    db_put_array(p, &channels);
    db_put_array(p, &priorities);
    if (has_marks) {
        db_put_array(p, &instants);
        db_put_array(p, &numbers);
    }
    db_array_free(&channels);
    db_array_free(&priorities);
    db_array_free(&instants);
    db_array_free(&numbers);
}

void followup_due_store_put_scan(struct db *db, const struct followup_due_scan *scan,
                                 const struct db_array *buckets)
{
    struct db_params p = {.count = 0};
    put_lanes(&p, scan, true);
    db_put_time(&p, scan->now_us);
    db_put_array(&p, buckets);
    db_put_int4(&p, scan->limit);
    db_put_time(&p, scan->marks->window_us);
    db_put_bool(&p, scan->sees_claims);
    db_put_text(&p, scan->holder);
    db_put_time(&p, scan->machine_now_us);
    db_put_bool(&p, scan->sees_merged);
    db_query(db, &scan_due, &p);
    db_params_clear(&p);
    put_lanes(&p, scan, false);
    db_put_time(&p, scan->now_us);
    db_put_array(&p, buckets);
    db_query(db, &next_due, &p);
    db_params_free(&p);
}

void followup_due_store_get_row(const struct db_rows *r, size_t row, struct followup_due_row *ret)
{
    *ret = (struct followup_due_row){
        .kind = (enum followup_due_kind)db_get_int(r, row, 0),
        .number = db_get_int(r, row, 1),
        .customer = db_get_int(r, row, 2),
        .channel = (int32_t)db_get_int(r, row, 3),
        .priority = (int32_t)db_get_int(r, row, 4),
        .next_attempt_us = db_get_time(r, row, 5),
        .window_end_us = db_get_time(r, row, 6),
    };
}

int64_t followup_due_store_get_next(const struct db_rows *r)
{
    return db_get_time(r, 0, 0);
}

void followup_due_store_put_lock(struct db *db, const struct followup_due_lock *lock,
                                 const struct db_array *customers)
{
    const struct followup_due_scan *scan = lock->scan;
    struct db_params p = {.count = 0};
    db_put_array(&p, customers);
    db_put_time(&p, scan->now_us + lock->ahead_us);
    db_put_time(&p, scan->now_us);
    db_put_text(&p, scan->holder);
    db_put_time(&p, scan->machine_now_us);
    db_put_array(&p, lock->merged);
    db_put_array(&p, lock->buckets);
    db_query(db, &lock_due, &p);
    db_params_free(&p);
}
