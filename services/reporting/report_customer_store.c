/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_customer_store.h"

#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/reporting/report_case_store.h"
#include "services/reporting/report_store.h"

static const struct db_query customer_by_number = {
    .name = "report_customer_by_number",
    .sql = "SELECT c.number, c.language, c.time_zone, c.first_seen_at,"
           " (SELECT count(*) FROM intake.purchase_public AS u"
           " WHERE u.bucket = c.bucket AND u.customer_number = c.number)"
           " FROM intake.customer_public AS c WHERE c.bucket = $1 AND c.number = $2",
    .shape = DB_OPTIONAL,
};

/* Found by its index over customers: references have the bucket of their own hash. */
static const struct db_query references_of_customer = {
    .name = "report_references_of_customer",
    .sql = "SELECT r.source, r.reference FROM intake.customer_reference_public AS r"
           " WHERE r.customer_number = $1"
           " ORDER BY r.source, r.reference LIMIT 50",
    .shape = DB_ROWS,
};

#define NEWEST_CASES                                                                               \
    " FROM intake.service_case_public AS s WHERE s.bucket = $1 AND s.customer_number = $2"         \
    " ORDER BY s.opened_at DESC, s.number DESC LIMIT 50"

static const struct db_query cases_of_customer = {
    .name = "report_cases_of_customer",
    .sql = "SELECT " REPORT_CASE_COLUMNS NEWEST_CASES,
    .shape = DB_ROWS,
};

static const struct db_query promises_of_customer = {
    .name = "report_promises_of_customer",
    .sql = "SELECT " REPORT_PROMISE_COLUMNS " FROM (SELECT s.number" NEWEST_CASES ") AS n"
           " JOIN intake.promise_public AS p ON p.bucket = $1 AND p.case_number = n.number"
           " ORDER BY p.made_at, p.number LIMIT 500",
    .shape = DB_ROWS,
};

static const struct db_query follow_ups_of_customer = {
    .name = "report_follow_ups_of_customer",
    .sql = "SELECT " REPORT_FOLLOW_UP_COLUMNS " FROM followup.follow_up_public AS f"
           " WHERE f.bucket = $1 AND f.customer_number = $2"
           " ORDER BY f.due_at DESC, f.number DESC LIMIT 50",
    .shape = DB_ROWS,
};

void report_customer_store_ask(struct db *db, int64_t customer_number)
{
    struct db_params params = {.count = 0}, number = {.count = 0};

    report_store_begin(db);
    db_put_int8(&number, customer_number);
    db_put_int2(&params, identifier_bucket(customer_number));
    db_put_int8(&params, customer_number);
    db_query(db, &customer_by_number, &params);
    db_query(db, &references_of_customer, &number);
    db_query(db, &cases_of_customer, &params);
    db_query(db, &promises_of_customer, &params);
    db_query(db, &follow_ups_of_customer, &params);
    db_commit(db);
    db_params_free(&params);
    db_params_free(&number);
}

static void add_references(Troth__V1__CustomerView *view, const struct db_rows *rows)
{
    view->references = xcalloc(db_row_count(rows) + 1, sizeof(void *));
    for (size_t row = 0; row < db_row_count(rows); row++) {
        Troth__V1__CustomerReferenceView *reference = xcalloc(1, sizeof(*reference));
        troth__v1__customer_reference_view__init(reference);
        reference->source = report_store_text(rows, row, 0);
        reference->customer_ref = report_store_text(rows, row, 1);
        view->references[view->n_references++] = reference;
    }
}

static void add_cases(Troth__V1__CustomerView *view, const struct db_rows *cases,
                      const struct db_rows *promises)
{
    view->cases = xcalloc(db_row_count(cases) + 1, sizeof(void *));
    for (size_t row = 0; row < db_row_count(cases); row++) {
        Troth__V1__CaseView *one = report_case_of_row(cases, row);
        report_case_add_promises(one, promises, db_get_int(cases, row, 0));
        view->cases[view->n_cases++] = one;
    }
}

Troth__V1__CustomerView *report_customer_store_take(const struct db_reply *reply)
{
    const struct db_rows *const *rows = reply->rows + REPORT_STORE_FIRST;
    char number[IDENTIFIER_TEXT_SIZE];

    if (db_row_count(rows[0]) == 0) {
        return NULL;
    }
    Troth__V1__CustomerView *view = xcalloc(1, sizeof(*view));
    troth__v1__customer_view__init(view);
    view->customer_number =
        xstrdup(identifier_format(IDENTIFIER_CUSTOMER, db_get_int(rows[0], 0, 0), number));
    view->language = report_store_text(rows[0], 0, 1);
    view->time_zone = report_store_text(rows[0], 0, 2);
    view->has_first_seen_us = view->has_purchases = true;
    view->first_seen_us = db_get_time(rows[0], 0, 3);
    view->purchases = db_get_int(rows[0], 0, 4);
    add_references(view, rows[1]);
    add_cases(view, rows[2], rows[3]);
    view->n_follow_ups = report_follow_ups_of_rows(rows[4], &view->follow_ups);
    return view;
}
