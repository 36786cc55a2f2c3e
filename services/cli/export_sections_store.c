/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export_sections_store.c - one statement for each section. A page is the rows whose key follows
 * that of the last one: the key is made of the row's own, in an order that is the same for
 * everybody.
 *
 * Rows come as the views have them; export_words.c puts numbers, states and instants into words.
 */
#include "services/cli/export_sections_store.h"

/* The formatter would break the statements where nobody reads them. */
/* clang-format off */

#define BUCKETS "ARRAY(SELECT DISTINCT (m & 255)::int2 FROM unnest($1::int8[]) AS m)"
#define OURS(column) "t.bucket = ANY (" BUCKETS ") AND t." column " = ANY ($1::int8[])"
#define OF_CASES \
    "t.bucket = ANY (" BUCKETS ") AND t.case_number IN (SELECT s.number FROM intake.service_case_public AS s" \
    " WHERE s.bucket = ANY (" BUCKETS ") AND s.customer_number = ANY ($1::int8[]))"
#define OF_PROMISES \
    "t.bucket = ANY (" BUCKETS ") AND t.promise_number IN (SELECT s.number FROM intake.promise_public AS s" \
    " WHERE s.bucket = ANY (" BUCKETS ") AND s.customer_number = ANY ($1::int8[]))"
#define OF_FOLLOW_UPS \
    "t.bucket = ANY (" BUCKETS ") AND t.follow_up_number IN (SELECT s.number FROM followup.follow_up_public AS s" \
    " WHERE s.bucket = ANY (" BUCKETS ") AND s.customer_number = ANY ($1::int8[]))"

#define N(column) "lpad(t." column "::text, 20, '0')"
#define T(column) "to_char(t." column " AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS')"
#define ROWS(row, key, from, where) \
    "SELECT p.k, p.row FROM (SELECT (" key ") COLLATE \"C\" AS k, (" row ")::text AS row FROM " from \
    " AS t WHERE " where ") AS p WHERE p.k > $2 ORDER BY p.k LIMIT $3"
#define ALL(key, from, where) ROWS("to_jsonb(t)", key, from, where)
#define SECTION(id, words, of, sql) {id, words, of, {"export_" id, sql, DB_ROWS}}

const struct export_section export_sections[] = {
    SECTION("customers", "Who", "intake.customer intake.person",
            ALL(N("number"), "intake.customer_public", OURS("number"))),
    SECTION("references", "Known as", "intake.customer_reference",
            ALL("t.source || '/' || t.reference", "intake.customer_reference_public",
                "t.customer_number = ANY ($1::int8[])")),
    SECTION("contact_points", "Numbers and addresses that lead here, as hashes", "intake.contact_point",
            ROWS("jsonb_build_object('kind', CASE t.kind WHEN 1 THEN 'phone' ELSE 'email' END,"
                 " 'customer_number', t.customer_number, 'count', t.count)",
                 N("customer_number") " || '/' || t.kind",
                 "(SELECT c.kind, c.customer_number, count(*) FROM intake.contact_point_for_operator AS c"
                 " WHERE c.customer_number = ANY ($1::int8[]) GROUP BY 1, 2)", "true")),
    SECTION("links", "Said to be one person, or not", "intake.customer_link",
            ALL(N("number"), "intake.customer_link_public",
                "t.survivor_number = ANY ($1::int8[]) OR t.merged_number = ANY ($1::int8[])")),
    SECTION("identity_questions", "May be one person with", "intake.identity_question",
            ALL(N("customer_number") " || '/' || " N("other_number"), "intake.identity_question_public",
                "t.customer_number = ANY ($1::int8[]) OR t.other_number = ANY ($1::int8[])")),
    SECTION("consent_statements", "What was allowed and refused, as it was said", "intake.consent_statement",
            ALL(N("customer_number") " || '/' || " N("version") " || '/' || " N("place"),
                "intake.consent_statement_public", OURS("customer_number"))),
    SECTION("contacts", "Contacts", "intake.contact intake.contact_text",
            ALL(T("received_at") " || " N("number"), "intake.contact_public", OURS("customer_number"))),
    SECTION("cases", "Cases", "intake.service_case",
            ALL(N("number"), "intake.service_case_public", OURS("customer_number"))),
    SECTION("case_references", "Cases as sources call them", "intake.case_reference",
            ALL("t.source || '/' || t.reference", "intake.case_reference_for_operator", OURS("customer_number"))),
    SECTION("case_events", "What happened to the cases", "intake.case_event",
            ALL(N("case_number") " || '/' || " N("case_version") " || '/' || " N("number"), "intake.case_event_public",
                OF_CASES)),
    SECTION("case_classes", "What staff said that cases are", "intake.case_class",
            ALL(N("number"), "intake.case_class_for_operator", OF_CASES)),
    SECTION("expectations", "What was expected", "intake.expectation",
            ALL(N("number"), "intake.expectation_public", OURS("customer_number"))),
    SECTION("promises", "Promises and their clocks", "intake.promise",
            ALL(N("number"), "intake.promise_public", OURS("customer_number"))),
    SECTION("promise_events", "What was said about promises", "intake.promise_event",
            ALL(N("promise_number") " || '/' || " N("case_version") " || '/' || " N("number"),
                "intake.promise_event_public", OF_CASES)),
    SECTION("promise_steps", "Steps of the clocks", "intake.promise_step",
            ALL(N("promise_number") " || '/' || " N("clock_version") " || '/' || " N("step"),
                "intake.promise_step_public", OF_PROMISES)),
    SECTION("promise_first_terms", "What promises were made for at first", "intake.promise_first_terms",
            ALL(N("promise_number"), "intake.promise_first_terms_for_operator", OF_PROMISES)),
    SECTION("compensations", "Made good", "intake.compensation",
            ALL(N("promise_number"), "intake.compensation_public", OURS("customer_number"))),
    SECTION("answers", "Answers", "intake.survey_answer",
            ALL(N("number"), "intake.survey_answer_public", OURS("customer_number"))),
    SECTION("answer_items", "Items of answers", "intake.survey_item",
            ALL(N("answer_number") " || '/' || " N("item"), "intake.survey_item_public",
                "t.bucket = ANY (" BUCKETS ") AND t.answer_number IN (SELECT s.number FROM intake.survey_answer_public AS s"
                " WHERE s.bucket = ANY (" BUCKETS ") AND s.customer_number = ANY ($1::int8[]))")),
    SECTION("purchases", "Purchases", "intake.purchase",
            ALL(N("number"), "intake.purchase_public", OURS("customer_number"))),
    SECTION("refunds", "Refunds", "intake.refund",
            ALL(N("number"), "intake.refund_public", OURS("customer_number"))),
    SECTION("points_redemptions", "Paid with points", "intake.points_redemption",
            ALL(N("number"), "intake.points_redemption_public", OURS("customer_number"))),
    SECTION("device_signals", "Signals of devices", "intake.device_signal",
            ROWS("to_jsonb(t) - 'device'", N("number"), "intake.device_signal_public", OURS("customer_number"))),
    SECTION("voids", "Records that their source took back", "intake.record_void",
            ALL(N("number"), "intake.record_void_public",
                "t.bucket = ANY (" BUCKETS ") AND t.fact_number IN ("
                "SELECT number FROM intake.contact_public AS s WHERE s.bucket = ANY (" BUCKETS ") AND s.customer_number = ANY ($1)"
                " UNION ALL SELECT number FROM intake.survey_answer_public AS s WHERE s.bucket = ANY (" BUCKETS ")"
                " AND s.customer_number = ANY ($1)"
                " UNION ALL SELECT number FROM intake.purchase_public AS s WHERE s.bucket = ANY (" BUCKETS ")"
                " AND s.customer_number = ANY ($1)"
                " UNION ALL SELECT number FROM intake.refund_public AS s WHERE s.bucket = ANY (" BUCKETS ")"
                " AND s.customer_number = ANY ($1)"
                " UNION ALL SELECT number FROM intake.points_redemption_public AS s WHERE s.bucket = ANY (" BUCKETS ")"
                " AND s.customer_number = ANY ($1)"
                " UNION ALL SELECT number FROM intake.device_signal_public AS s WHERE s.bucket = ANY (" BUCKETS ")"
                " AND s.customer_number = ANY ($1)"
                " UNION ALL SELECT number FROM intake.expectation_public AS s WHERE s.bucket = ANY (" BUCKETS ")"
                " AND s.customer_number = ANY ($1)"
                " UNION ALL SELECT number FROM intake.promise_public AS s WHERE s.bucket = ANY (" BUCKETS ")"
                " AND s.customer_number = ANY ($1)"
                " UNION ALL SELECT e.number FROM intake.case_event_public AS e JOIN intake.service_case_public AS s"
                " ON s.bucket = e.bucket AND s.number = e.case_number WHERE s.bucket = ANY (" BUCKETS ")"
                " AND s.customer_number = ANY ($1))")),
    SECTION("follow_ups", "Follow-ups", "followup.follow_up",
            ALL(N("number"), "followup.follow_up_public", OURS("customer_number"))),
    SECTION("follow_up_steps", "What became of follow-ups", "followup.follow_up_step",
            ALL(N("follow_up_number") " || '/' || " N("version"), "followup.follow_up_step_public", OF_FOLLOW_UPS)),
    SECTION("attempts", "Attempts to reach the customer", "followup.follow_up_attempt",
            ROWS("to_jsonb(t) || jsonb_build_object('state',"
                 " (ARRAY['ordered', 'placed', 'finished', 'barred', 'unknown'])[t.state])",
                 N("follow_up_number") " || '/' || " N("attempt"), "followup.follow_up_attempt_public",
                 OURS("customer_number"))),
    SECTION("answers_on_their_way", "Answers on their way from a call to intake", "followup.record_outbox",
            ROWS("to_jsonb(t) || jsonb_build_object('state', (ARRAY['waiting', 'accepted', 'rejected'])[t.state])",
                 "t.key", "followup.record_outbox_public", OF_FOLLOW_UPS)),
    SECTION("contact_budget", "How often we tried, by day", "followup.contact_budget",
            ROWS("jsonb_build_object('customer_number', t.subject, 'day', t.day, 'orders', t.orders)",
                 N("subject") " || t.day::text", "followup.contact_budget_public", OURS("subject") " AND t.kind = 1")),
    SECTION("bad_numbers", "Numbers that turned out wrong", "followup.bad_number",
            ROWS("jsonb_build_object('outcome', t.outcome, 'at', t.at)", N("handle"), "followup.bad_number_public",
                 "t.handle IN (SELECT unnest(ARRAY[c.phone_handle, c.email_handle]) FROM intake.customer_public AS c"
                 " WHERE c.bucket = ANY (" BUCKETS ") AND c.number = ANY ($1::int8[]))")),
    SECTION("rhythm", "When the customer was last in touch", "followup.customer_rhythm",
            ROWS("to_jsonb(t) - 'told_refusals'", N("customer_number"), "followup.customer_rhythm_public",
                 OURS("customer_number"))),
    SECTION("scores", "Scores as they stand", "loyalty.customer_score",
            ALL(N("customer_number"), "loyalty.customer_score_public", OURS("customer_number"))),
    SECTION("score_evidence", "What scores rest on", "loyalty.score_evidence",
            ALL(N("customer_number") " || '/' || " N("kind") " || '/' || " N("subject") " || '/' || " N("part") " || '/' || "
                N("version"), "loyalty.score_evidence_public", OURS("customer_number"))),
    SECTION("score_sums", "Sums of that", "loyalty.score_sum",
            ALL(N("customer_number") " || '/' || " N("measure"), "loyalty.score_sum_public", OURS("customer_number"))),
    SECTION("score_history", "How the score moved", "loyalty.score_history",
            ALL(N("customer_number") " || '/' || " N("version"), "loyalty.score_history_public", OURS("customer_number"))),
    SECTION("standing_history", "How tier and risk moved", "loyalty.standing_history",
            ALL(N("customer_number") " || '/' || " N("version"), "loyalty.standing_history_public", OURS("customer_number"))),
    SECTION("points", "Loyalty points", "loyalty.points_entry",
            ALL(N("customer_number") " || '/' || " N("number"), "loyalty.points_entry_public", OURS("customer_number"))),
    SECTION("progress_links", "Links to the customer's own page", "reporting.progress_link",
            ROWS("to_jsonb(t) - 'token_hash'", N("case_number") " || '/' || " T("created_at") " || '/' || t.token_hash::text",
                 "reporting.progress_link",
                 "t.case_number IN (SELECT s.number FROM intake.service_case_public AS s"
                 " WHERE s.bucket = ANY (" BUCKETS ") AND s.customer_number = ANY ($1::int8[]))")),
    SECTION("finish_forecasts", "Finish dates that the page would have shown", "reporting.finish_forecast",
            ALL(N("case_number"), "reporting.finish_forecast", OF_CASES)),
    SECTION("disclosures", "Who read what is sealed", "intake.disclosure",
            ALL(T("at") " || " N("number"), "intake.disclosure_for_operator", OURS("customer_number"))),
    SECTION("views", "Who looked at the dashboard", "reporting.personal_view",
            ALL(T("at") " || t.user_name || '/' || t.what || '/' || t.ctid::text",
                "(SELECT v.ctid, v.* FROM reporting.personal_view AS v)", "t.customer_number = ANY ($1::int8[])")),
    SECTION("erasures", "Erasures", "intake.erasure",
            ALL(N("number"), "intake.erasure_public", "t.members && $1::int8[]")),
    SECTION("events", "What was told to other parts, by kind", "log.event",
            ROWS("jsonb_build_object('stream', t.stream, 'seq', t.seq, 'kind', t.kind, 'version', t.version, 'at', t.at,"
                 " 'customer_number', t.customer_id)",
                 "t.stream || '/' || " N("bucket") " || " N("seq"), "log.event", OURS("customer_id"))),
    {.name = NULL},
};

const struct export_left_out export_left_out[] = {
    {"intake.receipt intake.case_fingerprint followup.delivery reporting.case_fact "
     "reporting.other_fact",
     "made of the sections above, says nothing more: answers to sources, hashes of words, events "
     "on their way to a subscription, what a case adds to figures"},
    {"intake.do_not_call",
     "keyed hashes of numbers; of the customer it shows as do_not_call"},
    {"followup.worklist_lease loyalty.look_request followup.improvement_round followup.plan_round",
     "how far a process has come, for minutes; nothing about the customer"},
    {"intake.fingerprint_count intake.word_day intake.forecast loyalty.group_trust "
     "reporting.daily_fact reporting.monthly_fact reporting.standing_day reporting.value_day "
     "reporting.skill_day reporting.recovery_sum reporting.early_warning "
     "reporting.figure_difference reporting.figure_check reporting.improvement_effect "
     "reporting.weekly_report",
     "sums over many customers"},
    {"intake.source intake.source_revision intake.master_key intake.master_key_use intake.branch "
     "intake.staff intake.improvement intake.standard_version intake.triage_model intake.upkeep "
     "followup.rule_version followup.questionnaire_version followup.dialer_session "
     "followup.subscription loyalty.sum_policy loyalty.model_fit loyalty.started_over "
     "reporting.fold_zone reporting.night_task reporting.improvement_action "
     "reporting.user_account reporting.user_session reporting.login_failure log.clock log.alive "
     "log.lease log.head log.consumer_cursor log.event_part log.event_part_stream",
     "of the company, its staff and its machines, not of customers"},
    {"audit.run audit.tile audit.head audit.removal",
     "hashes of events, which nothing can be read from"},
    {.tables = NULL},
};

/* clang-format on */
