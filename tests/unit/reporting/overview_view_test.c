/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/overview_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "services/reporting/report_day.h"

#define MESSAGE_MAX ((size_t)64 * 1024)

static const struct overview_frame frame = {
    .request_id = "r-1", .from_day = "", .to_day = "", .time_zone = "Asia/Shanghai"};

static void figures_are_means_and_shares(void **state)
{
    struct overview o = {.events_behind = 3};
    struct overview_figures *total = overview_add(&o, OVERVIEW_TOTAL, "");

    total->cases = 7;
    total->csat_count = 4;
    total->csat_sum = 14;
    total->nps_count = 8;
    total->nps_net = -2;
    total->has_first_response = true;
    total->first_response_median_us = 60;
    total->first_response_p90_us = 600;
    (void)text_copy(total->first_day, sizeof(total->first_day), "2026-11-01");
    (void)text_copy(total->last_day, sizeof(total->last_day), "2026-11-30");
    Troth__V1__ReportReply *reply = overview_reply(&o, &frame, MESSAGE_MAX);
    const Troth__V1__Overview *view = reply->overview;
    assert_string_equal(reply->request_id, "r-1");
    assert_null(reply->code);
    assert_null(reply->text);
    assert_string_equal(view->from_day, "2026-11-01");
    assert_string_equal(view->to_day, "2026-11-30");
    assert_int_equal(view->events_behind, 3);
    assert_int_equal(view->total->cases, 7);
    assert_true(view->total->csat_mean == 3.5);
    assert_true(view->total->nps == -25.0);
    assert_int_equal(view->total->first_response_median_us, 60);
    assert_int_equal(view->total->first_response_p90_us, 600);
    troth__v1__report_reply__free_unpacked(reply, NULL);
    overview_free(&o);
}

static void nothing_is_zero_and_never_a_made_up_mean(void **state)
{
    struct overview o = {.events_behind = 0};
    struct overview_frame asked = frame;

    asked.from_day = "2026-11-01";
    asked.to_day = "2026-11-02";
    Troth__V1__ReportReply *reply = overview_reply(&o, &asked, MESSAGE_MAX);
    const Troth__V1__Overview *view = reply->overview;
    assert_string_equal(view->from_day, "2026-11-01");
    assert_true(view->total->has_cases);
    assert_int_equal(view->total->cases, 0);
    assert_false(view->total->has_csat_mean);
    assert_false(view->total->has_nps);
    assert_false(view->total->has_first_response_median_us);
    assert_int_equal(view->n_per_day, 0);
    assert_int_equal(view->n_per_branch, 0);
    troth__v1__report_reply__free_unpacked(reply, NULL);
    overview_free(&o);
}

static void days_go_from_old_to_new_and_branches_from_large_to_small(void **state)
{
    static const char *const days[] = {"2026-11-02", "2026-11-03", "2026-11-01"};
    static const char *const branches[] = {"small", "large", "", "also large"};
    static const int64_t cases[] = {1, 9, 0, 9};
    struct overview o = {.events_behind = 0};

    for (size_t i = 0; i < 3; i++) {
        (void)overview_add(&o, OVERVIEW_PER_DAY, days[i]);
    }
    for (size_t i = 0; i < 4; i++) {
        overview_add(&o, OVERVIEW_PER_BRANCH, branches[i])->cases = cases[i];
    }
    Troth__V1__ReportReply *reply = overview_reply(&o, &frame, MESSAGE_MAX);
    assert_string_equal(reply->overview->per_day[0]->day, "2026-11-01");
    assert_string_equal(reply->overview->per_day[2]->day, "2026-11-03");
    assert_string_equal(reply->overview->per_branch[0]->branch, "also large");
    assert_string_equal(reply->overview->per_branch[1]->branch, "large");
    assert_string_equal(reply->overview->per_branch[2]->branch, "small");
    assert_string_equal(reply->overview->per_branch[3]->branch, "");
    troth__v1__report_reply__free_unpacked(reply, NULL);
    overview_free(&o);
}

/* As large as each row can be. */
static void fill(struct overview_figures *f)
{
    f->cases = f->first_responses = f->resolved = f->promises_made = INT64_MAX;
    f->promises_kept = f->promises_broken = f->calls_placed = f->calls_reached = INT64_MAX;
    f->follow_ups_planned = f->purchases = f->csat_count = f->csat_sum = INT64_MAX;
    f->nps_count = f->nps_net = f->first_response_median_us = f->first_response_p90_us = INT64_MAX;
    f->has_first_response = true;
}

static void the_newest_days_and_the_largest_branches_are_what_fits(void **state)
{
    struct overview o = {.events_behind = INT64_MAX};
    char key[OVERVIEW_KEY_SIZE];

    for (int i = 0; i < OVERVIEW_DAYS_MAX + 1; i++) {
        char day[REPORT_DAY_SIZE];
        fill(overview_add(&o, OVERVIEW_PER_DAY, report_day_format(20000 + i, day)));
    }
    for (int i = 0; i < OVERVIEW_BRANCHES_MAX + 1; i++) {
        (void)text_format(key, sizeof(key), "%064d", i);
        fill(overview_add(&o, OVERVIEW_PER_BRANCH, key));
    }
    Troth__V1__ReportReply *reply = overview_reply(&o, &frame, MESSAGE_MAX);
    const Troth__V1__Overview *view = reply->overview;
    assert_true(troth__v1__report_reply__get_packed_size(reply) <= MESSAGE_MAX);
    assert_true(troth__v1__report_reply__get_packed_size(reply) > MESSAGE_MAX - 4096);
    assert_in_range(view->n_per_day, 1, OVERVIEW_DAYS_MAX - 1);
    assert_in_range(view->n_per_branch, 1, OVERVIEW_BRANCHES_MAX - 1);
    char newest[REPORT_DAY_SIZE];
    assert_string_equal(view->per_day[view->n_per_day - 1]->day,
                        report_day_format(20000 + OVERVIEW_DAYS_MAX, newest));
    assert_non_null(strstr(reply->text, "per_day has the newest"));
    assert_non_null(strstr(reply->text, "per_branch has the"));
    troth__v1__report_reply__free_unpacked(reply, NULL);
    overview_free(&o);
}

static void a_year_of_a_company_fits_whole(void **state)
{
    struct overview o = {.events_behind = 0};
    char key[OVERVIEW_KEY_SIZE];

    for (int i = 0; i < OVERVIEW_DAYS_MAX; i++) {
        char day[REPORT_DAY_SIZE];
        struct overview_figures *f =
            overview_add(&o, OVERVIEW_PER_DAY, report_day_format(20000 + i, day));
        f->cases = f->first_responses = f->resolved = f->promises_kept = f->calls_placed = 9999;
        f->csat_count = f->csat_sum = f->nps_count = f->nps_net = 9999;
        f->has_first_response = true;
        f->first_response_median_us = f->first_response_p90_us = INT64_C(86400000000);
    }
    for (int i = 0; i < 40; i++) {
        (void)text_format(key, sizeof(key), "branch-%d", i);
        overview_add(&o, OVERVIEW_PER_BRANCH, key)->cases = 99999;
    }
    Troth__V1__ReportReply *reply = overview_reply(&o, &frame, MESSAGE_MAX);
    assert_int_equal(reply->overview->n_per_day, OVERVIEW_DAYS_MAX);
    assert_int_equal(reply->overview->n_per_branch, 40);
    assert_null(reply->text);
    troth__v1__report_reply__free_unpacked(reply, NULL);
    overview_free(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_means_and_shares),
        cmocka_unit_test(nothing_is_zero_and_never_a_made_up_mean),
        cmocka_unit_test(days_go_from_old_to_new_and_branches_from_large_to_small),
        cmocka_unit_test(the_newest_days_and_the_largest_branches_are_what_fits),
        cmocka_unit_test(a_year_of_a_company_fits_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
