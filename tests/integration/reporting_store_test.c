/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events go in, figures come out: through the real consumer, against PostgreSQL, compared with what
 * SQL says about the raw rows.
 */
#include "services/reporting/reporting_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/bytes.h"
#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/reporting/overview_store.h"
#include "services/reporting/reporting.h"
#include "tests/support/event_writer.h"
#include "tests/support/test_database.h"

/* 2026-11-21T15:30:00Z: half an hour before midnight in Shanghai. */
#define AT_US (INT64_C(1795275000) * DURATION_S)

enum {
    KEPT = 3,
    LATE = 4,
    BROKEN = 5,
    OPEN_CASE = 2,
    RESOLVED = 5
};

static struct loop *loop;
static struct service *service;
static struct reporting reporting;
static struct event_writer *writer;
static struct test_session *raw; /* for what is asked often */
static struct reporting_settings settings;
static char zone[] = "Asia/Shanghai";

static void start_consumer(int64_t batch_events)
{
    struct err err = ERR_NONE;

    settings.time_zone = zone;
    settings.batch_events = batch_events;
    service = service_stub_new(loop, "reporting", &settings);
    reporting = (struct reporting){.service = service, .settings = &settings};
    reporting.applied_count =
        metrics_counter(service->metrics, "troth_test_applied_total", NULL, "Test.");
    if (reporting_consume_start(&reporting, &err) < 0) {
        fail_msg("%s", err.text);
    }
}

static void stop_consumer(void)
{
    reporting_consume_stop(&reporting);
    service_stub_free(service);
}

static int set_up(void **state)
{
    test_sql("TRUNCATE log.lease, log.head, log.event, log.consumer_cursor, intake.customer,"
             " intake.customer_reference, intake.service_case, intake.case_event, intake.contact,"
             " intake.promise, intake.purchase, followup.follow_up");
    test_sql("SELECT reporting.start_over()");
    raw = test_session_open(NULL);
    loop = loop_new();
    writer = event_writer_new(loop, "intake", "writer");
    return 0;
}

static int tear_down(void **state)
{
    event_writer_free(writer);
    loop_free(loop);
    test_session_close(raw);
    return 0;
}

static bool is_idle(void *ctx)
{
    return !event_consumer_is_busy(reporting.consumer);
}

static void wait_until_all_is_applied(void)
{
    test_wait_sql(loop, 0,
                  "SELECT count(*) FROM log.head h LEFT JOIN log.consumer_cursor c"
                  " ON c.consumer = 'reporting' AND c.stream = h.stream AND c.bucket = h.bucket"
                  " WHERE h.seq > coalesce(c.seq, 0)");
    test_wait(loop, is_idle, NULL, "the consumer has heard of its last commit");
}

/* ---- events of one case: number and branch follow from i */

static char branches[3][8] = {"north", "south", ""};

static int64_t case_number(int64_t i)
{
    return identifier_make(7000 + i, (int16_t)(i * 11 % BUCKET_COUNT));
}

static char *branch_of(int64_t i)
{
    return branches[i % 3][0] == '\0' ? NULL : branches[i % 3];
}

static void add_opened(struct event_writer *w, int64_t i, int64_t at_us)
{
    Troth__V1__CaseOpened body = TROTH__V1__CASE_OPENED__INIT;
    Troth__V1__Event event = event_writer_event(case_number(i), 1, at_us);

    body.has_service_case = true;
    body.service_case = case_number(i);
    body.branch = branch_of(i);
    event.body_case = TROTH__V1__EVENT__BODY_CASE_OPENED;
    event.case_opened = &body;
    event_writer_add(w, &event);
}

struct change {
    int64_t opened_us, at_us;
    int version, from, to;
    bool is_first_response;
};

static void add_changed(struct event_writer *w, int64_t i, const struct change *c)
{
    Troth__V1__CaseChanged body = TROTH__V1__CASE_CHANGED__INIT;
    Troth__V1__Event event = event_writer_event(case_number(i), c->version, c->at_us);

    body.has_service_case = body.has_from = body.has_to = body.has_opened_us = true;
    body.service_case = case_number(i);
    body.from = (Troth__V1__CaseState)c->from;
    body.to = (Troth__V1__CaseState)c->to;
    body.opened_us = c->opened_us;
    body.has_is_first_response = body.is_first_response = c->is_first_response;
    body.has_first_response_us = c->is_first_response;
    body.first_response_us = c->at_us;
    body.branch = branch_of(i);
    event.body_case = TROTH__V1__EVENT__BODY_CASE_CHANGED;
    event.case_changed = &body;
    event_writer_add(w, &event);
}

static void add_promise(struct event_writer *w, int64_t i, int version, int state, int64_t due_us)
{
    Troth__V1__PromiseChanged body = TROTH__V1__PROMISE_CHANGED__INIT;
    Troth__V1__Event event =
        event_writer_event(case_number(i), version, due_us + version * DURATION_H);

    body.has_promise = body.has_promise_version = body.has_to = body.has_due_us = true;
    body.promise = case_number(i);
    body.promise_version = version;
    body.to = (Troth__V1__PromiseState)state;
    body.due_us = due_us;
    body.has_done_us = state != BROKEN;
    body.done_us = due_us - DURATION_H;
    body.branch = branch_of(i);
    event.body_case = TROTH__V1__EVENT__BODY_PROMISE_CHANGED;
    event.promise_changed = &body;
    event_writer_add(w, &event);
}

static void add_answer(struct event_writer *w, int64_t i, int instrument, int value, int64_t at_us)
{
    Troth__V1__SurveyAnswered body = TROTH__V1__SURVEY_ANSWERED__INIT;
    Troth__V1__Event event = event_writer_event(case_number(i), 1, at_us);

    body.has_answer = body.has_instrument = body.has_value = true;
    body.instrument = (Troth__V1__SurveyInstrument)instrument;
    body.value = value;
    body.branch = branch_of(i);
    event.body_case = TROTH__V1__EVENT__BODY_SURVEY_ANSWERED;
    event.survey_answered = &body;
    event_writer_add(w, &event);
}

static uint64_t chance(uint64_t seed)
{
    return bytes_hash64((struct bytes){.data = (const uint8_t *)&seed, .len = sizeof(seed)});
}

enum {
    CASES = 400
};

/* Cases over ten days with their raw rows in intake; some answered, resolved, reopened, resolved
 * again; promises that break and are corrected. Two writers share the versions of one case. */
#define INSTANT "'epoch'::timestamptz + %lld * interval '1us'"

static void write_cases(struct event_writer *a, struct event_writer *b)
{
    for (int64_t i = 0; i < CASES; i++) {
        uint64_t luck = chance((uint64_t)i);
        int64_t opened_us = AT_US + (int64_t)(luck % 864000) * DURATION_S;
        int64_t answered_us = opened_us + (int64_t)(chance(luck) % 200000) * DURATION_S + 7;
        int64_t resolved_us = answered_us + (int64_t)(chance(luck + 1) % 90000) * DURATION_S + 3;
        bool is_answered = luck & 1, is_resolved = luck & 2, is_reopened = luck & 4;
        bool is_resolved_again = luck & 8;
        struct event_writer *first = luck & 16 ? a : b, *second = luck & 32 ? a : b;

        add_opened(first, i, opened_us);
        if (is_answered) {
            add_changed(first, i,
                        &(struct change){opened_us, answered_us, 2, OPEN_CASE, OPEN_CASE, true});
        }
        if (is_resolved) {
            add_changed(second, i,
                        &(struct change){opened_us, resolved_us, 3, OPEN_CASE, RESOLVED, false});
        }
        if (is_resolved && is_reopened) {
            add_changed(
                first, i,
                &(struct change){opened_us, resolved_us + 5, 4, RESOLVED, OPEN_CASE, false});
        }
        if (is_resolved && is_reopened && is_resolved_again) {
            resolved_us += DURATION_DAY;
            add_changed(second, i,
                        &(struct change){opened_us, resolved_us, 5, OPEN_CASE, RESOLVED, false});
        }
        bool ends_resolved = is_resolved && (!is_reopened || is_resolved_again);
        add_promise(first, i, 1, luck & 64 ? KEPT : BROKEN, answered_us);
        if (!(luck & 64) && luck & 128) {
            add_promise(second, i, 2, luck & 256 ? KEPT : LATE, answered_us);
        }
        add_answer(first, i, 1, (int)(1 + luck / 512 % 5), resolved_us);
        add_answer(first, i, 2, (int)(luck / 1024 % 11), resolved_us);
        test_session_sql(
            raw,
            "INSERT INTO intake.service_case (bucket, number, customer_number, version, state,"
            " kind, branch, priority, standard_id, rule, opened_at, first_response_at,"
            " resolved_at, is_historical, last_contact_at)"
            " VALUES (%d, %lld, %lld, 1, 2, 2, nullif('%s', ''), 3, 1, '', " INSTANT ","
            " CASE WHEN %d = 1 THEN " INSTANT " END, CASE WHEN %d = 1 THEN " INSTANT " END,"
            " false, now())",
            identifier_bucket(case_number(i)), (long long)case_number(i), (long long)case_number(i),
            branches[i % 3], (long long)opened_us, is_answered, (long long)answered_us,
            ends_resolved, (long long)resolved_us);
        if (i % 40 == 39) {
            event_writer_commit(a);
            event_writer_commit(b);
        }
    }
}

/* ---- asking */

static struct db *borrow(void)
{
    struct err err = ERR_NONE;
    struct db *db = db_pool_wait(service->db, 10 * DURATION_S, &err);

    if (db == NULL) {
        fail_msg("%s", err.text);
    }
    return db;
}

static const struct db_reply *run(struct db *db)
{
    const struct db_reply *reply = db_run_wait(db);

    if (reply->outcome != DB_OK) {
        fail_msg("%s: %s", reply->err.field, reply->err.text);
    }
    return reply;
}

static Troth__V1__ReportReply *ask_overview(const char *from, const char *to, const char *branch)
{
    struct report_question question = {.kind = REPORT_OVERVIEW};
    struct overview overview = {.events_behind = 0};
    struct db *db = borrow();

    (void)text_copy(question.from_day, sizeof(question.from_day), from);
    (void)text_copy(question.to_day, sizeof(question.to_day), to);
    (void)text_copy(question.branch, sizeof(question.branch), branch);
    overview_store_ask(db, &question);
    overview_store_take(run(db), &overview);
    db_release(db);
    const struct overview_frame frame = {
        .request_id = "r", .from_day = from, .to_day = to, .time_zone = zone};
    Troth__V1__ReportReply *reply = overview_reply(&overview, &frame, BUS_MESSAGE_MAX);
    overview_free(&overview);
    return reply;
}

#define PERCENTILE                                                                                 \
    "SELECT coalesce(round(percentile_cont(%s) WITHIN GROUP (ORDER BY"                             \
    " (extract(epoch FROM first_response_at) - extract(epoch FROM opened_at)) * 1000000)), -1)"    \
    "::int8 FROM intake.service_case WHERE first_response_at IS NOT NULL AND %s"

/* Figures of one row against the raw rows; where restricts them, responded and resolved name the
 * day that counts. */
static void assert_is_raw(const Troth__V1__OverviewFigures *f, const char *opened,
                          const char *responded, const char *resolved)
{
    assert_int_equal(
        f->cases,
        test_session_int(raw, "SELECT count(*) FROM intake.service_case WHERE %s", opened));
    assert_int_equal(
        f->first_responses,
        test_session_int(raw, "SELECT count(first_response_at) FROM intake.service_case WHERE %s",
                         responded));
    assert_int_equal(f->resolved,
                     test_session_int(raw,
                                      "SELECT count(resolved_at) FROM intake.service_case WHERE %s",
                                      resolved));
    int64_t median = f->has_first_response_median_us ? f->first_response_median_us : -1;
    int64_t p90 = f->has_first_response_p90_us ? f->first_response_p90_us : -1;
    assert_int_equal(median, test_session_int(raw, PERCENTILE, "0.5", responded));
    assert_int_equal(p90, test_session_int(raw, PERCENTILE, "0.9", responded));
}

#define ON_DAY(column) "(" column " AT TIME ZONE 'Asia/Shanghai')::date = '%s'"

static void assert_overview_is_raw(void)
{
    Troth__V1__ReportReply *reply = ask_overview("", "", "");
    const Troth__V1__Overview *view = reply->overview;
    int64_t kept = 0, csat = 0, net = 0, cases = 0;

    assert_is_raw(view->total, "true", "true", "true");
    for (size_t i = 0; i < view->n_per_branch; i++) {
        char where[64];
        (void)text_format(where, sizeof(where), "coalesce(branch, '') = '%s'",
                          view->per_branch[i]->branch);
        assert_is_raw(view->per_branch[i], where, where, where);
    }
    assert_int_equal(view->n_per_branch, 3);
    for (size_t i = 0; i < view->n_per_day; i++) {
        char opened[96], responded[96], resolved[96];
        const char *day = view->per_day[i]->day;
        (void)text_format(opened, sizeof(opened), ON_DAY("opened_at"), day);
        (void)text_format(responded, sizeof(responded), ON_DAY("first_response_at"), day);
        (void)text_format(resolved, sizeof(resolved), ON_DAY("resolved_at"), day);
        assert_is_raw(view->per_day[i], opened, responded, resolved);
        cases += view->per_day[i]->cases;
    }
    assert_int_equal(cases, CASES);
    for (int64_t i = 0; i < CASES; i++) {
        uint64_t luck = chance((uint64_t)i);
        int nps = (int)(luck / 1024 % 11);
        kept += luck & 64 || (luck & 128 && luck & 256);
        csat += (int64_t)(1 + luck / 512 % 5);
        net += nps >= 9 ? 1 : nps <= 6 ? -1 : 0;
    }
    assert_int_equal(view->total->promises_kept, kept);
    assert_int_equal(view->total->promises_broken, CASES - kept);
    assert_int_equal(view->total->csat_count, CASES);
    assert_true(view->total->csat_mean == (double)csat / CASES);
    assert_true(view->total->nps == 100.0 * (double)net / CASES);
    assert_int_equal(view->events_behind, 0);
    troth__v1__report_reply__free_unpacked(reply, NULL);
}

#define FINGERPRINT                                                                                \
    "SELECT ('x' || substr(md5(string_agg(t, ' ' ORDER BY t)), 1, 15))::bit(60)::int8 FROM ("      \
    "SELECT f::text FROM reporting.daily_fact AS f WHERE count <> 0 OR sum <> 0"                   \
    " UNION ALL SELECT f::text FROM reporting.duration_fact AS f"                                  \
    " UNION ALL SELECT f::text FROM reporting.promise_fact AS f) AS all_facts (t)"

/* ---- tests */

static void figures_equal_the_raw_rows_and_a_replay_repeats_them(void **state)
{
    struct event_writer *other = event_writer_new(loop, "intake", "other");

    write_cases(writer, other);
    start_consumer(61);
    wait_until_all_is_applied();
    assert_overview_is_raw();
    int64_t before = test_sql_int(FINGERPRINT);

    test_sql("SET SESSION AUTHORIZATION troth_operator; SELECT reporting.start_over()");
    wait_until_all_is_applied();
    assert_true(test_sql_int(FINGERPRINT) == before);
    assert_overview_is_raw();
    stop_consumer();
    event_writer_free(other);
}

static void a_batch_whose_commit_fails_takes_effect_once(void **state)
{
    struct event_writer *other = event_writer_new(loop, "intake", "other");

    test_sql("CREATE SEQUENCE public.commits");
    test_sql("CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
             " AS $$ BEGIN IF nextval('public.commits') %% 41 = 0 THEN"
             " RAISE serialization_failure USING MESSAGE = 'refused by the test';"
             " END IF; RETURN NULL; END $$");
    test_sql("CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON log.consumer_cursor"
             " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.refuse()");
    write_cases(writer, other);
    start_consumer(40);
    wait_until_all_is_applied();
    test_sql("DROP TRIGGER refuse ON log.consumer_cursor");
    assert_true(test_sql_int("SELECT last_value FROM public.commits") > 100);
    assert_overview_is_raw();
    stop_consumer();
    test_sql("DROP FUNCTION public.refuse");
    test_sql("DROP SEQUENCE public.commits");
    event_writer_free(other);
}

static void a_correction_takes_the_break_back_on_its_day(void **state)
{
    start_consumer(100);
    add_promise(writer, 0, 1, BROKEN, AT_US); /* due before midnight, broken after it */
    event_writer_commit(writer);
    wait_until_all_is_applied();
    Troth__V1__ReportReply *reply = ask_overview("2026-11-21", "2026-11-21", "");
    assert_int_equal(reply->overview->total->promises_broken, 1);
    troth__v1__report_reply__free_unpacked(reply, NULL);

    add_promise(writer, 0, 2, KEPT, AT_US);
    event_writer_commit(writer);
    wait_until_all_is_applied();
    reply = ask_overview("2026-11-21", "2026-11-21", "");
    assert_int_equal(reply->overview->total->promises_broken, 0);
    assert_int_equal(reply->overview->total->promises_kept, 1);
    troth__v1__report_reply__free_unpacked(reply, NULL);
    stop_consumer();
}

static void days_are_those_of_the_zone_and_ranges_include_both_ends(void **state)
{
    start_consumer(100);
    add_opened(writer, 0, AT_US);                     /* 23:30 in Shanghai */
    add_opened(writer, 1, AT_US + 30 * DURATION_MIN); /* midnight */
    add_opened(writer, 4, AT_US + 25 * DURATION_H);   /* the day after */
    event_writer_commit(writer);
    wait_until_all_is_applied();
    Troth__V1__ReportReply *reply = ask_overview("", "", "");
    assert_string_equal(reply->overview->from_day, "2026-11-21");
    assert_string_equal(reply->overview->to_day, "2026-11-23");
    assert_int_equal(reply->overview->n_per_day, 3);
    troth__v1__report_reply__free_unpacked(reply, NULL);
    reply = ask_overview("2026-11-22", "2026-11-23", "");
    assert_int_equal(reply->overview->total->cases, 2);
    troth__v1__report_reply__free_unpacked(reply, NULL);
    reply = ask_overview("", "2026-11-22", "south");
    assert_int_equal(reply->overview->total->cases, 1);
    assert_int_equal(reply->overview->n_per_branch, 1);
    troth__v1__report_reply__free_unpacked(reply, NULL);
    reply = ask_overview("2027-01-01", "", "");
    assert_int_equal(reply->overview->total->cases, 0);
    troth__v1__report_reply__free_unpacked(reply, NULL);
    stop_consumer();
}

static void another_zone_is_refused_until_the_figures_start_over(void **state)
{
    struct err err = ERR_NONE;

    start_consumer(100);
    add_opened(writer, 0, AT_US);
    event_writer_commit(writer);
    wait_until_all_is_applied();
    assert_int_equal(reporting_store_check_zone(service->db, zone, 5 * DURATION_S, &err), 0);
    assert_int_equal(reporting_store_check_zone(service->db, "Europe/Berlin", 5 * DURATION_S, &err),
                     -1);
    assert_string_equal(err.code, "time_zone_differs");
    assert_int_equal(reporting_store_check_zone(service->db, "Mars/Olympus", 5 * DURATION_S, &err),
                     -1);
    assert_string_equal(err.code, "time_zone_unknown");
    test_sql("SELECT reporting.start_over()");
    stop_consumer();
    service = service_stub_new(loop, "reporting", &settings);
    test_sql("SELECT reporting.start_over()");
    assert_int_equal(reporting_store_check_zone(service->db, "Europe/Berlin", 5 * DURATION_S, &err),
                     0);
    service_stub_free(service);
}

/* Two processes that started before anything was folded, or one that nobody stopped before a
 * start-over. */
static void figures_of_another_zone_are_never_added(void **state)
{
    struct figure_fold *fold = figure_fold_new();
    struct db_pool *pool = test_pool(loop, "troth_reporting", 1, 5 * DURATION_S);
    struct db *db = test_borrow(pool);
    Troth__V1__CaseOpened opened = TROTH__V1__CASE_OPENED__INIT;
    Troth__V1__Event event = event_writer_event(case_number(1), 1, AT_US);

    event.body_case = TROTH__V1__EVENT__BODY_CASE_OPENED;
    event.case_opened = &opened;
    figure_fold_add(fold, &event);
    figure_fold_seal(fold);
    figure_fold_run(fold);
    test_sql("INSERT INTO reporting.fold_zone (time_zone) VALUES ('Europe/Berlin')");
    db_begin(db);
    reporting_store_write(db, fold, zone);
    db_commit(db);
    assert_int_equal(db_run_wait(db)->outcome, DB_DATA);
    assert_int_equal(test_sql_int("SELECT count(*) FROM reporting.daily_fact"), 0);
    db_begin(db);
    reporting_store_write(db, fold, "Europe/Berlin");
    db_commit(db);
    assert_int_equal(db_run_wait(db)->outcome, DB_OK);
    assert_int_equal(test_sql_int("SELECT count(*) FROM reporting.daily_fact"), 1);
    db_release(db);
    db_pool_free(pool);
    figure_fold_free(fold);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(figures_equal_the_raw_rows_and_a_replay_repeats_them,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_batch_whose_commit_fails_takes_effect_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_correction_takes_the_break_back_on_its_day, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(days_are_those_of_the_zone_and_ranges_include_both_ends,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_zone_is_refused_until_the_figures_start_over,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(figures_of_another_zone_are_never_added, set_up, tear_down),
    };

    log_set_level(LOG_ERROR); /* what fails here is meant to */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
