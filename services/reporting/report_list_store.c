/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_list_store.h"

#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/reporting/report_filter_store.h"
#include "services/reporting/report_store.h"

#define COLUMNS                                                                                    \
    "SELECT c.case_number, c.customer_number, c.kind, c.state, c.channel, c.branch, c.team,"       \
    " c.staff, c.category, c.product, c.priority, c.tier, c.opened_at, c.first_response_at,"       \
    " c.resolved_at, c.broken_at, c.low_answer_at, c.next_due_at, c.reopened_at, "

/* $10 and $11: the range; $12 and $13: where the page before ended; $14: one more than are shown.
 * Without a place before it, the end of the range is one; so the index has one condition to begin
 * with. */
#define IN_RANGE(column)                                                                           \
    COLUMNS "c." column " FROM reporting.case_fact AS c"                                           \
            " WHERE c." column " IS NOT NULL AND c." column " >= $10 AND c." column " < $11"       \
            " AND (c." column                                                                      \
            ", c.case_number) < ($12::timestamptz, $13::int8) AND" REPORT_FILTER_SQL               \
            " ORDER BY c." column " DESC, c.case_number DESC LIMIT $14::int4"

/* $10 and $11: where the page before ended; $12: one more than are shown. */
#define FROM_NOW(column, condition)                                                                \
    COLUMNS "c." column " FROM reporting.case_fact AS c WHERE " condition " AND (c." column        \
            ", c.case_number) > ($10::timestamptz, $11::int8) AND" REPORT_FILTER_SQL               \
            " ORDER BY c." column ", c.case_number LIMIT $12::int4"

/* The formatter would run the lines together. */
/* clang-format off */
static const struct db_query lists[REPORT_LIST_COUNT] = {
    [REPORT_LIST_OPENED] = {"report_list_opened", IN_RANGE("opened_at"), DB_ROWS},
    [REPORT_LIST_ANSWERED] = {"report_list_answered", IN_RANGE("first_response_at"), DB_ROWS},
    [REPORT_LIST_RESOLVED] = {"report_list_resolved", IN_RANGE("resolved_at"), DB_ROWS},
    [REPORT_LIST_REOPENED] = {"report_list_reopened", IN_RANGE("reopened_at"), DB_ROWS},
    [REPORT_LIST_BROKEN] = {"report_list_broken", IN_RANGE("broken_at"), DB_ROWS},
    [REPORT_LIST_LOW_ANSWER] = {"report_list_low_answer", IN_RANGE("low_answer_at"), DB_ROWS},
    [REPORT_LIST_OPEN] = {"report_list_open",
        FROM_NOW("opened_at", "c.resolved_at IS NULL AND c.state BETWEEN 1 AND 4"), DB_ROWS},
    [REPORT_LIST_DUE_NEXT] = {"report_list_due_next",
        FROM_NOW("next_due_at", "c.next_due_at IS NOT NULL"), DB_ROWS},
};
/* clang-format on */

enum {
    CASE_NUMBER,
    CUSTOMER_NUMBER,
    KIND,
    STATE,
    CHANNEL,
    BRANCH,
    TEAM,
    STAFF,
    CATEGORY,
    PRODUCT,
    PRIORITY,
    TIER,
    OPENED,
    FIRST_RESPONSE,
    RESOLVED,
    BROKEN,
    LOW_ANSWER,
    NEXT_DUE,
    REOPENED,
    PLACE
};

/* A page fits into a message. */
#define PAGE_BYTES      60000
#define TAG_BYTES       4
#define DISTANT_PAST_US INT64_C(-62135596800000000) /* year 1 */

void report_list_store_ask(struct db *db, const struct report_list *list)
{
    const bool is_now = list->kind >= REPORT_LIST_OPEN;
    struct report_place after = list->after;
    struct db_params params = {.count = 0};

    if (!list->has_after) {
        after.at_us = is_now ? DISTANT_PAST_US : list->until_us;
        after.case_number = 0;
    }
    report_store_begin(db);
    report_filter_store_put(&params, list->filters, list->filter_count);
    if (!is_now) {
        db_put_time(&params, list->from_us);
        db_put_time(&params, list->until_us);
    }
    db_put_time(&params, after.at_us);
    db_put_int8(&params, after.case_number);
    db_put_int4(&params, list->limit + 1);
    db_query(db, &lists[list->kind], &params);
    db_commit(db);
    db_params_free(&params);
}

static void put_time(const struct db_rows *rows, size_t row, int column, protobuf_c_boolean *has,
                     int64_t *us)
{
    *has = !db_is_null(rows, row, column);
    *us = *has ? db_get_time(rows, row, column) : 0;
}

static Troth__V1__CaseLine *line_of(const struct db_rows *rows, size_t row)
{
    Troth__V1__CaseLine *line = xcalloc(1, sizeof(*line));
    char text[IDENTIFIER_TEXT_SIZE];

    troth__v1__case_line__init(line);
    line->case_number =
        xstrdup(identifier_format(IDENTIFIER_CASE, db_get_int(rows, row, CASE_NUMBER), text));
    line->customer_number = xstrdup(
        identifier_format(IDENTIFIER_CUSTOMER, db_get_int(rows, row, CUSTOMER_NUMBER), text));
    line->has_kind = line->has_state = line->has_priority = true;
    line->kind = (Troth__V1__ContactKind)db_get_int(rows, row, KIND);
    line->state = (Troth__V1__CaseState)db_get_int(rows, row, STATE);
    line->priority = (int32_t)db_get_int(rows, row, PRIORITY);
    line->channel = report_store_text(rows, row, CHANNEL);
    line->branch = report_store_text(rows, row, BRANCH);
    line->team = report_store_text(rows, row, TEAM);
    line->staff = report_store_text(rows, row, STAFF);
    line->category = report_store_text(rows, row, CATEGORY);
    line->product = report_store_text(rows, row, PRODUCT);
    line->tier = report_store_text(rows, row, TIER);
    put_time(rows, row, OPENED, &line->has_opened_us, &line->opened_us);
    put_time(rows, row, FIRST_RESPONSE, &line->has_first_response_us, &line->first_response_us);
    put_time(rows, row, RESOLVED, &line->has_resolved_us, &line->resolved_us);
    put_time(rows, row, BROKEN, &line->has_broken_us, &line->broken_us);
    put_time(rows, row, LOW_ANSWER, &line->has_low_answer_us, &line->low_answer_us);
    put_time(rows, row, NEXT_DUE, &line->has_next_due_us, &line->next_due_us);
    put_time(rows, row, REOPENED, &line->has_reopened_us, &line->reopened_us);
    return line;
}

Troth__V1__CaseList *report_list_store_take(const struct db_reply *reply,
                                            const struct report_list *list)
{
    const struct db_rows *rows = reply->rows[REPORT_STORE_FIRST];
    Troth__V1__CaseList *view = xcalloc(1, sizeof(*view));
    size_t count = db_row_count(rows), bytes = 0;
    char text[REPORT_PLACE_SIZE];

    troth__v1__case_list__init(view);
    view->cases = xcalloc(count + 1, sizeof(Troth__V1__CaseLine *));
    while (view->n_cases < count && view->n_cases < (size_t)list->limit) {
        Troth__V1__CaseLine *line = line_of(rows, view->n_cases);
        bytes += troth__v1__case_line__get_packed_size(line) + TAG_BYTES;
        if (bytes > PAGE_BYTES && view->n_cases > 0) {
            troth__v1__case_line__free_unpacked(line, NULL);
            break;
        }
        view->cases[view->n_cases++] = line;
    }
    if (view->n_cases < count) {
        count = view->n_cases;
        view->next = xstrdup(report_place_format(
            (struct report_place){.at_us = db_get_time(rows, count - 1, PLACE),
                                  .case_number = db_get_int(rows, count - 1, CASE_NUMBER)},
            text));
    }
    return view;
}
