/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/triage_tune.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/domain/triage_model.h"

#define NEVER (TRIAGE_MILLION + 1)

static void the_threshold_lets_through_as_many_as_it_can(void **state)
{
    static const struct {
        const char *name;
        struct triage_told told[8];
        size_t count;
        double target;
        struct triage_threshold want;
    } cases[] = {
        {"all of them",                                      {{900000, true}, {500000, true}, {700000, true}}, 3, 0.96, {500000, 3, 3}},
        {"down to the first wrong one",
         {{500000, false}, {900000, true}, {700000, true}},
         3,                                                                                                       0.96,
         {700000, 2, 2}                                                                                                               },
        {"past a wrong one, when enough are right after it",
         {{900000, true}, {800000, false}, {700000, true}, {600000, true}, {500000, true}},
         5,                                                                                                       0.8,
         {500000, 5, 4}                                                                                                               },
        {"the equally sure pass or fail together",
         {{900000, true}, {700000, true}, {700000, false}},
         3,                                                                                                       0.9,
         {900000, 1, 1}                                                                                                               },
        {"exactly the target is enough",
         {{900000, true}, {800000, true}, {700000, true}, {600000, false}},
         4,                                                                                                       0.75,
         {600000, 4, 3}                                                                                                               },
        {"the surest is wrong",                              {{900000, false}, {800000, false}},               2, 0.5,  {NEVER, 0, 0} },
        {"nothing to go by",                                 {{0, false}},                                     0, 0.5,  {NEVER, 0, 0} },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct triage_told told[8];
        memcpy(told, cases[i].told, sizeof(told));
        struct triage_threshold got = triage_tune_threshold(told, cases[i].count, cases[i].target);
        if (got.millionths != cases[i].want.millionths || got.covered != cases[i].want.covered ||
            got.covered_right != cases[i].want.covered_right) {
            fail_msg("%s: %u, %u of %u", cases[i].name, (unsigned)got.millionths,
                     (unsigned)got.covered_right, (unsigned)got.covered);
        }
    }
}

/* Two labels, one always a score of 1 ahead, right in nine of ten cases: a share of 0.9 is told by
 * a sharpness of ln 9. */
static void confidence_is_as_often_right_as_it_says(void **state)
{
    double scores[20];
    uint16_t truths[10];

    for (size_t i = 0; i < 10; i++) {
        scores[2 * i] = 0.5;
        scores[2 * i + 1] = -0.5;
        truths[i] = i == 3;
    }
    uint32_t sharpness = triage_tune_sharpness(scores, truths, 10, 2);
    assert_in_range(sharpness, 2196, 2198); /* ln 9 is 2.19722 */
}

static void who_is_always_right_may_be_sure_and_who_never_is_may_not(void **state)
{
    double scores[] = {1, 0, 1, 0};
    uint16_t right[] = {0, 0}, wrong[] = {1, 1};

    assert_true(triage_tune_sharpness(scores, right, 2, 2) > 10000);
    assert_true(triage_tune_sharpness(scores, wrong, 2, 2) < 100);
    assert_true(triage_tune_sharpness(scores, right, 0, 2) > 0); /* a stored one is more than 0 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_threshold_lets_through_as_many_as_it_can),
        cmocka_unit_test(confidence_is_as_often_right_as_it_says),
        cmocka_unit_test(who_is_always_right_may_be_sure_and_who_never_is_may_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
