/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/score_past.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "event.pb-c.h"

#define CUSTOMER 0x10107
#define BROKEN   TROTH__V1__PROMISE_STATE__PROMISE_STATE_BROKEN

static struct evidence thing(enum evidence_kind kind, int64_t subject, int64_t value, int day)
{
    return (struct evidence){
        .customer = CUSTOMER,
        .kind = kind,
        .subject = subject,
        .version = 1,
        .value = value,
        .at_us = day * DURATION_DAY,
    };
}

static struct account account_of(const struct evidence *things, size_t count)
{
    const struct evidence *list[16];

    for (size_t i = 0; i < count; i++) {
        list[i] = &things[count - 1 - i]; /* the order does not matter */
    }
    return score_past_account(&score_policy_default, list, count);
}

static void what_was_taken_back_counts_for_nothing(void **state)
{
    struct evidence things[] = {
        thing(EVIDENCE_PROMISE, 1, BROKEN, 1), thing(EVIDENCE_CSAT, 2, 5, 2),
        thing(EVIDENCE_CES, 3, 7, 3),          thing(EVIDENCE_PURCHASE, 4, 100, 4),
        thing(EVIDENCE_COMPLAINT, 5, 1, 5),    thing(EVIDENCE_NPS, 6, 9, 6),
    };

    for (size_t i = 0; i < ARRAY_LEN(things); i++) {
        things[i].is_void = true;
        things[i].service_case = 77;
    }
    struct account a = account_of(things, ARRAY_LEN(things));
    for (size_t m = 1; m < MEASURE_END; m++) {
        assert_int_equal(a.sums[m].count, 0);
    }
    assert_int_equal(a.purchase_days, 0);
    assert_int_equal(a.seen_us, INT64_MIN);
}

static void answers_about_one_case_are_one_experience(void **state)
{
    struct evidence things[] = {
        thing(EVIDENCE_CSAT, 1, 5, 1),
        thing(EVIDENCE_CES, 2, 7, 2),
        thing(EVIDENCE_CSAT, 3, 1, 3),
        thing(EVIDENCE_CSAT, 4, 4, 4),
    };

    things[0].service_case = things[1].service_case = 77;
    things[2].service_case = 78;
    struct account a = account_of(things, ARRAY_LEN(things));
    assert_int_equal(a.sums[MEASURE_EXPERIENCE].count, 2);
    assert_int_equal(a.sums[MEASURE_SATISFACTION].count, 1);
    assert_int_equal(a.sums[MEASURE_RECENT].count, 3);
    assert_int_equal(a.sums[MEASURE_EFFORT].count, 1);
    assert_int_equal(a.seen_us, 4 * DURATION_DAY);
}

static void a_promise_counts_with_the_word_given_on_it(void **state)
{
    const struct evidence things[] = {
        thing(EVIDENCE_PROMISE, 1, BROKEN, 1),
        thing(EVIDENCE_WORD, 1, 1, 9),   /* it was kept, says the customer */
        thing(EVIDENCE_WORD, 2, -1, 10), /* about another promise */
    };
    struct account a = account_of(things, ARRAY_LEN(things));

    assert_int_equal(a.sums[MEASURE_TRUST].count, 1);
    assert_int_equal(a.sums[MEASURE_BROKEN].count, 0);
    assert_true(a.sums[MEASURE_TRUST].value > 0);
}

static void purchases_of_one_day_are_one_day(void **state)
{
    struct evidence things[] = {
        thing(EVIDENCE_PURCHASE, 1, 100, 5),
        thing(EVIDENCE_PURCHASE, 2, 100, 5),
        thing(EVIDENCE_PURCHASE, 3, 100, 2),
    };

    for (size_t i = 0; i < ARRAY_LEN(things); i++) {
        things[i].label = "CNY";
    }
    struct account a = account_of(things, ARRAY_LEN(things));
    assert_int_equal(a.purchase_days, 2);
    assert_int_equal(a.first_purchase_us, 2 * DURATION_DAY);
    assert_int_equal(a.last_purchase_us, 5 * DURATION_DAY);
    assert_string_equal(a.currency, "CNY");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_taken_back_counts_for_nothing),
        cmocka_unit_test(answers_about_one_case_are_one_experience),
        cmocka_unit_test(a_promise_counts_with_the_word_given_on_it),
        cmocka_unit_test(purchases_of_one_day_are_one_day),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
