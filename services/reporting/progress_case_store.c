/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_case_store.h"

#include <string.h>

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/reporting/progress_history.h"

/* The newest, read from old to new. What a person gave stands in no standard. */
static const struct db_query promises = {
    .name = "progress_promises",
    .sql = "SELECT * FROM (SELECT p.number, p.replaces, p.kind, p.state, p.standard_id = 0,"
           "   p.made_at, p.due_at, p.done_at, p.customer_word, c.kind, c.amount_minor, c.currency"
           "  FROM intake.promise_public AS p"
           "  LEFT JOIN intake.compensation_public AS c ON c.bucket = p.bucket"
           "   AND c.promise_number = p.number AND NOT c.is_void"
           " WHERE p.bucket = $1 AND p.case_number = $2 AND NOT p.is_void"
           " ORDER BY p.made_at DESC, p.number DESC LIMIT 60) AS newest ORDER BY made_at, number",
    .shape = DB_ROWS,
};

enum {
    NUMBER = 0,
    REPLACES,
    KIND,
    STATE,
    IS_GIVEN,
    MADE,
    DUE,
    DONE,
    WORD,
    COMPENSATION,
    AMOUNT,
    CURRENCY,
};

/* Sources and actions as progress_history.h has them. What a machine said is nobody's word. Answers
 * of one survey are one line. */
static const struct db_query history = {
    .name = "progress_history",
    .sql = "SELECT h.at, h.source, h.action FROM ("
           "SELECT s.opened_at AS at, 1 AS source, 0 AS action, 0::int8 AS place"
           " FROM intake.service_case_public AS s WHERE s.bucket = $1 AND s.number = $2"
           " UNION ALL "
           "SELECT k.occurred_at, 2, 0, k.case_version"
           " FROM intake.contact_public AS k WHERE k.bucket = $1 AND k.case_number = $2"
           " AND k.case_version IS NOT NULL AND NOT k.is_void AND k.origin <= 1"
           " UNION ALL "
           "SELECT e.occurred_at, 3, e.action, e.case_version"
           " FROM intake.case_event_public AS e WHERE e.bucket = $1 AND e.case_number = $2"
           " AND NOT e.is_void AND e.contact_number IS NULL"
           " UNION ALL "
           "SELECT w.occurred_at, 4, w.action, w.case_version"
           " FROM intake.promise_event_public AS w WHERE w.bucket = $1 AND w.case_number = $2"
           " AND NOT w.is_void"
           " UNION ALL "
           "SELECT x.occurred_at, 5, 0, x.number"
           " FROM intake.expectation_public AS x WHERE x.bucket = $1 AND x.case_number = $2"
           " AND NOT x.is_void"
           " UNION ALL "
           "SELECT max(a.occurred_at), 6, 0, max(a.number)"
           " FROM intake.survey_answer_public AS a WHERE a.bucket = $1 AND a.customer_number = $3"
           " AND a.case_number = $2 AND NOT a.is_void GROUP BY date_trunc('hour', a.occurred_at)"
           ") AS h ORDER BY h.at DESC, h.source DESC, h.place DESC LIMIT 200",
    .shape = DB_ROWS,
};

/* Where waiting for the customer (state 3) began and ended, in the order in which it took effect.
 */
static const struct db_query waits = {
    .name = "progress_waits",
    .sql = "SELECT occurred_at, to_state = 3 FROM intake.case_event_public"
           " WHERE bucket = $1 AND case_number = $2 AND NOT is_void"
           "  AND (from_state = 3) <> (to_state = 3) ORDER BY case_version, number LIMIT 400",
    .shape = DB_ROWS,
};

static const struct db_query expectation = {
    .name = "progress_expectation",
    .sql = "SELECT number, expected_at, is_confirmed FROM intake.expectation_public"
           " WHERE bucket = $1 AND case_number = $2 AND NOT is_void"
           " ORDER BY occurred_at DESC, number DESC LIMIT 1",
    .shape = DB_OPTIONAL,
};

static const struct db_query last_call = {
    .name = "progress_last_call",
    .sql = "SELECT number FROM intake.promise_public"
           " WHERE bucket = $1 AND case_number = $2 AND kind = 'callback' AND standard_id = 0"
           " ORDER BY made_at DESC, number DESC LIMIT 1",
    .shape = DB_OPTIONAL,
};

static const struct db_query answered = {
    .name = "progress_answered",
    .sql = "SELECT DISTINCT instrument, coalesce(question, '')"
           " FROM intake.survey_answer_public WHERE bucket = $1 AND customer_number = $2"
           "  AND case_number = $3 AND NOT is_void AND occurred_at >= $4 LIMIT 32",
    .shape = DB_ROWS,
};

/* Money given back belongs to a purchase, not to a case: what came since the case was opened, for
 * the product that the case is about. Whoever has the link of one case learns of no other. */
static const struct db_query refunds = {
    .name = "progress_refunds",
    .sql = "SELECT r.occurred_at, r.amount_minor, r.currency FROM intake.refund_public AS r"
           " WHERE r.bucket = $1 AND r.customer_number = $2 AND NOT r.is_void"
           "  AND r.occurred_at >= $3 AND (r.product = $4 OR (r.product IS NULL AND EXISTS ("
           "   SELECT FROM intake.purchase_public AS u WHERE u.bucket = r.bucket"
           "    AND u.customer_number = r.customer_number AND u.source_id = r.source_id"
           "    AND u.order_ref = r.order_ref AND u.product = $4 AND NOT u.is_void)))"
           " ORDER BY r.occurred_at DESC LIMIT 20",
    .shape = DB_ROWS,
};

static void ask_of_case(struct db *db, const struct progress_case *c, const struct db_query *q,
                        bool has_customer)
{
    struct db_params p = {.count = 0};

    db_put_int2(&p, identifier_bucket(c->number));
    db_put_int8(&p, c->number);
    if (has_customer) {
        db_put_int8(&p, c->customer);
    }
    db_query(db, q, &p);
    db_params_free(&p);
}

void progress_case_store_ask(struct db *db, const struct progress_case *c)
{
    struct db_params p = {.count = 0};

    ask_of_case(db, c, &promises, false);
    ask_of_case(db, c, &history, true);
    ask_of_case(db, c, &waits, false);
    ask_of_case(db, c, &expectation, false);
    ask_of_case(db, c, &last_call, false);
    db_put_int2(&p, identifier_bucket(c->customer));
    db_put_int8(&p, c->customer);
    db_put_int8(&p, c->number);
    db_put_time(&p, c->resolved_us == PROGRESS_NO_TIME ? c->now_us : c->resolved_us);
    db_query(db, &answered, &p);
    db_params_clear(&p);
    db_put_int2(&p, identifier_bucket(c->customer));
    db_put_int8(&p, c->customer);
    db_put_time(&p, c->opened_us);
    db_put_text(&p, text_is_empty(c->product) ? NULL : c->product);
    db_query(db, &refunds, &p);
    db_params_free(&p);
}

/* ---- rows */

static void take_promises(const struct db_rows *rows, struct progress_case *c)
{
    for (size_t i = 0; i < db_row_count(rows) && i < PROGRESS_PROMISES_MAX; i++) {
        struct progress_promise *p = &c->promises[c->promise_count++];
        p->number = db_get_int(rows, i, NUMBER);
        p->replaces = db_get_int(rows, i, REPLACES);
        (void)text_copy(p->kind, sizeof(p->kind), db_get_text(rows, i, KIND));
        p->state = (int)db_get_int(rows, i, STATE);
        p->is_given = db_get_bool(rows, i, IS_GIVEN);
        p->made_us = db_get_time(rows, i, MADE);
        p->due_us = db_get_time(rows, i, DUE);
        p->done_us = db_get_time(rows, i, DONE);
        p->customer_word = (int)db_get_int(rows, i, WORD);
        p->compensation = (int)db_get_int(rows, i, COMPENSATION);
        p->amount_minor = db_get_int(rows, i, AMOUNT);
        (void)text_copy(p->currency, sizeof(p->currency), db_get_text(rows, i, CURRENCY));
        p->is_stopped = progress_promise_is_open(p) && p->due_us == PROGRESS_NO_TIME;
    }
    /* The customer has a word about a resolution that ended as kept, kept late or broken. */
    for (size_t i = c->promise_count; i-- > 0 && c->resolution == 0;) {
        const struct progress_promise *p = &c->promises[i];
        if (text_is_empty(p->kind) || strcmp(p->kind, "resolution") != 0) {
            continue;
        }
        if (p->state >= TROTH__V1__PROMISE_STATE__PROMISE_STATE_KEPT &&
            p->state <= TROTH__V1__PROMISE_STATE__PROMISE_STATE_BROKEN) {
            c->resolution = p->number;
        }
    }
}

static void take_history(const struct db_rows *rows, struct progress_case *c)
{
    for (size_t i = db_row_count(rows); i-- > 0;) {
        enum progress_what what =
            progress_history_of((int)db_get_int(rows, i, 1), (int)db_get_int(rows, i, 2));
        if (what && c->event_count < PROGRESS_EVENTS_MAX) {
            c->events[c->event_count++] =
                (struct progress_event){.at_us = db_get_time(rows, i, 0), .what = what};
        }
    }
}

static void take_waits(const struct db_rows *rows, struct progress_case *c)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        int64_t at_us = db_get_time(rows, i, 0);
        if (!db_get_bool(rows, i, 1) && c->wait_count > 0) {
            c->waits[c->wait_count - 1].to_us = at_us;
        } else if (db_get_bool(rows, i, 1) && c->wait_count < PROGRESS_EVENTS_MAX) {
            c->waits[c->wait_count++] = (struct progress_wait){at_us, PROGRESS_NO_TIME};
        }
    }
}

static void take_answered(const struct db_rows *rows, struct progress_case *c)
{
    for (size_t i = 0; i < db_row_count(rows) && i < PROGRESS_ANSWERED_MAX; i++) {
        struct progress_answered *a = &c->answered[c->answered_count++];
        a->instrument = (int32_t)db_get_int(rows, i, 0);
        (void)text_copy(a->question, sizeof(a->question), db_get_text(rows, i, 1));
    }
}

static void take_refunds(const struct db_rows *rows, struct progress_case *c)
{
    for (size_t i = 0; i < db_row_count(rows) && i < PROGRESS_REFUNDS_MAX; i++) {
        struct progress_refund *r = &c->refunds[c->refund_count++];
        r->at_us = db_get_time(rows, i, 0);
        r->amount_minor = db_get_int(rows, i, 1);
        (void)text_copy(r->currency, sizeof(r->currency), db_get_text(rows, i, 2));
    }
}

void progress_case_store_take(const struct db_rows *const *rows, struct progress_case *c)
{
    take_promises(rows[0], c);
    take_history(rows[1], c);
    take_waits(rows[2], c);
    if (db_row_count(rows[3]) > 0) {
        c->expectation = db_get_int(rows[3], 0, 0);
        c->expected_us = db_get_time(rows[3], 0, 1);
        c->is_expectation_confirmed = db_get_bool(rows[3], 0, 2);
    }
    c->last_call = db_row_count(rows[4]) > 0 ? db_get_int(rows[4], 0, 0) : 0;
    take_answered(rows[5], c);
    take_refunds(rows[6], c);
}
