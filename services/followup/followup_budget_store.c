/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_budget_store.h"

#include <stdlib.h>

#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"

#define BY_DAY                                                                                     \
    "(SELECT (subject & 255)::int2 AS bucket, kind, subject, (at AT TIME ZONE 'UTC')::date AS "    \
    "day,"                                                                                         \
    " count(*)::int4 AS orders FROM unnest($1::int2[], $2::int8[], $3::timestamptz[])"             \
    " AS n (kind, subject, at) GROUP BY kind, subject, day) AS n"

/* Sorted by key: whoever counts locks the rows of its batch in that order. */
static const struct db_query count_up = {
    "followup_budget_store_count",
    "INSERT INTO followup.contact_budget AS b (bucket, kind, subject, day, orders)"
    " SELECT n.bucket, n.kind, n.subject, n.day, n.orders FROM " BY_DAY " ORDER BY 1, 2, 3, 4"
    " ON CONFLICT (bucket, kind, subject, day) DO UPDATE SET orders = b.orders + excluded.orders",
    DB_NONE,
};

static const struct db_query count_down = {
    "followup_budget_store_take_back",
    "WITH locked AS (SELECT b.bucket, b.kind, b.subject, b.day, n.orders FROM " BY_DAY
    " JOIN followup.contact_budget AS b ON b.bucket = n.bucket AND b.kind = n.kind"
    " AND b.subject = n.subject AND b.day = n.day ORDER BY 1, 2, 3, 4 FOR UPDATE OF b)"
    " UPDATE followup.contact_budget AS b SET orders = greatest(b.orders - n.orders, 0)"
    " FROM locked AS n WHERE b.bucket = n.bucket AND b.kind = n.kind AND b.subject = n.subject"
    " AND b.day = n.day",
    DB_NONE,
};

static const struct db_query read_counts = {
    "followup_budget_store_read",
    "SELECT n.kind, n.subject,"
    " coalesce(sum(b.orders) FILTER (WHERE b.day = t.today), 0),"
    " coalesce(sum(b.orders) FILTER (WHERE b.day > t.today - 7), 0), coalesce(sum(b.orders), 0)"
    " FROM (SELECT DISTINCT kind, subject FROM unnest($1::int2[], $2::int8[]) AS n (kind, subject))"
    " AS n CROSS JOIN (SELECT ($3 AT TIME ZONE 'UTC')::date AS today) AS t"
    " LEFT JOIN followup.contact_budget AS b ON b.bucket = (n.subject & 255)::int2"
    " AND b.kind = n.kind AND b.subject = n.subject"
    " AND b.day BETWEEN t.today - 29 AND t.today"
    " GROUP BY n.kind, n.subject ORDER BY n.kind, n.subject",
    DB_ROWS,
};

bool followup_budget_is_limited(const struct rulebook_limits *limits)
{
    return limits->per_day > 0 || limits->per_week > 0 || limits->per_month > 0 ||
           limits->per_number_week > 0;
}

/* kind, subject and, where they are counted, the instant */
static void add(struct db_columns *c, enum followup_budget_kind kind, int64_t subject,
                int64_t at_us)
{
    db_array_add_int(&c->array[0], kind);
    db_array_add_int(&c->array[1], subject);
    if (c->count > 2) {
        db_array_add_time(&c->array[2], at_us);
    }
}

static void add_orders(struct db_columns *c, const struct followup_budget_order *orders,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        add(c, FOLLOWUP_BUDGET_PERSON, orders[i].person, orders[i].at_us);
        if (orders[i].handle != 0) {
            add(c, FOLLOWUP_BUDGET_NUMBER, orders[i].handle, orders[i].at_us);
        }
    }
}

void followup_budget_store_put_count(struct db *db, const struct followup_budget_order *orders,
                                     size_t count, bool is_taken_back)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8, DB_TIME};
    struct db_columns c;
    db_columns_init(&c, types, ARRAY_LEN(types));
    add_orders(&c, orders, count);
    db_columns_query(&c, db, is_taken_back ? &count_down : &count_up);
}

void followup_budget_store_put_read(struct db *db, const struct followup_budget_order *orders,
                                    size_t count, int64_t now_us)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8};
    struct db_columns c;
    struct db_params p = {.count = 0};
    db_columns_init(&c, types, ARRAY_LEN(types));
    add_orders(&c, orders, count);
    db_columns_put(&c, &p);
    db_put_time(&p, now_us);
    db_query(db, &read_counts, &p);
    db_params_free(&p);
}

/* ---- who may */

/* The counts of one subject less what later orders of the batch added. */
struct spent {
    enum followup_budget_kind kind;
    int64_t subject;
    int64_t day, week, month;
};

static struct spent *find(struct spent *all, size_t count, enum followup_budget_kind kind,
                          int64_t subject)
{
    for (size_t i = 0; i < count; i++) {
        if (all[i].kind == kind && all[i].subject == subject) {
            return &all[i];
        }
    }
    return NULL;
}

static void add_to(struct spent *s, int64_t delta)
{
    if (s) {
        s->day += delta;
        s->week += delta;
        s->month += delta;
    }
}

static bool is_over(int64_t count, int limit)
{
    return limit > 0 && count > limit;
}

static bool is_within(const struct rulebook_limits *l, const struct spent *s)
{
    if (!s) {
        return true;
    }
    return s->kind == FOLLOWUP_BUDGET_PERSON
               ? !is_over(s->day, l->per_day) && !is_over(s->week, l->per_week) &&
                     !is_over(s->month, l->per_month)
               : !is_over(s->week, l->per_number_week);
}

void followup_budget_store_get(const struct db_rows *r, const struct rulebook_limits *limits,
                               const struct followup_budget_order *orders, size_t count,
                               bool *ret_may)
{
    size_t rows = db_row_count(r);
    struct spent *all = xcalloc(rows + 1, sizeof(*all));
    for (size_t i = 0; i < rows; i++) {
        all[i] = (struct spent){
            .kind = (enum followup_budget_kind)db_get_int(r, i, 0),
            .subject = db_get_int(r, i, 1),
            .day = db_get_int(r, i, 2),
            .week = db_get_int(r, i, 3),
            .month = db_get_int(r, i, 4),
        };
    }
    for (size_t i = 0; i < count; i++) {
        add_to(find(all, rows, FOLLOWUP_BUDGET_PERSON, orders[i].person), -1);
        add_to(find(all, rows, FOLLOWUP_BUDGET_NUMBER, orders[i].handle), -1);
    }
    for (size_t i = 0; i < count; i++) {
        struct spent *person = find(all, rows, FOLLOWUP_BUDGET_PERSON, orders[i].person);
        struct spent *number = find(all, rows, FOLLOWUP_BUDGET_NUMBER, orders[i].handle);
        add_to(person, 1);
        add_to(number, 1);
        ret_may[i] = is_within(limits, person) && is_within(limits, number);
        if (!ret_may[i]) {
            add_to(person, -1);
            add_to(number, -1);
        }
    }
    free(all);
}
