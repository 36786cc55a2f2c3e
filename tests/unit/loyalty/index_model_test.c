/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/index_model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"

static const struct trust_account no_promises = {.kept = 0};
static const struct satisfaction no_answers = {.csat_count = 0};

static void without_evidence_it_stands_in_the_middle_and_says_why(void **state)
{
    struct loyalty_index index = index_of(&no_promises, &no_answers);
    char text[INDEX_BECAUSE_SIZE];

    assert_true(index_sum(&index) == 50.0);
    assert_string_equal(index_because(CONTRIBUTION_TRUST, &no_promises, &no_answers, text),
                        "no promise has been kept or broken yet");
    assert_string_equal(index_because(CONTRIBUTION_SATISFACTION, &no_promises, &no_answers, text),
                        "no CSAT answer yet");
    assert_string_equal(index_because(CONTRIBUTION_RECOMMENDATION, &no_promises, &no_answers, text),
                        "no NPS answer yet");
    assert_string_equal(index_because(CONTRIBUTION_BASE, &no_promises, &no_answers, text),
                        "where every customer starts");
}

static void points_are_those_of_the_weights(void **state)
{
    static const struct {
        const char *name;
        struct trust_account account;
        struct satisfaction answers;
        double trust, satisfaction, recommendation;
    } cases[] = {
        {"one kept",      {.kept = 1},              {.csat_count = 0},                8.33,  0,  0    },
        {"one broken",    {.broken = 1},            {.csat_count = 0},                -8.33, 0,  0    },
        {"one late",      {.kept_late = 1},         {.csat_count = 0},                0,     0,  0    },
        {"one CSAT of 5", {.kept = 0},              {.csat_count = 1, .csat_sum = 5}, 0,     5,  0    },
        {"one CSAT of 1", {.kept = 0},              {.csat_count = 1, .csat_sum = 1}, 0,     -5, 0    },
        {"a promoter",    {.kept = 0},              {.nps_promoters = 1},             0,     0,  3.33 },
        {"a detractor",   {.kept = 0},              {.nps_detractors = 1},            0,     0,  -3.33},
        {"everything",    {.kept = 7, .broken = 1}, {8, 32, 6, 1, 1},                 15,    6,  5    },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct loyalty_index index = index_of(&cases[i].account, &cases[i].answers);
        double want = 50 + cases[i].trust + cases[i].satisfaction + cases[i].recommendation;
        if (fabs(index_points(&index, CONTRIBUTION_TRUST) - cases[i].trust) > 1e-9 ||
            fabs(index_points(&index, CONTRIBUTION_SATISFACTION) - cases[i].satisfaction) > 1e-9 ||
            fabs(index_points(&index, CONTRIBUTION_RECOMMENDATION) - cases[i].recommendation) >
                1e-9 ||
            fabs(index_sum(&index) - want) > 1e-9) {
            fail_msg("%s: %f", cases[i].name, index_sum(&index));
        }
    }
}

/* Every corner of what can be counted. */
static void it_never_leaves_0_to_100_and_the_parts_add_up(void **state)
{
    static const int64_t counts[] = {0, 1, 2, 3, 50, 1000000, INT32_MAX};
    const size_t n = ARRAY_LEN(counts);

    for (size_t i = 0; i < n * n * n * n; i++) {
        const struct trust_account account = {
            .kept = counts[i % n], .kept_late = counts[i / n % n], .broken = counts[i / n / n % n]};
        const int64_t answers = counts[i / n / n / n];
        for (int32_t grade = 1; grade <= 5; grade++) {
            const struct satisfaction s = {
                .csat_count = answers,
                .csat_sum = grade * answers,
                .nps_promoters = grade > 3 ? answers : 0,
                .nps_detractors = grade < 3 ? answers : 0,
            };
            struct loyalty_index index = index_of(&account, &s);
            int32_t sum = 0;
            for (int c = 0; c < CONTRIBUTION_COUNT; c++) {
                sum += index.hundredths[c];
            }
            assert_in_range(sum, 0, 10000);
            assert_true(index_sum(&index) == sum / 100.0);
        }
    }
}

static void the_contribution_that_moved_most_is_the_reason(void **state)
{
    const struct trust_account broken = {.broken = 1};
    const struct satisfaction promoter = {.nps_promoters = 1};
    struct loyalty_index before = index_of(&no_promises, &no_answers);
    struct loyalty_index after = index_of(&broken, &promoter);

    assert_int_equal(index_moved_most(&before, &after), CONTRIBUTION_TRUST);
    after = index_of(&no_promises, &promoter);
    assert_int_equal(index_moved_most(&before, &after), CONTRIBUTION_RECOMMENDATION);
    assert_string_equal(contribution_name(CONTRIBUTION_RECOMMENDATION), "recommendation");
}

static void every_sentence_has_the_figures_and_fits(void **state)
{
    const struct trust_account account = {.kept = 7, .kept_late = 0, .broken = 1};
    const struct trust_account most = {INT32_MAX, INT32_MAX, INT32_MAX};
    const struct satisfaction answers = {8, 32, 6, 1, 1};
    const struct satisfaction longest = {INT32_MAX, INT64_C(5) * INT32_MAX, INT32_MAX, INT32_MAX,
                                         INT32_MAX};
    char text[INDEX_BECAUSE_SIZE];

    assert_string_equal(
        index_because(CONTRIBUTION_TRUST, &account, &answers, text),
        "7 kept, 0 kept late, 1 broken: 80.0 % of promises are expected to be kept");
    assert_string_equal(
        index_because(CONTRIBUTION_SATISFACTION, &account, &answers, text),
        "8 CSAT answers, mean 4.00; 3.80 with the two answers of 3 that everybody is given");
    assert_string_equal(
        index_because(CONTRIBUTION_RECOMMENDATION, &account, &answers, text),
        "NPS 62 from 6 promoters, 1 passives, 1 detractors; 50 with the two passives "
        "that everybody is given");
    for (int c = 0; c < CONTRIBUTION_COUNT; c++) {
        index_because((enum contribution)c, &most, &longest, text);
        assert_true(strlen(text) < INDEX_BECAUSE_SIZE - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_evidence_it_stands_in_the_middle_and_says_why),
        cmocka_unit_test(points_are_those_of_the_weights),
        cmocka_unit_test(it_never_leaves_0_to_100_and_the_parts_add_up),
        cmocka_unit_test(the_contribution_that_moved_most_is_the_reason),
        cmocka_unit_test(every_sentence_has_the_figures_and_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
