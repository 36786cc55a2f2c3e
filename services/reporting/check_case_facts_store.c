/* SPDX-License-Identifier: Apache-2.0 */
/* check_case_facts_store.c - the part of check_facts_store.c about cases. */
#include "services/reporting/check_statement_store.h"

/* Cases with something on these days; what was done about a case takes effect in order, and never
 * earlier than what was done before it: its instant is that of something. */
#define TOUCHED                                                                                    \
    "SELECT x.case_number FROM intake.case_event_public AS x"                                      \
    " WHERE x.bucket = ANY ($1::int2[]) AND x.occurred_at >= $2 AND x.occurred_at < $3"            \
    " UNION SELECT o.number FROM intake.service_case_public AS o"                                  \
    " WHERE o.bucket = ANY ($1::int2[]) AND o.opened_at >= $2 AND o.opened_at < $3"

/* Somebody waits: a praise about which nothing was promised and that was never opened again asks
 * for nothing. */
#define IS_AWAITED                                                                                 \
    "(c.kind <> 4 OR EXISTS (SELECT FROM intake.promise_public AS p WHERE p.bucket = c.bucket"     \
    " AND p.case_number = c.number AND NOT p.is_void AND p.state <> 6)"                            \
    " OR EXISTS (SELECT FROM intake.case_event_public AS v WHERE v.bucket = c.bucket"              \
    " AND v.case_number = c.number AND NOT v.is_void AND v.action = 7))"

#define IS_ANSWER "(e.action IN (1, 6) OR e.action = 8 AND c.kind <> 4)"
#define IN_ORDER  "PARTITION BY e.case_number ORDER BY e.case_version, e.number"
#define BEFORE    "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"

/* ended: how it had ended last. answers: which answer this is. answered_version: when there was
 * nothing to answer any more before. */
#define MOVES                                                                                      \
    "WITH e AS MATERIALIZED (SELECT e.bucket, e.case_number, e.case_version, e.occurred_at,"       \
    " c.branch, e.from_state, e.to_state, greatest(c.opened_at, max(e.occurred_at) OVER "          \
    "(" IN_ORDER ")) AS at, coalesce(lag(e.to_state) OVER (" IN_ORDER                              \
    ") BETWEEN 1 AND 4, true) AS was_open,"                                                        \
    " e.to_state BETWEEN 1 AND 4 AS is_open, " IS_AWAITED " AS is_awaited,"                        \
    " max(CASE WHEN e.to_state IN (5, 6) AND (e.from_state < 5 OR e.action = 6)"                   \
    " THEN e.case_version * 100 + e.action END) OVER (" IN_ORDER " " BEFORE ") AS ended,"          \
    " " IS_ANSWER " AS is_answer, count(*) FILTER (WHERE " IS_ANSWER ") OVER (" IN_ORDER           \
    ") AS answers, max(e.case_version) FILTER (WHERE " IS_ANSWER " OR e.action IN (8, 10))"        \
    " OVER (" IN_ORDER " " BEFORE ") AS answered_version"                                          \
    " FROM intake.case_event_public AS e JOIN intake.service_case_public AS c"                     \
    " ON c.bucket = e.bucket AND c.number = e.case_number AND c.state <> 7"                        \
    " WHERE e.bucket = ANY ($1::int2[]) AND NOT e.is_void"                                         \
    " AND e.case_number IN (" TOUCHED ")) "

/* Said by the customer and to be answered. */
#define ASKS "NOT k.is_void AND NOT k.is_thanks AND k.origin IN (0, 1) AND k.case_version > "

/* Counted working time of the promises of a kind, when one of them is done. */
#define WORKING(measure, at, kinds, where)                                                         \
    "SELECT " #measure ", c." at ", c.branch, w.us FROM intake.service_case_public AS c"           \
    " CROSS JOIN LATERAL (SELECT sum(p.counted_us) AS us FROM intake.promise_public AS p"          \
    " WHERE p.bucket = c.bucket AND p.case_number = c.number AND NOT p.is_void AND p.kind = "      \
    "'" kinds                                                                                      \
    "' AND p.state IN (3, 4, 8, 9) AND p.counted_us >= 0 HAVING bool_or(p.state IN (3, 4)))"       \
    " AS w WHERE c.bucket = ANY ($1::int2[]) AND c.state <> 7"                                     \
    " AND c." at " >= $2 AND c." at " < $3" where

/* Resolved, and the customer has not come back within $5: as a contact, a reopening, or with
 * another case of the same category. word: 2 when they say that it is solved, 1 nothing, 0 not. */
#define SOLVED                                                                                     \
    "SELECT c.resolved_at, c.branch, CASE WHEN w.denied THEN 0 WHEN w.confirmed OR EXISTS ("       \
    "SELECT FROM intake.survey_answer_public AS a WHERE a.bucket = c.bucket"                       \
    " AND a.customer_number = c.customer_number AND a.case_number = c.number AND NOT a.is_void"    \
    " AND (a.instrument = 1 AND a.value >= 4 OR a.instrument = 2 AND a.value >= 9"                 \
    " OR a.instrument = 3 AND a.value >= 5)) THEN 2 ELSE 1 END AS word"                            \
    " FROM intake.service_case_public AS c CROSS JOIN LATERAL ("                                   \
    "SELECT coalesce(bool_or(p.customer_word = 2), false) AS denied,"                              \
    " coalesce(bool_or(p.customer_word = 1), false) AS confirmed FROM intake.promise_public AS p"  \
    " WHERE p.bucket = c.bucket AND p.case_number = c.number AND NOT p.is_void) AS w"              \
    " WHERE c.bucket = ANY ($1::int2[]) AND c.state <> 7 AND c.resolved_at >= $2"                  \
    " AND c.resolved_at < $3" RESOLVED                                                             \
    " AND NOT EXISTS (SELECT FROM intake.contact_public AS k WHERE k.bucket = c.bucket"            \
    " AND k.case_number = c.number AND " ASKS "0)"                                                 \
    " AND NOT EXISTS (SELECT FROM intake.case_event_public AS v WHERE v.bucket = c.bucket"         \
    " AND v.case_number = c.number AND NOT v.is_void AND v.action = 7)"                            \
    " AND NOT EXISTS (SELECT FROM intake.service_case_public AS o WHERE o.bucket = c.bucket"       \
    " AND o.customer_number = c.customer_number AND o.number <> c.number AND o.state <> 7"         \
    " AND o.category = c.category AND o.opened_at > c.resolved_at"                                 \
    " AND o.opened_at <= c.resolved_at + $5::int8 * interval '1 microsecond')"

/* The formatter would run the sources together. */
/* clang-format off */
static const struct db_query counts = {
    .name = "check_cases",
    .sql = FACTS(
        CASES(1, "opened_at", "0", "")
        ALSO CASES(2, "opened_at", "0", " AND c.kind = 2")
        ALSO OF_CASES("contact_public", "k", 3, "k.occurred_at", "0",
                      " AND k.origin IN (0, 1) AND k.occurred_at >= $2 AND k.occurred_at < $3")
        ALSO CASES(4, "first_response_at", US("c.opened_at", "c.first_response_at"),
                   " AND c.first_response_at IS NOT NULL")
        ALSO WORKING(5, "first_response_at", "first_response", "")
        ALSO CASES(7, "resolved_at", US("c.opened_at", "c.resolved_at"), RESOLVED)
        ALSO WORKING(8, "resolved_at", "resolution", RESOLVED)),
    .shape = DB_ROWS,
};

static const struct db_query turns = {
    .name = "check_turns",
    .sql = MOVES FACTS(
        "SELECT 6, e.occurred_at, e.branch, 0 FROM e WHERE e.is_answer AND e.answers > 1"
        " AND EXISTS (SELECT FROM intake.contact_public AS k WHERE k.bucket = e.bucket"
        " AND k.case_number = e.case_number AND " ASKS "coalesce(e.answered_version, 0)"
        " AND k.case_version <= e.case_version)"
        ALSO "SELECT 12, e.at, e.branch, 0 FROM e WHERE e.from_state IN (5, 6)"
        " AND e.is_open AND e.ended % 100 <> 10"
        ALSO CASES(14, "opened_at", "0", " AND " IS_AWAITED)
        ALSO "SELECT CASE WHEN e.is_open THEN 14 ELSE -14 END, e.at, e.branch, 0 FROM e"
        " WHERE e.is_open <> e.was_open AND e.is_awaited"),
    .shape = DB_ROWS,
};

static const struct db_query solved = {
    .name = "check_solved",
    .sql = FACTS("SELECT CASE s.word WHEN 2 THEN 18 ELSE 19 END, s.resolved_at, s.branch, 0 FROM ("
                 SOLVED ") AS s WHERE s.word > 0"),
    .shape = DB_ROWS,
};

/* The quantile as the histogram has it: of n values the one of rank floor(1 + q (n - 1)). */
static const struct db_query of_durations = {
    .name = "check_durations",
    .sql = "SELECT f.measure, (f.at AT TIME ZONE $4)::date - DATE '1970-01-01', count(*),"
           " (array_agg(f.took ORDER BY f.took))[floor(1 + 0.5 * (count(*) - 1))::int4],"
           " (array_agg(f.took ORDER BY f.took))[floor(1 + 0.9 * (count(*) - 1))::int4] FROM ("
           CASES(4, "first_response_at", US("c.opened_at", "c.first_response_at"),
                 " AND c.first_response_at IS NOT NULL")
           ALSO CASES(7, "resolved_at", US("c.opened_at", "c.resolved_at"), RESOLVED)
           ") AS f (measure, at, branch, took) WHERE f.at >= $2 AND f.at < $3 GROUP BY 1, 2",
    .shape = DB_ROWS,
};

/* clang-format on */

void check_case_facts_ask(struct db *db, const struct db_params *params)
{
    static const struct db_query *const queries[CHECK_CASE_SETS] = {&counts, &turns, &solved};

    for (size_t i = 0; i < CHECK_CASE_SETS; i++) {
        db_query(db, queries[i], params);
    }
}

void check_case_durations_ask(struct db *db, const struct db_params *params)
{
    db_query(db, &of_durations, params);
}
