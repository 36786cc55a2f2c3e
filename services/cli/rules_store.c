/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/rules_store.h"

#include "common/domain/identifier.h"

static const struct db_query rules_store_by_id = {
    "rules_store_by_id", "SELECT id, body FROM followup.rule_version_public WHERE id = $1",
    DB_ROWS};

static const struct db_query rules_store_by_hash = {
    "rules_store_by_hash",
    "SELECT id, body FROM followup.rule_version_public WHERE starts_with(hash, $1)"
    " ORDER BY id LIMIT 2",
    DB_ROWS};

static const struct db_query rules_store_newest = {
    "rules_store_newest",
    "SELECT id, body FROM followup.rule_version_public ORDER BY last_used_at DESC, id DESC"
    " LIMIT 1",
    DB_ROWS};

static const struct db_query rules_store_list = {
    "rules_store_list",
    "SELECT id, hash, first_used_at, tzdata, last_used_at FROM followup.rule_version_public"
    " ORDER BY last_used_at, id",
    DB_ROWS};

static const struct db_query rules_store_counts = {
    "rules_store_counts",
    "SELECT rule_version, rule, count(*), count(settled_at) FROM followup.follow_up_public"
    " WHERE bucket = $1 GROUP BY 1, 2",
    DB_ROWS};

static const struct db_query rules_store_fired = {
    "rules_store_fired",
    "SELECT number, rule, topic, subject, occurrence, state, reason, due_at, next_attempt_at,"
    "       merged_into"
    "  FROM followup.follow_up_public WHERE bucket = $1 AND customer_number = $2"
    " ORDER BY planned_at DESC, number DESC",
    DB_ROWS};

/* Kind 2 is a complaint; cases are open in states 1 to 4; promises are broken in state 5. */
static const struct db_query rules_store_standing = {
    "rules_store_standing",
    "SELECT log.now(), c.is_erased, c.merged_into,"
    " EXISTS (SELECT FROM intake.service_case_public AS k WHERE k.bucket = $1"
    "  AND k.customer_number = $2 AND k.kind = 2 AND k.state BETWEEN 1 AND 4"
    "  AND k.joined_case IS NULL AND (NOT k.is_historical" /* as in arbitration_facts.c */
    "   OR EXISTS (SELECT FROM intake.contact_public AS t WHERE t.bucket = k.bucket"
    "    AND t.case_number = k.number AND t.case_version IS NOT NULL AND NOT t.is_historical"
    "    AND NOT t.is_void)"
    "   OR EXISTS (SELECT FROM intake.promise_public AS t WHERE t.bucket = k.bucket"
    "    AND t.case_number = k.number AND t.state IN (1, 2) AND NOT t.is_historical"
    "    AND NOT t.is_void))),"
    " EXISTS (SELECT FROM intake.service_case_public AS k JOIN intake.promise_public AS p"
    "  ON p.bucket = k.bucket AND p.case_number = k.number WHERE k.bucket = $1"
    "  AND k.customer_number = $2 AND p.state = 5 AND NOT p.is_void AND NOT p.is_historical),"
    " r.last_refusal_at, b.today, b.week, b.month, b.first_of_week::timestamp AT TIME ZONE 'UTC',"
    " b.first_of_month::timestamp AT TIME ZONE 'UTC'"
    " FROM intake.customer_public AS c"
    " LEFT JOIN followup.customer_rhythm_public AS r"
    "  ON r.bucket = c.bucket AND r.customer_number = c.number"
    " CROSS JOIN (SELECT (log.now() AT TIME ZONE 'UTC')::date AS today) AS t"
    " CROSS JOIN LATERAL (SELECT coalesce(sum(o.orders) FILTER (WHERE o.day = t.today), 0) AS"
    "   today, coalesce(sum(o.orders) FILTER (WHERE o.day > t.today - 7), 0) AS week,"
    "   coalesce(sum(o.orders), 0) AS month, min(o.day) FILTER (WHERE o.day > t.today - 7) AS"
    "   first_of_week, min(o.day) AS first_of_month"
    "  FROM followup.contact_budget_public AS o WHERE o.bucket = $1 AND o.kind = 1"
    "  AND o.subject = $2 AND o.orders > 0 AND o.day BETWEEN t.today - 29 AND t.today) AS b"
    " WHERE c.bucket = $1 AND c.number = $2",
    DB_OPTIONAL};

void rules_store_ask_id(struct db *db, int32_t id)
{
    struct db_params p = {0};

    db_put_int4(&p, id);
    db_query(db, &rules_store_by_id, &p);
    db_params_free(&p);
}

void rules_store_ask_hash(struct db *db, const char *prefix)
{
    struct db_params p = {0};

    db_put_text(&p, prefix);
    db_query(db, &rules_store_by_hash, &p);
    db_params_free(&p);
}

void rules_store_ask_newest(struct db *db)
{
    db_query(db, &rules_store_newest, NULL);
}

void rules_store_ask_list(struct db *db)
{
    db_query(db, &rules_store_list, NULL);
}

void rules_store_ask_counts(struct db *db, int16_t bucket)
{
    struct db_params p = {0};

    db_put_int2(&p, bucket);
    db_query(db, &rules_store_counts, &p);
    db_params_free(&p);
}

static void ask_of_customer(struct db *db, const struct db_query *query, int64_t customer)
{
    struct db_params p = {0};

    db_put_int2(&p, identifier_bucket(customer));
    db_put_int8(&p, customer);
    db_query(db, query, &p);
    db_params_free(&p);
}

void rules_store_ask_fired(struct db *db, int64_t customer)
{
    ask_of_customer(db, &rules_store_fired, customer);
}

void rules_store_ask_standing(struct db *db, int64_t customer)
{
    ask_of_customer(db, &rules_store_standing, customer);
}
