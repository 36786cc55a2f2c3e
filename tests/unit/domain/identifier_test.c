/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/identifier.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"

/* Stored numbers depend on these: a customer would be looked for in another bucket. */
static void the_bucket_of_a_reference_never_changes(void **state)
{
    static const struct {
        const char *reference;
        int32_t source_id;
        int16_t want;
    } cases[] = {
        {"garage-0001",     1,         228},
        {"garage-0002",     1,         34 },
        {"garage-0001",     2,         57 },
        {"客户-42",       7,         88 },
        {"",                INT32_MAX, 138},
        {"x",               INT32_MIN, 6  },
        {"+49 170 1234567", 1,         82 },
        {"a/b",             1,         115},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(identifier_bucket_of_reference(cases[i].source_id, cases[i].reference),
                         cases[i].want);
    }
}

static void references_spread_evenly_over_the_buckets(void **state)
{
    unsigned counts[BUCKET_COUNT] = {0};

    for (int i = 0; i < 256 * 100; i++) {
        char reference[32];
        int16_t bucket;

        text_format(reference, sizeof(reference), "K%08d", i);
        bucket = identifier_bucket_of_reference(3, reference);
        assert_in_range(bucket, 0, BUCKET_COUNT - 1);
        counts[bucket]++;
    }
    for (size_t i = 0; i < BUCKET_COUNT; i++) {
        assert_in_range(counts[i], 50, 150); /* 100 +- 5 standard deviations */
    }
}

static void a_number_carries_its_bucket(void **state)
{
    static const struct {
        int64_t counter;
        int16_t bucket;
        int64_t want;
    } cases[] = {
        {0,                      0,   0        },
        {0,                      255, 255      },
        {1,                      0,   256      },
        {4822,                   71,  1234503  },
        {(INT64_C(1) << 55) - 1, 255, INT64_MAX},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t number = identifier_make(cases[i].counter, cases[i].bucket);

        assert_true(number == cases[i].want);
        assert_int_equal(identifier_bucket(number), cases[i].bucket);
    }
}

static void numbers_are_written_for_people(void **state)
{
    static const struct {
        enum identifier_kind kind;
        int64_t number;
        const char *want;
    } cases[] = {
        {IDENTIFIER_CASE,      572,         "C-572-4"                }, /* Damm's own example */
        {IDENTIFIER_CUSTOMER,  0,           "K-0-0"                  },
        {IDENTIFIER_PROMISE,   1,           "P-1-3"                  },
        {IDENTIFIER_FOLLOW_UP, 43881234567, "F-43881234567-9"        }, /* and one of his longer ones */
        {IDENTIFIER_CASE,      INT64_MAX,   "C-9223372036854775807-7"},
        {IDENTIFIER_CASE,      -572,        "C--572-4"               },
    };
    char text[IDENTIFIER_TEXT_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_ptr_equal(identifier_format(cases[i].kind, cases[i].number, text), text);
        assert_string_equal(text, cases[i].want);
    }
}

static void what_people_type_is_read(void **state)
{
    static const struct {
        enum identifier_kind kind;
        const char *text;
        int64_t want;
    } cases[] = {
        {IDENTIFIER_CASE,      "C-572-4",                 572      },
        {IDENTIFIER_CASE,      "c-572-4",                 572      },
        {IDENTIFIER_CASE,      "c 572 4",                 572      },
        {IDENTIFIER_CASE,      "C-572 4",                 572      },
        {IDENTIFIER_CASE,      "C-000572-4",              572      },
        {IDENTIFIER_CUSTOMER,  "k-0-0",                   0        },
        {IDENTIFIER_PROMISE,   "P-1-3",                   1        },
        {IDENTIFIER_FOLLOW_UP, "f 572-4",                 572      },
        {IDENTIFIER_CASE,      "C-9223372036854775807-7", INT64_MAX},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;
        int64_t number = -1;

        assert_int_equal(identifier_parse(cases[i].kind, cases[i].text, &number, &err), 0);
        assert_true(number == cases[i].want);
        assert_string_equal(err.code, "");
    }
}

static void everything_else_is_refused_with_a_reason(void **state)
{
    static const struct {
        const char *text;
        const char *reason; /* part of the text */
    } cases[] = {
        {NULL,                     "starts with \"C-\""        },
        {"",                       "starts with"               },
        {"C",                      "starts with"               },
        {"572",                    "starts with"               },
        {"K-572-4",                "starts with"               },
        {"C572-4",                 "starts with"               },
        {" C-572-4",               "starts with"               },
        {"#-572-4",                "starts with"               },
        {"C-",                     "no digits"                 },
        {"C--4",                   "no digits"                 },
        {"C--572-4",               "no digits"                 },
        {"C- 572-4",               "no digits"                 },
        {"C-x-4",                  "no digits"                 },
        {"C-572",                  "one check digit"           },
        {"C-572-",                 "one check digit"           },
        {"C-5724",                 "one check digit"           },
        {"C-572-44",               "one check digit"           },
        {"C-572-4 ",               "one check digit"           },
        {"C-572-x",                "one check digit"           },
        {"C-57２-4",              "one check digit"           },
        {"C-572-5",                "check digit does not match"},
        {"C-527-4",                "check digit does not match"},
        {"C-9223372036854775808-", "one check digit"           },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;
        int64_t number = 42;

        assert_int_equal(identifier_parse(IDENTIFIER_CASE, cases[i].text, &number, &err), -1);
        assert_true(number == 42);
        assert_string_equal(err.code, "identifier_invalid");
        if (!strstr(err.text, cases[i].reason)) {
            fail_msg("%s: %s", cases[i].text ? cases[i].text : "NULL", err.text);
        }
    }
}

/* One of the ten check digits is right, and then the size is what is wrong. */
static void numbers_over_int64_are_refused_whatever_their_check_digit(void **state)
{
    static const char *const digits[] = {
        "9223372036854775808",
        "99999999999999999999",
        "1111111111111111111111111111111111111111111111111111111111111111111",
    };

    for (size_t i = 0; i < ARRAY_LEN(digits); i++) {
        unsigned too_large = 0;

        for (int check = 0; check < 10; check++) {
            struct err err = ERR_NONE;
            int64_t number;
            char text[128];

            text_format(text, sizeof(text), "C-%s-%d", digits[i], check);
            assert_int_equal(identifier_parse(IDENTIFIER_CASE, text, &number, &err), -1);
            too_large += strstr(err.text, "too large") != NULL;
        }
        assert_int_equal(too_large, 1);
    }
}

static bool is_accepted(const char *text)
{
    int64_t number;

    return identifier_parse(IDENTIFIER_CASE, text, &number, NULL) == 0;
}

/* Every other digit in the place of text[at]. */
static void check_wrong_digits_at(const char *text, size_t at)
{
    static const char digits[] = "0123456789";
    char wrong[IDENTIFIER_TEXT_SIZE];

    text_copy(wrong, sizeof(wrong), text);
    for (const char *digit = digits; *digit; digit++) {
        wrong[at] = *digit;
        if (is_accepted(wrong) != (*digit == text[at])) {
            fail_msg("%s read as %s", text, wrong);
        }
    }
}

static void check_single_digit_errors(const char *text)
{
    for (size_t i = 0; text[i]; i++) {
        if (isdigit((unsigned char)text[i])) {
            check_wrong_digits_at(text, i);
        }
    }
}

/* The last digit of the number and the check digit are neighbours too. */
static void check_swaps_of_neighbours(const char *text)
{
    size_t last = strlen(text) - 1;

    for (size_t i = 2; i < last; i++) {
        size_t next = i + 1 == last - 1 ? last : i + 1;
        char wrong[IDENTIFIER_TEXT_SIZE];

        text_copy(wrong, sizeof(wrong), text);
        wrong[i] = text[next];
        wrong[next] = text[i];
        if (text[i] != text[next] && is_accepted(wrong)) {
            fail_msg("%s read as %s", text, wrong);
        }
        if (next == last) {
            break;
        }
    }
}

static void every_wrong_digit_and_swap_of_neighbours_is_caught(void **state)
{
    static const int64_t starts[] = {0, 1234567, 987654321012, INT64_MAX - 4000};

    for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
        for (int64_t n = 0; n < 4000; n++) {
            char text[IDENTIFIER_TEXT_SIZE];

            identifier_format(IDENTIFIER_CASE, starts[i] + n, text);
            assert_true(is_accepted(text));
            if (starts[i] + n < INT64_MAX / 10) { /* others would also fail for their size */
                check_single_digit_errors(text);
            }
            check_swaps_of_neighbours(text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bucket_of_a_reference_never_changes),
        cmocka_unit_test(references_spread_evenly_over_the_buckets),
        cmocka_unit_test(a_number_carries_its_bucket),
        cmocka_unit_test(numbers_are_written_for_people),
        cmocka_unit_test(what_people_type_is_read),
        cmocka_unit_test(everything_else_is_refused_with_a_reason),
        cmocka_unit_test(numbers_over_int64_are_refused_whatever_their_check_digit),
        cmocka_unit_test(every_wrong_digit_and_swap_of_neighbours_is_caught),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
