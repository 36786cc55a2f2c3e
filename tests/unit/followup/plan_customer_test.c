/* SPDX-License-Identifier: Apache-2.0 */
/* plan_customer_test.c - answers, scores, devices, improvements, and who calls back. */
#include "services/followup/plan_customer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "services/followup/plan_answer.h"
#include "services/followup/plan_device.h"

#define NOW_US   (500000 * DURATION_H) /* 2027-01-15 */
#define DAY_US   (24 * DURATION_H)
#define CUSTOMER (5 << 8 | 7)

static struct rulebook *rulebook; /* of one test */

static const char rules_text[] =
    "limits: { called_back = \"1d\"; };"
    "rules = ("
    "{ name = \"csat\"; trigger = \"low_answer\"; instrument = \"csat\"; at_most = 2.0;"
    "  window = \"48h\"; },"
    "{ name = \"nps\"; trigger = \"low_answer\"; instrument = \"nps\"; at_most = 6.0;"
    "  window = \"48h\"; },"
    "{ name = \"gap\"; trigger = \"low_answer\"; instrument = \"servqual\";"
    "  dimension = \"reliability\"; at_most = -2.0; window = \"48h\"; },"
    "{ name = \"leaving\"; trigger = \"churn_risk\"; score_below = 40.0; window = \"7d\"; },"
    "{ name = \"better\"; trigger = \"improvement\"; window = \"7d\"; },"
    "{ name = \"quiet\"; trigger = \"silence\"; months = 6; window = \"7d\"; },"
    "{ name = \"fault\"; trigger = \"service_due\"; topic = \"fault\"; on_fault = true;"
    "  fault_code = \"P0420\"; window = \"48h\"; },"
    "{ name = \"km\"; trigger = \"service_due\"; topic = \"km\"; every_km = 10000.0;"
    "  lead = \"7d\"; window = \"14d\"; } );";

static int set_up(void **state)
{
    static struct plan plan;
    rulebook = rulebook_parse(rules_text, "test", NULL);
    assert_non_null(rulebook);
    plan = (struct plan){
        .rules = rulebook,
        .rule_version = 1,
        .zone_version = "2025b",
        .now_us = NOW_US,
    };
    plan_begin(&plan);
    *state = &plan;
    return 0;
}

static int tear_down(void **state)
{
    struct plan *p = *state;
    rulebook_free(rulebook);
    plan_free(p);
    return 0;
}

/* ---- answers */

static void an_answer_is_low_by_its_value_or_by_the_gap_of_an_item(void **state)
{
    static const struct {
        int32_t instrument, value;
        struct plan_answer_item item;
        const char *want;
    } cases[] = {
        {1, 2, {0, 0, 0}, "csat"},
        {1, 3, {0, 0, 0}, NULL  },
        {2, 6, {0, 0, 0}, "nps" },
        {2, 7, {0, 0, 0}, NULL  },
        {3, 1, {0, 0, 0}, NULL  },
        {4, 0, {2, 7, 5}, "gap" },
        {4, 0, {2, 7, 6}, NULL  },
        {4, 0, {5, 7, 1}, NULL  },
        {4, 0, {2, 0, 1}, NULL  },
        {4, 0, {2, 7, 0}, NULL  },
    };
    struct plan *p = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct plan_answer a = {
            .answer = 300 << 8 | 7,
            .customer = CUSTOMER,
            .instrument = cases[i].instrument,
            .value = cases[i].value,
            .items = &cases[i].item,
            .item_count = 1,
            .occurred_us = NOW_US,
        };
        const struct rulebook_facts facts = {.trigger = FOLLOW_UP_ON_LOW_ANSWER};
        plan_begin(p);
        plan_answer_given(p, &a, &facts, NULL);
        plan_answer_given(p, &a, &facts, NULL);
        assert_int_equal(p->list.count, cases[i].want ? 1 : 0);
        assert_int_equal(plan_answer_is_low(p->rules, &a), cases[i].want != NULL);
        if (cases[i].want) {
            assert_string_equal(p->list.items[0].rule, cases[i].want);
        }
    }
}

/* ---- scores */

static void a_score_is_acted_on_once_a_quarter(void **state)
{
    struct plan *p = *state;
    struct rulebook_facts facts = {
        .trigger = FOLLOW_UP_ON_CHURN_RISK, .score = 39.9, .churn = (double)NAN};
    plan_customer_scored(p, CUSTOMER, NOW_US, false, &facts, NULL);
    plan_customer_scored(p, CUSTOMER, NOW_US + DAY_US, false, &facts, NULL);
    assert_int_equal(p->list.count, 1);
    assert_string_equal(p->list.items[0].occurrence, "2027Q1");
    plan_customer_scored(p, CUSTOMER, NOW_US + 90 * DAY_US, false, &facts, NULL);
    assert_int_equal(p->list.count, 2);
    assert_string_equal(p->list.items[1].occurrence, "2027Q2");
    assert_true(plan_customer_may_leave(p->rules, &facts));
    facts.score = 40;
    assert_false(plan_customer_may_leave(p->rules, &facts));
    plan_customer_scored(p, CUSTOMER, NOW_US + 200 * DAY_US, false, &facts, NULL);
    assert_int_equal(p->list.count, 2);
}

/* ---- calling back */

static void put(struct plan *p, int trigger, enum follow_up_state s, int32_t attempts,
                int64_t ordered_us)
{
    const struct follow_up f = {
        .number = 77 << 8 | 7,
        .version = 4,
        .stored_version = 4,
        .customer = CUSTOMER,
        .subject = CUSTOMER,
        .trigger = trigger,
        .rule_version = 1,
        .state = s,
        .planned_us = NOW_US - 10 * DAY_US,
        .attempts = attempts,
        .last_call_us = FOLLOW_UP_NEVER,
        .called_back_us = FOLLOW_UP_NEVER,
    };
    plan_begin(p);
    plan_put(p, &f, (enum follow_up_state)0, ordered_us);
}

static void who_calls_back_in_time_is_not_called_again(void **state)
{
    static const struct {
        enum follow_up_state before;
        int32_t attempts;
        int64_t after_us; /* of the contact, after the attempt */
        enum follow_up_state want;
        bool is_noted;
    } cases[] = {
        {FOLLOW_UP_PLANNED, 1, DURATION_H,  FOLLOW_UP_DONE,    true },
        {FOLLOW_UP_CLAIMED, 2, DAY_US,      FOLLOW_UP_DONE,    true },
        {FOLLOW_UP_PLANNED, 1, DAY_US + 1,  FOLLOW_UP_PLANNED, false},
        {FOLLOW_UP_PLANNED, 1, -DURATION_H, FOLLOW_UP_PLANNED, false},
        {FOLLOW_UP_PLANNED, 0, DURATION_H,  FOLLOW_UP_PLANNED, false},
        {FOLLOW_UP_ORDERED, 1, DURATION_H,  FOLLOW_UP_ORDERED, true },
        {FOLLOW_UP_FAILED,  3, DURATION_H,  FOLLOW_UP_FAILED,  false},
        {FOLLOW_UP_MERGED,  0, DURATION_H,  FOLLOW_UP_MERGED,  false},
    };
    struct plan *p = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t ordered_us = cases[i].attempts > 0 ? NOW_US - DAY_US : FOLLOW_UP_NEVER;
        put(p, FOLLOW_UP_ON_CASE_RESOLVED, cases[i].before, cases[i].attempts, ordered_us);
        plan_customer_spoke(p, CUSTOMER, NOW_US - DAY_US + cases[i].after_us);
        const struct follow_up *f = &p->list.items[0];
        assert_int_equal(f->state, cases[i].want);
        assert_int_equal(f->called_back_us != FOLLOW_UP_NEVER, cases[i].is_noted);
        assert_int_equal(f->version, cases[i].is_noted ? 5 : 4);
        if (f->state == FOLLOW_UP_DONE) {
            assert_string_equal(f->reason, "called_back");
        }
    }
}

static void a_contact_ends_the_silence(void **state)
{
    struct plan *p = *state;
    put(p, FOLLOW_UP_ON_SILENCE, FOLLOW_UP_PLANNED, 0, FOLLOW_UP_NEVER);
    plan_customer_spoke(p, CUSTOMER, NOW_US - 11 * DAY_US); /* told late */
    assert_int_equal(p->list.items[0].state, FOLLOW_UP_PLANNED);
    plan_customer_spoke(p, CUSTOMER, NOW_US);
    assert_string_equal(p->list.items[0].reason, "no_longer_true");
}

/* ---- devices */

static void a_fault_is_called_about_once(void **state)
{
    struct plan *p = *state;
    struct rulebook_facts facts = {.trigger = FOLLOW_UP_ON_SERVICE_DUE, .fault_code = "P0420"};
    struct plan_signal s = {
        .signal = 42 << 8 | 7, .customer = CUSTOMER, .occurred_us = NOW_US, .fault_code = "P0420"};
    plan_device_fault(p, &s, &facts, NULL);
    plan_device_fault(p, &s, &facts, NULL);
    assert_int_equal(p->list.count, 1);
    assert_string_equal(p->list.items[0].occurrence, "fault P0420");
    assert_int_equal(p->list.items[0].due_us, NOW_US);
    s.is_void = true;
    plan_device_fault(p, &s, &facts, NULL);
    assert_string_equal(p->list.items[0].reason, FOLLOW_UP_REASON_VOID);
    facts.fault_code = s.fault_code = "P0300";
    plan_device_fault(p, &s, &facts, NULL);
    assert_int_equal(p->list.count, 1);
}

static void a_lamp_that_stays_on_is_no_news(void **state)
{
    struct plan *p = *state;
    const struct rulebook_facts facts = {.trigger = FOLLOW_UP_ON_SERVICE_DUE,
                                         .fault_code = "P0420"};
    const struct plan_signal s = {.signal = 43 << 8 | 7,
                                  .customer = CUSTOMER,
                                  .occurred_us = NOW_US,
                                  .fault_code = "P0420",
                                  .is_repeat = true};
    plan_device_fault(p, &s, &facts, NULL);
    assert_int_equal(p->list.count, 0);
}

static void the_counter_says_when_the_next_service_is_due(void **state)
{
    struct plan *p = *state;
    const struct rulebook_facts facts = {.trigger = FOLLOW_UP_ON_SERVICE_DUE};
    struct usage_reading km[5] = {
        {NOW_US - 60 * DAY_US, 1000 },
        {NOW_US - 40 * DAY_US, 2000 },
        {NOW_US - 20 * DAY_US, 3000 },
        {NOW_US,               4000 },
        {NOW_US + 5 * DAY_US,  10100},
    };
    struct plan_device d = {.customer = CUSTOMER, .device = 99 << 8 | 7, .km = km, .km_count = 4};
    plan_device_used(p, &d, &facts, NULL);
    assert_int_equal(p->list.count, 1);
    const struct follow_up *f = &p->list.items[0];
    assert_string_equal(f->occurrence, "km 1");
    assert_int_equal(f->due_us, NOW_US + 113 * DAY_US);
    assert_string_equal(p->notes[0].step, "forecast");
    assert_string_equal(p->notes[0].why, "reached 2027-05-15..2027-05-15"); /* it is even */

    p->now_us = NOW_US + 5 * DAY_US; /* reached long before */
    d.km_count = 5;
    plan_device_used(p, &d, &facts, NULL);
    assert_int_equal(p->list.count, 2);
    assert_int_equal(p->list.items[0].due_us, NOW_US + 5 * DAY_US);
    assert_string_equal(p->list.items[0].reason, "");
    assert_string_equal(p->notes[0].why, "reached");
    assert_string_equal(p->list.items[1].occurrence, "km 2");
}

/* Readings come often: what is planned is not written anew for some hours more or less. */
static void a_forecast_moves_by_days(void **state)
{
    static const struct {
        double km;
        bool moves;
    } cases[] = {
        {4000 + 50 * 1.01, false},
        {4000 + 50 * 6,    true },
    };
    const struct rulebook_facts facts = {.trigger = FOLLOW_UP_ON_SERVICE_DUE};
    struct plan *p = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct usage_reading km[] = {
            {NOW_US - 60 * DAY_US, 1000       },
            {NOW_US - 40 * DAY_US, 2000       },
            {NOW_US - 20 * DAY_US, 3000       },
            {NOW_US,               4000       },
            {NOW_US + DAY_US,      cases[i].km},
        };
        struct plan_device d = {.customer = CUSTOMER, .device = 99 << 8 | 7, .km = km};
        plan_begin(p);
        p->now_us = NOW_US;
        d.km_count = 4;
        plan_device_used(p, &d, &facts, NULL);
        int64_t due_us = p->list.items[0].due_us;
        p->now_us = NOW_US + DAY_US;
        d.km_count = 5;
        plan_device_used(p, &d, &facts, NULL);
        assert_int_equal(p->list.items[0].due_us != due_us, cases[i].moves);
        assert_int_equal(p->list.items[0].version, cases[i].moves ? 2 : 1);
    }
}

/* ---- improvements */

static void an_improvement_is_told_once(void **state)
{
    struct plan *p = *state;
    const struct rulebook_facts facts = {.trigger = FOLLOW_UP_ON_IMPROVEMENT};
    const struct plan_customer_report report = {
        .customer = CUSTOMER, .service_case = 9 << 8 | 7, .improvement = 31, .shipped_us = NOW_US};
    plan_customer_improved(p, &report, &facts, NULL);
    plan_customer_improved(p, &report, &facts, NULL);
    assert_int_equal(p->list.count, 1);
    assert_string_equal(p->list.items[0].occurrence, "31");
    assert_int_equal(p->list.items[0].subject, CUSTOMER);
}

/* ---- finding them */

static void many_numbers_are_found_in_their_order(void **state)
{
    struct plan_index x = {.slots = NULL};
    assert_int_equal(plan_index_first(&x, 5), PLAN_INDEX_END);
    for (int64_t i = 0; i < 5000; i++) {
        plan_index_add(&x, i % 1000 << 8 | 7);
    }
    for (int64_t key = 0; key < 1000; key++) {
        size_t place = plan_index_first(&x, key << 8 | 7);
        for (size_t n = 0; n < 5; n++, place = plan_index_next(&x, place)) {
            assert_int_equal(place, (size_t)key + n * 1000);
        }
        assert_int_equal(place, PLAN_INDEX_END);
    }
    assert_int_equal(plan_index_first(&x, 1000 << 8 | 7), PLAN_INDEX_END);
    plan_index_clear(&x);
    assert_int_equal(plan_index_first(&x, 7), PLAN_INDEX_END);
    plan_index_free(&x);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_answer_is_low_by_its_value_or_by_the_gap_of_an_item),
        TEST(a_score_is_acted_on_once_a_quarter),
        TEST(who_calls_back_in_time_is_not_called_again),
        TEST(a_contact_ends_the_silence),
        TEST(a_fault_is_called_about_once),
        TEST(a_lamp_that_stays_on_is_no_news),
        TEST(the_counter_says_when_the_next_service_is_due),
        TEST(a_forecast_moves_by_days),
        TEST(an_improvement_is_told_once),
        TEST(many_numbers_are_found_in_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
