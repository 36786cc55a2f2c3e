/* SPDX-License-Identifier: Apache-2.0 */
/* Which days and rows a report is made from. */
#include "services/reporting/report_period.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "services/reporting/report_frame.h"

#define NOW_US INT64_C(1795276800000000) /* 2026-11-21 16:00 UTC */

static const struct report_options options = {
    .time_zone = "UTC", .return_window_days = 7, .least = 10, .factors = ""};

static struct report_frame frame_of(const char *from, const char *to, enum report_grouping grouping)
{
    struct report_frame f = {.grouping = grouping, .now_us = NOW_US, .options = &options};

    (void)text_copy(f.from_day, sizeof(f.from_day), from);
    (void)text_copy(f.to_day, sizeof(f.to_day), to);
    return f;
}

/* "m 2026-10-01 2026-10-31, d 2026-11-01 2026-11-05": s after the letter when settled. */
static void spell(const struct report_piece *pieces, size_t count, struct text *out)
{
    char from[REPORT_DAY_SIZE], to[REPORT_DAY_SIZE];

    text_clear(out);
    for (size_t i = 0; i < count; i++) {
        text_appendf(out, "%s%s%s %s %s", i > 0 ? ", " : "", pieces[i].is_monthly ? "m" : "d",
                     pieces[i].is_settled ? "s" : "", report_day_format(pieces[i].span.from, from),
                     report_day_format(pieces[i].span.to, to));
    }
}

static void whole_months_are_read_from_months_and_each_day_once(void **state)
{
    static const struct {
        const char *from, *to;
        enum report_grouping grouping;
        bool has_settled;
        const char *pieces;
    } cases[] = {
        {"2026-10-01", "2026-10-31", GROUP_NONE,  false, "m 2026-10-01 2026-10-31"    },
        {"2026-10-02", "2026-10-31", GROUP_NONE,  false, "d 2026-10-02 2026-10-31"    },
        {"2026-10-01", "2026-10-30", GROUP_NONE,  false, "d 2026-10-01 2026-10-30"    },
        {"2026-09-30", "2026-11-01", GROUP_MONTH, false,
         "d 2026-09-30 2026-09-30, m 2026-10-01 2026-10-31, d 2026-11-01 2026-11-01"  },
        {"2025-12-31", "2026-03-01", GROUP_NONE,  false,
         "d 2025-12-31 2025-12-31, m 2026-01-01 2026-02-28, d 2026-03-01 2026-03-01"  },
        {"2026-10-15", "2026-11-10", GROUP_NONE,  false, "d 2026-10-15 2026-11-10"    },
        {"2026-09-01", "2026-10-31", GROUP_DAY,   false, "d 2026-09-01 2026-10-31"    },
        {"2026-09-01", "2026-10-31", GROUP_WEEK,  false, "d 2026-09-01 2026-10-31"    },
        {"2026-10-01", "2026-11-30", GROUP_NONE,  true,
         "ms 2026-10-01 2026-10-31, ds 2026-11-01 2026-11-13, d 2026-11-14 2026-11-30"},
        {"2026-11-20", "2026-11-21", GROUP_DAY,   true,  "d 2026-11-20 2026-11-21"    },
    };
    struct text spelled = {.data = NULL};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct report_piece pieces[REPORT_PIECES_MAX];
        const struct report_kind kind = {.name = "made up"};
        struct report_frame f = frame_of(cases[i].from, cases[i].to, cases[i].grouping);
        f.kind = &kind;
        spell(pieces, report_pieces(&f, cases[i].has_settled, false, pieces), &spelled);
        if (strcmp(spelled.data, cases[i].pieces) != 0) {
            fail_msg("%s %s: %s", cases[i].from, cases[i].to, spelled.data);
        }
    }
    text_free(&spelled);
}

static void periods_are_cut_at_the_ends_of_the_range(void **state)
{
    static const struct {
        enum report_grouping grouping;
        size_t count, which;
        const char *from, *to;
    } cases[] = {
        {GROUP_DAY,   51, 0, "2026-09-30", "2026-09-30"},
        {GROUP_WEEK,  8,  0, "2026-09-30", "2026-10-04"},
        {GROUP_WEEK,  8,  1, "2026-10-05", "2026-10-11"},
        {GROUP_WEEK,  8,  7, "2026-11-16", "2026-11-19"},
        {GROUP_MONTH, 3,  0, "2026-09-30", "2026-09-30"},
        {GROUP_MONTH, 3,  1, "2026-10-01", "2026-10-31"},
        {GROUP_MONTH, 3,  2, "2026-11-01", "2026-11-19"},
        {GROUP_NONE,  1,  0, "2026-09-30", "2026-11-19"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char from[REPORT_DAY_SIZE], to[REPORT_DAY_SIZE];
        const struct report_frame f = frame_of("2026-09-30", "2026-11-19", cases[i].grouping);
        const struct report_span span = report_period_span(&f, cases[i].which);
        assert_int_equal(report_period_count(&f), cases[i].count);
        assert_string_equal(report_day_format(span.from, from), cases[i].from);
        assert_string_equal(report_day_format(span.to, to), cases[i].to);
        assert_int_equal(report_period_of(&f, span.from), cases[i].which);
        assert_int_equal(report_period_of(&f, span.to), cases[i].which);
    }
}

static void a_request_is_read_or_refused_with_what_could_be_asked(void **state)
{
    Troth__V1__FiguresRequest asked = TROTH__V1__FIGURES_REQUEST__INIT;
    char name[] = "promises", group[] = "month", bad_group[] = "colour";
    struct report_frame f;
    struct err err = ERR_NONE;

    asked.name = name;
    asked.has_is_compared = asked.is_compared = true;
    assert_int_equal(report_frame_of(&asked, "zh-CN", &options, NOW_US, &f, &err), 0);
    assert_string_equal(f.from_day, "2026-10-22");
    assert_string_equal(f.to_day, "2026-11-21");
    assert_string_equal(f.before_from_day, "2026-09-21");
    assert_string_equal(f.before_to_day, "2026-10-21");
    assert_int_equal(f.grouping, GROUP_DAY);
    assert_int_equal(f.language, REPORT_CHINESE);
    assert_int_equal(f.limit, REPORT_LIMIT_USUAL);
    asked.group_by = group;
    assert_int_equal(report_frame_of(&asked, NULL, &options, NOW_US, &f, &err), 0);
    assert_int_equal(f.grouping, GROUP_MONTH);
    asked.group_by = bad_group;
    assert_int_equal(report_frame_of(&asked, NULL, &options, NOW_US, &f, &err), -1);
    assert_string_equal(err.code, "group_invalid");
    assert_string_equal(err.field, "figures.group_by");
    assert_non_null(strstr(err.text, "promise_kind"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_months_are_read_from_months_and_each_day_once),
        cmocka_unit_test(periods_are_cut_at_the_ends_of_the_range),
        cmocka_unit_test(a_request_is_read_or_refused_with_what_could_be_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
