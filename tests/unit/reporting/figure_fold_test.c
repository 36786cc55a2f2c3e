/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/figure_fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"

#define CUSTOMER 0x1010b /* bucket 11, lane 3 */
#define PROMISE  0x2020b
#define CASE     0x3030b
#define OPENED   1000
#define DUE      5000
#define DONE     4000
#define OCCURRED 9000

enum {
    OPEN = 1,
    KEPT = 3,
    LATE = 4,
    BROKEN = 5,
    WITHDRAWN = 6,
    WAIVED = 7,
    RENEGOTIATED = 8,
    RENEGOTIATED_LATE = 9,
};

static char north[] = "north", south[] = "south";

static Troth__V1__Event event_of(Troth__V1__Event__BodyCase body_case)
{
    Troth__V1__Event event = TROTH__V1__EVENT__INIT;

    event.has_customer = event.has_occurred_us = event.has_version = true;
    event.customer = CUSTOMER;
    event.occurred_us = OCCURRED;
    event.version = 1;
    event.body_case = body_case;
    return event;
}

static void promise(struct figure_fold *f, int version, int state, char *branch)
{
    Troth__V1__Event event = event_of(TROTH__V1__EVENT__BODY_PROMISE_CHANGED);
    Troth__V1__PromiseChanged body = TROTH__V1__PROMISE_CHANGED__INIT;

    body.has_promise = body.has_promise_version = body.has_to = true;
    body.promise = PROMISE;
    body.promise_version = version;
    body.to = (Troth__V1__PromiseState)state;
    body.has_due_us = body.has_done_us = true;
    body.due_us = DUE;
    body.done_us = DONE;
    body.branch = branch;
    event.promise_changed = &body;
    figure_fold_add(f, &event);
}

static void case_changed(struct figure_fold *f, int version, int from, int to, int64_t occurred_us)
{
    Troth__V1__Event event = event_of(TROTH__V1__EVENT__BODY_CASE_CHANGED);
    Troth__V1__CaseChanged body = TROTH__V1__CASE_CHANGED__INIT;

    event.version = version;
    event.occurred_us = occurred_us;
    body.has_service_case = body.has_opened_us = body.has_from = body.has_to = true;
    body.service_case = CASE;
    body.opened_us = OPENED;
    body.from = (Troth__V1__CaseState)from;
    body.to = (Troth__V1__CaseState)to;
    body.branch = north;
    event.case_changed = &body;
    figure_fold_add(f, &event);
}

static void run(struct figure_fold *f)
{
    figure_fold_seal(f);
    figure_fold_run(f);
}

/* The sum over all deltas of that measure; at_us 0: of all instants. */
static int64_t total(const struct figure_fold *f, const char *measure, int64_t at_us)
{
    const struct figure_delta *list;
    size_t count = figure_fold_deltas(f, &list);
    int64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        assert_int_equal(list[i].lane, 3);
        if (strcmp(list[i].measure, measure) == 0 && (at_us == 0 || list[i].at_us == at_us)) {
            sum += list[i].count;
        }
    }
    return sum;
}

static void promises_count_on_the_day_that_decided_them(void **state)
{
    static const struct {
        const char *name;
        int states[3]; /* one after the other; 0: no more */
        int64_t kept, broken;
        int64_t kept_at, broken_at;
    } cases[] = {
        {"kept in time",              {KEPT},                      1, 0, DONE, 0  },
        {"broken",                    {BROKEN},                    0, 1, 0,    DUE},
        {"kept late",                 {BROKEN, LATE},              0, 1, 0,    DUE},
        {"late without a break",      {LATE},                      0, 1, 0,    DUE},
        {"corrected",                 {BROKEN, KEPT},              1, 0, DONE, 0  },
        {"withdrawn",                 {WITHDRAWN},                 0, 0, 0,    0  },
        {"withdrawn after the break", {BROKEN, WITHDRAWN},         0, 0, 0,    0  },
        {"open again, then broken",   {KEPT, OPEN, BROKEN},        0, 1, 0,    DUE},
        {"renegotiated late",         {BROKEN, RENEGOTIATED_LATE}, 0, 1, 0,    DUE},
        {"late without a step",       {RENEGOTIATED_LATE},         0, 1, 0,    DUE},
        {"had been renegotiated",     {BROKEN, RENEGOTIATED},      0, 0, 0,    0  },
        {"had been waived",           {BROKEN, WAIVED},            0, 0, 0,    0  },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct figure_fold *f = figure_fold_new();
        for (int k = 0; k < 3 && cases[i].states[k] != 0; k++) {
            promise(f, k + 1, cases[i].states[k], north);
        }
        run(f);
        if (total(f, "promises_kept", 0) != cases[i].kept ||
            total(f, "promises_broken", 0) != cases[i].broken ||
            total(f, "promises_kept", cases[i].kept_at) != cases[i].kept ||
            total(f, "promises_broken", cases[i].broken_at) != cases[i].broken) {
            fail_msg("%s", cases[i].name);
        }
        figure_fold_free(f);
    }
}

static void what_the_customer_agreed_to_counts_on_its_day(void **state)
{
    static const struct {
        int states[2];
        const char *measure;
    } cases[] = {
        {{WAIVED},               "promises_waived"      },
        {{BROKEN, WAIVED},       "promises_waived"      },
        {{RENEGOTIATED},         "promises_renegotiated"},
        {{BROKEN, RENEGOTIATED}, "promises_renegotiated"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct figure_fold *f = figure_fold_new();
        for (int k = 0; k < 2 && cases[i].states[k] != 0; k++) {
            promise(f, k + 1, cases[i].states[k], north);
        }
        run(f);
        assert_int_equal(total(f, cases[i].measure, 0), 1);
        assert_int_equal(total(f, cases[i].measure, OCCURRED), 1);
        assert_int_equal(total(f, "promises_broken", 0), 0);
        figure_fold_free(f);
    }
}

static void a_count_is_taken_back_where_it_stands(void **state)
{
    struct figure_fold *f = figure_fold_new();
    const struct figure_delta *list;

    promise(f, 3, KEPT, north);
    figure_fold_seal(f);
    struct figure_promise *known = figure_fold_find_promise(f, PROMISE);
    known->version = 2;
    known->counted_as = PROMISE_COUNTED_BROKEN;
    known->counted_us = 123; /* counted on another day and branch than the event says */
    known->branch = south;
    figure_fold_run(f);
    assert_int_equal(figure_fold_deltas(f, &list), 2);
    assert_string_equal(list[0].measure, "promises_broken");
    assert_string_equal(list[0].branch, "south");
    assert_int_equal(list[0].at_us, 123);
    assert_int_equal(list[0].count, -1);
    assert_string_equal(list[1].measure, "promises_kept");
    assert_int_equal(list[1].count, 1);
    assert_true(known->is_changed);
    figure_fold_free(f);
}

static void old_versions_of_a_promise_are_ignored(void **state)
{
    struct figure_fold *f = figure_fold_new();
    const struct figure_delta *list;

    promise(f, 2, KEPT, north);
    promise(f, 1, BROKEN, north);
    run(f);
    assert_int_equal(figure_fold_deltas(f, &list), 1);
    figure_fold_clear(f);

    promise(f, 2, KEPT, north);
    figure_fold_seal(f);
    figure_fold_find_promise(f, PROMISE)->version = 2;
    figure_fold_run(f);
    assert_int_equal(figure_fold_deltas(f, &list), 0);
    assert_false(figure_fold_find_promise(f, PROMISE)->is_changed);
    figure_fold_free(f);
}

static void the_newest_version_of_a_case_has_the_duration(void **state)
{
    struct figure_fold *f = figure_fold_new();
    const struct figure_duration *list;

    case_changed(f, 5, 2, 5, 8000); /* resolved again */
    case_changed(f, 3, 2, 5, 3000);
    case_changed(f, 4, 5, 2, 4000); /* reopened */
    run(f);
    assert_int_equal(figure_fold_durations(f, &list), 1);
    assert_string_equal(list[0].measure, "resolution");
    assert_int_equal(list[0].version, 5);
    assert_true(list[0].has_value);
    assert_int_equal(list[0].value_us, 8000 - OPENED);
    assert_int_equal(list[0].at_us, 8000);
    figure_fold_free(f);
}

static void a_reopened_case_has_no_resolution(void **state)
{
    struct figure_fold *f = figure_fold_new();
    const struct figure_duration *list;

    case_changed(f, 3, 2, 5, 3000);
    case_changed(f, 4, 5, 6, 3500); /* closed: stays resolved */
    case_changed(f, 5, 6, 2, 4000); /* reopened */
    case_changed(f, 6, 2, 2, 4100); /* a note */
    run(f);
    assert_int_equal(figure_fold_durations(f, &list), 1);
    assert_int_equal(list[0].version, 5);
    assert_false(list[0].has_value);
    figure_fold_free(f);
}

static void a_merged_case_is_not_resolved(void **state)
{
    struct figure_fold *f = figure_fold_new();
    const struct figure_duration *list;

    case_changed(f, 3, 2, 6, 3000); /* from open to closed, never resolved: merged */
    run(f);
    assert_int_equal(figure_fold_durations(f, &list), 0);
    figure_fold_free(f);
}

static void a_reclassified_case_moves_no_figure(void **state)
{
    struct figure_fold *f = figure_fold_new();
    Troth__V1__Event event = event_of(TROTH__V1__EVENT__BODY_CASE_RECLASSIFIED);
    Troth__V1__CaseReclassified body = TROTH__V1__CASE_RECLASSIFIED__INIT;
    const struct figure_delta *list;

    body.has_service_case = true;
    body.service_case = CASE;
    body.branch = north;
    event.case_reclassified = &body;
    figure_fold_add(f, &event);
    run(f);
    assert_int_equal(figure_fold_deltas(f, &list), 0);
    figure_fold_free(f);
}

static void the_first_response_is_measured_from_the_opening(void **state)
{
    struct figure_fold *f = figure_fold_new();
    const struct figure_duration *list;
    Troth__V1__Event event = event_of(TROTH__V1__EVENT__BODY_CASE_CHANGED);
    Troth__V1__CaseChanged body = TROTH__V1__CASE_CHANGED__INIT;

    body.has_service_case = body.has_opened_us = body.has_first_response_us = true;
    body.service_case = CASE;
    body.opened_us = OPENED;
    body.first_response_us = 2500;
    event.case_changed = &body;
    figure_fold_add(f, &event); /* a later change repeats the instant */
    body.has_is_first_response = body.is_first_response = true;
    figure_fold_add(f, &event);
    run(f);
    assert_int_equal(figure_fold_durations(f, &list), 1);
    assert_string_equal(list[0].measure, "first_response");
    assert_int_equal(list[0].value_us, 1500);
    assert_int_equal(list[0].at_us, 2500);
    assert_string_equal(list[0].branch, "");
    figure_fold_free(f);
}

static void calls_are_placed_when_they_rang_and_reached_when_somebody_spoke(void **state)
{
    static const struct {
        int outcome;
        int64_t placed, reached;
    } cases[] = {
        {0,  0, 0},
        {1,  1, 1},
        {2,  1, 0},
        {3,  1, 0},
        {4,  1, 0},
        {5,  1, 1},
        {6,  1, 0},
        {7,  0, 0},
        {8,  1, 1},
        {9,  1, 0},
        {10, 1, 1},
        {11, 1, 0},
        {12, 0, 0},
        {13, 0, 0},
        {14, 0, 0},
        {-1, 0, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct figure_fold *f = figure_fold_new();
        Troth__V1__Event event = event_of(TROTH__V1__EVENT__BODY_CALL_FINISHED);
        Troth__V1__CallFinished body = TROTH__V1__CALL_FINISHED__INIT;
        body.outcome = (Troth__V1__CallOutcome)cases[i].outcome;
        event.call_finished = &body;
        figure_fold_add(f, &event);
        run(f);
        assert_int_equal(total(f, "calls_placed", OCCURRED), cases[i].placed);
        assert_int_equal(total(f, "calls_reached", OCCURRED), cases[i].reached);
        figure_fold_free(f);
    }
}

static void answers_are_summed_by_instrument(void **state)
{
    static const int nps[] = {0, 6, 7, 8, 9, 10};
    struct figure_fold *f = figure_fold_new();
    const struct figure_delta *list;
    Troth__V1__Event event = event_of(TROTH__V1__EVENT__BODY_SURVEY_ANSWERED);
    Troth__V1__SurveyAnswered body = TROTH__V1__SURVEY_ANSWERED__INIT;
    int64_t net = 0;

    event.survey_answered = &body;
    body.instrument = TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CSAT;
    body.value = 4;
    figure_fold_add(f, &event);
    body.instrument = TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CES;
    figure_fold_add(f, &event);
    body.instrument = TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_NPS;
    for (size_t i = 0; i < ARRAY_LEN(nps); i++) {
        body.value = nps[i];
        figure_fold_add(f, &event);
    }
    run(f);
    assert_int_equal(figure_fold_deltas(f, &list), 1 + ARRAY_LEN(nps));
    assert_string_equal(list[0].measure, "csat");
    assert_int_equal(list[0].sum, 4);
    for (size_t i = 1; i <= ARRAY_LEN(nps); i++) {
        net += list[i].sum;
    }
    assert_int_equal(net, 0); /* two promoters, two detractors */
    figure_fold_free(f);
}

static void plain_events_count_once_on_their_day(void **state)
{
    struct figure_fold *f = figure_fold_new();
    Troth__V1__Event event = event_of(TROTH__V1__EVENT__BODY_CASE_OPENED);
    Troth__V1__CaseOpened opened = TROTH__V1__CASE_OPENED__INIT;
    Troth__V1__PromiseMade made = TROTH__V1__PROMISE_MADE__INIT;
    Troth__V1__PurchaseMade purchase = TROTH__V1__PURCHASE_MADE__INIT;
    Troth__V1__FollowUpPlanned planned = TROTH__V1__FOLLOW_UP_PLANNED__INIT;
    Troth__V1__ScoreChanged score = TROTH__V1__SCORE_CHANGED__INIT;

    event.case_opened = &opened;
    figure_fold_add(f, &event);
    event.body_case = TROTH__V1__EVENT__BODY_PROMISE_MADE;
    event.promise_made = &made;
    made.has_made_us = true;
    made.made_us = 700;
    figure_fold_add(f, &event);
    event.body_case = TROTH__V1__EVENT__BODY_PURCHASE_MADE;
    event.purchase_made = &purchase;
    figure_fold_add(f, &event);
    event.body_case = TROTH__V1__EVENT__BODY_FOLLOW_UP_PLANNED;
    event.follow_up_planned = &planned;
    figure_fold_add(f, &event);
    event.body_case = TROTH__V1__EVENT__BODY_SCORE_CHANGED;
    event.score_changed = &score;
    figure_fold_add(f, &event);
    event.body_case = TROTH__V1__EVENT__BODY__NOT_SET; /* of a newer version */
    figure_fold_add(f, &event);
    run(f);
    assert_int_equal(total(f, "cases", OCCURRED), 1);
    assert_int_equal(total(f, "promises_made", 700), 1);
    assert_int_equal(total(f, "purchases", OCCURRED), 1);
    assert_int_equal(total(f, "follow_ups_planned", OCCURRED), 1);
    figure_fold_free(f);
    figure_fold_free(NULL);
}

static void a_reversal_counts_the_other_way_on_the_day_of_the_fact(void **state)
{
    struct figure_fold *f = figure_fold_new();
    Troth__V1__Event event = event_of(TROTH__V1__EVENT__BODY_SURVEY_ANSWERED);
    Troth__V1__SurveyAnswered answered = TROTH__V1__SURVEY_ANSWERED__INIT;
    Troth__V1__PromiseMade made = TROTH__V1__PROMISE_MADE__INIT;
    const struct figure_delta *list;

    answered.instrument = TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CSAT;
    answered.value = 4;
    event.survey_answered = &answered;
    event.has_is_reversal = event.is_reversal = true;
    figure_fold_add(f, &event);
    event.body_case = TROTH__V1__EVENT__BODY_PROMISE_MADE;
    event.promise_made = &made;
    made.has_made_us = true;
    made.made_us = 700;
    figure_fold_add(f, &event);
    run(f);
    assert_int_equal(total(f, "csat", OCCURRED), -1);
    assert_int_equal(total(f, "promises_made", 700), -1);
    assert_int_equal(figure_fold_deltas(f, &list), 2);
    assert_int_equal(list[0].sum, -4);
    figure_fold_free(f);
}

static void a_corrected_case_has_the_durations_that_the_correction_says(void **state)
{
    struct figure_fold *f = figure_fold_new();
    const struct figure_duration *list;
    Troth__V1__Event event = event_of(TROTH__V1__EVENT__BODY_CASE_CHANGED);
    Troth__V1__CaseChanged body = TROTH__V1__CASE_CHANGED__INIT;

    case_changed(f, 3, 2, 5, 3000);
    event.case_changed = &body;
    body.has_service_case = body.has_opened_us = body.has_from = body.has_to = true;
    body.service_case = CASE;
    body.opened_us = OPENED;
    body.from = (Troth__V1__CaseState)2;
    body.to = (Troth__V1__CaseState)5;
    event.version = 4;
    event.has_is_reversal = event.is_reversal = true;
    figure_fold_add(f, &event); /* says nothing by itself */
    event.version = 5;
    event.has_is_reversal = event.is_reversal = false;
    body.has_is_correction = body.is_correction = true;
    body.has_first_response_us = true;
    body.first_response_us = 2500;
    figure_fold_add(f, &event);
    run(f);
    assert_int_equal(figure_fold_durations(f, &list), 2);
    assert_string_equal(list[0].measure, "first_response");
    assert_int_equal(list[0].value_us, 1500);
    assert_int_equal(list[0].at_us, 2500);
    assert_string_equal(list[1].measure, "resolution");
    assert_int_equal(list[1].version, 5);
    assert_false(list[1].has_value);
    figure_fold_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(promises_count_on_the_day_that_decided_them),
        cmocka_unit_test(what_the_customer_agreed_to_counts_on_its_day),
        cmocka_unit_test(a_count_is_taken_back_where_it_stands),
        cmocka_unit_test(old_versions_of_a_promise_are_ignored),
        cmocka_unit_test(the_newest_version_of_a_case_has_the_duration),
        cmocka_unit_test(a_reopened_case_has_no_resolution),
        cmocka_unit_test(a_merged_case_is_not_resolved),
        cmocka_unit_test(a_reclassified_case_moves_no_figure),
        cmocka_unit_test(the_first_response_is_measured_from_the_opening),
        cmocka_unit_test(calls_are_placed_when_they_rang_and_reached_when_somebody_spoke),
        cmocka_unit_test(answers_are_summed_by_instrument),
        cmocka_unit_test(plain_events_count_once_on_their_day),
        cmocka_unit_test(a_reversal_counts_the_other_way_on_the_day_of_the_fact),
        cmocka_unit_test(a_corrected_case_has_the_durations_that_the_correction_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
