/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/today_store.h"

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/reporting/figure.h"
#include "services/reporting/report_case_store.h"
#include "services/reporting/report_filter_store.h"
#include "services/reporting/report_labels.h"
#include "services/reporting/report_store.h"

/* $1: branch, null: all; $2: now. Every list has at most 50. */
#define SHOWN "50"
enum {
    TODAY_SHOWN = 50
};

#define PROMISE                                                                                    \
    "p.number, c.case_number, c.customer_number, p.kind, p.state, p.due_at, c.branch, c.team,"     \
    " c.priority, p.chance"
#define OF_CASE                                                                                    \
    " JOIN intake.promise_public AS p ON p.bucket = c.bucket AND p.case_number = c.case_number"    \
    " AND NOT p.is_void"
#define STILL_DUE " AND p.state IN (1, 2) AND p.due_at > $2"

/* Which cases is said by an index alone. The 50 promises due next are of the 50 cases with a
 * promise due next; likewise those that are overdue. */
#define OF_CASES(cases)                                                                            \
    " FROM (SELECT f.bucket, f.case_number" cases " LIMIT " SHOWN ") AS k"                         \
    " JOIN reporting.case_fact AS c ON c.bucket = k.bucket AND c.case_number = "                   \
    "k.case_number" OF_CASE

/* clang-format off */
static const struct db_query due_next = {
    .name = "today_due_next",
    .sql = "SELECT " PROMISE OF_CASES(
               " FROM reporting.case_fact AS f"
               " WHERE f.next_due_at > $2 AND ($1::text IS NULL OR f.branch = $1)"
               " ORDER BY f.next_due_at")
           STILL_DUE " ORDER BY p.due_at, p.number LIMIT " SHOWN,
    .shape = DB_ROWS,
};
/* clang-format on */

/* Most cases have one open promise: it is the one that is due next. */
#define DUE_SOON(condition)                                                                        \
    " WHERE c.next_due_at > $2 AND c.next_due_at <= $2 + interval '24 hours'"                      \
    " AND ($1::text IS NULL OR c.branch = $1) AND " condition

/* clang-format off */
static const struct db_query due_next_count = {
    .name = "today_due_next_count",
    .sql = "SELECT (SELECT count(*) FROM reporting.case_fact AS c" DUE_SOON("c.running = 1") ")"
           " + (SELECT count(*) FROM reporting.case_fact AS c" OF_CASE STILL_DUE
           " AND p.due_at <= $2 + interval '24 hours'" DUE_SOON("c.running > 1") ")",
    .shape = DB_ONE,
};
/* clang-format on */

#define OVERDUE                                                                                    \
    " FROM reporting.case_fact AS f WHERE f.overdue_at IS NOT NULL"                                \
    " AND $2::timestamptz IS NOT NULL AND ($1::text IS NULL OR f.branch = $1)"

/* clang-format off */
static const struct db_query overdue = {
    .name = "today_overdue",
    .sql = "SELECT " PROMISE OF_CASES(OVERDUE " ORDER BY f.priority, f.overdue_at")
           " AND p.state = 5 ORDER BY c.priority, p.due_at, p.number LIMIT " SHOWN,
    .shape = DB_ROWS,
};
/* clang-format on */

static const struct db_query overdue_count = {
    .name = "today_overdue_count",
    .sql = "SELECT coalesce(sum(f.overdue), 0)::int8" OVERDUE,
    .shape = DB_ONE,
};

/* Placed, and nobody knows what came of it. */
#define UNKNOWN "('outcome_unknown', 'dialer_gone', 'journal_lost')"
#define FOLLOW_UPS(condition)                                                                      \
    " FROM followup.follow_up_public AS f WHERE ($1::text IS NULL OR f.branch = $1)"               \
    " AND $2::timestamptz IS NOT NULL AND " condition
#define IS_UNKNOWN "f.state = 8 AND f.reason IN " UNKNOWN
#define IS_LISTED  "f.state = 8 AND f.reason NOT IN " UNKNOWN
#define IS_MISSED                                                                                  \
    "f.state = 5 AND NOT f.is_historical AND f.due_at <= $2"                                       \
    " AND f.due_at > $2 - interval '7 days'"

#define LIST(name_, condition, order)                                                              \
    {                                                                                              \
        .name = "today_" name_,                                                                    \
        .sql = "SELECT " REPORT_FOLLOW_UP_COLUMNS FOLLOW_UPS(condition) " ORDER BY " order         \
                                                                        " LIMIT " SHOWN,           \
        .shape = DB_ROWS,                                                                          \
    }
#define NUMBER(name_, condition)                                                                   \
    {                                                                                              \
        .name = "today_" name_ "_count", .sql = "SELECT count(*)::int8" FOLLOW_UPS(condition),     \
        .shape = DB_ONE,                                                                           \
    }

static const struct db_query unknown =
    LIST("unknown", IS_UNKNOWN, "f.priority, f.due_at, f.number");
static const struct db_query unknown_count = NUMBER("unknown", IS_UNKNOWN);
static const struct db_query missed = LIST("missed", IS_MISSED, "f.due_at DESC, f.number");
static const struct db_query missed_count = NUMBER("missed", IS_MISSED);

/* Whom a person calls: what is listed, and what was planned for a person (4: CHANNEL_PERSON) and is
 * due now, which is what the worklist gives out. Each by an index of its own. */
#define IS_FOR_PERSON                                                                              \
    "f.state = 1 AND f.channel = 4 AND f.priority IN (1, 2, 3, 4) AND f.next_attempt_at <= $2"     \
    " AND f.window_end_at > $2"
#define MOST_URGENT(condition)                                                                     \
    "(SELECT " REPORT_FOLLOW_UP_COLUMNS                                                            \
    ", f.priority" FOLLOW_UPS(condition) " ORDER BY f.priority, f.due_at, f.number LIMIT " SHOWN   \
                                         ")"

static const struct db_query listed = {
    .name = "today_listed",
    .sql = MOST_URGENT(IS_LISTED) " UNION ALL " MOST_URGENT(
        IS_FOR_PERSON) " ORDER BY priority, due_at, number LIMIT " SHOWN,
    .shape = DB_ROWS,
};
static const struct db_query listed_count = {
    .name = "today_listed_count",
    .sql = "SELECT (SELECT count(*)" FOLLOW_UPS(IS_LISTED) ") + (SELECT count(*)" FOLLOW_UPS(
        IS_FOR_PERSON) ")",
    .shape = DB_ONE,
};

static const struct db_query warnings = {
    .name = "today_warnings",
    .sql = "SELECT w.day::text, w.dimension, w.value, w.measure,"
           " string_agg(w.detector, ',' ORDER BY w.detector), max(w.count), max(w.mean),"
           " max(w.deviation), min(w.raised_at), count(*) OVER ()"
           " FROM reporting.early_warning AS w"
           " WHERE w.seen_at IS NULL AND w.is_for_person AND $2::timestamptz IS NOT NULL"
           " AND ($1::text IS NULL OR w.dimension <> 1 OR w.value = $1)"
           " GROUP BY w.day, w.dimension, w.value, w.measure"
           " ORDER BY w.day DESC, max(w.statistic) DESC, w.value LIMIT " SHOWN,
    .shape = DB_ROWS,
};

static const struct db_query differences = {
    .name = "today_differences",
    .sql = "SELECT d.day::text, d.figure, d.branch, d.counted, d.facts"
           " FROM reporting.figure_difference AS d WHERE $2::timestamptz IS NOT NULL"
           " AND ($1::text IS NULL OR d.branch IN ('', $1))"
           " ORDER BY d.day DESC, d.figure, d.branch LIMIT " SHOWN,
    .shape = DB_ROWS,
};

static const struct db_query waiting = {
    .name = "today_waiting",
    .sql = "SELECT count(*)::int8 FROM reporting.case_fact AS c"
           " WHERE " REPORT_OPEN_SQL " AND " REPORT_OUR_TURN_SQL
           " AND $2::timestamptz IS NOT NULL AND ($1::text IS NULL OR c.branch = $1)",
    .shape = DB_ONE,
};

/* Rows of the reply in the order of the questions. */
enum {
    DUE_NEXT,
    DUE_NEXT_COUNT,
    OVERDUE_LIST,
    OVERDUE_COUNT,
    UNKNOWN_LIST,
    UNKNOWN_COUNT,
    MISSED_LIST,
    MISSED_COUNT,
    LISTED_LIST,
    LISTED_COUNT,
    WARNINGS,
    DIFFERENCES,
    WAITING,
    QUESTIONS,
    BEHIND = QUESTIONS
};

void today_store_ask(struct db *db, const char *branch, int64_t now_us)
{
    static const struct db_query *const questions[QUESTIONS] = {
        [DUE_NEXT] = &due_next,    [DUE_NEXT_COUNT] = &due_next_count,
        [OVERDUE_LIST] = &overdue, [OVERDUE_COUNT] = &overdue_count,
        [UNKNOWN_LIST] = &unknown, [UNKNOWN_COUNT] = &unknown_count,
        [MISSED_LIST] = &missed,   [MISSED_COUNT] = &missed_count,
        [LISTED_LIST] = &listed,   [LISTED_COUNT] = &listed_count,
        [WARNINGS] = &warnings,    [DIFFERENCES] = &differences,
        [WAITING] = &waiting,
    };
    struct db_params params = {.count = 0};

    db_put_text(&params, text_is_empty(branch) ? NULL : branch);
    db_put_time(&params, now_us);
    report_store_begin(db);
    for (size_t i = 0; i < QUESTIONS; i++) {
        db_query(db, questions[i], &params);
    }
    report_store_ask_behind(db);
    db_commit(db);
    db_params_free(&params);
}

/* ---- answers */

static char *number_text(enum identifier_kind kind, int64_t number)
{
    char text[IDENTIFIER_TEXT_SIZE];

    return xstrdup(identifier_format(kind, number, text));
}

static size_t take_promises(const struct db_rows *rows, Troth__V1__TodayPromise ***ret_list)
{
    Troth__V1__TodayPromise **list =
        xcalloc(db_row_count(rows) + 1, sizeof(Troth__V1__TodayPromise *));

    for (size_t row = 0; row < db_row_count(rows); row++) {
        Troth__V1__TodayPromise *one = list[row] = xcalloc(1, sizeof(*one));
        troth__v1__today_promise__init(one);
        one->promise_number = number_text(IDENTIFIER_PROMISE, db_get_int(rows, row, 0));
        one->case_number = number_text(IDENTIFIER_CASE, db_get_int(rows, row, 1));
        one->customer_number = number_text(IDENTIFIER_CUSTOMER, db_get_int(rows, row, 2));
        one->kind = report_store_text(rows, row, 3);
        one->has_state = one->has_priority = true;
        one->state = (Troth__V1__PromiseState)db_get_int(rows, row, 4);
        one->has_due_us = !db_is_null(rows, row, 5);
        one->due_us = one->has_due_us ? db_get_time(rows, row, 5) : 0;
        one->branch = report_store_text(rows, row, 6);
        one->team = report_store_text(rows, row, 7);
        one->priority = (int32_t)db_get_int(rows, row, 8);
        one->has_chance = !db_is_null(rows, row, 9);
        one->chance = db_get_float8(rows, row, 9);
    }
    *ret_list = list;
    return db_row_count(rows);
}

static void add_detectors(Troth__V1__EarlyWarning *warning, const char *names)
{
    size_t count = 1;

    for (const char *at = names; *at != '\0'; at++) {
        count += *at == ',';
    }
    warning->detectors = xcalloc(count, sizeof(char *));
    for (const char *at = names; *at != '\0';) {
        struct text name = {.data = NULL};
        while (*at != '\0' && *at != ',') {
            text_append_len(&name, at++, 1);
        }
        at += *at == ',';
        warning->detectors[warning->n_detectors++] = name.data;
    }
}

static void take_warnings(const struct db_rows *rows, Troth__V1__Today *today)
{
    today->warnings = xcalloc(db_row_count(rows) + 1, sizeof(Troth__V1__EarlyWarning *));
    today->has_warning_count = true;
    today->warning_count = db_row_count(rows) > 0 ? db_get_int(rows, 0, 9) : 0;
    for (size_t row = 0; row < db_row_count(rows); row++) {
        Troth__V1__EarlyWarning *one = xcalloc(1, sizeof(*one));
        const struct figure_measure_row *measure =
            figure_measure_find((enum figure_measure)db_get_int(rows, row, 3));
        troth__v1__early_warning__init(one);
        one->day = report_store_text(rows, row, 0);
        one->dimension =
            xstrdup(figure_dimension_name((enum figure_dimension)db_get_int(rows, row, 1)));
        one->value = report_store_text(rows, row, 2);
        one->measure = xstrdup(measure ? measure->name : "");
        add_detectors(one, db_get_text(rows, row, 4));
        one->has_count = one->has_mean = one->has_deviation = one->has_raised_us = true;
        one->count = db_get_int(rows, row, 5);
        one->mean = db_get_float8(rows, row, 6);
        one->deviation = db_get_float8(rows, row, 7);
        one->raised_us = db_get_time(rows, row, 8);
        today->warnings[today->n_warnings++] = one;
    }
}

static void take_differences(const struct db_rows *rows, Troth__V1__Today *today)
{
    today->differences = xcalloc(db_row_count(rows) + 1, sizeof(Troth__V1__FigureDifference *));
    for (size_t row = 0; row < db_row_count(rows); row++) {
        Troth__V1__FigureDifference *one = xcalloc(1, sizeof(*one));
        troth__v1__figure_difference__init(one);
        one->day = report_store_text(rows, row, 0);
        one->figure = report_store_text(rows, row, 1);
        one->branch = report_store_text(rows, row, 2);
        one->has_counted = one->has_facts = true;
        one->counted = db_get_int(rows, row, 3);
        one->facts = db_get_int(rows, row, 4);
        today->differences[today->n_differences++] = one;
    }
}

Troth__V1__Today *today_store_take(const struct db_reply *reply, int64_t now_us)
{
    const struct db_rows *const *rows = reply->rows + REPORT_STORE_FIRST;
    Troth__V1__Today *today = xcalloc(1, sizeof(*today));

    troth__v1__today__init(today);
    today->has_now_us = true;
    today->now_us = now_us;
    today->n_due_next = take_promises(rows[DUE_NEXT], &today->due_next);
    today->n_overdue = take_promises(rows[OVERDUE_LIST], &today->overdue);
    today->n_unknown_calls =
        report_follow_ups_of_rows(rows[UNKNOWN_LIST], TODAY_SHOWN, &today->unknown_calls);
    today->n_missed_follow_ups =
        report_follow_ups_of_rows(rows[MISSED_LIST], TODAY_SHOWN, &today->missed_follow_ups);
    today->n_listed = report_follow_ups_of_rows(rows[LISTED_LIST], TODAY_SHOWN, &today->listed);
    today->has_due_next_count = today->has_overdue_count = today->has_unknown_call_count = true;
    today->has_missed_follow_up_count = today->has_listed_count = true;
    today->has_waiting_count = today->has_events_behind = true;
    today->due_next_count = db_get_int(rows[DUE_NEXT_COUNT], 0, 0);
    today->overdue_count = db_get_int(rows[OVERDUE_COUNT], 0, 0);
    today->unknown_call_count = db_get_int(rows[UNKNOWN_COUNT], 0, 0);
    today->missed_follow_up_count = db_get_int(rows[MISSED_COUNT], 0, 0);
    today->listed_count = db_get_int(rows[LISTED_COUNT], 0, 0);
    today->waiting_count = db_get_int(rows[WAITING], 0, 0);
    today->events_behind = db_get_int(rows[BEHIND], 0, 0);
    take_warnings(rows[WARNINGS], today);
    take_differences(rows[DIFFERENCES], today);
    return today;
}

void today_store_name(Troth__V1__Today *today, const struct questionnaire *q,
                      enum report_language language)
{
    const struct {
        Troth__V1__WorklistEntry **entries;
        size_t count;
    } lists[] = {
        {today->unknown_calls,     today->n_unknown_calls    },
        {today->missed_follow_ups, today->n_missed_follow_ups},
        {today->listed,            today->n_listed           },
    };

    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        for (size_t k = 0; k < lists[i].count; k++) {
            Troth__V1__WorklistEntry *entry = lists[i].entries[k];
            struct text words = {.data = NULL};
            report_label_append(q, language, DIMENSION_RULE, entry->rule, &words);
            entry->rule_words = words.data;
        }
    }
}
