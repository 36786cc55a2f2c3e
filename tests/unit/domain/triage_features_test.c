/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/triage_features.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/xalloc.h"

static struct triage_features *read_texts(const char *const *texts, size_t count)
{
    struct triage_features *f = xcalloc(1, sizeof(*f));

    triage_features_read(f, texts, count);
    return f;
}

static struct triage_features *read_text(const char *text)
{
    return read_texts(&text, 1);
}

static bool are_equal(const struct triage_features *a, const struct triage_features *b)
{
    return a->count == b->count && memcmp(a->list, b->list, a->count * sizeof(a->list[0])) == 0;
}

static uint32_t count_all(const struct triage_features *f)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < f->count; i++) {
        sum += f->list[i].count;
    }
    return sum;
}

static void what_is_written_otherwise_is_the_same_text(void **state)
{
    static const struct {
        const char *a, *b;
        bool want;
    } cases[] = {
        {"brake",              "BRAKE",    true },
        {"ＢＲＡＫＥ！", "brake!",   true },
        {"room 12",            "room 97",  true },
        {"room 12",            "room 123", false}, /* as long as it was */
        {"１２",             "12",       true },
        {"  a\t\n b\xc2\xa0",  "a b",      true },
        {"a\xe3\x80\x80"
         "b",         "a b",      true },
        {"\xc3\x9c"
         "ber",       "\xc3\xbc"
         "ber",    true }, /* U with diaeresis */
        {"刹车",             "车刹",   false},
        {"刹车",             "刹车!",  false},
        {"ab",                 "ba",       false},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct triage_features *a = read_text(cases[i].a), *b = read_text(cases[i].b);

        if (are_equal(a, b) != cases[i].want) {
            fail_msg("case %zu", i);
        }
        free(a);
        free(b);
    }
}

static void grams_are_counted_by_where_letters_make_the_words(void **state)
{
    static const struct {
        const char *text;
        uint32_t grams;
    } cases[] = {
        {"",       0                }, /* nothing is known of nothing */
        {" \n ",   0                },
        {"刹",    3 + 2            }, /* with a blank at both ends */
        {"刹车", 4 + 3            },
        {"ab",     4 + 3 + 2 + 1    }, /* and three " ab", "ab ", four " ab " */
        {"a b",    5 + 4 + 2 + 0    }, /* " a ", " b ": no blank in the middle */
        {"刹ab",  5 + 4 + 1        }, /* "ab " alone: no character is a letter */
        {"12",     4 + 3 + 2 + 1 - 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct triage_features *f = read_text(cases[i].text);

        if (count_all(f) != cases[i].grams) {
            fail_msg("\"%s\" has %u", cases[i].text, (unsigned)count_all(f));
        }
        free(f);
    }
}

static void features_ascend_and_each_is_there_once(void **state)
{
    struct triage_features *f = read_text("aaaa bbbb 刹车刹车刹车 aaaa");

    assert_true(f->count > 0 && f->count < count_all(f));
    for (size_t i = 1; i < f->count; i++) {
        assert_true(f->list[i - 1].hash < f->list[i].hash);
    }
    assert_true(f->list[f->count - 1].hash < TRIAGE_HASHES);
    free(f);
}

static void texts_of_one_contact_follow_each_other(void **state)
{
    const char *const two[] = {"brake", NULL, "squeaks"};
    struct triage_features *apart = read_texts(two, ARRAY_LEN(two));
    struct triage_features *together = read_text("brake squeaks");
    struct triage_features *none = read_texts(NULL, 0);

    assert_true(are_equal(apart, together));
    assert_int_equal(none->count, 0);
    free(apart);
    free(together);
    free(none);
}

/* Stored models depend on them. */
static void hashes_stay_for_ever(void **state)
{
    static const struct triage_feature want[] = {
        {32786,  1},
        {39458,  3},
        {51948,  1},
        {72788,  1},
        {74206,  1},
        {74302,  1},
        {77297,  1},
        {132198, 1},
        {152253, 1},
        {175106, 1},
        {196243, 1},
        {214820, 1},
        {232942, 1},
        {238038, 1},
    };
    struct triage_features *f = read_text("刹车 ok");

    assert_int_equal(f->count, ARRAY_LEN(want));
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        assert_int_equal(f->list[i].hash, want[i].hash);
        assert_int_equal(f->list[i].count, want[i].count);
    }
    free(f);
}

static void broken_utf8_is_read_to_its_end(void **state)
{
    static const char *const broken[] = {"\xe5\x88", "\xe5",   "\xf0\x9f\x98",
                                         "\xff\xfe", "a\x80z", "\xc3"};

    for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
        char *exact = xstrdup(broken[i]); /* so that a sanitizer sees a byte too many */
        struct triage_features *f = read_text(exact);

        assert_true(f->count > 0);
        free(f);
        free(exact);
    }
}

static void a_text_without_end_is_cut(void **state)
{
    size_t len = 6 * (size_t)TRIAGE_CODE_POINTS_MAX;
    char *text = xcalloc(len + 1, 1);
    struct triage_features *f;

    for (size_t i = 0; i < len; i++) {
        text[i] = (char)('a' + i * i % 23);
    }
    f = read_text(text);
    assert_true(count_all(f) <= TRIAGE_FEATURES_MAX);
    text[TRIAGE_CODE_POINTS_MAX] = '\0';
    struct triage_features *cut = read_text(text);
    assert_true(are_equal(f, cut));
    free(cut);
    free(f);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_otherwise_is_the_same_text),
        cmocka_unit_test(grams_are_counted_by_where_letters_make_the_words),
        cmocka_unit_test(features_ascend_and_each_is_there_once),
        cmocka_unit_test(texts_of_one_contact_follow_each_other),
        cmocka_unit_test(hashes_stay_for_ever),
        cmocka_unit_test(broken_utf8_is_read_to_its_end),
        cmocka_unit_test(a_text_without_end_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
