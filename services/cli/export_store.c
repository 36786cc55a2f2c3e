/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/export_store.h"

#include "common/domain/identifier.h"

static const struct db_query members = {
    "export_store_members",
    "WITH asked AS (SELECT coalesce(merged_into, number) AS survivor FROM intake.customer_public"
    "                WHERE bucket = $1 AND number = $2)"
    " SELECT survivor FROM asked UNION ALL"
    " SELECT * FROM (SELECT c.number FROM asked JOIN intake.customer_public AS c"
    "                    ON c.merged_into = asked.survivor ORDER BY c.number) AS follower",
    DB_ROWS};

static const struct db_query find = {
    "export_store_find",
    "SELECT DISTINCT customer_number FROM intake.customer_reference_public"
    " WHERE reference = $1 AND ($2 = '' OR source = $2) LIMIT 2",
    DB_ROWS};

static const struct db_query cases = {
    "export_store_cases",
    "SELECT customer_number, number FROM intake.service_case_public"
    " WHERE bucket = ANY (ARRAY(SELECT DISTINCT (m & 255)::int2 FROM unnest($1::int8[]) AS m))"
    "   AND customer_number = ANY ($1) ORDER BY number",
    DB_ROWS};

static const struct db_query sources = {"export_store_sources",
                                        "SELECT id::text, name FROM intake.source_public", DB_ROWS};

static const struct db_rows *ask(struct db *db, const struct db_query *q, struct db_params *p,
                                 struct err *err)
{
    db_query(db, q, p);
    db_params_free(p);
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        *err = reply->err;
        return NULL;
    }
    return reply->rows[0];
}

const struct db_rows *export_store_members(struct db *db, int64_t customer, struct err *err)
{
    struct db_params p = {0};
    db_put_int2(&p, identifier_bucket(customer));
    db_put_int8(&p, customer);
    const struct db_rows *rows = ask(db, &members, &p, err);
    if (rows && db_row_count(rows) == 0) {
        (void)err_set(err, "customer_unknown", "there is no such customer");
        return NULL;
    }
    return rows;
}

int export_store_number(struct db *db, const char *source, const char *ref, int64_t *ret_customer,
                        struct err *err)
{
    struct db_params p = {0};
    if (identifier_parse(IDENTIFIER_CUSTOMER, ref, ret_customer, NULL) == 0) {
        return 0;
    }
    db_put_text(&p, ref);
    db_put_text(&p, source ? source : "");
    const struct db_rows *rows = ask(db, &find, &p, err);
    if (!rows) {
        return -1;
    }
    if (db_row_count(rows) == 0) {
        return err_set(err, "customer_unknown", "no source knows a customer by that");
    }
    if (db_row_count(rows) > 1) {
        return err_set(err, "customer_ambiguous",
                       "two customers are known by that: say whose reference it is, --source NAME");
    }
    *ret_customer = db_get_int(rows, 0, 0);
    return 0;
}

const struct db_rows *export_store_cases(struct db *db, const struct db_array *list,
                                         struct err *err)
{
    struct db_params p = {0};
    db_put_array(&p, list);
    return ask(db, &cases, &p, err);
}

const struct db_rows *export_store_sources(struct db *db, struct err *err)
{
    struct db_params p = {0};
    return ask(db, &sources, &p, err);
}

const struct db_rows *export_store_page(struct db *db, const struct export_section *s,
                                        const struct db_array *list, const char *after,
                                        struct err *err)
{
    struct db_params p = {0};
    db_put_array(&p, list);
    db_put_text(&p, after);
    db_put_int8(&p, EXPORT_PAGE_ROWS);
    return ask(db, &s->query, &p, err);
}
