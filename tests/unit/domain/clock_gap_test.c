/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/clock_gap.h"

#include "tests/unit/domain/clock_story.h"

struct found {
    struct clock_gap gaps[64];
    size_t count;
};

static void note(void *ctx, const struct clock_gap *gap)
{
    struct found *f = ctx;

    assert_true(f->count < ARRAY_LEN(f->gaps));
    f->gaps[f->count++] = *gap;
}

struct part {
    enum clock_gap_reason reason;
    const char *to;
    const char *day;
};

static void assert_parts(const struct calendar *c, const char *from, const struct part *want,
                         size_t count)
{
    struct found f = {.count = 0};
    int64_t here_us = instant(from);

    clock_gap_split(c, here_us, instant(want[count - 1].to), note, &f);
    assert_int_equal(f.count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(f.gaps[i].from_us, here_us);
        assert_int_equal(f.gaps[i].to_us, instant(want[i].to));
        assert_int_equal(f.gaps[i].reason, want[i].reason);
        if (want[i].day) {
            assert_string_equal(f.gaps[i].day, want[i].day);
            assert_string_equal(f.gaps[i].notice, "notice");
        } else {
            assert_null(f.gaps[i].day);
        }
        here_us = f.gaps[i].to_us;
    }
}

static void a_closed_stretch_is_named_by_its_days(void **state)
{
    struct calendar_book *book = garage_book();
    const struct calendar *c = calendar_book_at(book, 0);
    static const struct part lunch[] = {
        {CLOCK_GAP_BREAK, "2026-01-05T13:00+08:00", NULL}
    };
    static const struct part night[] = {
        {CLOCK_GAP_NIGHT, "2026-01-06T08:00+08:00", NULL}
    };
    static const struct part sunday[] = {
        {CLOCK_GAP_NIGHT,   "2026-01-11T00:00+08:00", NULL},
        {CLOCK_GAP_DAY_OFF, "2026-01-12T00:00+08:00", NULL},
        {CLOCK_GAP_NIGHT,   "2026-01-12T08:00+08:00", NULL},
    };
    static const struct part spring[] = {
        {CLOCK_GAP_SPECIAL_HOURS, "2026-02-15T00:00+08:00", "春节"},
        {CLOCK_GAP_SPECIAL_DAY,   "2026-02-24T00:00+08:00", "春节"},
        {CLOCK_GAP_NIGHT,         "2026-02-24T08:00+08:00", NULL    },
    };
    static const struct part within[] = {
        {CLOCK_GAP_SPECIAL_DAY, "2026-02-20T12:00+08:00", "春节"}
    };

    assert_parts(c, "2026-01-05T12:00+08:00", lunch, ARRAY_LEN(lunch));
    assert_parts(c, "2026-01-05T18:00+08:00", night, ARRAY_LEN(night));
    assert_parts(c, "2026-01-10T15:00+08:00", sunday, ARRAY_LEN(sunday));
    assert_parts(c, "2026-02-14T18:00+08:00", spring, ARRAY_LEN(spring));
    assert_parts(c, "2026-02-20T10:00+08:00", within, ARRAY_LEN(within));
    calendar_book_free(book);
}

static void two_holidays_side_by_side_are_two(void **state)
{
    struct calendar_book *book =
        calendar_text_one("Europe/Berlin", "mon-fri = \"09:00-17:00\";", "days = \"x\";",
                          "days_x = ( { notice = \"notice\"; days = ("
                          " { name = \"one\"; off = \"2026-12-24\"; }, { name = \"two\"; off = "
                          "\"2026-12-25\"; } ); } );");
    static const struct part parts[] = {
        {CLOCK_GAP_NIGHT,       "2026-12-24T00:00+01:00", NULL },
        {CLOCK_GAP_SPECIAL_DAY, "2026-12-25T00:00+01:00", "one"},
        {CLOCK_GAP_SPECIAL_DAY, "2026-12-26T00:00+01:00", "two"},
        {CLOCK_GAP_DAY_OFF,     "2026-12-28T00:00+01:00", NULL },
        {CLOCK_GAP_NIGHT,       "2026-12-28T09:00+01:00", NULL },
    };

    assert_parts(calendar_book_at(book, 0), "2026-12-23T17:00+01:00", parts, ARRAY_LEN(parts));
    calendar_book_free(book);
}

/* A day that begins at one o'clock, for midnight is skipped; and a whole day that a zone skipped.
 */
static void days_that_begin_late_or_never_are_no_trouble(void **state)
{
    struct calendar_book *beirut =
        calendar_text_one("Asia/Beirut", "mon-fri = \"09:00-17:00\";", "", "");
    struct calendar_book *apia =
        calendar_text_one("Pacific/Apia", "mon-wed = \"09:00-17:00\";", "", "");
    static const struct part late[] = {
        {CLOCK_GAP_NIGHT,   "2026-03-28T00:00+02:00", NULL},
        {CLOCK_GAP_DAY_OFF, "2026-03-30T00:00+03:00", NULL},
        {CLOCK_GAP_NIGHT,   "2026-03-30T09:00+03:00", NULL},
    };
    static const struct part skipped[] = {
        {CLOCK_GAP_NIGHT,   "2011-12-29T00:00-10:00", NULL},
        {CLOCK_GAP_DAY_OFF, "2012-01-02T00:00+14:00", NULL},
        {CLOCK_GAP_NIGHT,   "2012-01-02T09:00+14:00", NULL},
    };

    assert_parts(calendar_book_at(beirut, 0), "2026-03-27T17:00+02:00", late, ARRAY_LEN(late));
    assert_parts(calendar_book_at(apia, 0), "2011-12-28T17:00-10:00", skipped, ARRAY_LEN(skipped));
    calendar_book_free(beirut);
    calendar_book_free(apia);
}

static void an_empty_stretch_has_no_parts(void **state)
{
    struct calendar_book *book = garage_book();
    struct found f = {.count = 0};

    clock_gap_split(calendar_book_at(book, 0), 5, 5, note, &f);
    clock_gap_split(calendar_book_at(book, 0), 6, 5, note, &f);
    assert_int_equal(f.count, 0);
    calendar_book_free(book);
}

static void each_reason_has_a_name(void **state)
{
    static const char *const want[] = {"unknown", "night",       "break",
                                       "day_off", "special_day", "special_hours"};

    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        assert_string_equal(clock_gap_reason_name((enum clock_gap_reason)i), want[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_closed_stretch_is_named_by_its_days),
        cmocka_unit_test(two_holidays_side_by_side_are_two),
        cmocka_unit_test(days_that_begin_late_or_never_are_no_trouble),
        cmocka_unit_test(an_empty_stretch_has_no_parts),
        cmocka_unit_test(each_reason_has_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
