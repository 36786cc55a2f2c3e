/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What sources say about promises and expectations, written by one transaction and read by the
 * next.
 */
#include "services/intake/intake_promise_store.h"

#include "common/runtime/db.h"
#include "services/intake/intake_read_store.h"
#include "services/intake/intake_seal.h"
#include "services/intake/intake_write_store.h"
#include "services/intake/promise_read_store.h"
#include "tests/support/test_database.h"
#include "tests/unit/intake/decide_world.h"

#define SAID(name) TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_##name
#define DUE_US     (NOW_US + 10 * DURATION_H)

static struct {
    struct loop *loop;
    struct db_pool *pool;
    struct db *db;
} store;

static int set_up(void **state)
{
    test_sql("TRUNCATE intake.receipt, intake.customer, intake.customer_reference, intake.person,"
             " intake.contact_text, intake.contact, intake.service_case, intake.case_reference,"
             " intake.case_event, intake.promise, intake.promise_event, intake.promise_step,"
             " intake.compensation, intake.expectation, intake.staff");
    store.loop = loop_new();
    store.pool = test_pool(store.loop, "troth_intake", 1, 10 * DURATION_S);
    store.db = test_borrow(store.pool);
    return begin(state);
}

static int tear_down(void **state)
{
    db_release(store.db);
    db_pool_free(store.pool);
    loop_free(store.loop);
    return end(state);
}

/* ---- transactions */

static const struct db_reply *run(void)
{
    const struct db_reply *reply = db_run_wait(store.db);
    if (reply->outcome != DB_OK) {
        fail_msg("%s: %s", reply->sqlstate, reply->err.text);
    }
    return reply;
}

/* The work as it is before deciding; the transaction goes on. */
static void read_for(struct intake_record *const *records, size_t count)
{
    struct intake_reads reads;
    work_clear(t.work);
    at(t.now_us);
    db_begin(store.db);
    intake_read_records(store.db, records, count, &reads);
    (void)intake_read_load(&reads, run(), t.work);
}

static void write(void)
{
    struct err err = ERR_NONE;
    size_t dropped;
    assert_int_equal(intake_seal(t.work, &dropped, &err), 0);
    (void)intake_write_queue(store.db, t.work);
    db_commit(store.db);
    (void)run();
}

static void forget(void)
{
    db_rollback(store.db);
    (void)run();
}

static void commit(struct intake_record *r)
{
    read_for(&r, 1);
    expect_accepted(r);
    write();
}

/* ---- records; the case is that of the customer's reference */

static struct intake_record *about_case(Troth__V1__Record__BodyCase body_case)
{
    struct intake_record *r = record(NULL, NOW_US);
    r->names.case_ref = "T-1";
    message(r)->body_case = body_case;
    return r;
}

static void open_the_case(void)
{
    struct intake_record *r = contact(NOW_US, KIND(PRAISE));
    r->names.case_ref = "T-1";
    commit(r);
}

static struct intake_record *given(const char *reference)
{
    struct intake_record *r = about_case(TROTH__V1__RECORD__BODY_PROMISE_GIVEN);
    Troth__V1__PromiseGiven *g = body(sizeof(*g));
    *g = (Troth__V1__PromiseGiven)TROTH__V1__PROMISE_GIVEN__INIT;
    g->promise_ref = borrowed(reference);
    g->kind = borrowed("callback");
    g->words = borrowed("we call you back");
    g->has_due_us = true;
    g->due_us = DUE_US;
    g->staff = borrowed("s-1");
    message(r)->promise_given = g;
    return r;
}

static struct intake_record *said(int64_t promise, Troth__V1__PromiseAction action)
{
    struct intake_record *r = record(NULL, NOW_US + DURATION_H);
    Troth__V1__PromiseUpdate *u = body(sizeof(*u));
    *u = (Troth__V1__PromiseUpdate)TROTH__V1__PROMISE_UPDATE__INIT;
    u->action = action;
    u->has_due_us = action == SAID(RENEGOTIATED);
    u->due_us = DUE_US + DURATION_DAY;
    message(r)->body_case = TROTH__V1__RECORD__BODY_PROMISE_UPDATE;
    message(r)->promise_update = u;
    r->names.customer_ref = NULL;
    r->names.promise_number = promise;
    return r;
}

static int64_t newest_promise(void)
{
    return test_sql_int("SELECT max(number) FROM intake.promise");
}

/* ---- */

static void a_promise_named_by_its_number_is_read_back_as_it_was(void **state)
{
    open_the_case();
    struct intake_record *waiting = about_case(TROTH__V1__RECORD__BODY_CASE_UPDATE);
    Troth__V1__CaseUpdate *u = body(sizeof(*u));
    *u = (Troth__V1__CaseUpdate)TROTH__V1__CASE_UPDATE__INIT;
    u->action = ACTION(WAITING_CUSTOMER);
    message(waiting)->case_update = u;
    commit(waiting);
    commit(given("p-1"));
    int64_t first = newest_promise();
    commit(said(first, SAID(RENEGOTIATED)));
    int64_t second = newest_promise();

    /* Two records that name two promises of one case: it is read twice, and is one. */
    struct intake_record *both[] = {said(first, SAID(KEPT)), said(second, SAID(KEPT))};
    read_for(both, 2);
    struct work_case *c = work_find_case_of_promise(t.work, second);
    assert_non_null(c);
    assert_ptr_equal(work_find_case_of_promise(t.work, first), c);
    assert_int_equal(t.work->cases.count, 1);
    assert_int_equal(c->pause_count, 1);
    const struct work_promise *old = work_find_promise(c, first);
    const struct work_promise *new = work_find_promise(c, second);
    assert_int_equal(old->state, PROMISE(RENEGOTIATED));
    assert_string_equal(old->reference, "p-1");
    assert_int_equal(old->source_id, 7);
    assert_int_equal(old->replaces, 0);
    assert_int_equal(old->next_step_us, WORK_NO_TIME);
    assert_int_equal(new->state, PROMISE(OPEN));
    assert_string_equal(new->kind, "callback");
    assert_null(new->reference);
    assert_int_equal(new->replaces, first);
    assert_true(new->is_due_fixed);
    assert_int_equal(new->standard_id, 0);
    assert_int_equal(new->due_us, DUE_US + DURATION_DAY);
    expect_rejected(both[0], "promise_settled");
    expect_accepted(both[1]);
    write();
    assert_int_equal(
        test_sql_int("SELECT state FROM intake.promise WHERE number = %lld", (long long)second),
        PROMISE(KEPT));
}

static void a_promise_that_there_is_not_has_no_case(void **state)
{
    open_the_case();
    commit(given(NULL));
    struct intake_record *r = said(newest_promise() + 256, SAID(KEPT));
    read_for(&r, 1);
    assert_int_equal(t.work->cases.count, 0);
    expect_rejected(r, "promise_unknown");
    forget();
}

static void what_was_said_stands_in_its_row(void **state)
{
    open_the_case();
    commit(given("p-1"));
    commit(said(newest_promise(), SAID(WAIVED)));
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.promise_event AS e"
                                  "  JOIN intake.promise AS p ON p.number = e.promise_number"
                                  " WHERE e.case_number = p.case_number AND e.source_id = 7"
                                  "   AND e.bucket = p.bucket AND NOT e.is_void"
                                  "   AND ((e.action, e.from_state, e.to_state, e.promise_version)"
                                  "         = (0, 0, 1, 1) AND e.staff = 's-1'"
                                  "     OR (e.action, e.from_state, e.to_state, e.promise_version)"
                                  "         = (3, 1, 7, 2) AND e.staff IS NULL)"),
                     2);
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.promise"
                                  " WHERE is_due_fixed AND source_id = 7 AND reference = 'p-1'"
                                  "   AND replaces IS NULL AND state = 7 AND settled_at IS NOT NULL"
                                  "   AND done_at IS NULL AND next_step_at IS NULL"),
                     1);
    /* The words are sealed, under the number of the promise. */
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.contact_text AS x"
                                  "  JOIN intake.promise AS p USING (bucket, number)"),
                     1);
}

static void compensations_and_expectations_are_stored_with_what_they_leave_out(void **state)
{
    open_the_case();
    struct intake_record *sorry = about_case(TROTH__V1__RECORD__BODY_COMPENSATION);
    Troth__V1__Compensation *m = body(sizeof(*m));
    *m = (Troth__V1__Compensation)TROTH__V1__COMPENSATION__INIT;
    m->kind = TROTH__V1__COMPENSATION_KIND__COMPENSATION_KIND_APOLOGY;
    m->has_due_us = true;
    m->due_us = DUE_US;
    message(sorry)->compensation = m;
    commit(sorry);
    struct intake_record *wish = about_case(TROTH__V1__RECORD__BODY_EXPECTATION);
    Troth__V1__Expectation *e = body(sizeof(*e));
    *e = (Troth__V1__Expectation)TROTH__V1__EXPECTATION__INIT;
    e->outcome = borrowed("no noise");
    message(wish)->expectation = e;
    commit(wish);
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.compensation AS c"
                                  "  JOIN intake.promise AS p ON p.number = c.promise_number"
                                  " WHERE c.kind = 1 AND c.amount_minor IS NULL"
                                  "   AND c.currency IS NULL AND p.kind = 'compensation'"
                                  "   AND c.customer_number = p.customer_number"),
                     1);
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.expectation WHERE has_outcome"
                                  "   AND NOT has_manner AND NOT is_confirmed"
                                  "   AND expected_at IS NULL AND reference IS NULL"),
                     1);
}

static struct intake_record *updated(Troth__V1__CaseAction action, int64_t occurred_us)
{
    struct intake_record *r = about_case(TROTH__V1__RECORD__BODY_CASE_UPDATE);
    Troth__V1__CaseUpdate *u = body(sizeof(*u));
    *u = (Troth__V1__CaseUpdate)TROTH__V1__CASE_UPDATE__INIT;
    u->action = action;
    message(r)->case_update = u;
    message(r)->occurred_us = occurred_us;
    return r;
}

/* Returns how many promises there are. */
static size_t read_steps(int64_t now_us, int64_t limit)
{
    const int16_t bucket = (int16_t)test_sql_int("SELECT min(bucket) FROM intake.promise");
    struct intake_reads reads;
    work_clear(t.work);
    at(now_us);
    db_begin(store.db);
    promise_read_steps(store.db, &bucket, 1, now_us, limit, &reads);
    return intake_read_load(&reads, run(), t.work);
}

static int take_steps(void)
{
    int taken = 0;
    WORK_EACH(struct work_case, c, &t.work->cases)
    {
        for (struct work_promise *p = c->promises; p; p = p->next) {
            taken += promise_decide_step(t.work, c, p);
        }
    }
    return taken;
}

static void steps_that_are_due_come_with_the_pauses_of_their_case_and_are_written_once(void **state)
{
    struct intake_record *r = contact(NOW_US, KIND(COMPLAINT));
    r->names.case_ref = "T-1";
    commit(r);
    for (int64_t hour = 1; hour <= 2; hour++) { /* two pauses of half an hour */
        commit(updated(ACTION(WAITING_CUSTOMER), NOW_US + hour * DURATION_H));
        commit(updated(ACTION(RESUMED), NOW_US + hour * DURATION_H + DURATION_H / 2));
    }
    assert_int_equal(read_steps(NOW_US + 3 * DURATION_H - 1, 10), 0);
    forget();
    assert_int_equal(read_steps(NOW_US + 40 * DURATION_H, 1), 1);
    forget();
    assert_int_equal(read_steps(NOW_US + 40 * DURATION_H, 10), 2);
    assert_int_equal(t.work->cases.count, 1);
    const struct work_case *c = t.work->cases.first;
    assert_int_equal(c->pause_count, 2);
    assert_int_equal(take_steps(), 4); /* three of the first response, one of the resolution */
    struct work_promise_step again = *(struct work_promise_step *)t.work->promise_steps.first;
    write();
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.promise_step AS s"
                                  "  JOIN intake.promise AS p ON p.number = s.promise_number"
                                  " WHERE s.clock_version = 1 AND s.tell IS NULL AND"
                                  "  (p.kind, s.step, s.due_at - p.made_at, s.taken_at - p.made_at)"
                                  "  IN (('first_response', 50, interval '3h', interval '40h'),"
                                  "      ('first_response', 80, interval '4h12m', interval '40h'),"
                                  "      ('first_response', 100, interval '5h', interval '40h'),"
                                  "      ('resolution', 50, interval '37h', interval '40h'))"),
                     4);
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.promise WHERE state = 5"
                                  "   AND counted_us = %lld AND next_step = 0",
                                  (long long)(4 * DURATION_H)),
                     1);
    assert_int_equal(read_steps(NOW_US + 40 * DURATION_H, 10), 0);
    again.tell = "nobody";
    again.next = NULL;
    struct work_promise_step *s = work_append(t.work, &t.work->promise_steps, sizeof(*s));
    *s = again;
    write();
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.promise_step WHERE tell IS NULL"),
                     4);
}

static void who_renegotiates_is_read_with_his_team(void **state)
{
    open_the_case();
    commit(given("p-1"));
    test_sql("INSERT INTO intake.staff (source_id, staff, team, changed_at)"
             " VALUES (7, 's-1', 'care', now()), (8, 's-1', 'wash', now()),"
             "        (7, 's-2', NULL, now())");
    static const struct {
        const char *staff;
        Troth__V1__PromiseAction action;
        const char *team;
    } cases[] = {
        {"s-1", SAID(RENEGOTIATED), "care"},
        {"s-2", SAID(RENEGOTIATED), NULL  },
        {"s-3", SAID(RENEGOTIATED), NULL  },
        {NULL,  SAID(RENEGOTIATED), NULL  },
        {"s-1", SAID(KEPT),         NULL  },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct intake_record *r = said(newest_promise(), cases[i].action);
        message(r)->promise_update->staff = borrowed(cases[i].staff);
        read_for(&r, 1);
        const struct work_team *team = t.work->teams.first;
        assert_int_equal(t.work->teams.count, cases[i].team ? 1 : 0);
        if (cases[i].team) {
            assert_string_equal(team->team, cases[i].team);
            assert_int_equal(team->source_id, 7);
        }
        forget();
    }
}

static void what_is_said_beside_the_state_is_stored_and_read_back(void **state)
{
    open_the_case();
    struct intake_record *r = given("p-1");
    message(r)->promise_given->done_by = TROTH__V1__PROMISE_DONE_BY__PROMISE_DONE_BY_RESOLUTION;
    commit(r);
    int64_t promise = newest_promise();
    assert_int_equal(read_steps(DUE_US, 10), 1);
    assert_int_equal(take_steps(), 3);
    write();
    r = said(promise, SAID(EXPLAINED));
    message(r)->promise_update->cause = TROTH__V1__BREAK_CAUSE__BREAK_CAUSE_UNDERSTOOD_DIFFERENTLY;
    commit(r);
    commit(said(promise, SAID(DISPUTED)));
    r = said(promise, SAID(CONFIRMED));
    read_for(&r, 1);
    const struct work_promise *p =
        work_find_promise(work_find_case_of_promise(t.work, promise), promise);
    assert_int_equal(p->state, PROMISE(BROKEN));
    assert_int_equal(p->cause, 3);
    assert_int_equal(p->customer_word, WORK_WORD_DISPUTED);
    assert_int_equal(p->done_by, 3);
    assert_int_equal(p->clock_version, 1);
    assert_int_equal(p->counted_us, 10 * DURATION_H);
    forget();
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.promise_event"
                                  " WHERE (action, cause) = (5, 3)"
                                  "    OR action IN (0, 7) AND cause IS NULL"),
                     3);
}

static void work_without_promises_of_people_queues_nothing(void **state)
{
    struct intake_record *r = contact(NOW_US, KIND(COMPLAINT));
    read_for(&r, 1);
    expect_accepted(r);
    assert_int_equal(intake_promise_queue(store.db, t.work), 0);
    write();
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.promise"
                                  " WHERE NOT is_due_fixed AND source_id IS NULL"),
                     2);
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_promise_named_by_its_number_is_read_back_as_it_was),
        STORE_TEST(a_promise_that_there_is_not_has_no_case),
        STORE_TEST(what_was_said_stands_in_its_row),
        STORE_TEST(compensations_and_expectations_are_stored_with_what_they_leave_out),
        STORE_TEST(steps_that_are_due_come_with_the_pauses_of_their_case_and_are_written_once),
        STORE_TEST(who_renegotiates_is_read_with_his_team),
        STORE_TEST(what_is_said_beside_the_state_is_stored_and_read_back),
        STORE_TEST(work_without_promises_of_people_queues_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
