/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_case_store.h"

#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/reporting/report_store.h"

static const struct db_query case_by_number = {
    .name = "report_case_by_number",
    .sql = "SELECT " REPORT_CASE_COLUMNS " FROM intake.service_case_public AS s"
           " WHERE s.bucket = $1 AND s.number = $2",
    .shape = DB_OPTIONAL,
};

static const struct db_query promises_of_case = {
    .name = "report_promises_of_case",
    .sql = "SELECT " REPORT_PROMISE_COLUMNS " FROM intake.promise_public AS p"
           " WHERE p.bucket = $1 AND p.case_number = $2 ORDER BY p.made_at, p.number LIMIT 100",
    .shape = DB_ROWS,
};

/* The newest 200, without what was taken back. The contact that opened the case has no version. */
static const struct db_query history_of_case = {
    .name = "report_history_of_case",
    .sql = "SELECT h.at, h.what, h.staff FROM ("
           "SELECT s.opened_at AS at, 'opened' AS what, NULL::text AS staff, 0 AS place,"
           " 0::int8 AS step"
           " FROM intake.service_case_public AS s WHERE s.bucket = $1 AND s.number = $2"
           " UNION ALL "
           "SELECT k.occurred_at, CASE WHEN k.origin > 1 THEN 'machine' ELSE 'contact' END, NULL,"
           " 1, k.case_version"
           " FROM intake.contact_public AS k WHERE k.bucket = $1 AND k.case_number = $2"
           " AND k.case_version IS NOT NULL AND NOT k.is_void"
           " UNION ALL "
           "SELECT w.occurred_at, coalesce((ARRAY['promise_renegotiated', 'promise_kept',"
           " 'promise_waived', 'promise_withdrawn', 'promise_explained', 'promise_confirmed',"
           " 'promise_disputed', 'promise_corrected'])[w.action], 'promise_given'), w.staff, 3,"
           " w.number FROM intake.promise_event_public AS w"
           " WHERE w.bucket = $1 AND w.case_number = $2 AND NOT w.is_void"
           " UNION ALL "
           "SELECT x.occurred_at, 'expectation', NULL, 3, x.number"
           " FROM intake.expectation_public AS x"
           " WHERE x.bucket = $1 AND x.case_number = $2 AND NOT x.is_void"
           " UNION ALL "
           "SELECT e.occurred_at, coalesce((ARRAY['responded', 'note', 'waiting_customer',"
           " 'waiting_third_party', 'resumed', 'resolved', 'reopened', 'closed'])[e.action],"
           " 'other'), e.staff, 2, e.case_version"
           " FROM intake.case_event_public AS e WHERE e.bucket = $1 AND e.case_number = $2"
           " AND NOT e.is_void"
           ") AS h ORDER BY h.at DESC, h.place DESC, h.step DESC LIMIT 200",
    .shape = DB_ROWS,
};

static const struct db_query follow_ups_of_case = {
    .name = "report_follow_ups_of_case",
    .sql = "SELECT " REPORT_FOLLOW_UP_COLUMNS " FROM followup.follow_up_public AS f"
           " WHERE f.bucket = $1 AND f.case_number = $2"
           " ORDER BY f.due_at DESC, f.number DESC LIMIT 50",
    .shape = DB_ROWS,
};

void report_case_store_ask(struct db *db, int64_t case_number)
{
    struct db_params params = {.count = 0};

    report_store_begin(db);
    db_put_int2(&params, identifier_bucket(case_number));
    db_put_int8(&params, case_number);
    db_query(db, &case_by_number, &params);
    db_query(db, &promises_of_case, &params);
    db_query(db, &history_of_case, &params);
    db_query(db, &follow_ups_of_case, &params);
    db_commit(db);
    db_params_free(&params);
}

/* ---- rows become messages */

static char *number_of(const struct db_rows *rows, size_t row, int column,
                       enum identifier_kind kind)
{
    char text[IDENTIFIER_TEXT_SIZE];

    if (db_is_null(rows, row, column)) {
        return NULL;
    }
    return xstrdup(identifier_format(kind, db_get_int(rows, row, column), text));
}

/* Leaves *field alone when the instant is not known. */
static protobuf_c_boolean time_of(const struct db_rows *rows, size_t row, int column,
                                  int64_t *field)
{
    if (db_is_null(rows, row, column)) {
        return false;
    }
    *field = db_get_time(rows, row, column);
    return true;
}

Troth__V1__CaseView *report_case_of_row(const struct db_rows *rows, size_t row)
{
    Troth__V1__CaseView *view = xcalloc(1, sizeof(*view));

    troth__v1__case_view__init(view);
    view->case_number = number_of(rows, row, 0, IDENTIFIER_CASE);
    view->customer_number = number_of(rows, row, 1, IDENTIFIER_CUSTOMER);
    view->has_kind = view->has_state = view->has_priority = true;
    view->kind = (Troth__V1__ContactKind)db_get_int(rows, row, 2);
    view->state = (Troth__V1__CaseState)db_get_int(rows, row, 3);
    view->channel = report_store_text(rows, row, 4);
    view->branch = report_store_text(rows, row, 5);
    view->category = report_store_text(rows, row, 6);
    view->product = report_store_text(rows, row, 7);
    view->priority = (int32_t)db_get_int(rows, row, 8);
    view->owner_team = report_store_text(rows, row, 9);
    view->has_opened_us = time_of(rows, row, 10, &view->opened_us);
    view->has_first_response_us = time_of(rows, row, 11, &view->first_response_us);
    view->has_resolved_us = time_of(rows, row, 12, &view->resolved_us);
    return view;
}

static Troth__V1__PromiseView *promise_of_row(const struct db_rows *rows, size_t row)
{
    Troth__V1__PromiseView *view = xcalloc(1, sizeof(*view));

    troth__v1__promise_view__init(view);
    view->promise_number = number_of(rows, row, 0, IDENTIFIER_PROMISE);
    view->kind = report_store_text(rows, row, 2);
    view->has_state = true;
    view->state = (Troth__V1__PromiseState)db_get_int(rows, row, 3);
    view->has_made_us = time_of(rows, row, 4, &view->made_us);
    view->has_due_us = time_of(rows, row, 5, &view->due_us);
    view->has_done_us = time_of(rows, row, 6, &view->done_us);
    view->replaces = number_of(rows, row, 7, IDENTIFIER_PROMISE);
    return view;
}

void report_case_add_promises(Troth__V1__CaseView *view, const struct db_rows *rows,
                              int64_t case_number)
{
    for (size_t row = 0; row < db_row_count(rows); row++) {
        if (db_get_int(rows, row, 1) != case_number) {
            continue;
        }
        view->promises = xreallocarray(view->promises, view->n_promises + 1, sizeof(void *));
        view->promises[view->n_promises++] = promise_of_row(rows, row);
    }
}

static Troth__V1__WorklistEntry *follow_up_of_row(const struct db_rows *rows, size_t row)
{
    Troth__V1__WorklistEntry *view = xcalloc(1, sizeof(*view));

    troth__v1__worklist_entry__init(view);
    view->follow_up_number = number_of(rows, row, 0, IDENTIFIER_FOLLOW_UP);
    view->customer_number = number_of(rows, row, 1, IDENTIFIER_CUSTOMER);
    view->case_number = number_of(rows, row, 2, IDENTIFIER_CASE);
    view->rule = report_store_text(rows, row, 3);
    view->has_state = view->has_attempts = true;
    view->state = (Troth__V1__FollowUpState)db_get_int(rows, row, 4);
    view->reason = report_store_text(rows, row, 5);
    view->has_due_us = time_of(rows, row, 6, &view->due_us);
    view->has_window_end_us = time_of(rows, row, 7, &view->window_end_us);
    view->attempts = (int32_t)db_get_int(rows, row, 8);
    view->has_last_outcome = !db_is_null(rows, row, 9);
    view->last_outcome = (Troth__V1__CallOutcome)db_get_int(rows, row, 9);
    return view;
}

size_t report_follow_ups_of_rows(const struct db_rows *rows, Troth__V1__WorklistEntry ***ret_list)
{
    size_t count = db_row_count(rows);
    Troth__V1__WorklistEntry **list = xcalloc(count + 1, sizeof(Troth__V1__WorklistEntry *));

    for (size_t row = 0; row < count; row++) {
        list[row] = follow_up_of_row(rows, row);
    }
    *ret_list = list;
    return count;
}

/* Rows come newest first; the view reads from old to new. */
static void add_history(Troth__V1__CaseView *view, const struct db_rows *rows)
{
    size_t count = db_row_count(rows);

    view->history = xcalloc(count + 1, sizeof(void *));
    for (size_t row = count; row-- > 0;) {
        Troth__V1__CaseHistory *entry = xcalloc(1, sizeof(*entry));
        troth__v1__case_history__init(entry);
        entry->has_at_us = time_of(rows, row, 0, &entry->at_us);
        entry->what = report_store_text(rows, row, 1);
        entry->staff = report_store_text(rows, row, 2);
        view->history[view->n_history++] = entry;
    }
}

Troth__V1__CaseView *report_case_store_take(const struct db_reply *reply)
{
    const struct db_rows *const *rows = reply->rows + REPORT_STORE_FIRST;

    if (db_row_count(rows[0]) == 0) {
        return NULL;
    }
    Troth__V1__CaseView *view = report_case_of_row(rows[0], 0);
    report_case_add_promises(view, rows[1], db_get_int(rows[0], 0, 0));
    add_history(view, rows[2]);
    view->n_follow_ups = report_follow_ups_of_rows(rows[3], &view->follow_ups);
    return view;
}
