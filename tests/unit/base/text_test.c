/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/text.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void utf8_is_checked_to_the_letter_of_the_standard(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        size_t len;
        bool want;
    } cases[] = {
        {"empty",                    "",                                 0,  true },
        {"ascii",                    "abc",                              3,  true },
        {"control characters",       "\x01\t\x7f",                       3,  true },
        {"two bytes",                "\xc2\x80\xdf\xbf",                 4,  true },
        {"three bytes",              "客户\xe0\xa0\x80\xef\xbf\xbf",   12, true },
        {"four bytes",               "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 8,  true },
        {"around the surrogates",    "\xed\x9f\xbf\xee\x80\x80",         6,  true },
        {"NUL inside",               "a\0b",                             3,  false},
        {"lone continuation",        "\x80",                             1,  false},
        {"overlong two bytes",       "\xc0\xaf",                         2,  false},
        {"overlong two bytes, last", "\xc1\xbf",                         2,  false},
        {"overlong three bytes",     "\xe0\x9f\xbf",                     3,  false},
        {"overlong four bytes",      "\xf0\x8f\xbf\xbf",                 4,  false},
        {"overlong NUL",             "\xc0\x80",                         2,  false},
        {"first surrogate",          "\xed\xa0\x80",                     3,  false},
        {"last surrogate",           "\xed\xbf\xbf",                     3,  false},
        {"over U+10FFFF",            "\xf4\x90\x80\x80",                 4,  false},
        {"five bytes",               "\xf8\x88\x80\x80\x80",             5,  false},
        {"bytes FE and FF",          "\xfe\xff",                         2,  false},
        {"cut after the lead",       "\xe5",                             1,  false},
        {"cut before the last",      "\xe5\xae",                         2,  false},
        {"cut four bytes",           "\xf0\x9f\x98",                     3,  false},
        {"lead after lead",          "\xe5\xe5\xae",                     3,  false},
        {"ascii in a sequence",      "\xe5\xaez",                        3,  false},
        {"latin 1",                  "caf\xe9",                          4,  false},
        {"good, then bad",           "客\xff",                          4,  false},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct bytes in = {(const uint8_t *)cases[i].text, cases[i].len};

        if (text_is_utf8(in) != cases[i].want) {
            fail_msg("%s", cases[i].name);
        }
    }
    assert_true(text_is_utf8((struct bytes){NULL, 0}));
}

static void code_points_and_columns_are_counted(void **state)
{
    static const struct {
        const char *text;
        size_t code_points;
        size_t columns;
    } cases[] = {
        {"",                   0, 0 },
        {"abc",                3, 3 },
        {"Müller",            6, 6 },
        {"Mu\u0308ller",       7, 6 },
        {"客户投诉",       4, 8 },
        {"4S店，您好！",  7, 12},
        {"ｶﾀｶﾅ",       4, 4 },
        {"한국",             2, 4 },
        {"\u1112\u1161\u11ab", 3, 2 },
        {"😀 ok",            4, 5 },
        {"\U0002000b",         1, 2 },
        {"a\u200bb",           3, 2 },
        {"é",                 1, 1 },
        {"Привет",       6, 6 },
        {"สวัสดี", 6, 4 },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(text_code_points(cases[i].text), cases[i].code_points);
        assert_int_equal(text_columns(cases[i].text), cases[i].columns);
    }
}

static void copies_are_cut_at_a_code_point(void **state)
{
    static const struct {
        size_t size;
        const char *src;
        bool want_whole;
        const char *want;
    } cases[] = {
        {8, "",         true,  ""       },
        {8, "1234567",  true,  "1234567"},
        {8, "12345678", false, "1234567"},
        {1, "",         true,  ""       },
        {1, "a",        false, ""       },
        {7, "客户",   true,  "客户" },
        {6, "客户",   false, "客"    },
        {5, "客户",   false, "客"    },
        {4, "客户",   false, "客"    },
        {3, "客户",   false, ""       },
        {2, "客户",   false, ""       },
        {5, "a😀",    false, "a"      },
        {6, "a😀",    true,  "a😀"  },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char copied[16];
        char formatted[16];

        assert_int_equal(text_copy(copied, cases[i].size, cases[i].src), cases[i].want_whole);
        assert_string_equal(copied, cases[i].want);
        assert_int_equal(text_format(formatted, cases[i].size, "%s", cases[i].src),
                         cases[i].want_whole);
        assert_string_equal(formatted, cases[i].want);
    }
}

static void a_destination_without_room_is_not_touched(void **state)
{
    char c = 'x';

    assert_false(text_copy(&c, 0, ""));
    assert_false(text_format(&c, 0, "a"));
    assert_int_equal(c, 'x');
}

static void emptiness_includes_null(void **state)
{
    assert_true(text_is_empty(NULL));
    assert_true(text_is_empty(""));
    assert_false(text_is_empty(" "));
}

static void whole_numbers_are_read_within_their_limits(void **state)
{
    static const struct {
        const char *text;
        int64_t min, max;
        int want_rc;
        int64_t want;
    } cases[] = {
        {"0",                    0,         10,        0,  0        },
        {"10",                   0,         10,        0,  10       },
        {"11",                   0,         10,        -1, 42       },
        {"-1",                   0,         10,        -1, 42       },
        {"-5",                   -5,        5,         0,  -5       },
        {"-0",                   -5,        5,         0,  0        },
        {"007",                  0,         10,        0,  7        },
        {"9223372036854775807",  INT64_MIN, INT64_MAX, 0,  INT64_MAX},
        {"9223372036854775808",  INT64_MIN, INT64_MAX, -1, 42       },
        {"-9223372036854775808", INT64_MIN, INT64_MAX, 0,  INT64_MIN},
        {"-9223372036854775809", INT64_MIN, INT64_MAX, -1, 42       },
        {"99999999999999999999", INT64_MIN, INT64_MAX, -1, 42       },
        {"",                     INT64_MIN, INT64_MAX, -1, 42       },
        {NULL,                   INT64_MIN, INT64_MAX, -1, 42       },
        {"-",                    INT64_MIN, INT64_MAX, -1, 42       },
        {"--1",                  INT64_MIN, INT64_MAX, -1, 42       },
        {"+1",                   INT64_MIN, INT64_MAX, -1, 42       },
        {" 1",                   INT64_MIN, INT64_MAX, -1, 42       },
        {"1 ",                   INT64_MIN, INT64_MAX, -1, 42       },
        {"1.0",                  INT64_MIN, INT64_MAX, -1, 42       },
        {"1e3",                  INT64_MIN, INT64_MAX, -1, 42       },
        {"0x10",                 INT64_MIN, INT64_MAX, -1, 42       },
        {"１",                  INT64_MIN, INT64_MAX, -1, 42       },
        {"1/",                   INT64_MIN, INT64_MAX, -1, 42       },
        {"1:",                   INT64_MIN, INT64_MAX, -1, 42       },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t got = 42;
        int rc = text_to_int64(cases[i].text, cases[i].min, cases[i].max, &got);

        if (rc != cases[i].want_rc || got != cases[i].want) {
            fail_msg("%s: %d, %lld", cases[i].text, rc, (long long)got);
        }
    }
}

static void check_doubles(void)
{
    static const struct {
        const char *text;
        double want;
    } good[] = {
        {"0",                      0                     },
        {"1.5",                    1.5                   },
        {"-1.5",                   -1.5                  },
        {".5",                     0.5                   },
        {"5.",                     5                     },
        {"1e3",                    1000                  },
        {"1E-2",                   0.01                  },
        {"2.5e+1",                 25                    },
        {"0.1",                    0.1                   },
        {"1e-400",                 0                     },
        {"1.7976931348623157e308", 0x1.fffffffffffffp1023},
    };
    static const char *const bad[] = {
        NULL,    "",     ".",   "-",    "e5",  "1e",    "1e+",    "+1", " 1",   "1 ",    "1,5",
        "1.5.1", "0x10", "inf", "-inf", "nan", "1e309", "-1e309", "1d", "１.5", "1_000", "infinity",
    };

    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        double got = 42;

        if (text_to_double(good[i].text, &got) != 0 || got < good[i].want || got > good[i].want) {
            fail_msg("%s: %g", good[i].text, got);
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        double got = 42;

        if (text_to_double(bad[i], &got) != -1 || got < 42 || got > 42) {
            fail_msg("%s: %g", bad[i] ? bad[i] : "NULL", got);
        }
    }
}

static void decimal_numbers_are_read_alike_in_every_locale(void **state)
{
    static const char *const with_comma[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "fr_FR"};

    check_doubles();
    for (size_t i = 0; i < ARRAY_LEN(with_comma); i++) {
        if (setlocale(LC_ALL, with_comma[i])) { /* whichever this machine has */
            check_doubles();
        }
    }
    (void)setlocale(LC_ALL, "C");
}

static void a_text_grows_and_ends_with_nul(void **state)
{
    struct text t = {.data = NULL};

    assert_string_equal(text_or_empty(&t), "");
    text_clear(&t);
    text_append(&t, "");
    assert_string_equal(t.data, "");
    text_append_len(&t, NULL, 0);
    text_append_len(&t, "abcdef", 3);
    text_appendf(&t, "-%d-%s", 42, "客");
    assert_string_equal(t.data, "abc-42-客");
    assert_int_equal(t.len, strlen(t.data));
    for (int i = 0; i < 10000; i++) {
        text_appendf(&t, "%04d", i);
    }
    assert_int_equal(t.len, 10 + 40000);
    assert_string_equal(t.data + t.len - 4, "9999");
    text_clear(&t);
    assert_string_equal(text_or_empty(&t), "");
    assert_int_equal(t.len, 0);
    text_free(&t);
    assert_null(t.data);
    text_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_is_checked_to_the_letter_of_the_standard),
        cmocka_unit_test(code_points_and_columns_are_counted),
        cmocka_unit_test(copies_are_cut_at_a_code_point),
        cmocka_unit_test(a_destination_without_room_is_not_touched),
        cmocka_unit_test(emptiness_includes_null),
        cmocka_unit_test(whole_numbers_are_read_within_their_limits),
        cmocka_unit_test(decimal_numbers_are_read_alike_in_every_locale),
        cmocka_unit_test(a_text_grows_and_ends_with_nul),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
