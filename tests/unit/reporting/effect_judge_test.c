/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/effect_judge.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"

#define OF(first, second) ((__typeof__(first)[2]){first, second})
#define NO_OTHERS                                                                                  \
    {                                                                                              \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

static const struct {
    const char *what;
    struct effect_counts before, after, others[2];
    bool has_others;
    enum effect_unit unit;
    enum effect_verdict verdict;
} counts[] = {
    {"half as many a day",
     {180, 0, 90},
     {60, 0, 60},
     NO_OTHERS,                                                                      false,
     EFFECT_PER_DAY,                                                                                        EFFECT_BETTER       },
    {"twice as many",                         {60, 0, 60},  {180, 0, 90}, NO_OTHERS, false, EFFECT_PER_DAY, EFFECT_WORSE        },
    {"the same",                              {90, 0, 90},  {55, 0, 60},  NO_OTHERS, false, EFFECT_PER_DAY, EFFECT_NO_DIFFERENCE},
    {"ten days",                              {180, 0, 90}, {2, 0, 10},   NO_OTHERS, false, EFFECT_PER_DAY, EFFECT_TOO_EARLY    },
    {"too few to expect any",
     {3, 0, 90},
     {0, 0, 60},
     NO_OTHERS,                                                                      false,
     EFFECT_PER_DAY,                                                                                        EFFECT_TOO_EARLY    },
    {"nothing at all",                        {0, 0, 90},   {0, 0, 60},   NO_OTHERS, false, EFFECT_PER_DAY, EFFECT_TOO_EARLY    },
    {"none any more",                         {90, 0, 90},  {0, 0, 60},   NO_OTHERS, false, EFFECT_PER_DAY, EFFECT_BETTER       },
    {"half of the business, not of the rate",
     {180, 9000, 90},
     {60, 3000, 60},
     NO_OTHERS,                                                                      false,
     EFFECT_PER_PURCHASES,                                                                                  EFFECT_NO_DIFFERENCE},
    {"it fell everywhere",
     {180, 0, 90},
     {60, 0, 60},
     {{1800, 0, 90}, {600, 0, 60}},
     true,                                                                                  EFFECT_PER_DAY,
     EFFECT_NO_DIFFERENCE                                                                                                       },
    {"it fell here alone",
     {180, 0, 90},
     {60, 0, 60},
     {{1800, 0, 90}, {1200, 0, 60}},
     true,                                                                                  EFFECT_PER_DAY,
     EFFECT_BETTER                                                                                                              },
    {"it rose elsewhere alone",
     {180, 0, 90},
     {120, 0, 60},
     {{1800, 0, 90}, {2400, 0, 60}},
     true,                                                                                  EFFECT_PER_DAY,
     EFFECT_BETTER                                                                                                              },
    {"no purchases elsewhere",
     {180, 9000, 90},
     {60, 6000, 60},
     {{1800, 0, 90}, {1200, 0, 60}},
     true,                                                                                  EFFECT_PER_DAY,
     EFFECT_BETTER                                                                                                              },
};

static void verdicts_on_counts_go_by_the_interval(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        struct effect e = effect_of_counts(&counts[i].before, &counts[i].after,
                                           counts[i].has_others ? counts[i].others : NULL);
        if (e.verdict != counts[i].verdict || e.unit != counts[i].unit) {
            fail_msg("%s: %s, %s", counts[i].what, effect_verdict_name(e.verdict),
                     effect_unit_name(e.unit));
        }
    }
}

static void rates_and_ratios_are_by_hand(void **state)
{
    const struct effect_counts before = {180, 9000, 90}, after = {60, 6000, 60};
    const struct effect_counts others[2] = {
        {200, 10000, 90},
        {100, 10000, 60}
    };
    struct effect e = effect_of_counts(&before, &after, others);

    assert_true(fabs(e.before_rate - 20.0) < 1e-12 && fabs(e.after_rate - 10.0) < 1e-12);
    assert_true(fabs(e.ratio - 0.5) < 1e-12 && fabs(e.others_ratio - 0.5) < 1e-12);
    /* exp(0 -+ z sqrt(1/180 + 1/60 + 1/200 + 1/100)) */
    assert_true(fabs(e.against_others.high -
                     exp(1.959963984540054 * sqrt(1 / 180. + 1 / 60. + 1 / 200. + 1 / 100.))) <
                1e-12);
    assert_int_equal(e.verdict, EFFECT_NO_DIFFERENCE);
}

static void means_and_shares_are_better_when_higher(void **state)
{
    const struct effect_days days = {90, 30}, early = {90, 10};
    const struct group_sums low = {40, 120, 400}, high = {40, 170, 740}, few = {2, 10, 50};
    const struct group_hits less = {60, 100}, more = {90, 100};

    assert_int_equal(effect_of_means(OF(low, high), NULL, days).verdict, EFFECT_BETTER);
    assert_int_equal(effect_of_means(OF(high, low), NULL, days).verdict, EFFECT_WORSE);
    assert_int_equal(effect_of_means(OF(low, high), NULL, early).verdict, EFFECT_TOO_EARLY);
    assert_int_equal(effect_of_means(OF(low, few), NULL, days).verdict, EFFECT_TOO_EARLY);
    assert_int_equal(effect_of_shares(OF(less, more), NULL, days).verdict, EFFECT_BETTER);
    assert_int_equal(effect_of_shares(OF(less, less), NULL, days).verdict, EFFECT_NO_DIFFERENCE);
    struct effect e = effect_of_shares(OF(less, more), NULL, days);
    assert_true(fabs(e.ratio - 1.5) < 1e-12 && e.interval.low < 1.5 && e.interval.high > 1.5);
    assert_true(isnan(e.others_ratio) && isnan(e.against_others.low));
}

static void what_went_on_elsewhere_is_taken_off(void **state)
{
    const struct effect_days days = {90, 30};
    const struct group_hits less = {60, 100}, more = {90, 100};
    const struct group_hits less_there = {1200, 2000}, more_there = {1800, 2000}, few = {3, 4};
    const struct group_sums low = {40, 120, 400}, high = {40, 170, 740};
    const struct group_sums low_there = {4000, 12000, 40000}, high_there = {4000, 17000, 74000};

    struct effect e = effect_of_shares(OF(less, more), OF(less_there, more_there), days);
    assert_int_equal(e.verdict, EFFECT_NO_DIFFERENCE);
    assert_true(fabs(e.others_ratio - 1.5) < 1e-12);
    assert_true(e.against_others.low < 1.0 && e.against_others.high > 1.0);
    e = effect_of_shares(OF(less, more), OF(more_there, less_there), days);
    assert_true(e.verdict == EFFECT_BETTER && e.against_others.low > 1.5);
    e = effect_of_shares(OF(less, less), OF(less_there, more_there), days);
    assert_int_equal(e.verdict, EFFECT_WORSE);
    e = effect_of_shares(OF(less, more), OF(less_there, few), days);
    assert_true(e.verdict == EFFECT_BETTER && isnan(e.others_ratio)); /* too few to say */

    e = effect_of_means(OF(low, high), OF(low_there, high_there), days);
    assert_int_equal(e.verdict, EFFECT_NO_DIFFERENCE);
    assert_true(fabs(e.others_ratio - 1.25) < 1e-12);
    e = effect_of_means(OF(low, low), OF(high_there, low_there), days);
    assert_int_equal(e.verdict, EFFECT_BETTER);
}

/* count values, evenly from 1 h to 2 h, times factor. */
static void put_hours(struct log_histogram *h, int count, double factor)
{
    for (int i = 0; i < count; i++) {
        log_histogram_add(h, (int64_t)(factor * 3600e6 * (1.0 + (double)i / count)), 1);
    }
}

static void durations_are_better_when_shorter(void **state)
{
    const struct effect_days days = {90, 30};
    struct log_histogram long_h = {0}, short_h = {0}, few = {0};
    struct effect e;

    put_hours(&long_h, 200, 2.0);
    put_hours(&short_h, 200, 1.0);
    put_hours(&few, 5, 1.0);
    const struct log_histogram *better[2] = {&long_h, &short_h}, *same[2] = {&long_h, &long_h};
    const struct log_histogram *too_few[2] = {&long_h, &few};
    e = effect_of_medians(better, NULL, days);
    assert_true(e.verdict == EFFECT_BETTER && fabs(e.ratio - 0.5) < 0.02);
    assert_true(e.interval.low < 0.5 && e.interval.high > 0.5 && e.interval.high < 0.6);
    assert_int_equal(effect_of_medians(same, NULL, days).verdict, EFFECT_NO_DIFFERENCE);
    assert_int_equal(effect_of_medians(better, better, days).verdict, EFFECT_NO_DIFFERENCE);
    assert_int_equal(effect_of_medians(same, better, days).verdict, EFFECT_WORSE);
    assert_int_equal(effect_of_medians(too_few, NULL, days).verdict, EFFECT_TOO_EARLY);
    log_histogram_free(&long_h);
    log_histogram_free(&short_h);
    log_histogram_free(&few);
}

static void words_are_in_both_languages_and_end_in_the_verdict(void **state)
{
    const struct effect_counts before = {180, 0, 90}, after = {60, 0, 60}, none = {0, 0, 0};
    struct effect e = effect_of_counts(&before, &after, NULL);
    struct text words = {0};

    effect_words(&e, 0.5, REPORT_ENGLISH, &words);
    assert_string_equal(words.data, "Before 2.00, after 1.00 a day: 0.50 times as many (95 %: 0.37 "
                                    "to 0.67), hoped for were 0.50. It helped.");
    text_clear(&words);
    effect_words(&e, 0.5, REPORT_CHINESE, &words);
    assert_non_null(strstr(words.data, "措施有效。"));
    text_clear(&words);
    const struct group_hits less = {60, 100}, more = {90, 100};
    const struct effect_days days = {90, 30};
    e = effect_of_shares(OF(less, more), OF(less, less), days);
    effect_words(&e, 1.3, REPORT_ENGLISH, &words);
    assert_non_null(strstr(words.data, "Before 60.0 %, after 90.0 %: 1.50 times (95 %: "));
    assert_non_null(strstr(words.data, "Where it was not done: 1.00 times. Beside those: 1.50 "));
    text_clear(&words);
    e = effect_of_counts(&none, &none, NULL);
    effect_words(&e, 0.5, REPORT_ENGLISH, &words);
    assert_string_equal(words.data, "Too early to say.");
    text_free(&words);
}

static void names_are_read_again(void **state)
{
    for (enum effect_verdict v = EFFECT_TOO_EARLY; v <= EFFECT_WORSE; v++) {
        assert_int_equal(effect_verdict_by_name(effect_verdict_name(v)), v);
    }
    for (enum effect_unit u = EFFECT_PER_PURCHASES; u <= EFFECT_DURATION; u++) {
        assert_int_equal(effect_unit_by_name(effect_unit_name(u)), u);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_on_counts_go_by_the_interval),
        cmocka_unit_test(rates_and_ratios_are_by_hand),
        cmocka_unit_test(means_and_shares_are_better_when_higher),
        cmocka_unit_test(what_went_on_elsewhere_is_taken_off),
        cmocka_unit_test(durations_are_better_when_shorter),
        cmocka_unit_test(words_are_in_both_languages_and_end_in_the_verdict),
        cmocka_unit_test(names_are_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
