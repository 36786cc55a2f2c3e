/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void lines_of_one_name_stand_together_below_their_help(void **state)
{
    struct metrics *m = metrics_new();
    struct text out = {0};
    *metrics_counter(m, "troth_records_total", "outcome=\"accepted\"", "Records.") = 3;
    *metrics_gauge(m, "troth_waiting", NULL, "Records that wait.") = -1;
    *metrics_counter(m, "troth_records_total", "outcome=\"rejected\"", "Records.") += 2;
    metrics_print(m, &out);
    assert_string_equal(text_or_empty(&out), "# HELP troth_records_total Records.\n"
                                             "# TYPE troth_records_total counter\n"
                                             "troth_records_total{outcome=\"accepted\"} 3\n"
                                             "troth_records_total{outcome=\"rejected\"} 2\n"
                                             "# HELP troth_waiting Records that wait.\n"
                                             "# TYPE troth_waiting gauge\n"
                                             "troth_waiting -1\n");
    text_free(&out);
    metrics_free(m);
}

static void the_same_name_and_labels_are_the_same_number(void **state)
{
    struct metrics *m = metrics_new();
    int64_t *first = metrics_counter(m, "troth_a_total", "x=\"1\"", "A.");
    assert_ptr_equal(metrics_counter(m, "troth_a_total", "x=\"1\"", "A."), first);
    assert_ptr_not_equal(metrics_counter(m, "troth_a_total", NULL, "A."), first);
    metrics_free(m);
}

static void numbers_stay_where_they_are_while_others_come(void **state)
{
    struct metrics *m = metrics_new();
    int64_t *first = metrics_gauge(m, "troth_first", NULL, "First.");
    char name[] = "troth_x00";
    for (int i = 0; i < 100; i++) {
        name[7] = (char)('0' + i / 10);
        name[8] = (char)('0' + i % 10);
        *metrics_gauge(m, name, NULL, "More.") = i;
    }
    *first = 7;
    assert_ptr_equal(metrics_gauge(m, "troth_first", NULL, "First."), first);
    metrics_free(m);
    metrics_free(NULL);
}

static void a_bucket_includes_its_bound_and_the_last_has_all(void **state)
{
    struct metrics *m = metrics_new();
    struct text out = {0};
    const struct metrics_bounds bounds = {
        .count = 2, .at = {1000, 2500},
             .unit = 1000000
    };
    struct metrics_histogram *h =
        metrics_histogram(m, "troth_wait_seconds", "x=\"1\"", "Wait.", &bounds);
    const int64_t values[] = {-5, 0, 1000, 1001, 2500, 2501, 5000000};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        metrics_observe(h, values[i]);
    }
    metrics_observe(NULL, 1);
    *metrics_gauge(m, "troth_unknown", NULL, "Nobody knows.") = METRICS_NONE;
    metrics_print(m, &out);
    assert_string_equal(text_or_empty(&out), "# HELP troth_wait_seconds Wait.\n"
                                             "# TYPE troth_wait_seconds histogram\n"
                                             "troth_wait_seconds_bucket{x=\"1\",le=\"0.001\"} 3\n"
                                             "troth_wait_seconds_bucket{x=\"1\",le=\"0.0025\"} 5\n"
                                             "troth_wait_seconds_bucket{x=\"1\",le=\"+Inf\"} 7\n"
                                             "troth_wait_seconds_sum{x=\"1\"} 5.007002\n"
                                             "troth_wait_seconds_count{x=\"1\"} 7\n"
                                             "# HELP troth_unknown Nobody knows.\n"
                                             "# TYPE troth_unknown gauge\n");
    text_free(&out);
    metrics_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_one_name_stand_together_below_their_help),
        cmocka_unit_test(the_same_name_and_labels_are_the_same_number),
        cmocka_unit_test(a_bucket_includes_its_bound_and_the_last_has_all),
        cmocka_unit_test(numbers_stay_where_they_are_while_others_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
