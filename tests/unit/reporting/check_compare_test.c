/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/check_compare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"

enum {
    DAY = 20000
};

static struct check_compare *compare;
static struct {
    size_t count;
    char figure[CHECK_NAME_SIZE], branch[CHECK_VALUE_SIZE];
    int64_t figures, facts;
} found; /* the last of them */

static int set_up(void **state)
{
    compare = check_compare_new();
    memset(&found, 0, sizeof(found));
    return 0;
}

static int tear_down(void **state)
{
    check_compare_free(compare);
    return 0;
}

static void take(void *ctx, const struct check_difference *d)
{
    found.count++;
    (void)text_copy(found.figure, sizeof(found.figure), d->figure);
    (void)text_copy(found.branch, sizeof(found.branch), d->branch);
    found.figures = d->figures;
    found.facts = d->facts;
}

static void put(enum figure_measure measure, enum check_part part, const char *branch,
                int64_t figures, int64_t facts)
{
    const struct check_key key = {DAY, measure, part, branch};

    if (figures != 0) {
        check_compare_figure(compare, &key, figures);
    }
    if (facts != 0) {
        check_compare_fact(compare, &key, facts);
    }
}

static void what_is_equal_is_no_difference(void **state)
{
    int32_t figures, different;

    put(MEASURE_CASES, CHECK_COUNT, "", 7, 7);
    put(MEASURE_CASES, CHECK_COUNT, "north", 3, 3);
    check_compare_lane(compare);
    check_compare_list(compare, take, NULL);
    assert_int_equal(found.count, 0);
    check_compare_day(compare, DAY, &figures, &different);
    assert_int_equal(figures, 2);
    assert_int_equal(different, 0);
    check_compare_day(compare, DAY + 1, &figures, &different);
    assert_int_equal(figures, 0);
}

static void lanes_that_make_up_for_each_other_are_different_all_the_same(void **state)
{
    put(MEASURE_FIRST_RESPONSE, CHECK_SUM, "north", 10, 11);
    check_compare_lane(compare);
    put(MEASURE_FIRST_RESPONSE, CHECK_SUM, "north", 6, 5);
    check_compare_lane(compare);
    check_compare_list(compare, take, NULL);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.figure, "first_response_sum");
    assert_string_equal(found.branch, "north");
    assert_int_equal(found.figures, 16);
    assert_int_equal(found.facts, 16);
}

static void one_side_alone_is_a_difference(void **state)
{
    put(MEASURE_CSAT, CHECK_COUNT, "", 1, 0);
    check_compare_lane(compare);
    check_compare_list(compare, take, NULL);
    assert_string_equal(found.figure, "csat");
    put(MEASURE_COMPLAINTS, CHECK_COUNT, "south", 0, 2);
    check_compare_lane(compare);
    check_compare_list(compare, take, NULL);
    assert_int_equal(found.count, 3);
}

static void sums_longer_than_an_int64_are_compared_by_their_rest(void **state)
{
    const figure_total sum = ((figure_total)INT64_MAX + 1) * 7 / 2 + 10; /* 7 x 2^62 + 10 */
    const int64_t half = check_sum_of(sum / 2), other = check_sum_of(sum - sum / 2);

    assert_int_equal(check_sum_of(1234), 1234);
    assert_int_equal(check_sum_of(-1234), -1234);
    /* The facts come in parts: their rests add up to that of the whole, or to one turn more. */
    put(MEASURE_RESOLUTION, CHECK_SUM, "", check_sum_of(sum), half);
    put(MEASURE_RESOLUTION, CHECK_SUM, "", 0, other);
    check_compare_lane(compare);
    check_compare_list(compare, take, NULL);
    assert_int_equal(found.count, 0);
    put(MEASURE_RESOLUTION, CHECK_SUM, "", check_sum_of(sum), half);
    put(MEASURE_RESOLUTION, CHECK_SUM, "", 0, other + 1);
    check_compare_lane(compare);
    check_compare_list(compare, take, NULL);
    assert_int_equal(found.count, 1);
}

static void a_lane_that_is_read_again_counts_once(void **state)
{
    put(MEASURE_CASES, CHECK_COUNT, "", 5, 4);
    check_compare_again(compare);
    put(MEASURE_CASES, CHECK_COUNT, "", 5, 5);
    check_compare_lane(compare);
    check_compare_list(compare, take, NULL);
    assert_int_equal(found.count, 0);
}

static void quantiles_may_be_one_percent_off(void **state)
{
    put(MEASURE_RESOLUTION, CHECK_P90, "", 101000, 100000);
    check_compare_lane(compare);
    check_compare_list(compare, take, NULL);
    assert_int_equal(found.count, 0);
    put(MEASURE_RESOLUTION, CHECK_P90, "", 102000, 100000);
    check_compare_lane(compare);
    put(MEASURE_RESOLUTION, CHECK_P90, "", 5, 5);
    check_compare_lane(compare);
    check_compare_list(compare, take, NULL);
    assert_string_equal(found.figure, "resolution_p90");
    assert_int_equal(found.figures, 102000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_equal_is_no_difference, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            lanes_that_make_up_for_each_other_are_different_all_the_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_side_alone_is_a_difference, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sums_longer_than_an_int64_are_compared_by_their_rest,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_lane_that_is_read_again_counts_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(quantiles_may_be_one_percent_off, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
