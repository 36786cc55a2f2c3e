/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_outcome_store.h"

#include <stdlib.h>

#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/followup/followup_outcome.h"

/* A number may be that of several customers: it has a bucket of its own, its low byte. In one
 * order, so that two schedulers do not wait for each other. */
static const struct db_query bad_numbers = {
    "followup_outcome_store_bad_numbers",
    "INSERT INTO followup.bad_number AS b (bucket, handle, outcome, at)"
    " SELECT (n.handle & 255)::int2, n.handle, max(n.outcome), $3::timestamptz"
    " FROM unnest($1::int8[], $2::int2[]) AS n (handle, outcome) GROUP BY n.handle ORDER BY 1, 2"
    " ON CONFLICT (bucket, handle) DO UPDATE SET outcome = excluded.outcome, at = excluded.at",
    DB_NONE,
};

static const struct db_query refusals = {
    "followup_outcome_store_refusals",
    "INSERT INTO followup.customer_rhythm AS c (bucket, customer_number, last_refusal_at)"
    " SELECT (n.customer & 255)::int2, n.customer, $2::timestamptz"
    " FROM unnest($1::int8[]) AS n (customer) GROUP BY n.customer ORDER BY 1, 2"
    " ON CONFLICT (bucket, customer_number) DO UPDATE"
    " SET last_refusal_at = greatest(c.last_refusal_at, excluded.last_refusal_at)",
    DB_NONE,
};

static void add(struct followup_outcome_mark **list, size_t *count, size_t *capacity,
                const struct followup_outcome_mark *mark)
{
    if (*count == *capacity) {
        *capacity = *capacity ? 2 * *capacity : 16;
        *list = xreallocarray(*list, *capacity, sizeof(**list));
    }
    (*list)[(*count)++] = *mark;
}

void followup_outcome_mark(struct followup_outcome_marks *m, const struct followup_attempt *a)
{
    const struct followup_outcome_mark number = {.subject = a->handle, .outcome = a->outcome};
    const struct followup_outcome_mark refusal = {.subject = a->customer, .outcome = a->outcome};
    if (followup_outcome_is_bad_number(a->outcome) && a->handle != 0) {
        add(&m->numbers, &m->number_count, &m->number_capacity, &number);
    }
    if (followup_outcome_is_refusal(a->outcome)) {
        add(&m->refusals, &m->refusal_count, &m->refusal_capacity, &refusal);
    }
}

void followup_outcome_clear_marks(struct followup_outcome_marks *m)
{
    m->number_count = m->refusal_count = 0;
}

void followup_outcome_free_marks(struct followup_outcome_marks *m)
{
    free(m->numbers);
    free(m->refusals);
    *m = (struct followup_outcome_marks){.numbers = NULL};
}

static void put_bad_numbers(struct db *db, const struct followup_outcome_marks *m, int64_t now_us)
{
    struct db_array handles;
    struct db_array outcomes;
    struct db_params p = {.count = 0};
    db_array_init(&handles, DB_INT8);
    db_array_init(&outcomes, DB_INT2);
    for (size_t i = 0; i < m->number_count; i++) {
        db_array_add_int(&handles, m->numbers[i].subject);
        db_array_add_int(&outcomes, m->numbers[i].outcome);
    }
    db_put_array(&p, &handles);
    db_put_array(&p, &outcomes);
    db_put_time(&p, now_us);
    db_query(db, &bad_numbers, &p);
    db_params_free(&p);
    db_array_free(&handles);
    db_array_free(&outcomes);
}

static void put_refusals(struct db *db, const struct followup_outcome_marks *m, int64_t now_us)
{
    struct db_array customers;
    struct db_params p = {.count = 0};
    db_array_init(&customers, DB_INT8);
    for (size_t i = 0; i < m->refusal_count; i++) {
        db_array_add_int(&customers, m->refusals[i].subject);
    }
    db_put_array(&p, &customers);
    db_put_time(&p, now_us);
    db_query(db, &refusals, &p);
    db_params_free(&p);
    db_array_free(&customers);
}

void followup_outcome_put_marks(struct db *db, const struct followup_outcome_marks *m,
                                int64_t now_us)
{
    if (m->number_count > 0) {
        put_bad_numbers(db, m, now_us);
    }
    if (m->refusal_count > 0) {
        put_refusals(db, m, now_us);
    }
}
