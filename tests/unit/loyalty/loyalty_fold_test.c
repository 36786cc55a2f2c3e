/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/loyalty_fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"

#define CUSTOMER 0x10107
#define PROMISE  0x20207
#define CASE     0x30307
#define ANSWER   0x40407
#define AT_US    1000000

enum {
    KEPT = 3,
    LATE = 4,
    BROKEN = 5,
    WITHDRAWN = 6,
    WAIVED = 7,
    RENEGOTIATED = 8,
    RENEGOTIATED_LATE = 9,
    AT_RISK = 2
};

static char stream[] = "intake.0";
static int64_t next_seq;

static Troth__V1__Event event_of(int64_t customer)
{
    Troth__V1__Event event = TROTH__V1__EVENT__INIT;

    event.stream = stream;
    event.has_customer = event.has_occurred_us = event.has_recorded_us = true;
    event.customer = customer;
    event.seq = ++next_seq;
    event.occurred_us = AT_US * next_seq;
    event.recorded_us = AT_US * next_seq + 5;
    return event;
}

static void promise(struct loyalty_fold *f, int64_t number, int version, int state)
{
    Troth__V1__Event event = event_of(CUSTOMER);
    Troth__V1__PromiseChanged body = TROTH__V1__PROMISE_CHANGED__INIT;

    body.has_promise = body.has_promise_version = body.has_to = body.has_service_case = true;
    body.promise = number;
    body.promise_version = version;
    body.to = (Troth__V1__PromiseState)state;
    body.service_case = CASE;
    event.body_case = TROTH__V1__EVENT__BODY_PROMISE_CHANGED;
    event.promise_changed = &body;
    loyalty_fold_add(f, &event);
}

static void answer(struct loyalty_fold *f, int64_t customer, int instrument, int64_t number,
                   int value)
{
    Troth__V1__Event event = event_of(customer);
    Troth__V1__SurveyAnswered body = TROTH__V1__SURVEY_ANSWERED__INIT;

    body.has_answer = body.has_instrument = body.has_value = true;
    body.answer = number;
    body.instrument = (Troth__V1__SurveyInstrument)instrument;
    body.value = value;
    event.body_case = TROTH__V1__EVENT__BODY_SURVEY_ANSWERED;
    event.survey_answered = &body;
    loyalty_fold_add(f, &event);
}

static const struct loyalty_customer *run(struct loyalty_fold *f)
{
    loyalty_fold_seal(f);
    loyalty_fold_run(f);
    return loyalty_fold_find_customer(f, CUSTOMER);
}

static size_t changes(const struct loyalty_fold *f)
{
    const struct index_change *list;

    return loyalty_fold_changes(f, &list);
}

static void a_correction_takes_the_broken_promise_back(void **state)
{
    struct loyalty_fold *f = loyalty_fold_new();

    promise(f, PROMISE, 2, BROKEN);
    promise(f, PROMISE, 3, KEPT);
    const struct loyalty_customer *c = run(f);
    assert_int_equal(c->account.broken, 0);
    assert_int_equal(c->account.kept, 1);
    assert_true(index_sum(&c->index) == 58.33);
    assert_int_equal(changes(f), 2);
    loyalty_fold_free(f);
}

static void a_break_stands_unless_it_was_agreed_on_in_time(void **state)
{
    static const struct {
        const char *name;
        int first, then;
        int64_t broken;
    } cases[] = {
        {"waived",                AT_RISK, WAIVED,            0},
        {"withdrawn",             AT_RISK, WITHDRAWN,         0},
        {"renegotiated",          AT_RISK, RENEGOTIATED,      0},
        {"renegotiated too late", BROKEN,  RENEGOTIATED_LATE, 1},
        {"late before the step",  AT_RISK, RENEGOTIATED_LATE, 1},
        {"had been renegotiated", BROKEN,  RENEGOTIATED,      0},
        {"had been waived",       BROKEN,  WAIVED,            0},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct loyalty_fold *f = loyalty_fold_new();
        promise(f, PROMISE, 2, cases[i].first);
        promise(f, PROMISE, 3, cases[i].then);
        const struct loyalty_customer *c = run(f);
        if (c->account.broken != cases[i].broken || c->account.kept != 0 ||
            c->account.kept_late != 0) {
            fail_msg("%s", cases[i].name);
        }
        loyalty_fold_free(f);
    }
}

/* Between streams no order is promised: every order of the versions ends the same. */
static void the_newest_version_wins_in_every_order(void **state)
{
    static const int orders[][3] = {
        {1, 2, 3},
        {1, 3, 2},
        {2, 1, 3},
        {2, 3, 1},
        {3, 1, 2},
        {3, 2, 1}
    };
    static const int states[] = {0, AT_RISK, BROKEN, KEPT};

    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        struct loyalty_fold *f = loyalty_fold_new();
        for (size_t k = 0; k < 3; k++) {
            promise(f, PROMISE, orders[i][k], states[orders[i][k]]);
        }
        const struct loyalty_customer *c = run(f);
        const struct evidence *e =
            loyalty_fold_find_evidence(f, CUSTOMER, EVIDENCE_PROMISE, PROMISE);
        assert_int_equal(c->account.kept, 1);
        assert_int_equal(c->account.broken, 0);
        assert_int_equal(e->version, 3);
        assert_int_equal(e->value, KEPT);
        loyalty_fold_free(f);
    }
}

static void what_was_stored_is_taken_back_too(void **state)
{
    struct loyalty_fold *f = loyalty_fold_new();

    promise(f, PROMISE, 4, WITHDRAWN);
    loyalty_fold_seal(f);
    struct loyalty_customer *c = loyalty_fold_find_customer(f, CUSTOMER);
    struct evidence *e = loyalty_fold_find_evidence(f, CUSTOMER, EVIDENCE_PROMISE, PROMISE);
    c->account = (struct trust_account){.broken = 1};
    c->index = index_of(&c->account, &c->answers);
    c->version = 9;
    e->version = 3;
    e->value = BROKEN;
    loyalty_fold_run(f);
    assert_int_equal(c->account.broken, 0);
    assert_true(index_sum(&c->index) == 50.0);
    assert_int_equal(c->version, 10);
    loyalty_fold_free(f);
}

static void an_old_version_changes_nothing(void **state)
{
    struct loyalty_fold *f = loyalty_fold_new();

    promise(f, PROMISE, 3, BROKEN);
    loyalty_fold_seal(f);
    struct evidence *e = loyalty_fold_find_evidence(f, CUSTOMER, EVIDENCE_PROMISE, PROMISE);
    e->version = 3;
    e->value = KEPT;
    loyalty_fold_run(f);
    assert_false(e->is_changed);
    assert_false(loyalty_fold_find_customer(f, CUSTOMER)->is_changed);
    assert_int_equal(changes(f), 0);
    loyalty_fold_free(f);
}

static void an_open_promise_is_remembered_but_counts_for_nothing(void **state)
{
    struct loyalty_fold *f = loyalty_fold_new();

    promise(f, PROMISE, 2, AT_RISK);
    const struct loyalty_customer *c = run(f);
    assert_false(c->is_changed);
    assert_true(loyalty_fold_find_evidence(f, CUSTOMER, EVIDENCE_PROMISE, PROMISE)->is_changed);
    loyalty_fold_free(f);
}

static void answers_are_counted_once_each(void **state)
{
    struct loyalty_fold *f = loyalty_fold_new();

    answer(f, CUSTOMER, 1, ANSWER, 5);
    answer(f, CUSTOMER, 1, ANSWER, 5);
    answer(f, CUSTOMER, 1, ANSWER + 256, 2);
    answer(f, CUSTOMER, 2, ANSWER + 512, 10);
    answer(f, CUSTOMER, 3, ANSWER + 768, 7); /* CES moves no contribution yet */
    const struct loyalty_customer *c = run(f);
    assert_int_equal(c->answers.csat_count, 2);
    assert_int_equal(c->answers.csat_sum, 7);
    assert_int_equal(c->answers.nps_promoters, 1);
    loyalty_fold_free(f);
}

static void every_change_of_the_index_is_recorded_in_order(void **state)
{
    struct loyalty_fold *f = loyalty_fold_new();
    const struct index_change *list;

    promise(f, PROMISE, 1, BROKEN);
    answer(f, CUSTOMER, 2, ANSWER, 8); /* a passive: the index stays */
    promise(f, PROMISE + 256, 1, KEPT);
    run(f);
    assert_int_equal(loyalty_fold_changes(f, &list), 2);
    assert_int_equal(list[0].version, 1);
    assert_true(list[0].before == 50.0);
    assert_true(list[0].after == 41.67);
    assert_int_equal(list[0].reason, CONTRIBUTION_TRUST);
    assert_int_equal(list[1].version, 2);
    assert_true(list[1].before == list[0].after);
    assert_true(list[1].after == 50.0);
    assert_true(list[1].at_us > list[0].at_us);
    loyalty_fold_free(f);
}

static void customers_and_things_are_listed_once_and_sorted(void **state)
{
    struct loyalty_fold *f = loyalty_fold_new();
    struct loyalty_customer *customers;
    struct evidence *evidence;

    answer(f, CUSTOMER + 256, 1, ANSWER + 256, 4);
    answer(f, CUSTOMER, 2, ANSWER + 512, 4);
    answer(f, CUSTOMER, 1, ANSWER, 4);
    answer(f, CUSTOMER, 1, ANSWER, 4);
    loyalty_fold_seal(f);
    assert_int_equal(loyalty_fold_customers(f, &customers), 2);
    assert_int_equal(customers[0].number, CUSTOMER);
    assert_int_equal(customers[1].number, CUSTOMER + 256);
    assert_int_equal(loyalty_fold_evidence(f, &evidence), 3);
    assert_int_equal(evidence[0].kind, EVIDENCE_CSAT);
    assert_int_equal(evidence[1].kind, EVIDENCE_NPS);
    loyalty_fold_free(f);
}

static void values_that_no_table_holds_say_nothing(void **state)
{
    static const int values[] = {INT16_MAX + 1, INT16_MIN - 1, INT32_MAX, INT32_MIN};
    struct loyalty_fold *f = loyalty_fold_new();
    struct evidence *evidence;

    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        answer(f, CUSTOMER, 1, ANSWER, values[i]);
        promise(f, PROMISE, 2, values[i]);
    }
    assert_null(run(f));
    assert_int_equal(loyalty_fold_evidence(f, &evidence), 0);
    loyalty_fold_free(f);
}

static void other_events_are_passed_over(void **state)
{
    struct loyalty_fold *f = loyalty_fold_new();
    struct loyalty_customer *customers;
    Troth__V1__Event event = event_of(CUSTOMER);
    Troth__V1__CaseOpened opened = TROTH__V1__CASE_OPENED__INIT;
    Troth__V1__PromiseChanged unnamed = TROTH__V1__PROMISE_CHANGED__INIT;

    event.body_case = TROTH__V1__EVENT__BODY_CASE_OPENED;
    event.case_opened = &opened;
    loyalty_fold_add(f, &event);
    event.body_case = TROTH__V1__EVENT__BODY_PROMISE_CHANGED;
    event.promise_changed = &unnamed;
    loyalty_fold_add(f, &event);
    loyalty_fold_seal(f);
    assert_int_equal(loyalty_fold_customers(f, &customers), 0);
    assert_null(loyalty_fold_find_customer(f, CUSTOMER));
    loyalty_fold_free(f);
}

static void a_cleared_fold_begins_anew(void **state)
{
    struct loyalty_fold *f = loyalty_fold_new();

    promise(f, PROMISE, 1, BROKEN);
    run(f);
    loyalty_fold_clear(f);
    promise(f, PROMISE, 2, KEPT);
    assert_int_equal(run(f)->account.broken, 0);
    assert_int_equal(changes(f), 1);
    loyalty_fold_free(f);
    loyalty_fold_free(NULL);
}

static void take_back(struct loyalty_fold *f, int instrument, int64_t number, int value)
{
    Troth__V1__Event event = event_of(CUSTOMER);
    Troth__V1__SurveyAnswered body = TROTH__V1__SURVEY_ANSWERED__INIT;

    event.has_is_reversal = event.is_reversal = true;
    body.has_answer = body.has_instrument = body.has_value = true;
    body.answer = number;
    body.instrument = (Troth__V1__SurveyInstrument)instrument;
    body.value = value;
    event.body_case = TROTH__V1__EVENT__BODY_SURVEY_ANSWERED;
    event.survey_answered = &body;
    loyalty_fold_add(f, &event);
}

static void an_answer_that_was_taken_back_might_never_have_been(void **state)
{
    const int csat = TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CSAT;
    const int nps = TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_NPS;
    struct loyalty_fold *twin = loyalty_fold_new();
    answer(twin, CUSTOMER, csat, ANSWER, 5);
    const double want = index_sum(&run(twin)->index);

    for (int order = 0; order < 2; order++) {
        struct loyalty_fold *f = loyalty_fold_new();
        answer(f, CUSTOMER, csat, ANSWER, 5);
        for (int i = 0; i < 2; i++) { /* the two may come over two streams */
            if (i == order) {
                answer(f, CUSTOMER, csat, ANSWER + 256, 1);
                answer(f, CUSTOMER, nps, ANSWER + 512, 10);
            } else {
                take_back(f, csat, ANSWER + 256, 1);
                take_back(f, nps, ANSWER + 512, 10);
            }
        }
        const struct loyalty_customer *c = run(f);
        assert_true(index_sum(&c->index) == want);
        assert_int_equal(c->answers.csat_count, 1);
        assert_int_equal(c->answers.csat_sum, 5);
        assert_int_equal(c->answers.nps_promoters, 0);
        assert_true(loyalty_fold_find_evidence(f, CUSTOMER, EVIDENCE_CSAT, ANSWER + 256)->is_void);
        loyalty_fold_free(f);
    }
    loyalty_fold_free(twin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_correction_takes_the_broken_promise_back),
        cmocka_unit_test(a_break_stands_unless_it_was_agreed_on_in_time),
        cmocka_unit_test(the_newest_version_wins_in_every_order),
        cmocka_unit_test(what_was_stored_is_taken_back_too),
        cmocka_unit_test(an_old_version_changes_nothing),
        cmocka_unit_test(an_open_promise_is_remembered_but_counts_for_nothing),
        cmocka_unit_test(answers_are_counted_once_each),
        cmocka_unit_test(every_change_of_the_index_is_recorded_in_order),
        cmocka_unit_test(customers_and_things_are_listed_once_and_sorted),
        cmocka_unit_test(values_that_no_table_holds_say_nothing),
        cmocka_unit_test(other_events_are_passed_over),
        cmocka_unit_test(a_cleared_fold_begins_anew),
        cmocka_unit_test(an_answer_that_was_taken_back_might_never_have_been),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
