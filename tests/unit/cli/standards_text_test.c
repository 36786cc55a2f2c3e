/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/standards_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/duration.h"

static void a_target_is_told_in_hours_where_a_calendar_counts(void **state)
{
    static const struct {
        int64_t us;
        const char *of_all_hours, *by_calendar;
    } cases[] = {
        {30 * DURATION_MIN,                               "30m",     "30m"   },
        {4 * DURATION_H,                                  "4h",      "4h"    },
        {DURATION_DAY,                                    "1d",      "24h"   },
        {3 * DURATION_DAY,                                "3d",      "72h"   },
        {DURATION_DAY + 30 * DURATION_MIN,                "1d30m",   "24h30m"},
        {DURATION_DAY + 12 * DURATION_H + 5 * DURATION_S, "1d12h5s", "36h5s" },
        {3650 * DURATION_DAY,                             "3650d",   "87600h"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct text all = {.data = NULL};
        struct text counted = {.data = NULL};

        standards_text_length(&all, cases[i].us, false);
        standards_text_length(&counted, cases[i].us, true);
        assert_string_equal(all.data, cases[i].of_all_hours);
        assert_string_equal(counted.data, cases[i].by_calendar);
        text_free(&all);
        text_free(&counted);
    }
}

static void what_a_rule_says_is_told_in_words(void **state)
{
    const char *words[] = {"a", "b"};
    const struct standard_rule nothing = {.asked_priority = 0};
    const struct standard_rule rule = {
        .conditions = {[STANDARD_KIND] = "complaint",                                                    [STANDARD_BRANCH] = "north"},
        .asked_priority = 1,
        .words = {.texts = words,                                                                                .count = 2},
        .decision = {.promises = {{.kind = "first_response", .target_us = DURATION_DAY},
                                  {.kind = "callback", .target_us = DURATION_H}},
                       .promise_count = 2},
        .is_by_branch = {true},
    };
    struct text t = {.data = NULL};

    standards_text_conditions(&t, &nothing);
    text_append(&t, "; ");
    standards_text_promises(&t, &nothing);
    text_append(&t, "; ");
    standards_text_conditions(&t, &rule);
    text_append(&t, "; ");
    standards_text_promises(&t, &rule);
    assert_string_equal(t.data, "everything else; nothing; complaint, branch north, priority by "
                                "hand 1, words \"a\", \"b\"; "
                                "first response 24h of the branch's hours, callback 1h");
    text_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_target_is_told_in_hours_where_a_calendar_counts),
        cmocka_unit_test(what_a_rule_says_is_told_in_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
