/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/worklist_lease_store.h"

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/followup/followup_group.h"

/* $2 now, $3 the person: who gave it back does not get it again at once. */
#define NOT_RETURNED                                                                               \
    "NOT EXISTS (SELECT FROM followup.follow_up_step AS s JOIN followup.follow_up_attempt AS a"    \
    " ON a.bucket = s.bucket AND a.follow_up_number = s.follow_up_number"                          \
    " AND a.attempt = f.attempts WHERE s.bucket = f.bucket AND s.follow_up_number = f.number"      \
    " AND s.version = f.version AND s.step = 'returned' AND s.at > $2 - interval '1 hour'"         \
    " AND a.dialer = 'person/' || $3)"
#define OF_BRANCH "($4 = '' OR f.branch = $4)"

/* 4: CHANNEL_PERSON. A row for each number of the customer, as followup_due_store has them. */
static const struct db_query due = {
    "worklist_lease_store_due",
    "SELECT 1, d.number, coalesce(m.number, d.customer_number), d.channel, d.priority,"
    " d.next_attempt_at, d.window_end_at FROM (SELECT f.bucket, f.number, f.customer_number,"
    " f.channel, f.priority, f.next_attempt_at, f.window_end_at FROM followup.follow_up AS f"
    " WHERE f.state = 1 AND f.channel = 4 AND f.next_attempt_at <= $2 AND f.window_end_at > $2"
    " AND f.bucket = ANY ($1) AND " OF_BRANCH " AND " NOT_RETURNED
    " ORDER BY f.priority, f.next_attempt_at, f.number LIMIT 16) AS d"
    " LEFT JOIN intake.customer_public AS c"
    " ON c.bucket = d.bucket AND c.number = d.customer_number"
    " LEFT JOIN LATERAL (SELECT m.number FROM intake.customer_public AS m WHERE " OF_GROUP
    ") AS m ON true ORDER BY d.priority, d.next_attempt_at, d.number",
    DB_ROWS,
};
_Static_assert(WORKLIST_SEARCH_MAX == 16, "the statement has that number");

static const struct db_query grant_lease = {
    "worklist_lease_store_grant",
    "INSERT INTO followup.worklist_lease AS l (bucket, follow_up_number, staff, order_key,"
    " lease_until) VALUES ($1, $2, $3, $4, clock_timestamp() + $5 * interval '1 microsecond')"
    " ON CONFLICT (bucket, follow_up_number) DO UPDATE SET staff = excluded.staff,"
    " order_key = excluded.order_key, accepted_at = NULL, snoozed_until = NULL,"
    /* Whose row is not free fails: a lease without an instant is none. */
    " lease_until = CASE WHEN l.snoozed_until IS NOT NULL THEN excluded.lease_until END",
    DB_NONE,
};

static const struct db_query held = {
    "worklist_lease_store_held",
    "SELECT l.order_key FROM followup.worklist_lease AS l WHERE l.staff = $1"
    " AND l.snoozed_until IS NULL AND l.lease_until > clock_timestamp()"
    " ORDER BY l.lease_until DESC LIMIT 1",
    DB_ROWS,
};

static const struct db_query until = {
    "worklist_lease_store_until",
    "SELECT lease_until FROM followup.worklist_lease WHERE bucket = $1 AND follow_up_number = $2",
    DB_ROWS,
};

/* 8: listed. */
static const struct db_query listed = {
    "worklist_lease_store_listed",
    "SELECT " FOLLOWUP_STORE_COLUMNS " FROM followup.follow_up AS f"
    " LEFT JOIN followup.worklist_lease AS l"
    " ON l.bucket = f.bucket AND l.follow_up_number = f.number"
    " WHERE f.state = 8 AND f.bucket = ANY ($1) AND " OF_BRANCH
    " AND (l.staff IS NULL OR l.snoozed_until <= $2)"
    " AND " NOT_RETURNED " ORDER BY f.priority, f.due_at, f.number LIMIT 8",
    DB_ROWS,
};

static const struct db_query lock_listed = {
    "worklist_lease_store_lock",
    "SELECT " FOLLOWUP_STORE_COLUMNS " FROM followup.follow_up AS f"
    " WHERE f.bucket = $1 AND f.number = $2 AND f.version = $3 AND f.state = 8"
    " AND NOT EXISTS (SELECT FROM followup.worklist_lease AS l WHERE l.bucket = f.bucket"
    " AND l.follow_up_number = f.number AND l.snoozed_until IS NULL)"
    " FOR UPDATE OF f SKIP LOCKED",
    DB_ROWS,
};

static const struct db_query accept_lease = {
    "worklist_lease_store_accept",
    "UPDATE followup.worklist_lease SET accepted_at = clock_timestamp(),"
    " lease_until = clock_timestamp() + $4 * interval '1 microsecond'"
    " WHERE bucket = $1 AND follow_up_number = $2 AND order_key = $3",
    DB_NONE,
};

static const struct db_query snooze_lease = {
    "worklist_lease_store_snooze",
    "UPDATE followup.worklist_lease SET lease_until = clock_timestamp(), snoozed_until = $4"
    " WHERE bucket = $1 AND follow_up_number = $2 AND order_key = $3",
    DB_NONE,
};

static const struct db_query end_lease = {
    "worklist_lease_store_end",
    "DELETE FROM followup.worklist_lease"
    " WHERE bucket = $1 AND follow_up_number = $2 AND order_key = $3",
    DB_NONE,
};

/* The kinds of enum followup_budget_kind. */
static const struct db_query count_order = {
    "worklist_lease_store_count",
    "INSERT INTO followup.contact_budget AS b (bucket, kind, subject, day, orders)"
    " SELECT (n.subject & 255)::int2, n.kind, n.subject, ($4 AT TIME ZONE 'UTC')::date, 1"
    " FROM followup.follow_up_attempt AS a LEFT JOIN intake.customer_public AS c"
    " ON c.bucket = a.bucket AND c.number = a.customer_number"
    " CROSS JOIN LATERAL (VALUES (1::int2, coalesce(c.merged_into, a.customer_number)),"
    " (2::int2, a.number_handle)) AS n (kind, subject)"
    " WHERE a.bucket = $1 AND a.follow_up_number = $2 AND a.attempt = $3"
    " AND n.subject IS NOT NULL ORDER BY 1, 2, 3"
    " ON CONFLICT (bucket, kind, subject, day) DO UPDATE SET orders = b.orders + 1",
    DB_NONE,
};

static const struct db_query over = {
    "worklist_lease_store_over",
    "SELECT order_key, accepted_at IS NOT NULL FROM followup.worklist_lease"
    " WHERE bucket = ANY ($1) AND snoozed_until IS NULL AND lease_until <= clock_timestamp()"
    " ORDER BY lease_until LIMIT 100",
    DB_ROWS,
};

void worklist_lease_store_put_grant(struct db *db, const struct worklist_grant *grant)
{
    char key[FOLLOWUP_ORDER_KEY_SIZE];
    struct db_params p = {.count = 0};
    db_put_int2(&p, identifier_bucket(grant->follow_up));
    db_put_int8(&p, grant->follow_up);
    db_put_text(&p, grant->staff);
    db_put_text(&p, followup_order_key(grant->follow_up, grant->attempt, key));
    db_put_int8(&p, grant->lease_us);
    db_query(db, &grant_lease, &p);
    db_params_free(&p);
}

void worklist_lease_store_put_held(struct db *db, const char *staff)
{
    struct db_params p = {.count = 0};
    db_put_text(&p, staff);
    db_query(db, &held, &p);
    db_params_free(&p);
}

const char *worklist_lease_store_get_held(const struct db_rows *r)
{
    return db_row_count(r) > 0 ? db_get_text(r, 0, 0) : NULL;
}

void worklist_lease_store_put_until(struct db *db, int64_t follow_up)
{
    struct db_params p = {.count = 0};
    db_put_int2(&p, identifier_bucket(follow_up));
    db_put_int8(&p, follow_up);
    db_query(db, &until, &p);
    db_params_free(&p);
}

int64_t worklist_lease_store_get_until(const struct db_rows *r)
{
    return db_row_count(r) > 0 ? db_get_time(r, 0, 0) : FOLLOW_UP_NEVER;
}

static void put_search(struct db *db, const struct db_query *q,
                       const struct worklist_search *search)
{
    struct db_params p = {.count = 0};
    db_put_array(&p, search->buckets);
    db_put_time(&p, search->now_us);
    db_put_text(&p, search->staff);
    db_put_text(&p, search->branch);
    db_query(db, q, &p);
    db_params_free(&p);
}

void worklist_lease_store_put_due(struct db *db, const struct worklist_search *search)
{
    put_search(db, &due, search);
}

void worklist_lease_store_put_listed(struct db *db, const struct worklist_search *search)
{
    put_search(db, &listed, search);
}

void worklist_lease_store_put_lock(struct db *db, const struct follow_up *f)
{
    struct db_params p = {.count = 0};
    db_put_int2(&p, identifier_bucket(f->number));
    db_put_int8(&p, f->number);
    db_put_int8(&p, f->version);
    db_query(db, &lock_listed, &p);
    db_params_free(&p);
}

void worklist_lease_store_put_move(struct db *db, const struct worklist_lease_move *move)
{
    char key[FOLLOWUP_ORDER_KEY_SIZE];
    struct db_params p = {.count = 0};
    db_put_int2(&p, identifier_bucket(move->follow_up));
    db_put_int8(&p, move->follow_up);
    db_put_text(&p, followup_order_key(move->follow_up, move->attempt, key));
    switch (move->change) {
    case WORKLIST_LEASE_ACCEPTED:
        db_put_int8(&p, move->until_us);
        db_query(db, &accept_lease, &p);
        break;
    case WORKLIST_LEASE_ENDED:
        db_query(db, &end_lease, &p);
        break;
    case WORKLIST_LEASE_SNOOZED:
        db_put_time(&p, move->until_us);
        db_query(db, &snooze_lease, &p);
        break;
    }
    db_params_free(&p);
}

void worklist_lease_store_put_count(struct db *db, int64_t follow_up, int32_t attempt,
                                    int64_t now_us)
{
    struct db_params p = {.count = 0};
    db_put_int2(&p, identifier_bucket(follow_up));
    db_put_int8(&p, follow_up);
    db_put_int4(&p, attempt);
    db_put_time(&p, now_us);
    db_query(db, &count_order, &p);
    db_params_free(&p);
}

void worklist_lease_store_put_over(struct db *db, const struct db_array *buckets)
{
    struct db_params p = {.count = 0};
    db_put_array(&p, buckets);
    db_query(db, &over, &p);
    db_params_free(&p);
}

void worklist_lease_store_get_over(const struct db_rows *r, size_t row, struct worklist_over *ret)
{
    *ret = (struct worklist_over){.was_accepted = db_get_bool(r, row, 1)};
    (void)text_copy(ret->key, sizeof(ret->key), db_get_text(r, row, 0));
}
