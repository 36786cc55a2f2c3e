/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/desk_store.h"

#include "common/domain/identifier.h"

static void put_numbered(struct db *db, const struct db_query *query, int64_t number)
{
    struct db_params params = {.count = 0};

    db_put_int2(&params, identifier_bucket(number));
    db_put_int8(&params, number);
    db_query(db, query, &params);
    db_params_free(&params);
}

/* ---- whose it is */

static const struct db_query owner = {
    .name = "desk_owner",
    .sql = "SELECT s.customer_number, coalesce(c.is_erased, false)"
           " FROM intake.service_case_public AS s"
           " LEFT JOIN intake.customer_public AS c"
           " ON c.bucket = (s.customer_number & 255)::int2 AND c.number = s.customer_number"
           " WHERE s.bucket = $1 AND s.number = $2",
    .shape = DB_OPTIONAL,
};

void desk_store_put_owner(struct db *db, int64_t case_number)
{
    put_numbered(db, &owner, case_number);
}

bool desk_store_take_owner(const struct db_rows *rows, int64_t *ret_customer, bool *ret_is_erased)
{
    if (db_row_count(rows) == 0) {
        return false;
    }
    *ret_customer = db_get_int(rows, 0, 0);
    *ret_is_erased = db_get_bool(rows, 0, 1);
    return true;
}

static const struct db_query erased = {
    .name = "desk_erased",
    .sql = "SELECT c.is_erased FROM intake.customer_public AS c"
           " WHERE c.bucket = $1 AND c.number = $2",
    .shape = DB_OPTIONAL,
};

void desk_store_put_erased(struct db *db, int64_t customer)
{
    put_numbered(db, &erased, customer);
}

bool desk_store_take_erased(const struct db_rows *rows, bool *ret_is_erased)
{
    if (db_row_count(rows) == 0) {
        return false;
    }
    *ret_is_erased = db_get_bool(rows, 0, 0);
    return true;
}

/* ---- promises */

static const struct db_query promises = {
    .name = "desk_promises",
    .sql = "SELECT p.number FROM intake.promise_public AS p"
           " WHERE p.bucket = $1 AND p.case_number = $2 AND NOT p.is_void"
           " ORDER BY p.made_at, p.number LIMIT 51", /* DESK_PROMISES and one */
    .shape = DB_ROWS,
};

void desk_store_put_promises(struct db *db, int64_t case_number)
{
    put_numbered(db, &promises, case_number);
}

/* ---- what has changed */

/* Cursors only grow, except when the figures are started over. */
static const struct db_query marks = {
    .name = "desk_marks",
    .sql = "SELECT (SELECT coalesce(sum(c.seq), 0)::int8 FROM log.consumer_cursor AS c"
           " WHERE c.consumer = 'reporting'),"
           " (SELECT count(*) FROM reporting.early_warning AS w WHERE w.seen_at IS NULL"
           " AND w.is_for_person)"
           " + (SELECT count(*) FROM reporting.figure_difference)",
    .shape = DB_ONE,
};

void desk_store_put_marks(struct db *db)
{
    db_query(db, &marks, NULL);
}

void desk_store_take_marks(const struct db_rows *rows, struct desk_marks *ret_marks)
{
    *ret_marks =
        (struct desk_marks){.figures = db_get_int(rows, 0, 0), .notices = db_get_int(rows, 0, 1)};
}
