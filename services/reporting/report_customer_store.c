/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_customer_store.h"

#include "common/base/compiler.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/reporting/report_case_store.h"
#include "services/reporting/report_store.h"
#include "services/reporting/story_rows.h"

/* What is shown of each list; questions ask for one more, to see whether there is more. */
enum {
    REFERENCES_MOST = REPORT_REFERENCES_MOST,
    CASES_MOST = 50,
    PROMISES_MOST = 500,
    FOLLOW_UPS_MOST = 50,
    FOLLOWERS_MOST = 50,
    CONTACTS_MOST = 100,
    CALLS_MOST = 100,
    ANSWERS_MOST = 50,
    BOUGHT_MOST = 50,
};

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
                  " c.merged_into, c.do_not_call, c.is_erased, c.has_phone, c.has_email,"
                  " c.consents, c.refusals"
                  " FROM intake.customer_public AS c WHERE c.bucket = $1 AND c.number = $2",
    .shape = DB_OPTIONAL,
};

/* Found by its index over customers: references have the bucket of their own hash. */
static const struct db_query references_of_customer = {
    .name = "report_references_of_customer",
    .sql = PERSON "SELECT r.source, r.reference FROM g"
                  " JOIN intake.customer_reference_public AS r ON r.customer_number = g.number"
                  " ORDER BY r.source, r.reference LIMIT 51",
    .shape = DB_ROWS,
};

static const struct db_query note_look = {
    .name = "report_customer_note_look",
    .sql = "INSERT INTO reporting.personal_view (at, user_name, what, customer_number, purpose)"
           " SELECT $3, $4, 'references', $2, 'report customer' WHERE EXISTS ("
           "SELECT FROM intake.customer_public WHERE bucket = $1 AND number = $2)",
    .shape = DB_NONE,
};

static const struct db_query followers_of_customer = {
    .name = "report_followers_of_customer",
    .sql = "SELECT c.number FROM intake.customer_public AS c WHERE c.merged_into = $1"
           " ORDER BY c.number LIMIT 51",
    .shape = DB_ROWS,
};

#define NEWEST_CASES                                                                               \
    " FROM g JOIN intake.service_case_public AS s"                                                 \
    " ON s.bucket = g.bucket AND s.customer_number = g.number"                                     \
    " ORDER BY s.opened_at DESC, s.number DESC LIMIT 51"

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
    " ORDER BY p.made_at, p.number LIMIT 501",
    .shape = DB_ROWS,
};

static const struct db_query follow_ups_of_customer = {
    .name = "report_follow_ups_of_customer",
    .sql = PERSON "SELECT " REPORT_FOLLOW_UP_COLUMNS " FROM g JOIN followup.follow_up_public AS f"
                  " ON f.bucket = g.bucket AND f.customer_number = g.number"
                  " ORDER BY f.due_at DESC, f.number DESC LIMIT 51",
    .shape = DB_ROWS,
};

/* Of the cases that are shown: contacts are kept by case, and the first one stands in it. */
static const struct db_query contacts_of_customer = {
    .name = "report_contacts_of_customer",
    .sql = PERSON ", n AS (SELECT s.bucket, s.number, s.opened_by" NEWEST_CASES ")"
                  " SELECT " STORY_CONTACT_COLUMNS " FROM ("
                  "SELECT f.* FROM n JOIN intake.contact_public AS f"
                  " ON f.bucket = n.bucket AND f.number = n.opened_by"
                  " UNION ALL SELECT m.* FROM n JOIN intake.contact_public AS m"
                  " ON m.bucket = n.bucket AND m.case_number = n.number"
                  " AND m.case_version IS NOT NULL) AS k"
                  " WHERE NOT k.is_void ORDER BY k.occurred_at DESC, k.number DESC LIMIT 101",
    .shape = DB_ROWS,
};

static const struct db_query calls_of_customer = {
    .name = "report_calls_of_customer",
    .sql = PERSON "SELECT " STORY_CALL_COLUMNS " FROM g"
                  " JOIN followup.follow_up_attempt_public AS a"
                  " ON a.bucket = g.bucket AND a.customer_number = g.number"
                  " ORDER BY a.ordered_at DESC, a.follow_up_number, a.attempt LIMIT 101",
    .shape = DB_ROWS,
};

#define NEWEST_ANSWERS                                                                             \
    "FROM g JOIN intake.survey_answer_public AS a"                                                 \
    " ON a.bucket = g.bucket AND a.customer_number = g.number AND NOT a.is_void"                   \
    " ORDER BY a.occurred_at DESC, a.number DESC LIMIT 51"

static const struct db_query answers_of_customer = {
    .name = "report_answers_of_customer",
    .sql = PERSON "SELECT " STORY_ANSWER_COLUMNS " " NEWEST_ANSWERS,
    .shape = DB_ROWS,
};

static const struct db_query items_of_customer = {
    .name = "report_items_of_customer",
    .sql = PERSON ", n AS (SELECT a.bucket, a.number " NEWEST_ANSWERS ") SELECT " STORY_ITEM_COLUMNS
                  " FROM n JOIN intake.survey_item_public AS i"
                  " ON i.bucket = n.bucket AND i.answer_number = n.number"
                  " ORDER BY i.answer_number, i.item",
    .shape = DB_ROWS,
};

static const struct db_query bought_by_customer = {
    .name = "report_bought_by_customer",
    .sql = PERSON
    "SELECT b.occurred_at, b.branch, b.product, b.amount_minor, b.currency, b.is_refund FROM ("
    "SELECT u.number, u.occurred_at, u.branch, u.product, u.amount_minor, u.currency,"
    " false AS is_refund FROM g JOIN intake.purchase_public AS u"
    " ON u.bucket = g.bucket AND u.customer_number = g.number AND NOT u.is_void"
    " UNION ALL SELECT u.number, u.occurred_at, u.branch, u.product, u.amount_minor, u.currency,"
    " true FROM g JOIN intake.refund_public AS u"
    " ON u.bucket = g.bucket AND u.customer_number = g.number AND NOT u.is_void) AS b"
    " ORDER BY b.occurred_at DESC, b.number DESC LIMIT 51",
    .shape = DB_ROWS,
};

/* In this order their rows are read. */
enum {
    ROWS_CUSTOMER,
    ROWS_REFERENCES,
    ROWS_CASES,
    ROWS_PROMISES,
    ROWS_FOLLOW_UPS,
    ROWS_CONTACTS,
    ROWS_CALLS,
    ROWS_ANSWERS,
    ROWS_ITEMS,
    ROWS_BOUGHT,
    ROWS_FOLLOWERS,
};

static const struct db_query *const questions[] = {
    [ROWS_CUSTOMER] = &customer_by_number,       [ROWS_REFERENCES] = &references_of_customer,
    [ROWS_CASES] = &cases_of_customer,           [ROWS_PROMISES] = &promises_of_customer,
    [ROWS_FOLLOW_UPS] = &follow_ups_of_customer, [ROWS_CONTACTS] = &contacts_of_customer,
    [ROWS_CALLS] = &calls_of_customer,           [ROWS_ANSWERS] = &answers_of_customer,
    [ROWS_ITEMS] = &items_of_customer,           [ROWS_BOUGHT] = &bought_by_customer,
};

void report_customer_store_ask(struct db *db, int64_t customer_number)
{
    struct db_params params = {.count = 0}, number = {.count = 0};

    report_store_begin(db);
    db_put_int8(&number, customer_number);
    db_put_int2(&params, identifier_bucket(customer_number));
    db_put_int8(&params, customer_number);
    for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
        db_query(db, questions[i], &params);
    }
    db_query(db, &followers_of_customer, &number);
    db_commit(db);
    db_params_free(&params);
    db_params_free(&number);
}

static void put_number(struct db_params *params, int64_t customer_number)
{
    db_put_int2(params, identifier_bucket(customer_number));
    db_put_int8(params, customer_number);
}

void report_customer_store_note_look(struct db *db, int64_t customer_number, const char *who,
                                     int64_t at_us)
{
    struct db_params params = {.count = 0};

    put_number(&params, customer_number);
    db_put_time(&params, at_us);
    db_put_text(&params, who);
    db_query(db, &note_look, &params);
    db_params_free(&params);
}

void report_customer_store_ask_references(struct db *db, int64_t customer_number)
{
    struct db_params params = {.count = 0};

    put_number(&params, customer_number);
    db_query(db, &references_of_customer, &params);
    db_params_free(&params);
}

static size_t at_most(const struct db_rows *rows, size_t most)
{
    return db_row_count(rows) < most ? db_row_count(rows) : most;
}

static void add_references(Troth__V1__CustomerView *view, const struct db_rows *rows)
{
    view->references = xcalloc(db_row_count(rows) + 1, sizeof(void *));
    for (size_t row = 0; row < at_most(rows, REFERENCES_MOST); row++) {
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
    for (size_t row = 0; row < at_most(cases, CASES_MOST); row++) {
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
    for (size_t row = 0; row < at_most(rows, FOLLOWERS_MOST); row++) {
        view->followers[view->n_followers++] = customer_text(db_get_int(rows, row, 0));
    }
}

static Troth__V1__CustomerView *customer_of_row(const struct db_rows *rows)
{
    Troth__V1__CustomerView *view = xcalloc(1, sizeof(*view));

    troth__v1__customer_view__init(view);
    view->customer_number = customer_text(db_get_int(rows, 0, 0));
    view->language = report_store_text(rows, 0, 1);
    view->time_zone = report_store_text(rows, 0, 2);
    view->has_first_seen_us = view->has_purchases = view->has_do_not_call = true;
    view->first_seen_us = db_get_time(rows, 0, 3);
    view->purchases = db_get_int(rows, 0, 4);
    view->merged_into = story_number(rows, 0, 5, IDENTIFIER_CUSTOMER);
    view->do_not_call = db_get_bool(rows, 0, 6);
    view->has_is_erased = view->is_erased = db_get_bool(rows, 0, 7);
    view->has_has_phone = view->has_has_email = true;
    view->has_phone = db_get_bool(rows, 0, 8);
    view->has_email = db_get_bool(rows, 0, 9);
    view->n_consents =
        story_consents(db_get_int(rows, 0, 10), db_get_int(rows, 0, 11), &view->consents);
    return view;
}

static void note_left_out(Troth__V1__CustomerView *view, const struct db_rows *const *rows,
                          bool has_references)
{
    static const struct {
        size_t rows, most;
        const char *name;
    } lists[] = {
        {ROWS_REFERENCES, REFERENCES_MOST, "references"},
        {ROWS_CASES,      CASES_MOST,      "cases"     },
        {ROWS_PROMISES,   PROMISES_MOST,   "promises"  },
        {ROWS_FOLLOW_UPS, FOLLOW_UPS_MOST, "follow_ups"},
        {ROWS_CONTACTS,   CONTACTS_MOST,   "contacts"  },
        {ROWS_CALLS,      CALLS_MOST,      "calls"     },
        {ROWS_ANSWERS,    ANSWERS_MOST,    "answers"   },
        {ROWS_BOUGHT,     BOUGHT_MOST,     "bought"    },
        {ROWS_FOLLOWERS,  FOLLOWERS_MOST,  "followers" },
    };

    for (size_t i = has_references ? 0 : 1; i < ARRAY_LEN(lists); i++) {
        story_note_left_out(rows[lists[i].rows], lists[i].most, lists[i].name, &view->left_out,
                            &view->n_left_out);
    }
}

Troth__V1__CustomerView *report_customer_store_take(const struct db_reply *reply,
                                                    bool has_references)
{
    const struct db_rows *const *rows = reply->rows + REPORT_STORE_FIRST;

    if (db_row_count(rows[ROWS_CUSTOMER]) == 0) {
        return NULL;
    }
    Troth__V1__CustomerView *view = customer_of_row(rows[ROWS_CUSTOMER]);
    if (has_references) {
        add_references(view, rows[ROWS_REFERENCES]);
    }
    add_cases(view, rows[ROWS_CASES], rows[ROWS_PROMISES]);
    view->n_follow_ups =
        report_follow_ups_of_rows(rows[ROWS_FOLLOW_UPS], FOLLOW_UPS_MOST, &view->follow_ups);
    view->n_contacts = story_contacts(rows[ROWS_CONTACTS], CONTACTS_MOST, &view->contacts);
    view->n_calls = story_calls(rows[ROWS_CALLS], CALLS_MOST, &view->calls);
    view->n_answers =
        story_answers(rows[ROWS_ANSWERS], rows[ROWS_ITEMS], ANSWERS_MOST, &view->answers);
    view->n_bought = story_purchases(rows[ROWS_BOUGHT], BOUGHT_MOST, &view->bought);
    add_followers(view, rows[ROWS_FOLLOWERS]);
    note_left_out(view, rows, has_references);
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
