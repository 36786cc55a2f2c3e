/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events go in, figures come out: through the real consumer, against PostgreSQL. The facts stand in
 * the tables of the other services; which figures they make is the matter of unit tests, here it is
 * that they are added and taken back exactly once.
 */
#include "services/reporting/reporting_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/reporting/figure_fold.h"
#include "services/reporting/figure_sums.h"
#include "services/reporting/fold_row_store.h"
#include "services/reporting/reporting.h"
#include "tests/support/event_writer.h"
#include "tests/support/test_database.h"

/* 2026-11-21T15:30:00Z: half an hour before midnight in Shanghai. */
#define AT_US   (INT64_C(1795275000) * DURATION_S)
#define INSTANT "'epoch'::timestamptz + %lld * interval '1us'"

enum {
    CASES = 300
};

static struct loop *loop;
static struct event_writer *writer;
static struct test_session *raw; /* for what is asked often */
static struct db_pool *reader;
static struct reporting_settings settings;
static char zone[] = "Asia/Shanghai";

/* A reporting process, as far as it folds. */
struct folder {
    struct service *service;
    struct reporting reporting;
};

/* Leases are short: lanes change hands within a test. */
static struct folder *folder_new(const char *holder, int64_t batch_events)
{
    static const struct service_settings common = {
        .db_deadline_us = 20 * DURATION_S,
        .poll_us = 20 * DURATION_MS,
        .lease_us = 900 * DURATION_MS,
    };
    struct err err = ERR_NONE;
    struct folder *f = test_calloc(1, sizeof(*f));

    settings.time_zone = zone;
    settings.batch_events = batch_events;
    settings.return_window_us = 7 * DURATION_DAY;
    f->service = service_stub_new(loop, "reporting", &settings);
    f->service->common = &common;
    (void)text_copy(f->service->holder, sizeof(f->service->holder), holder);
    f->reporting = (struct reporting){.service = f->service, .settings = &settings};
    f->reporting.applied_count =
        metrics_counter(f->service->metrics, "troth_test_applied_total", NULL, "Test.");
    if (reporting_consume_start(&f->reporting, &err) < 0) {
        fail_msg("%s", err.text);
    }
    return f;
}

static void folder_free(struct folder *f)
{
    reporting_consume_stop(&f->reporting);
    service_stub_free(f->service);
    test_free(f);
}

static int set_up(void **state)
{
    test_sql("TRUNCATE log.lease, log.head, log.event, log.consumer_cursor, intake.customer,"
             " intake.customer_reference, intake.service_case, intake.case_event, intake.contact,"
             " intake.promise, intake.survey_answer, intake.purchase, followup.follow_up");
    test_sql("SELECT reporting.start_over()");
    raw = test_session_open(NULL);
    loop = loop_new();
    reader = test_pool(loop, "troth_operator", 1, 20 * DURATION_S);
    writer = event_writer_new(loop, "intake", "writer");
    return 0;
}

static int tear_down(void **state)
{
    event_writer_free(writer);
    db_pool_free(reader);
    loop_free(loop);
    test_session_close(raw);
    return 0;
}

static bool is_idle(void *ctx)
{
    const struct folder *f = ctx;

    return !event_consumer_is_busy(f->reporting.consumer);
}

static void wait_until_all_is_applied(struct folder *f)
{
    test_wait_sql(loop, 0,
                  "SELECT count(*) FROM log.head h LEFT JOIN log.consumer_cursor c"
                  " ON c.consumer = 'reporting' AND c.stream = h.stream AND c.bucket = h.bucket"
                  " WHERE h.seq > coalesce(c.seq, 0)");
    test_wait(loop, is_idle, f, "the consumer has heard of its last commit");
}

/* ---- facts: number, branch and what became of a case follow from i */

static int64_t number_of(int64_t i)
{
    return identifier_make(7000 + i, (int16_t)(i * 11 % BUCKET_COUNT));
}

static int64_t opened_us(int64_t i)
{
    return AT_US + i % 40 * DURATION_H;
}

static void put_case(int64_t i, int64_t version, bool is_resolved)
{
    int64_t number = number_of(i);

    test_session_sql(
        raw,
        "INSERT INTO intake.service_case (bucket, number, customer_number, version, state, kind,"
        " branch, category, priority, standard_id, rule, opened_at, first_response_at,"
        " resolved_at, is_historical, last_contact_at)"
        " VALUES (%d, %lld, %lld, %lld, %d, %d, 'b%d', 'c%d', 3, 1, 'r', " INSTANT ", " INSTANT
        ", CASE WHEN %d = 1 THEN " INSTANT " END, false, now())"
        " ON CONFLICT (bucket, number) DO UPDATE SET version = excluded.version,"
        " state = excluded.state, resolved_at = excluded.resolved_at",
        identifier_bucket(number), (long long)number, (long long)number, (long long)version,
        is_resolved ? 5 : 2, i % 3 == 0 ? 2 : 1, (int)(i % 4), (int)(i % 7),
        (long long)opened_us(i), (long long)opened_us(i) + (i + 1) * (long long)DURATION_MIN,
        is_resolved, (long long)opened_us(i) + (i + 1) * (long long)DURATION_H);
    test_session_sql(raw,
                     "INSERT INTO intake.survey_answer (bucket, number, customer_number,"
                     " case_number, instrument, value, source_id, occurred_at, received_at)"
                     " VALUES (%d, %lld, %lld, %lld, 1, %d, 1, " INSTANT ", now())"
                     " ON CONFLICT DO NOTHING",
                     identifier_bucket(number), (long long)number, (long long)number,
                     (long long)number, (int)(1 + i % 5), (long long)(opened_us(i) + DURATION_DAY));
}

/* The events say no more than that there is something to look at. */
static void add_change(struct event_writer *w, int64_t i, int64_t version)
{
    Troth__V1__CaseChanged body = TROTH__V1__CASE_CHANGED__INIT;
    Troth__V1__Event event = event_writer_event(number_of(i), version, opened_us(i));

    body.has_service_case = true;
    body.service_case = number_of(i);
    event.body_case = TROTH__V1__EVENT__BODY_CASE_CHANGED;
    event.case_changed = &body;
    event_writer_add(w, &event);
}

static void add_purchase(struct event_writer *w, int64_t i, bool is_reversal)
{
    Troth__V1__PurchaseMade body = TROTH__V1__PURCHASE_MADE__INIT;
    Troth__V1__Event event = event_writer_event(number_of(i), 1, opened_us(i));
    char branch[] = "b1", currency[] = "CNY";

    body.branch = branch;
    body.currency = currency;
    body.has_amount_minor = true;
    body.amount_minor = 100 + i;
    event.is_reversal = event.has_is_reversal = is_reversal;
    event.body_case = TROTH__V1__EVENT__BODY_PURCHASE_MADE;
    event.purchase_made = &body;
    event_writer_add(w, &event);
}

/* ---- figures */

static const struct db_query days_asked = {
    .name = "test_days",
    .sql = "SELECT figures FROM reporting.daily_fact WHERE (part = $1 OR part / 1024 = $5)"
           " AND branch = $2"
           " AND day BETWEEN $3::text::date AND $4::text::date",
    .shape = DB_ROWS,
};
static const struct db_query months_asked = {
    .name = "test_months",
    .sql = "SELECT figures FROM reporting.monthly_fact WHERE (part = $1 OR part / 1024 = $5)"
           " AND branch = $2"
           " AND ($3::text || $4::text) IS NOT NULL",
    .shape = DB_ROWS,
};

struct asked {
    enum figure_measure measure;
    enum figure_dimension dimension;
    const char *branch, *value, *from, *to;
};

/* The sum of the cells; freed by the caller. */
static struct figure_sums add_up(const struct db_query *q, const struct asked *a)
{
    struct err err = ERR_NONE;
    struct figure_sums sums = {0};
    struct db_params params = {.count = 0};
    struct db *db = test_borrow(reader);

    db_put_int2(&params, figure_part_of(a->dimension));
    db_put_text(&params, a->branch);
    db_put_text(&params, a->from != NULL ? a->from : "2000-01-01");
    db_put_text(&params, a->to != NULL ? a->to : "2100-01-01");
    db_put_int2(&params, (int16_t)a->dimension);
    db_query(db, q, &params);
    db_params_free(&params);
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        fail_msg("%s", reply->err.text);
    }
    for (size_t i = 0; i < db_row_count(reply->rows[0]); i++) {
        assert_int_equal(figure_sums_add_cell(&sums, db_get_bytes(reply->rows[0], i, 0),
                                              a->dimension, a->value, &err),
                         0);
    }
    db_release(db);
    return sums;
}

static int64_t count_of(const struct asked *a)
{
    struct figure_sums days = add_up(&days_asked, a);
    int64_t count = figure_sums_of(&days, a->measure)->count;

    figure_sums_free(&days);
    if (a->from == NULL && a->to == NULL) { /* months say the same */
        struct figure_sums months = add_up(&months_asked, a);
        assert_int_equal(figure_sums_of(&months, a->measure)->count, count);
        figure_sums_free(&months);
    }
    return count;
}

static int64_t count_all(enum figure_measure measure)
{
    return count_of(&(struct asked){measure, DIMENSION_ALL, "", "", NULL, NULL});
}

static double median_of(enum figure_measure measure)
{
    struct asked a = {measure, DIMENSION_ALL, "", "", NULL, NULL};
    struct figure_sums sums = add_up(&months_asked, &a);
    double median = 0;

    (void)log_histogram_quantile(&figure_sums_of(&sums, measure)->histogram, 0.5, &median);
    figure_sums_free(&sums);
    return median;
}

#define IS_CASE "SELECT count(*) FROM intake.service_case WHERE "

static void assert_figures_are_the_facts(void)
{
    int64_t count = test_session_int(raw, IS_CASE "true");
    double median = (double)test_session_int(
        raw, "SELECT coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY"
             " (extract(epoch FROM resolved_at - opened_at) * 1e6)::int8), 0)"
             " FROM intake.service_case");

    assert_int_equal(count_all(MEASURE_CASES), count);
    assert_int_equal(count_all(MEASURE_FIRST_RESPONSE), count);
    assert_int_equal(count_all(MEASURE_COMPLAINTS), test_session_int(raw, IS_CASE "kind = 2"));
    assert_int_equal(count_all(MEASURE_RESOLUTION),
                     test_session_int(raw, IS_CASE "resolved_at IS NOT NULL"));
    assert_int_equal(
        count_all(MEASURE_CSAT_SATISFIED),
        test_session_int(raw, "SELECT count(*) FROM intake.survey_answer WHERE value > 3"));
    assert_true(median_of(MEASURE_RESOLUTION) >= 0.99 * median &&
                median_of(MEASURE_RESOLUTION) <= 1.01 * median);
    for (int i = 0; i < 4; i++) {
        char branch[8];
        (void)text_format(branch, sizeof(branch), "b%d", i);
        int64_t want = test_session_int(raw, IS_CASE "branch = '%s'", branch);
        assert_int_equal(
            count_of(&(struct asked){MEASURE_CASES, DIMENSION_BRANCH, "", branch, NULL, NULL}),
            want);
        assert_int_equal(
            count_of(&(struct asked){MEASURE_CASES, DIMENSION_ALL, branch, "", NULL, NULL}), want);
        assert_int_equal(
            count_of(&(struct asked){MEASURE_CASES, DIMENSION_CATEGORY, branch, "c3", NULL, NULL}),
            test_session_int(raw, IS_CASE "branch = '%s' AND category = 'c3'", branch));
    }
}

#define FINGERPRINT                                                                                \
    "SELECT ('x' || substr(md5(string_agg(t, ' ' ORDER BY t)), 1, 15))::bit(60)::int8 FROM ("      \
    "SELECT f::text FROM reporting.daily_fact AS f"                                                \
    " UNION ALL SELECT f::text FROM reporting.monthly_fact AS f"                                   \
    " UNION ALL SELECT f::text FROM reporting.case_fact AS f) AS all_facts (t)"

/* ---- tests */

/* Each case changes three times, and is told of by two writers; some are resolved, and open again.
 */
static void write_cases(struct event_writer *a, struct event_writer *b)
{
    for (int64_t version = 1; version <= 3; version++) {
        for (int64_t i = 0; i < CASES; i++) {
            put_case(i, version, version == 2 || (version == 3 && i % 5 != 0));
            add_change(i % 2 == 0 ? a : b, i, version);
            if (version == 1) {
                add_purchase(a, i, false);
            }
            if (i % 50 == 49) {
                event_writer_commit(a);
                event_writer_commit(b);
            }
        }
    }
}

static void figures_equal_the_facts_and_a_replay_repeats_them(void **state)
{
    struct event_writer *other = event_writer_new(loop, "intake", "other");
    struct folder *f = folder_new("test", 61);

    write_cases(writer, other);
    wait_until_all_is_applied(f);
    assert_figures_are_the_facts();
    assert_int_equal(count_all(MEASURE_PURCHASES), CASES);
    int64_t before = test_sql_int(FINGERPRINT);

    test_sql("SET SESSION AUTHORIZATION troth_operator; SELECT reporting.start_over()");
    wait_until_all_is_applied(f);
    assert_true(test_sql_int(FINGERPRINT) == before);
    assert_figures_are_the_facts();
    folder_free(f);
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
    struct folder *f = folder_new("test", 40);
    write_cases(writer, other);
    wait_until_all_is_applied(f);
    test_sql("DROP TRIGGER refuse ON log.consumer_cursor");
    assert_true(test_sql_int("SELECT last_value FROM public.commits") > 100);
    assert_figures_are_the_facts();
    assert_int_equal(count_all(MEASURE_PURCHASES), CASES);
    folder_free(f);
    test_sql("DROP FUNCTION public.refuse");
    test_sql("DROP SEQUENCE public.commits");
    event_writer_free(other);
}

static bool has_half(void *ctx)
{
    const struct folder *f = ctx;

    return lease_held_count(f->reporting.lanes) == LANE_COUNT / 2;
}

/* The second process takes half of the lanes while batches are in flight, then the first one ends
 * without giving back. */
static void lanes_that_change_hands_in_the_middle_count_nothing_twice(void **state)
{
    struct event_writer *other = event_writer_new(loop, "intake", "other");
    struct folder *first = folder_new("test/first", 3);

    write_cases(writer, other);
    struct folder *second = folder_new("test/second", 3);
    test_wait(loop, has_half, second, "the second process has half of the lanes");
    wait_until_all_is_applied(second);
    test_wait(loop, is_idle, first, "the first one, too");
    assert_true(*first->reporting.applied_count > 0);
    assert_true(*second->reporting.applied_count > 0);
    assert_int_equal(*first->reporting.applied_count + *second->reporting.applied_count, 4 * CASES);
    assert_figures_are_the_facts();
    assert_int_equal(count_all(MEASURE_PURCHASES), CASES);
    folder_free(first);
    folder_free(second);
    event_writer_free(other);
}

static void what_is_taken_back_leaves_no_row(void **state)
{
    struct folder *f = folder_new("test", 100);

    put_case(1, 1, true);
    add_change(writer, 1, 1);
    add_purchase(writer, 1, false);
    event_writer_commit(writer);
    wait_until_all_is_applied(f);
    assert_int_equal(count_all(MEASURE_CASES), 1);
    test_sql("UPDATE intake.service_case SET state = 7, version = 2");
    test_sql("UPDATE intake.survey_answer SET is_void = true");
    add_change(writer, 1, 2);
    add_purchase(writer, 1, true);
    event_writer_commit(writer);
    wait_until_all_is_applied(f);
    assert_int_equal(test_sql_int("SELECT count(*) FROM reporting.daily_fact"), 0);
    assert_int_equal(test_sql_int("SELECT count(*) FROM reporting.monthly_fact"), 0);
    assert_int_equal(test_sql_int("SELECT count(*) FROM reporting.case_fact"), 0);
    folder_free(f);
}

/* A case of the same customer and category six days after, but not eight. */
static void a_new_case_within_the_window_is_a_return(void **state)
{
    struct folder *f = folder_new("test", 100);

    put_case(1, 1, true);
    test_sql("UPDATE intake.survey_answer SET is_void = true");
    add_change(writer, 1, 1);
    event_writer_commit(writer);
    wait_until_all_is_applied(f);
    assert_int_equal(count_all(MEASURE_SOLVED_QUIETLY), 1);
    for (int days = 8; days >= 6; days -= 2) {
        int64_t number = number_of(1) + (int64_t)days * BUCKET_COUNT * 1000;
        test_sql("INSERT INTO intake.service_case SELECT bucket, %lld, customer_number, 1, 1, kind,"
                 " channel, branch, category, product, priority, owner_team, standard_id, rule,"
                 " resolved_at + %d * interval '1 day', NULL, NULL, NULL, NULL, now(), 0, false"
                 " FROM intake.service_case WHERE number = %lld",
                 (long long)number, days, (long long)number_of(1));
        Troth__V1__CaseOpened body = TROTH__V1__CASE_OPENED__INIT;
        Troth__V1__Event event = event_writer_event(number_of(1), 1, AT_US);
        body.has_service_case = true;
        body.service_case = number;
        event.body_case = TROTH__V1__EVENT__BODY_CASE_OPENED;
        event.case_opened = &body;
        event_writer_add(writer, &event);
        event_writer_commit(writer);
        wait_until_all_is_applied(f);
        assert_int_equal(count_all(MEASURE_SOLVED_QUIETLY), days == 8);
    }
    assert_int_equal(count_all(MEASURE_CASES), 3);
    folder_free(f);
}

/* ---- rows that have grown */

enum {
    PRODUCTS = 1500 /* all of one lane, and of one day */
};

static int64_t number_of_product(int64_t i)
{
    return identifier_make(9000 + i, 8);
}

#define LONG_NAME "product %lld of a long name that someone has typed in, with all that it can do"

/* One case of each product; or of one product alone; or void. */
static void put_products(const char *product, int state, int64_t version)
{
    test_session_sql(
        raw,
        "INSERT INTO intake.service_case (bucket, number, customer_number, version, state, kind,"
        " branch, category, product, priority, standard_id, rule, opened_at, first_response_at,"
        " is_historical, last_contact_at) SELECT 8, k.number, k.number, %lld, %d, 1, 'b1', 'c1', "
        "%s, 3, 1, 'r', " INSTANT ", " INSTANT " + (k.i + 1) * interval '1 min', false, now()"
        " FROM (SELECT i, ((9000 + i) << 8) + 8 AS number FROM generate_series(0, %d - 1) AS i)"
        " AS k ON CONFLICT (bucket, number) DO UPDATE SET version = excluded.version,"
        " product = excluded.product, state = excluded.state",
        (long long)version, state, product, (long long)AT_US, (long long)AT_US, PRODUCTS);
    for (int64_t i = 0; i < PRODUCTS; i++) {
        Troth__V1__CaseChanged body = TROTH__V1__CASE_CHANGED__INIT;
        Troth__V1__Event event = event_writer_event(number_of_product(i), version, AT_US);
        body.has_service_case = true;
        body.service_case = number_of_product(i);
        event.body_case = TROTH__V1__EVENT__BODY_CASE_CHANGED;
        event.case_changed = &body;
        event_writer_add(writer, &event);
    }
    event_writer_commit(writer);
}

static int64_t count_of_product(int64_t i)
{
    char value[128];

    (void)text_format(value, sizeof(value), LONG_NAME, (long long)i);
    return count_of(
        &(struct asked){MEASURE_FIRST_RESPONSE, DIMENSION_PRODUCT, "", value, NULL, NULL});
}

#define LARGEST                                                                                    \
    "SELECT max(octet_length(f.figures)) FROM (SELECT figures FROM reporting.daily_fact"           \
    " UNION ALL SELECT figures FROM reporting.monthly_fact) AS f"

static void rows_that_have_grown_are_split_and_lose_nothing(void **state)
{
    struct folder *f = folder_new("test", 200);

    put_products("replace('" LONG_NAME "', chr(37) || 'lld', k.i::text)", 2, 1);
    wait_until_all_is_applied(f);
    for (int64_t i = 0; i < PRODUCTS; i += 7) {
        assert_int_equal(count_of_product(i), 1);
    }
    assert_in_range(test_sql_int(LARGEST), 8 * 1024, 2 * FOLD_DAY_FULL);
    assert_true(test_sql_int("SELECT count(*) FROM reporting.daily_fact WHERE part / 1024 = 6"
                             " AND branch = 'b1' AND sheet = 1") > 8);
    assert_int_equal(
        count_of(&(struct asked){MEASURE_CASES, DIMENSION_CATEGORY, "b1", "c1", NULL, NULL}),
        PRODUCTS);
    put_products("'one'", 2, 2);
    wait_until_all_is_applied(f);
    for (int64_t i = 0; i < PRODUCTS; i += 7) {
        assert_int_equal(count_of_product(i), 0);
    }
    assert_int_equal(
        count_of(&(struct asked){MEASURE_CASES, DIMENSION_PRODUCT, "b1", "one", NULL, NULL}),
        PRODUCTS);
    put_products("'one'", 7, 3);
    wait_until_all_is_applied(f);
    assert_int_equal(count_all(MEASURE_CASES), 0);
    assert_int_equal(test_sql_int(LARGEST), 0); /* what says that there were more */
    folder_free(f);
}

static void days_are_those_of_the_zone(void **state)
{
    struct folder *f = folder_new("test", 100);

    put_case(0, 1, false); /* 23:30 in Shanghai */
    put_case(1, 1, false); /* half past midnight */
    add_change(writer, 0, 1);
    add_change(writer, 1, 1);
    event_writer_commit(writer);
    wait_until_all_is_applied(f);
    assert_int_equal(
        count_of(&(struct asked){MEASURE_CASES, DIMENSION_ALL, "", "", "2026-11-21", "2026-11-21"}),
        1);
    assert_int_equal(
        count_of(&(struct asked){MEASURE_CASES, DIMENSION_ALL, "", "", "2026-11-22", "2026-11-22"}),
        1);
    folder_free(f);
}

static void another_zone_is_refused_until_the_figures_start_over(void **state)
{
    struct err err = ERR_NONE;
    struct folder *f = folder_new("test", 100);
    struct db_pool *pool = f->service->db;

    put_case(0, 1, false);
    add_change(writer, 0, 1);
    event_writer_commit(writer);
    wait_until_all_is_applied(f);
    assert_int_equal(reporting_store_check_zone(pool, zone, 7 * DURATION_DAY, 5 * DURATION_S, &err),
                     0);
    assert_int_equal(
        reporting_store_check_zone(pool, "Europe/Berlin", 7 * DURATION_DAY, 5 * DURATION_S, &err),
        -1);
    assert_string_equal(err.code, "time_zone_differs");
    assert_int_equal(
        reporting_store_check_zone(pool, "Mars/Olympus", 7 * DURATION_DAY, 5 * DURATION_S, &err),
        -1);
    assert_string_equal(err.code, "time_zone_unknown");
    reporting_consume_stop(&f->reporting);
    test_sql("SELECT reporting.start_over()");
    assert_int_equal(
        reporting_store_check_zone(pool, "Europe/Berlin", 7 * DURATION_DAY, 5 * DURATION_S, &err),
        0);
    service_stub_free(f->service);
    test_free(f);
}

/* Two processes that started before anything was folded, or one that nobody stopped before a
 * start-over. */
static void figures_of_another_zone_are_never_added(void **state)
{
    struct db_pool *pool = test_pool(loop, "troth_reporting", 1, 5 * DURATION_S);
    struct db *db = test_borrow(pool);

    test_sql("INSERT INTO reporting.fold_zone VALUES (true, 'Europe/Berlin', 604800000000)");
    db_begin(db);
    reporting_store_put_zone(db, zone, 7 * DURATION_DAY);
    db_commit(db);
    assert_int_equal(db_run_wait(db)->outcome, DB_DATA);
    db_begin(db);
    reporting_store_put_zone(db, "Europe/Berlin", 7 * DURATION_DAY);
    db_commit(db);
    assert_int_equal(db_run_wait(db)->outcome, DB_OK);
    db_release(db);
    db_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(figures_equal_the_facts_and_a_replay_repeats_them, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_batch_whose_commit_fails_takes_effect_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(lanes_that_change_hands_in_the_middle_count_nothing_twice,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_taken_back_leaves_no_row, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_new_case_within_the_window_is_a_return, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(rows_that_have_grown_are_split_and_lose_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(days_are_those_of_the_zone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_zone_is_refused_until_the_figures_start_over,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(figures_of_another_zone_are_never_added, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
