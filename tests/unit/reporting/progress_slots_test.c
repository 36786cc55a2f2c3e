/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_slots.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/domain/standard.h"

#define H DURATION_H
/* Friday 2026-11-20 00:00 UTC. */
#define FRIDAY (INT64_C(20777) * DURATION_DAY)

static const char office[] =
    "calendars = ({ name = \"office\"; zone = \"UTC\";"
    " week = { mon-fri = (\"09:00-12:00\", \"13:00-17:30\"); }; });\n"
    "rules = ({ name = \"all\"; priority = 3; owner_team = \"care\"; promises = ("
    "{ kind = \"resolution\"; target = \"1d\"; calendar = \"office\"; }); });\n";

static void hours_are_whole_and_within_working_time_and_the_day(void **state)
{
    struct err err = ERR_NONE;
    struct standard *standard = standard_parse(office, "office", &err);
    struct standard_promise promise;
    int64_t at[PROGRESS_SLOTS_MAX];
    (void)state;
    if (!standard) {
        fail_msg("%s %s", err.field, err.text);
    }
    assert_true(standard_find_promise(standard, "all", "resolution", "", &promise));
    /* Friday 14:45: half an hour ahead is 15:15, so 16:00; the day ends at 17:30. */
    size_t count = progress_slots(promise.calendar, NULL, FRIDAY + 14 * H + 45 * DURATION_MIN, at);
    assert_int_equal(at[0], FRIDAY + 16 * H);
    assert_int_equal(at[1], FRIDAY + 3 * DURATION_DAY + 9 * H);  /* Monday */
    assert_int_equal(at[4], FRIDAY + 3 * DURATION_DAY + 13 * H); /* after the break */
    assert_int_equal(count, 1 + 4 * 7);
    assert_true(progress_slots_has(promise.calendar, NULL, FRIDAY + 14 * H, FRIDAY + 16 * H));
    assert_false(progress_slots_has(promise.calendar, NULL, FRIDAY + 14 * H, FRIDAY + 17 * H));
    assert_false(progress_slots_has(promise.calendar, NULL, FRIDAY + 14 * H, FRIDAY + 16 * H + 1));
    assert_false(
        progress_slots_has(promise.calendar, NULL, FRIDAY + 14 * H, FRIDAY + DURATION_DAY + 9 * H));
    standard_free(standard);
}

/* Working hours of Europe are the night of New York: nobody is called at 4 in the morning. */
static void nobody_is_called_in_the_night_where_the_customer_is(void **state)
{
    struct zone *zone = zone_open("America/New_York", NULL);
    int64_t at[PROGRESS_SLOTS_MAX];
    (void)state;
    size_t count = progress_slots(NULL, zone, FRIDAY, at); /* Thursday 19:00 there */
    assert_int_equal(count, 12 * 5);
    for (size_t i = 0; i < count; i++) {
        struct civil_time local;
        zone_from_instant(zone, at[i], &local);
        assert_in_range(local.hour, 8, 19);
        assert_int_equal(local.minute, 0);
    }
    zone_free(zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hours_are_whole_and_within_working_time_and_the_day),
        cmocka_unit_test(nobody_is_called_in_the_night_where_the_customer_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
