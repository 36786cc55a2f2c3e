/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/peak_end.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "tests/support/proof.h"

#define BOOK "Kahneman 2011, chapter 35"

/* Pain in each minute: only peak and end were published, the way there is ours. */
static void patients_remember_what_was_published(void **state)
{
    static const double short_and_ended_badly[] = {2, 4, 6, 8, 7};
    static const double long_and_ended_mildly[] = {2, 4, 8, 6, 5, 4, 4, 3, 3, 2, 2, 1};
    struct peak_end a, b;

    assert_true(peak_end_of(short_and_ended_badly, ARRAY_LEN(short_and_ended_badly), 0, &a));
    assert_true(peak_end_of(long_and_ended_mildly, ARRAY_LEN(long_and_ended_mildly), 0, &b));
    PROOF("patient A, peak 8, end 7", BOOK, 7.5, 0, a.remembered);
    PROOF("patient B, peak 8, end 1", BOOK, 4.5, 0, b.remembered);
}

static void the_peak_lies_farthest_from_neutral(void **state)
{
    static const struct {
        double scores[4];
        size_t count;
        double peak, end, remembered;
    } cases[] = {
        {{4},          1, 4, 4, 4.0}, /* one answer is peak and end */
        {{3},          1, 3, 3, 3.0},
        {{5, 1},       2, 1, 1, 1.0}, /* of two as far away the later wins
  */
        {{1, 5},       2, 5, 5, 5.0},
        {{1, 5, 3},    3, 5, 3, 4.0},
        {{5, 1, 3},    3, 1, 3, 2.0},
        {{2, 3, 5, 4}, 4, 5, 4, 4.5},
        {{3, 3},       2, 3, 3, 3.0},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct peak_end r;

        assert_true(peak_end_of(cases[i].scores, cases[i].count, 3.0, &r));
        assert_true(r.peak == cases[i].peak);
        assert_true(r.end == cases[i].end);
        assert_true(r.remembered == cases[i].remembered);
    }
}

static void an_episode_without_scores_is_not_remembered(void **state)
{
    struct peak_end untouched = {.peak = 7};

    assert_false(peak_end_of(NULL, 0, 3.0, &untouched));
    assert_true(untouched.peak == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patients_remember_what_was_published),
        cmocka_unit_test(the_peak_lies_farthest_from_neutral),
        cmocka_unit_test(an_episode_without_scores_is_not_remembered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
