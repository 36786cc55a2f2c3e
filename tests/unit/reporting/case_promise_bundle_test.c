/* SPDX-License-Identifier: Apache-2.0 */
/* What promises and answers add to the figures of their case, worked out by hand. */
#include "services/reporting/case_bundle.h"

#include "tests/support/case_entries.h"

/* The columns are too wide for it. */
/* clang-format off */

/* ---- promises */

#define OF " promise_kind=resolution standard=complaint/resolution"

static void each_fate_of_a_promise_counts_on_its_day(void **state)
{
    static const struct {
        const char *name;
        Troth__V1__PromiseState state;
        int64_t done_us, said_us, counted_us;
        const char *want;
    } cases[] = {
        {"open",                PROMISE(OPEN),              CASE_NO_TIME, CASE_NO_TIME, -1, ""},
        {"at risk",             PROMISE(AT_RISK),           CASE_NO_TIME, CASE_NO_TIME, -1, ""},
        {"withdrawn",           PROMISE(WITHDRAWN),         CASE_NO_TIME, CASE_NO_TIME, 0,  ""},
        {"kept",                PROMISE(KEPT),              HOURS(19, 0), CASE_NO_TIME, 60 * DURATION_MIN,
         "resolution_in_target d0 1\npromises_kept d0" OF "\ntarget_used d0 250000" OF "\n"},
        {"kept the day after",  PROMISE(KEPT_LATE),         HOURS(25, 0), CASE_NO_TIME, 360 * DURATION_MIN,
         "resolution_in_target d0 0\npromises_kept_late d0" OF "\npromises_broken d0" OF
         " cause=untold\npromise_lateness d0 300m" OF "\ntarget_used d0 1500000" OF "\n"},
        {"broken",              PROMISE(BROKEN),            CASE_NO_TIME, CASE_NO_TIME, 240 * DURATION_MIN,
         "resolution_in_target d0 0\npromises_broken d0" OF " cause=untold\n"},
        {"waived",              PROMISE(WAIVED),            CASE_NO_TIME, HOURS(15, 0), 10,
         "promises_waived d0" OF "\n"},
        {"another date",        PROMISE(RENEGOTIATED),      CASE_NO_TIME, HOURS(16, 0), 10,
         "promises_renegotiated d0" OF "\n"},
        {"another date, late",  PROMISE(RENEGOTIATED_LATE), CASE_NO_TIME, HOURS(40, 0), 10,
         "resolution_in_target d0 0\npromises_broken d0" OF
         " cause=untold\npromises_renegotiated_late d0" OF "\n"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct case_rows c = case_of();
        struct case_promise p = usual;
        p.state = cases[i].state;
        p.done_us = cases[i].done_us;
        p.said_us = cases[i].said_us;
        p.counted_us = cases[i].counted_us;
        c.promises = &p;
        c.promise_count = 1;
        assert_entries(&c,
                       "resolution_in_target promises_kept promises_kept_late promises_broken"
                       " promises_renegotiated promises_renegotiated_late promises_waived"
                       " promise_lateness target_used",
                       cases[i].want);
        assert_entries(&c, "promises_made", "promises_made d0" OF "\n");
    }
}

static void the_cause_the_word_and_the_forecast_stand_beside_the_break(void **state)
{
    struct case_rows c = case_of();
    struct case_promise p = usual;

    p.state = PROMISE(BROKEN);
    p.cause = 2;
    p.word = 1;
    p.chance = 0.97;
    c.promises = &p;
    c.promise_count = 1;
    assert_entries(&c, "promises_broken word_confirmed word_denied promise_forecasts"
                       " promise_forecast_chance promise_forecast_error",
                   "promises_broken d0" OF " cause=could_not\n"
                   "promise_forecasts d0 0" OF " chance=0.9\n"
                   "promise_forecast_chance d0 970000" OF " chance=0.9\n"
                   "word_confirmed d0" OF "\n"
                   "promise_forecast_error d0 940900" OF " chance=0.9\n");
    p.state = PROMISE(KEPT);
    p.done_us = HOURS(19, 0);
    p.word = 2;
    p.chance = 1;
    assert_entries(&c, "word_confirmed word_denied word_against_ours promise_forecasts",
                   "promise_forecasts d0 1" OF " chance=0.9\n"
                   "word_denied d0" OF "\nword_against_ours d0" OF "\n");
    p.chance = 0.6;
    assert_entries(&c, "promise_forecast_error",
                   "promise_forecast_error d0 160000" OF " chance=0.6\n");
}

/* glpi#1996, glpi#5319: escalations each cron run, or one level alone. */
static void steps_count_once_and_each_level_by_itself(void **state)
{
    const struct case_step steps[] = {
        {.promise = 1, .step = 80,  .due_us = HOURS(18, 0)},
        {.promise = 1, .step = 80,  .due_us = HOURS(19, 0)}, /* another target */
        {.promise = 1, .step = 101, .due_us = HOURS(21, 0)},
        {.promise = 1, .step = 102, .due_us = HOURS(24, 0)},
        {.promise = 7, .step = 101, .due_us = HOURS(21, 0)}, /* of a promise that was taken back */
    };
    struct case_rows c = case_of();
    struct case_promise p = usual;

    p.state = PROMISE(BROKEN);
    c.promises = &p;
    c.promise_count = 1;
    c.steps = steps;
    c.step_count = 5;
    assert_entries(&c, "promises_at_risk escalations",
                   "escalations d0 level=1\nescalations d1 level=2\npromises_at_risk d0" OF "\n");
}

static void a_first_response_in_working_time_is_what_its_clock_counted(void **state)
{
    const struct case_promise promises[] = {
        {.number = 1, .kind = "first_response", .state = PROMISE(RENEGOTIATED), .made_us = HOURS(12, 0), .said_us = HOURS(12, 30), .due_us = HOURS(13, 0), .done_us = CASE_NO_TIME, .counted_us = 30 * DURATION_MIN, .chance = -1},
        {.number = 2, .kind = "first_response", .state = PROMISE(KEPT_LATE), .made_us = HOURS(12, 30), .due_us = HOURS(13, 0), .done_us = HOURS(13, 30), .counted_us = 20 * DURATION_MIN, .chance = -1},
        {.number = 3, .kind = "resolution", .state = PROMISE(BROKEN), .made_us = HOURS(12, 0), .due_us = HOURS(13, 0), .done_us = CASE_NO_TIME, .counted_us = 60 * DURATION_MIN, .chance = -1},
    };
    struct case_rows c = resolved_case();

    c.promises = promises;
    c.promise_count = 3;
    assert_entries(&c, "first_response_working resolution_working first_response_in_target",
                   "first_response_working d0 50m staff=ann\nfirst_response_in_target d0 0\n");
}

static void money_keeps_its_currency(void **state)
{
    const struct case_compensation compensations[] = {
        {.at_us = HOURS(30, 0), .amount_minor = 5000, .currency = "CNY"},
        {.at_us = HOURS(30, 0), .amount_minor = 0},
    };
    struct case_rows c = case_of();

    c.compensations = compensations;
    c.compensation_count = 2;
    assert_entries(&c, "compensations",
                   "compensations d1 0 currency=\ncompensations d1 5000 currency=CNY\n");
}

/* ---- answers */

static void marks_have_sums_squares_and_their_shares(void **state)
{
    const struct answer_row answers[] = {
        {.number = 1, .at_us = HOURS(30, 0), .instrument = CSAT, .value = 2},
        {.number = 2, .at_us = HOURS(31, 0), .instrument = NPS,  .value = 10},
        {.number = 3, .at_us = HOURS(60, 0), .instrument = CES,  .value = 5, .rule = "r", .trigger = 1, .channel = 3},
    };
    struct case_rows c = case_of();

    c.answers = answers;
    c.answer_count = 3;
    /* Peak: 10 of 10 is 1 and later than nothing else so far from neutral; end: CES 5 is 1/3. */
    assert_entries(&c, "csat csat_squares csat_satisfied nps_promoters nps_detractors ces ces_squares ces_easy"
                       " peak_end low_answers follow_up_answers",
                   "csat d1 2 answer=2\n"
                   "csat_squares d1 4\n"
                   "nps_promoters d1 answer=10\n"
                   "ces d2 5 answer=5\n"
                   "ces_squares d2 25\n"
                   "ces_easy d2\n"
                   "peak_end d2 667\n"
                   "low_answers d1\n"
                   "follow_up_answers d2 rule=r trigger=case_resolved channel=mail\n");
}

static void servqual_items_have_gaps_only_with_both_numbers(void **state)
{
    const struct answer_item items[] = {
        {.item = 5, .dimension = 2, .expectation = 6, .perception = 4},
        {.item = 7, .dimension = 2, .perception = 3},
    };
    const struct answer_row answers[] = {
        {.number = 1, .at_us = HOURS(30, 0), .instrument = 4, .value = -1, .items = items, .item_count = 2},
    };
    struct case_rows c = case_of();

    c.answers = answers;
    c.answer_count = 1;
    assert_entries(&c, "servqual_gap servqual_gap_squares servqual_expectation servqual_perception",
                   "servqual_gap d1 -2 servqual=reliability question=item/5\n"
                   "servqual_gap_squares d1 4 servqual=reliability question=item/5\n"
                   "servqual_expectation d1 6 servqual=reliability question=item/5\n"
                   "servqual_perception d1 3 servqual=reliability question=item/7 answer=reliability/3\n"
                   "servqual_perception d1 4 servqual=reliability question=item/5 answer=reliability/4\n");
}
/* clang-format on */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fate_of_a_promise_counts_on_its_day),
        cmocka_unit_test(the_cause_the_word_and_the_forecast_stand_beside_the_break),
        cmocka_unit_test(steps_count_once_and_each_level_by_itself),
        cmocka_unit_test(a_first_response_in_working_time_is_what_its_clock_counted),
        cmocka_unit_test(money_keeps_its_currency),
        cmocka_unit_test(marks_have_sums_squares_and_their_shares),
        cmocka_unit_test(servqual_items_have_gaps_only_with_both_numbers),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
