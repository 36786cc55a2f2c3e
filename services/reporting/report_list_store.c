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

/* How many rows of the index a page looks at: with a filter that few cases pass it may be short, or
 * empty, and says where the next one begins. */
#define WALK      "20000"
#define WALK_LAST "19999"

/* from, until: the range; at, number: where the page before ended. Without a place before it, the
 * end of the range is one; so the index has one condition to begin with. */
#define WALK_RANGE(column, from, until, at, number)                                                \
    " FROM reporting.case_fact AS c WHERE c." column " IS NOT NULL AND c." column " >= " from      \
    " AND c." column " < " until " AND (c." column ", c.case_number)"                              \
    " < (" at "::timestamptz, " number "::int8) ORDER BY c." column " DESC, c.case_number DESC"
#define WALK_NOW(column, condition, at, number)                                                    \
    " FROM reporting.case_fact AS c WHERE " condition " AND (c." column ", c.case_number)"         \
    " > (" at "::timestamptz, " number "::int8) ORDER BY c." column ", c.case_number"

/* The last parameter: one more than are shown. */
#define IN_RANGE(column)                                                                           \
    COLUMNS "c." column " FROM (SELECT c.*" WALK_RANGE(                                            \
        column, "$10", "$11", "$12", "$13") " LIMIT " WALK ") AS c WHERE" REPORT_FILTER_SQL        \
                                            " ORDER BY c." column                                  \
                                            " DESC, c.case_number DESC LIMIT $14::int4"
#define FROM_NOW(column, condition)                                                                \
    COLUMNS "c." column " FROM (SELECT c.*" WALK_NOW(                                              \
        column, condition, "$10", "$11") " LIMIT " WALK ") AS c WHERE" REPORT_FILTER_SQL           \
                                         " ORDER BY c." column ", c.case_number LIMIT $12::int4"

#define IS_OPEN REPORT_OPEN_SQL
#define IS_DUE  "c.next_due_at IS NOT NULL"

/* The place of the last row that such a page looks at. */
#define RANGE_END(column)                                                                          \
    "SELECT c." column                                                                             \
    ", c.case_number" WALK_RANGE(column, "$1", "$2", "$3", "$4") " OFFSET " WALK_LAST " LIMIT 1"
#define NOW_END(column, condition)                                                                 \
    "SELECT c." column                                                                             \
    ", c.case_number" WALK_NOW(column, condition, "$1", "$2") " OFFSET " WALK_LAST " LIMIT 1"

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
        FROM_NOW("opened_at", IS_OPEN), DB_ROWS},
    [REPORT_LIST_DUE_NEXT] = {"report_list_due_next",
        FROM_NOW("next_due_at", IS_DUE), DB_ROWS},
};

static const struct db_query ends[REPORT_LIST_COUNT] = {
    [REPORT_LIST_OPENED] = {"report_end_opened", RANGE_END("opened_at"), DB_ROWS},
    [REPORT_LIST_ANSWERED] = {"report_end_answered", RANGE_END("first_response_at"), DB_ROWS},
    [REPORT_LIST_RESOLVED] = {"report_end_resolved", RANGE_END("resolved_at"), DB_ROWS},
    [REPORT_LIST_REOPENED] = {"report_end_reopened", RANGE_END("reopened_at"), DB_ROWS},
    [REPORT_LIST_BROKEN] = {"report_end_broken", RANGE_END("broken_at"), DB_ROWS},
    [REPORT_LIST_LOW_ANSWER] = {"report_end_low_answer", RANGE_END("low_answer_at"), DB_ROWS},
    [REPORT_LIST_OPEN] = {"report_end_open", NOW_END("opened_at", IS_OPEN), DB_ROWS},
    [REPORT_LIST_DUE_NEXT] = {"report_end_due_next", NOW_END("next_due_at", IS_DUE), DB_ROWS},
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

static void put_place(struct db_params *params, const struct report_list *list)
{
    const bool is_now = list->kind >= REPORT_LIST_OPEN;
    struct report_place after = list->after;

    if (!list->has_after) {
        after.at_us = is_now ? DISTANT_PAST_US : list->until_us;
        after.case_number = 0;
    }
    if (!is_now) {
        db_put_time(params, list->from_us);
        db_put_time(params, list->until_us);
    }
    db_put_time(params, after.at_us);
    db_put_int8(params, after.case_number);
}

void report_list_store_ask(struct db *db, const struct report_list *list)
{
    struct db_params params = {.count = 0}, place = {.count = 0};

    report_store_begin(db);
    report_filter_store_put(&params, list->filters, list->filter_count);
    put_place(&params, list);
    db_put_int4(&params, list->limit + 1);
    db_query(db, &lists[list->kind], &params);
    if (list->filter_count > 0) {
        put_place(&place, list);
        db_query(db, &ends[list->kind], &place);
        db_params_free(&place);
    }
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

static char *next_of(const struct db_rows *rows, size_t row, int at, int number)
{
    char text[REPORT_PLACE_SIZE];

    return xstrdup(
        report_place_format((struct report_place){.at_us = db_get_time(rows, row, at),
                                                  .case_number = db_get_int(rows, row, number)},
                            text));
}

Troth__V1__CaseList *report_list_store_take(const struct db_reply *reply,
                                            const struct report_list *list)
{
    const struct db_rows *rows = reply->rows[REPORT_STORE_FIRST];
    Troth__V1__CaseList *view = xcalloc(1, sizeof(*view));
    size_t count = db_row_count(rows), bytes = 0;

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
        view->next = next_of(rows, view->n_cases - 1, PLACE, CASE_NUMBER);
    } else if (list->filter_count > 0 && db_row_count(reply->rows[REPORT_STORE_FIRST + 1]) > 0) {
        view->next = next_of(reply->rows[REPORT_STORE_FIRST + 1], 0, 0, 1);
    }
    return view;
}
