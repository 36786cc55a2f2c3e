/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_link_store.h"

#include "common/base/text.h"
#include "common/domain/identifier.h"

static const struct db_query insert = {
    .name = "progress_link_insert",
    .sql = "INSERT INTO reporting.progress_link"
           " (bucket, token_hash, case_number, created_at, created_by, expires_at)"
           " SELECT $1, $2, c.number, $5, $6, $7 FROM intake.service_case_public AS c"
           "  JOIN intake.customer_public AS k ON k.bucket = c.bucket"
           "   AND k.number = c.customer_number AND NOT k.is_erased"
           " WHERE c.bucket = $3 AND c.number = $4 RETURNING 1",
    .shape = DB_OPTIONAL,
};

/* Links of what was merged into it show it, too; and would show it again if customers who were
 * parted since were joined anew. */
static const struct db_query revoke = {
    .name = "progress_link_revoke",
    .sql = "WITH RECURSIVE joined (number, depth) AS (SELECT $2::int8, 0"
           "  UNION ALL"
           "  SELECT c.number, j.depth + 1 FROM joined AS j"
           "   JOIN intake.service_case_public AS c ON c.joined_case = j.number"
           "  WHERE j.depth < 8),"
           " ended AS (UPDATE reporting.progress_link AS l SET revoked_at = $3"
           "  WHERE l.case_number IN (SELECT number FROM joined) AND l.revoked_at IS NULL"
           "   AND l.expires_at > $3 RETURNING 1)"
           " SELECT (SELECT count(*) FROM ended) FROM intake.service_case_public"
           "  WHERE bucket = $1 AND number = $2",
    .shape = DB_OPTIONAL,
};

static const struct db_query revoke_of = {
    .name = "progress_link_revoke_of",
    .sql = "UPDATE reporting.progress_link AS l SET revoked_at = $3"
           "  FROM intake.service_case_public AS c"
           " WHERE c.bucket = $1 AND c.customer_number = $2 AND l.case_number = c.number"
           "   AND l.revoked_at IS NULL",
    .shape = DB_NONE,
};

/* A case that was merged into another is told by the one that goes on, as intake finds it
 * (case_decide_survivor()): as long as the customers of both are one person, and nobody took the
 * other one back. A chain is short. */
static const struct db_query find = {
    .name = "progress_link_find",
    .sql = "WITH RECURSIVE link AS (SELECT case_number, expires_at, revoked_at"
           "  FROM reporting.progress_link WHERE bucket = $1 AND token_hash = $2),"
           " chain (number, joined, person, depth) AS ("
           "  SELECT c.number, c.joined_case, coalesce(k.merged_into, k.number), 0 FROM link AS l"
           "   JOIN intake.service_case_public AS c"
           "     ON c.bucket = (l.case_number & 255)::int2 AND c.number = l.case_number"
           "   JOIN intake.customer_public AS k"
           "     ON k.bucket = c.bucket AND k.number = c.customer_number"
           "  UNION ALL"
           "  SELECT c.number, c.joined_case, h.person, h.depth + 1 FROM chain AS h"
           "   JOIN intake.service_case_public AS c"
           "     ON c.bucket = (h.joined & 255)::int2 AND c.number = h.joined AND c.state <> 7"
           "   JOIN intake.customer_public AS k"
           "     ON k.bucket = c.bucket AND k.number = c.customer_number"
           "    AND coalesce(k.merged_into, k.number) = h.person"
           "  WHERE h.depth < 8)"
           " SELECT l.expires_at, l.revoked_at, e.depth > 0, c.number, c.customer_number, c.state,"
           "  c.kind, c.category, c.product, c.branch, c.owner_team, c.rule, c.standard_id,"
           "  c.priority, c.opened_at, c.resolved_at, c.reopened_count, k.is_erased, k.language,"
           "  coalesce(k.time_zone, (SELECT max(b.time_zone) FROM intake.branch_public AS b"
           "   WHERE b.branch = c.branch)), k.has_phone"
           " FROM link AS l"
           " CROSS JOIN LATERAL (SELECT number, depth FROM chain ORDER BY depth DESC LIMIT 1) AS e"
           " JOIN intake.service_case_public AS c"
           "   ON c.bucket = (e.number & 255)::int2 AND c.number = e.number"
           " JOIN intake.customer_public AS k"
           "   ON k.bucket = (c.customer_number & 255)::int2 AND k.number = c.customer_number",
    .shape = DB_OPTIONAL,
};

enum {
    EXPIRES = 0,
    REVOKED,
    IS_JOINED,
    NUMBER,
    CUSTOMER,
    STATE,
    KIND,
    CATEGORY,
    PRODUCT,
    BRANCH,
    TEAM,
    RULE,
    STANDARD,
    PRIORITY,
    OPENED,
    RESOLVED,
    REOPENED,
    IS_ERASED,
    LANGUAGE,
    ZONE,
    HAS_PHONE,
};

void progress_link_store_put(struct db *db, const struct progress_new_link *link)
{
    struct db_params p = {.count = 0};

    db_put_int2(&p, progress_token_bucket(link->hash));
    db_put_bytes(&p, (struct bytes){link->hash, PROGRESS_HASH_LEN});
    db_put_int2(&p, identifier_bucket(link->service_case));
    db_put_int8(&p, link->service_case);
    db_put_time(&p, link->now_us);
    db_put_text(&p, link->created_by);
    db_put_time(&p, link->expires_us);
    db_query(db, &insert, &p);
    db_params_free(&p);
}

void progress_link_store_revoke(struct db *db, int64_t service_case, int64_t now_us)
{
    struct db_params p = {.count = 0};

    db_put_int2(&p, identifier_bucket(service_case));
    db_put_int8(&p, service_case);
    db_put_time(&p, now_us);
    db_query(db, &revoke, &p);
    db_params_free(&p);
}

void progress_link_store_revoke_of(struct db *db, int64_t customer, int64_t now_us)
{
    struct db_params p = {.count = 0};

    db_put_int2(&p, identifier_bucket(customer));
    db_put_int8(&p, customer);
    db_put_time(&p, now_us);
    db_query(db, &revoke_of, &p);
    db_params_free(&p);
}

bool progress_link_store_is_known(const struct db_rows *rows)
{
    return db_row_count(rows) > 0;
}

void progress_link_store_find(struct db *db, const uint8_t hash[PROGRESS_HASH_LEN])
{
    struct db_params p = {.count = 0};

    db_put_int2(&p, progress_token_bucket(hash));
    db_put_bytes(&p, (struct bytes){hash, PROGRESS_HASH_LEN});
    db_query(db, &find, &p);
    db_params_free(&p);
}

#define COPY(field, column)                                                                        \
    (void)text_copy(c->field, sizeof(c->field), db_get_text(rows, 0, column))

static void fill(const struct db_rows *rows, struct progress_case *c)
{
    c->number = db_get_int(rows, 0, NUMBER);
    c->customer = db_get_int(rows, 0, CUSTOMER);
    c->is_joined = db_get_bool(rows, 0, IS_JOINED);
    c->state = (Troth__V1__CaseState)db_get_int(rows, 0, STATE);
    c->kind = (Troth__V1__ContactKind)db_get_int(rows, 0, KIND);
    COPY(category, CATEGORY);
    COPY(product, PRODUCT);
    COPY(branch, BRANCH);
    COPY(owner_team, TEAM);
    COPY(rule, RULE);
    COPY(language, LANGUAGE);
    COPY(time_zone, ZONE);
    c->standard_id = (int32_t)db_get_int(rows, 0, STANDARD);
    c->priority = (int32_t)db_get_int(rows, 0, PRIORITY);
    c->opened_us = db_get_time(rows, 0, OPENED);
    c->resolved_us = db_get_time(rows, 0, RESOLVED);
    c->reopened_count = (int)db_get_int(rows, 0, REOPENED);
    c->has_phone = db_get_bool(rows, 0, HAS_PHONE);
    c->expected_us = PROGRESS_NO_TIME;
}

enum progress_link_state progress_link_store_take(const struct db_rows *rows, int64_t now_us,
                                                  struct progress_case *ret)
{
    if (db_row_count(rows) == 0) {
        return PROGRESS_LINK_UNKNOWN;
    }
    if (db_get_bool(rows, 0, IS_ERASED)) {
        return PROGRESS_LINK_GONE;
    }
    if (!db_is_null(rows, 0, REVOKED) || db_get_time(rows, 0, EXPIRES) <= now_us) {
        return PROGRESS_LINK_ENDED;
    }
    ret->now_us = now_us;
    fill(rows, ret);
    return PROGRESS_LINK_GOOD;
}
