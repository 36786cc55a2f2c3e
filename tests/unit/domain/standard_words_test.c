/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/standard_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"

/* The words of all groups; group i has the i-th word. */
static struct standard_words *build(const char *const *words, size_t count)
{
    struct standard_words *w = standard_words_new();

    for (size_t i = 0; i < count; i++) {
        assert_int_equal(standard_words_add(w, words[i], i), 0);
    }
    standard_words_build(w);
    return w;
}

/* clang-format off */
static void a_word_is_found_where_it_stands_alone(void **state)
{
    static const struct {
        const char *word;
        const char *text;
        bool want;
    } cases[] = {
        {"brake", "brake", true},
        {"brake", "The Brake!", true},
        {"BRAKE", "the brake", true},
        {"az", "AZ", true},
        {"brake", "handbrake", false},
        {"brake", "brakes", false},
        {"brake", "brake5", false},
        {"brake", "5brake", false},
        {"brake", "handbrake, and brake", true},
        {"brake", "brak", false},
        {"brake", "", false},
        {"brake", "brake坏了", true},
        {"brake", "我的brake。", true},
        {"brake", "brake_pad", true},
        {"brake", "ébrake", false},
        {"brake", "brakeé", false},
        {"brake", "×brake÷", true},
        {"café", "Café.", true},
        {"café", "cafés", false},
        {"é", "é", true},
        {"é", "ée", false},
        {"刹车", "刹车片异响", true},
        {"刹车", "我的刹车", true},
        {"刹车", "刹 车", false},
        {"刹车", "刹", false},
        {"车brake", "刹车brake!", true},
        {"车brake", "刹车brakes", false},
        {"brake车", "handbrake车门", false},
        {"brake车", "brake车门", true},
        {"a b", "A \t\r\n b", true},
        {"a\tb", "a b", true},
        {"a b", "ab", false},
        {"4.5", "4.5", true},
        {"4.5", "14.5", false},
        {"!", "oh!", true},
        {"C++", "c++ is", true},
        {"C++", "c++is", true},
        {"C++", "xc++", false},
    };
    /* clang-format on */

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct standard_words *w = build(&cases[i].word, 1);
        struct standard_word_set found = {{0}};

        standard_words_find(w, cases[i].text, &found);
        if (standard_word_set_has(&found, 0) != cases[i].want) {
            fail_msg("\"%s\" in \"%s\"", cases[i].word, cases[i].text);
        }
        standard_words_free(w);
    }
}

/* want: one digit for each word. */
static void expect_found(const struct standard_words *w, const char *text, const char *const *words,
                         const char *want)
{
    struct standard_word_set found = {{0}};

    standard_words_find(w, text, &found);
    for (size_t i = 0; want[i]; i++) {
        if (standard_word_set_has(&found, i) != (want[i] == '1')) {
            fail_msg("\"%s\" in \"%s\"", words[i], text);
        }
    }
}

static void words_within_words_and_behind_each_other_are_all_found(void **state)
{
    static const char *const words[] = {"she", "he",     "hers", "his",  "刹车",
                                        "车",  "车失灵", "灵",   "刹车", "x"};
    static const struct {
        const char *text;
        const char *want;
    } cases[] = {
        {"she he",       "1100000000"},
        {"she",          "1000000000"},
        {"his hers",     "0011000000"},
        {"ushers",       "0000000000"},
        {"刹车失灵", "0000111110"},
        {"刹车",       "0000110010"},
        {"灵车",       "0000010100"},
        {"X-x",          "0000000001"},
    };
    struct standard_words *w = build(words, ARRAY_LEN(words));

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(strlen(cases[i].want), ARRAY_LEN(words));
        expect_found(w, cases[i].text, words, cases[i].want);
    }
    standard_words_free(w);
}

/* What ends there is not the next shorter beginning of a word, but one further up. */
static void a_word_in_the_middle_of_a_beginning_is_found(void **state)
{
    static const char *const words[] = {"甲乙丙丁", "乙丙己", "丙"};
    struct standard_words *w = build(words, ARRAY_LEN(words));
    struct standard_word_set found = {{0}};

    standard_words_find(w, "甲乙丙", &found);
    assert_true(standard_word_set_has(&found, 2));
    assert_false(standard_word_set_has(&found, 0));
    assert_false(standard_word_set_has(&found, 1));
    standard_words_free(w);
}

static void texts_add_up_and_do_not_run_together(void **state)
{
    static const char *const words[] = {"刹车", "brake"};
    struct standard_words *w = build(words, 2);
    struct standard_word_set found = {{0}};

    standard_words_find(w, "刹", &found);
    standard_words_find(w, "车", &found);
    assert_false(standard_word_set_has(&found, 0));
    standard_words_find(w, "刹车", &found);
    standard_words_find(w, "brake", &found);
    assert_true(standard_word_set_has(&found, 0));
    assert_true(standard_word_set_has(&found, 1));
    standard_words_free(w);
}

/* A search that is too simple to be wrong. */
static bool stands_in(const char *word, const char *text)
{
    const size_t len = strlen(word);

    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word)) {
        const bool begins = at == text || !strchr("ab", at[-1]) || !strchr("ab", word[0]);
        const bool ends = !at[len] || !strchr("ab", at[len]) || !strchr("ab", word[len - 1]);

        if (begins && ends) {
            return true;
        }
    }
    return false;
}

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 16;
}

static void random_text(uint32_t *seed, size_t max, char *ret)
{
    static const char *const letters[] = {"a", "b", "车", "灵", "-"};
    const size_t count = 1 + next(seed) % max;

    ret[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const size_t len = strlen(ret);

        text_copy(ret + len, 256 - len, letters[next(seed) % ARRAY_LEN(letters)]);
    }
}

static void compare_with_plain_search(uint32_t *seed)
{
    char words[12][256];
    char text[256];
    struct standard_words *w = standard_words_new();
    struct standard_word_set found = {{0}};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        random_text(seed, 4, words[i]);
        assert_int_equal(standard_words_add(w, words[i], i), 0);
    }
    standard_words_build(w);
    random_text(seed, 60, text);
    standard_words_find(w, text, &found);
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (standard_word_set_has(&found, i) != stands_in(words[i], text)) {
            fail_msg("\"%s\" in \"%s\"", words[i], text);
        }
    }
    standard_words_free(w);
}

static void it_finds_what_a_plain_search_finds(void **state)
{
    uint32_t seed = 1;

    for (size_t round = 0; round < 500; round++) {
        compare_with_plain_search(&seed);
    }
}

static void there_may_be_many_words_but_not_too_many(void **state)
{
    struct standard_words *w = standard_words_new();
    struct standard_word_set found = {{0}};
    char word[STANDARD_WORD_BYTES_MAX + 1];
    size_t count = 0;

    do {
        text_format(word, sizeof(word), "%064zu", count);
    } while (standard_words_add(w, word, count++ % STANDARD_WORD_GROUPS_MAX) == 0);
    assert_int_equal(count - 1, STANDARD_WORDS_BYTES_MAX / STANDARD_WORD_BYTES_MAX);
    text_format(word, sizeof(word), "%032d", 0);
    assert_int_equal(standard_words_add(w, word, 0), 0); /* fills it to the last byte */
    assert_int_equal(standard_words_add(w, "a", 0), -1);
    standard_words_build(w);
    text_format(word, sizeof(word), "%064zu", count - 2);
    standard_words_find(w, word, &found);
    assert_true(standard_word_set_has(&found, count - 2));
    assert_false(standard_word_set_has(&found, count - 3));
    standard_words_free(w);
    standard_words_free(NULL);
}

static void a_place_has_a_word_or_not(void **state)
{
    static const struct {
        const char *place;
        const char *word;
        size_t want;
    } cases[] = {
        {"OK, thanks", "ok",     2},
        {"okay",       "ok",     0},
        {"谢谢你",  "谢谢", 6},
        {"谢",        "谢谢", 0},
        {"",           "ok",     0},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(standard_words_length_at(cases[i].place, cases[i].word), cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_is_found_where_it_stands_alone),
        cmocka_unit_test(words_within_words_and_behind_each_other_are_all_found),
        cmocka_unit_test(a_word_in_the_middle_of_a_beginning_is_found),
        cmocka_unit_test(texts_add_up_and_do_not_run_together),
        cmocka_unit_test(it_finds_what_a_plain_search_finds),
        cmocka_unit_test(there_may_be_many_words_but_not_too_many),
        cmocka_unit_test(a_place_has_a_word_or_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
