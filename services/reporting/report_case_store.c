/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_case_store.h"

#include "common/base/compiler.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/reporting/report_store.h"
#include "services/reporting/story_rows.h"

/* What is shown of each list; questions ask for one more, to see whether there is more. */
enum {
    PROMISES_MOST = 100,
    HISTORY_MOST = 400,
    FOLLOW_UPS_MOST = 50,
    CONTACTS_MOST = 100,
    CALLS_MOST = 100,
    STEPS_MOST = 500,
    ANSWERS_MOST = 50,
    EXPECTATIONS_MOST = 50,
    COMPENSATIONS_MOST = 50,
};

static const struct db_query case_by_number = {
    .name = "report_case_by_number",
    .sql = "SELECT " REPORT_CASE_COLUMNS " FROM intake.service_case_public AS s"
           " WHERE s.bucket = $1 AND s.number = $2",
    .shape = DB_OPTIONAL,
};

static const struct db_query promises_of_case = {
    .name = "report_promises_of_case",
    .sql = "SELECT " REPORT_PROMISE_COLUMNS " FROM intake.promise_public AS p"
           " WHERE p.bucket = $1 AND p.case_number = $2 ORDER BY p.made_at, p.number LIMIT 101",
    .shape = DB_ROWS,
};

/* The newest, without what was taken back. The contact that opened the case has no version. */
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
           " 'waiting_third_party', 'resumed', 'resolved', 'reopened', 'closed', 'reclassified',"
           " 'merged', 'reference_marked', 'reference_unmarked'])[e.action],"
           " 'other'), e.staff, 2, e.case_version"
           " FROM intake.case_event_public AS e WHERE e.bucket = $1 AND e.case_number = $2"
           " AND NOT e.is_void"
           ") AS h ORDER BY h.at DESC, h.place DESC, h.step DESC LIMIT 401",
    .shape = DB_ROWS,
};

static const struct db_query follow_ups_of_case = {
    .name = "report_follow_ups_of_case",
    .sql = "SELECT " REPORT_FOLLOW_UP_COLUMNS " FROM followup.follow_up_public AS f"
           " WHERE f.bucket = $1 AND f.case_number = $2"
           " ORDER BY f.due_at DESC, f.number DESC LIMIT 51",
    .shape = DB_ROWS,
};

/* The one that opened it stands in the case. */
static const struct db_query contacts_of_case = {
    .name = "report_contacts_of_case",
    .sql = "SELECT " STORY_CONTACT_COLUMNS " FROM ("
           "SELECT f.* FROM intake.service_case_public AS s JOIN intake.contact_public AS f"
           " ON f.bucket = s.bucket AND f.number = s.opened_by"
           " WHERE s.bucket = $1 AND s.number = $2"
           " UNION ALL SELECT n.* FROM intake.contact_public AS n WHERE n.bucket = $1"
           " AND n.case_number = $2 AND n.case_version IS NOT NULL) AS k"
           " WHERE NOT k.is_void ORDER BY k.occurred_at DESC, k.number DESC LIMIT 101",
    .shape = DB_ROWS,
};

/* What was merged into another follow-up was called about with that one. */
static const struct db_query calls_of_case = {
    .name = "report_calls_of_case",
    .sql = "SELECT DISTINCT " STORY_CALL_COLUMNS " FROM followup.follow_up_public AS f"
           " JOIN followup.follow_up_attempt_public AS a"
           " ON a.bucket = (coalesce(f.merged_into, f.number) & 255)::int2"
           " AND a.follow_up_number = coalesce(f.merged_into, f.number)"
           " WHERE f.bucket = $1 AND f.case_number = $2"
           " ORDER BY a.ordered_at DESC, a.follow_up_number, a.attempt LIMIT 101",
    .shape = DB_ROWS,
};

static const struct db_query steps_of_case = {
    .name = "report_steps_of_case",
    .sql = "SELECT s.promise_number, s.step, s.due_at, s.taken_at, s.tell"
           " FROM intake.promise_public AS p JOIN intake.promise_step_public AS s"
           " ON s.bucket = p.bucket AND s.promise_number = p.number"
           " WHERE p.bucket = $1 AND p.case_number = $2"
           " ORDER BY s.taken_at, s.promise_number, s.clock_version, s.step LIMIT 501",
    .shape = DB_ROWS,
};

/* Found by customer, which answers are kept by. */
#define ANSWERS_OF_CASE                                                                            \
    "FROM intake.service_case_public AS s JOIN intake.survey_answer_public AS a"                   \
    " ON a.bucket = s.bucket AND a.customer_number = s.customer_number"                            \
    " AND a.case_number = s.number AND NOT a.is_void WHERE s.bucket = $1 AND s.number = $2"        \
    " ORDER BY a.occurred_at DESC, a.number DESC LIMIT 51"

static const struct db_query answers_of_case = {
    .name = "report_answers_of_case",
    .sql = "SELECT " STORY_ANSWER_COLUMNS " " ANSWERS_OF_CASE,
    .shape = DB_ROWS,
};

static const struct db_query items_of_case = {
    .name = "report_items_of_case",
    .sql = "SELECT " STORY_ITEM_COLUMNS " FROM (SELECT a.bucket, a.number " ANSWERS_OF_CASE ") AS n"
           " JOIN intake.survey_item_public AS i"
           " ON i.bucket = n.bucket AND i.answer_number = n.number"
           " ORDER BY i.answer_number, i.item",
    .shape = DB_ROWS,
};

static const struct db_query expectations_of_case = {
    .name = "report_expectations_of_case",
    .sql = "SELECT " STORY_EXPECTATION_COLUMNS " FROM intake.expectation_public AS x"
           " WHERE x.bucket = $1 AND x.case_number = $2 AND NOT x.is_void"
           " ORDER BY x.occurred_at DESC, x.number DESC LIMIT 51",
    .shape = DB_ROWS,
};

static const struct db_query compensations_of_case = {
    .name = "report_compensations_of_case",
    .sql = "SELECT " STORY_COMPENSATION_COLUMNS " FROM intake.promise_public AS p"
           " JOIN intake.compensation_public AS m"
           " ON m.bucket = p.bucket AND m.promise_number = p.number"
           " WHERE p.bucket = $1 AND p.case_number = $2 AND NOT m.is_void"
           " ORDER BY m.occurred_at DESC, m.promise_number DESC LIMIT 51",
    .shape = DB_ROWS,
};

/* In this order their rows are read. */
enum {
    ROWS_CASE,
    ROWS_PROMISES,
    ROWS_HISTORY,
    ROWS_FOLLOW_UPS,
    ROWS_CONTACTS,
    ROWS_CALLS,
    ROWS_STEPS,
    ROWS_ANSWERS,
    ROWS_ITEMS,
    ROWS_EXPECTATIONS,
    ROWS_COMPENSATIONS,
};

static const struct db_query *const questions[] = {
    [ROWS_CASE] = &case_by_number,
    [ROWS_PROMISES] = &promises_of_case,
    [ROWS_HISTORY] = &history_of_case,
    [ROWS_FOLLOW_UPS] = &follow_ups_of_case,
    [ROWS_CONTACTS] = &contacts_of_case,
    [ROWS_CALLS] = &calls_of_case,
    [ROWS_STEPS] = &steps_of_case,
    [ROWS_ANSWERS] = &answers_of_case,
    [ROWS_ITEMS] = &items_of_case,
    [ROWS_EXPECTATIONS] = &expectations_of_case,
    [ROWS_COMPENSATIONS] = &compensations_of_case,
};

void report_case_store_ask(struct db *db, int64_t case_number)
{
    struct db_params params = {.count = 0};

    report_store_begin(db);
    db_put_int2(&params, identifier_bucket(case_number));
    db_put_int8(&params, case_number);
    for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
        db_query(db, questions[i], &params);
    }
    db_commit(db);
    db_params_free(&params);
}

/* ---- rows become messages */

Troth__V1__CaseView *report_case_of_row(const struct db_rows *rows, size_t row)
{
    Troth__V1__CaseView *view = xcalloc(1, sizeof(*view));

    troth__v1__case_view__init(view);
    view->case_number = story_number(rows, row, 0, IDENTIFIER_CASE);
    view->customer_number = story_number(rows, row, 1, IDENTIFIER_CUSTOMER);
    view->has_kind = view->has_state = view->has_priority = true;
    view->kind = (Troth__V1__ContactKind)db_get_int(rows, row, 2);
    view->state = (Troth__V1__CaseState)db_get_int(rows, row, 3);
    view->channel = report_store_text(rows, row, 4);
    view->branch = report_store_text(rows, row, 5);
    view->category = report_store_text(rows, row, 6);
    view->product = report_store_text(rows, row, 7);
    view->priority = (int32_t)db_get_int(rows, row, 8);
    view->owner_team = report_store_text(rows, row, 9);
    view->has_opened_us = story_time(rows, row, 10, &view->opened_us);
    view->has_first_response_us = story_time(rows, row, 11, &view->first_response_us);
    view->has_resolved_us = story_time(rows, row, 12, &view->resolved_us);
    view->has_closed_us = story_time(rows, row, 13, &view->closed_us);
    view->has_reopened_count = story_int32(rows, row, 14, &view->reopened_count);
    view->rule = report_store_text(rows, row, 15);
    view->category_by = (Troth__V1__CategoryBy)db_get_int(rows, row, 16);
    view->has_category_by = view->category_by > 0;
    view->mood = (Troth__V1__Mood)db_get_int(rows, row, 17);
    view->has_mood = view->mood > 0;
    view->joined_case = story_number(rows, row, 18, IDENTIFIER_CASE);
    view->solved_like = story_number(rows, row, 19, IDENTIFIER_CASE);
    view->has_is_reference = view->is_reference = db_get_bool(rows, row, 20);
    return view;
}

static Troth__V1__PromiseView *promise_of_row(const struct db_rows *rows, size_t row)
{
    Troth__V1__PromiseView *view = xcalloc(1, sizeof(*view));

    troth__v1__promise_view__init(view);
    view->promise_number = story_number(rows, row, 0, IDENTIFIER_PROMISE);
    view->kind = report_store_text(rows, row, 2);
    view->has_state = true;
    view->state = (Troth__V1__PromiseState)db_get_int(rows, row, 3);
    view->has_made_us = story_time(rows, row, 4, &view->made_us);
    view->has_due_us = story_time(rows, row, 5, &view->due_us);
    view->has_done_us = story_time(rows, row, 6, &view->done_us);
    view->replaces = story_number(rows, row, 7, IDENTIFIER_PROMISE);
    view->has_target_us = story_int(rows, row, 8, &view->target_us);
    view->has_is_due_fixed = view->is_due_fixed = db_get_bool(rows, row, 9);
    view->has_settled_us = story_time(rows, row, 10, &view->settled_us);
    view->has_counted_us = story_int(rows, row, 11, &view->counted_us);
    view->cause = (Troth__V1__BreakCause)db_get_int(rows, row, 12);
    view->has_cause = view->cause > 0;
    view->customer_word = (Troth__V1__CustomerWord)db_get_int(rows, row, 13);
    view->has_customer_word = view->customer_word > 0;
    view->has_chance = !db_is_null(rows, row, 14);
    view->chance = db_get_float8(rows, row, 14);
    view->has_safe_us = story_time(rows, row, 15, &view->safe_us);
    view->has_past_cases = story_int32(rows, row, 16, &view->past_cases);
    view->rule = report_store_text(rows, row, 17);
    return view;
}

void report_case_add_promises(Troth__V1__CaseView *view, const struct db_rows *rows,
                              int64_t case_number)
{
    for (size_t row = 0; row < db_row_count(rows); row++) {
        if (db_get_int(rows, row, 1) != case_number || view->n_promises == PROMISES_MOST) {
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
    view->follow_up_number = story_number(rows, row, 0, IDENTIFIER_FOLLOW_UP);
    view->customer_number = story_number(rows, row, 1, IDENTIFIER_CUSTOMER);
    view->case_number = story_number(rows, row, 2, IDENTIFIER_CASE);
    view->rule = report_store_text(rows, row, 3);
    view->has_state = view->has_attempts = true;
    view->state = (Troth__V1__FollowUpState)db_get_int(rows, row, 4);
    view->reason = report_store_text(rows, row, 5);
    view->has_due_us = story_time(rows, row, 6, &view->due_us);
    view->has_window_end_us = story_time(rows, row, 7, &view->window_end_us);
    view->attempts = (int32_t)db_get_int(rows, row, 8);
    view->has_last_outcome = !db_is_null(rows, row, 9);
    view->last_outcome = (Troth__V1__CallOutcome)db_get_int(rows, row, 9);
    return view;
}

size_t report_follow_ups_of_rows(const struct db_rows *rows, size_t most,
                                 Troth__V1__WorklistEntry ***ret_list)
{
    size_t count = db_row_count(rows) < most ? db_row_count(rows) : most;
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
    size_t count = db_row_count(rows) < HISTORY_MOST ? db_row_count(rows) : HISTORY_MOST;

    view->history = xcalloc(count + 1, sizeof(void *));
    for (size_t row = count; row-- > 0;) {
        Troth__V1__CaseHistory *entry = xcalloc(1, sizeof(*entry));
        troth__v1__case_history__init(entry);
        entry->has_at_us = story_time(rows, row, 0, &entry->at_us);
        entry->what = report_store_text(rows, row, 1);
        entry->staff = report_store_text(rows, row, 2);
        view->history[view->n_history++] = entry;
    }
}

/* Every promise's steps; those of promises that are not shown go with them. */
static void add_steps(Troth__V1__CaseView *view, const struct db_rows *promises,
                      const struct db_rows *steps)
{
    for (size_t i = 0; i < view->n_promises; i++) {
        story_add_steps(view->promises[i], steps, db_get_int(promises, i, 0));
    }
}

static void note_left_out(Troth__V1__CaseView *view, const struct db_rows *const *rows)
{
    static const struct {
        size_t rows, most;
        const char *name;
    } lists[] = {
        {ROWS_PROMISES,      PROMISES_MOST,      "promises"     },
        {ROWS_HISTORY,       HISTORY_MOST,       "history"      },
        {ROWS_FOLLOW_UPS,    FOLLOW_UPS_MOST,    "follow_ups"   },
        {ROWS_CONTACTS,      CONTACTS_MOST,      "contacts"     },
        {ROWS_CALLS,         CALLS_MOST,         "calls"        },
        {ROWS_STEPS,         STEPS_MOST,         "steps"        },
        {ROWS_ANSWERS,       ANSWERS_MOST,       "answers"      },
        {ROWS_EXPECTATIONS,  EXPECTATIONS_MOST,  "expectations" },
        {ROWS_COMPENSATIONS, COMPENSATIONS_MOST, "compensations"},
    };

    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        story_note_left_out(rows[lists[i].rows], lists[i].most, lists[i].name, &view->left_out,
                            &view->n_left_out);
    }
}

Troth__V1__CaseView *report_case_store_take(const struct db_reply *reply)
{
    const struct db_rows *const *rows = reply->rows + REPORT_STORE_FIRST;

    if (db_row_count(rows[ROWS_CASE]) == 0) {
        return NULL;
    }
    Troth__V1__CaseView *view = report_case_of_row(rows[ROWS_CASE], 0);
    report_case_add_promises(view, rows[ROWS_PROMISES], db_get_int(rows[ROWS_CASE], 0, 0));
    add_steps(view, rows[ROWS_PROMISES], rows[ROWS_STEPS]);
    add_history(view, rows[ROWS_HISTORY]);
    view->n_follow_ups =
        report_follow_ups_of_rows(rows[ROWS_FOLLOW_UPS], FOLLOW_UPS_MOST, &view->follow_ups);
    view->n_contacts = story_contacts(rows[ROWS_CONTACTS], CONTACTS_MOST, &view->contacts);
    view->n_calls = story_calls(rows[ROWS_CALLS], CALLS_MOST, &view->calls);
    view->n_answers =
        story_answers(rows[ROWS_ANSWERS], rows[ROWS_ITEMS], ANSWERS_MOST, &view->answers);
    view->n_expectations =
        story_expectations(rows[ROWS_EXPECTATIONS], EXPECTATIONS_MOST, &view->expectations);
    view->n_compensations =
        story_compensations(rows[ROWS_COMPENSATIONS], COMPENSATIONS_MOST, &view->compensations);
    note_left_out(view, rows);
    return view;
}
