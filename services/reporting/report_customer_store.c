/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_customer_store.h"

#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/reporting/report_case_store.h"
#include "services/reporting/report_store.h"

/* The customer, and those who are the same person by a merge. */
#define PERSON                                                                                     \
    "WITH g AS (SELECT $1::int2 AS bucket, $2::int8 AS number"                                     \
    " UNION SELECT m.bucket, m.number FROM intake.customer_public AS c"                            \
    " JOIN intake.customer_public AS m ON m.merged_into = coalesce(c.merged_into, c.number)"       \
    " WHERE c.bucket = $1 AND c.number = $2"                                                       \
    " UNION SELECT (c.merged_into & 255)::int2, c.merged_into FROM intake.customer_public AS c"    \
    " WHERE c.bucket = $1 AND c.number = $2 AND c.merged_into IS NOT NULL) "

static const struct db_query customer_by_number = {
    .name = "report_customer_by_number",
    .sql = PERSON "SELECT c.number, c.language, c.time_zone, c.first_seen_at,"
                  " (SELECT count(*) FROM g JOIN intake.purchase_public AS u"
                  " ON u.bucket = g.bucket AND u.customer_number = g.number AND NOT u.is_void),"
                  " c.merged_into, c.do_not_call"
                  " FROM intake.customer_public AS c WHERE c.bucket = $1 AND c.number = $2",
    .shape = DB_OPTIONAL,
};

/* Found by its index over customers: references have the bucket of their own hash. */
static const struct db_query references_of_customer = {
    .name = "report_references_of_customer",
    .sql = PERSON "SELECT r.source, r.reference FROM g"
                  " JOIN intake.customer_reference_public AS r ON r.customer_number = g.number"
                  " ORDER BY r.source, r.reference LIMIT 50",
    .shape = DB_ROWS,
};

static const struct db_query followers_of_customer = {
    .name = "report_followers_of_customer",
    .sql = "SELECT c.number FROM intake.customer_public AS c WHERE c.merged_into = $1"
           " ORDER BY c.number LIMIT 50",
    .shape = DB_ROWS,
};

#define NEWEST_CASES                                                                               \
    " FROM g JOIN intake.service_case_public AS s"                                                 \
    " ON s.bucket = g.bucket AND s.customer_number = g.number"                                     \
    " ORDER BY s.opened_at DESC, s.number DESC LIMIT 50"

static const struct db_query cases_of_customer = {
    .name = "report_cases_of_customer",
    .sql = PERSON "SELECT " REPORT_CASE_COLUMNS NEWEST_CASES,
    .shape = DB_ROWS,
};

static const struct db_query promises_of_customer = {
    .name = "report_promises_of_customer",
    .sql = PERSON
    "SELECT " REPORT_PROMISE_COLUMNS " FROM (SELECT s.bucket, s.number" NEWEST_CASES ") AS n"
    " JOIN intake.promise_public AS p ON p.bucket = n.bucket AND p.case_number = n.number"
    " ORDER BY p.made_at, p.number LIMIT 500",
    .shape = DB_ROWS,
};

static const struct db_query follow_ups_of_customer = {
    .name = "report_follow_ups_of_customer",
    .sql = PERSON "SELECT " REPORT_FOLLOW_UP_COLUMNS " FROM g JOIN followup.follow_up_public AS f"
                  " ON f.bucket = g.bucket AND f.customer_number = g.number"
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
    db_query(db, &references_of_customer, &params);
    db_query(db, &cases_of_customer, &params);
    db_query(db, &promises_of_customer, &params);
    db_query(db, &follow_ups_of_customer, &params);
    db_query(db, &followers_of_customer, &number);
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

static char *customer_text(int64_t number)
{
    char text[IDENTIFIER_TEXT_SIZE];

    return xstrdup(identifier_format(IDENTIFIER_CUSTOMER, number, text));
}

static void add_followers(Troth__V1__CustomerView *view, const struct db_rows *rows)
{
    view->followers = xcalloc(db_row_count(rows) + 1, sizeof(char *));
    for (size_t row = 0; row < db_row_count(rows); row++) {
        view->followers[view->n_followers++] = customer_text(db_get_int(rows, row, 0));
    }
}

Troth__V1__CustomerView *report_customer_store_take(const struct db_reply *reply)
{
    const struct db_rows *const *rows = reply->rows + REPORT_STORE_FIRST;

    if (db_row_count(rows[0]) == 0) {
        return NULL;
    }
    Troth__V1__CustomerView *view = xcalloc(1, sizeof(*view));
    troth__v1__customer_view__init(view);
    view->customer_number = customer_text(db_get_int(rows[0], 0, 0));
    view->language = report_store_text(rows[0], 0, 1);
    view->time_zone = report_store_text(rows[0], 0, 2);
    view->has_first_seen_us = view->has_purchases = true;
    view->first_seen_us = db_get_time(rows[0], 0, 3);
    view->purchases = db_get_int(rows[0], 0, 4);
    view->merged_into = db_is_null(rows[0], 0, 5) ? NULL : customer_text(db_get_int(rows[0], 0, 5));
    view->has_do_not_call = true;
    view->do_not_call = db_get_bool(rows[0], 0, 6);
    add_references(view, rows[1]);
    add_cases(view, rows[2], rows[3]);
    view->n_follow_ups = report_follow_ups_of_rows(rows[4], &view->follow_ups);
    add_followers(view, rows[5]);
    return view;
}

/* ---- who may be one person */

static const struct db_query open_questions = {
    .name = "report_open_questions",
    .sql =
        "SELECT q.customer_number, q.other_number, q.reason, q.asked_at"
        " FROM intake.identity_question_public AS q"
        " JOIN intake.customer_public AS a ON a.bucket = q.bucket AND a.number = q.customer_number"
        " JOIN intake.customer_public AS b"
        " ON b.bucket = (q.other_number & 255)::int2 AND b.number = q.other_number"
        " WHERE q.state = 0"
        " AND coalesce(a.merged_into, a.number) <> coalesce(b.merged_into, b.number)"
        " ORDER BY q.asked_at, q.customer_number, q.other_number LIMIT 500",
    .shape = DB_ROWS,
};

void report_customer_store_ask_questions(struct db *db)
{
    report_store_begin(db);
    db_query(db, &open_questions, NULL);
    db_commit(db);
}

Troth__V1__IdentityQuestions *report_customer_store_take_questions(const struct db_reply *reply)
{
    const struct db_rows *rows = reply->rows[REPORT_STORE_FIRST];
    Troth__V1__IdentityQuestions *list = xcalloc(1, sizeof(*list));

    troth__v1__identity_questions__init(list);
    list->questions = xcalloc(db_row_count(rows) + 1, sizeof(void *));
    for (size_t row = 0; row < db_row_count(rows); row++) {
        Troth__V1__IdentityQuestion *one = xcalloc(1, sizeof(*one));
        troth__v1__identity_question__init(one);
        one->customer_number = customer_text(db_get_int(rows, row, 0));
        one->other_number = customer_text(db_get_int(rows, row, 1));
        one->reason = report_store_text(rows, row, 2);
        one->has_asked_us = true;
        one->asked_us = db_get_time(rows, row, 3);
        list->questions[list->n_questions++] = one;
    }
    return list;
}
