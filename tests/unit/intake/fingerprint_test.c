/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/fingerprint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/text.h"

static const char keys_text[] =
    "lookup 0101010101010101010101010101010101010101010101010101010101010101\n"
    "master 1 0202020202020202020202020202020202020202020202020202020202020202\n";
static const char other_keys_text[] =
    "lookup 0301010101010101010101010101010101010101010101010101010101010101\n"
    "master 1 0202020202020202020202020202020202020202020202020202020202020202\n";

static struct fingerprints of(const char *keys, const char *said)
{
    struct err err = ERR_NONE;
    struct keyring *k = keyring_parse(keys, &err);
    uint8_t key[KEYRING_GRAM_KEY_LEN];
    struct plain_text t = {0};
    struct fingerprints f;
    assert_non_null(k);
    keyring_gram_key(k, key);
    plain_text_add(&t, said);
    fingerprint_text(key, &t, &f);
    plain_text_free(&t);
    keyring_free(k);
    return f;
}

static size_t common(const struct fingerprints *a, const struct fingerprints *b)
{
    size_t n = 0;
    for (size_t i = 0; i < a->count; i++) {
        for (size_t j = 0; j < b->count; j++) {
            n += a->at[i] == b->at[j];
        }
    }
    return n;
}

static void pieces_are_counted_once_each(void **state)
{
    static const struct {
        const char *said;
        size_t want;
    } cases[] = {
        {"",                 0},
        {"123 !",            0},
        {"a b c",            0}, /* single letters of an alphabet */
        {"刹",              1},
        {"刹车",           3}, /* two letters, one pair */
        {"刹车刹车",     4}, /* and the pair between */
        {"刹车，刹车",  3},
        {"刹，车",        2}, /* no pair over a break */
        {"tv",               1}, /* the word with its marks */
        {"abc",              2},
        {"brakes",           5},
        {"brakes brakes",    5},
        {"brakes BRAKES tv", 6},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fingerprints f = of(keys_text, cases[i].said);
        if (f.count != cases[i].want) {
            fail_msg("'%s': %zu", cases[i].said, f.count);
        }
    }
}

/* Stored numbers depend on it: never change these. */
static void the_numbers_are_fixed_for_ever(void **state)
{
    static const int32_t want[] = {-380443737, 832481900, 993248243, 1186921708};
    struct fingerprints f = of(keys_text, "刹车 tv");
    assert_int_equal(f.count, ARRAY_LEN(want));
    for (size_t i = 0; i < f.count; i++) {
        assert_int_equal(f.at[i], want[i]);
    }
}

static void they_ascend_and_are_never_zero(void **state)
{
    struct text said = {0};
    for (int i = 0; i < 300; i++) {
        text_appendf(&said, "%c%c%c%c%c ", 'a' + i % 26, 'a' + i / 26, 'q', 'a' + i % 7, 'x');
    }
    struct fingerprints f = of(keys_text, said.data);
    assert_int_equal(f.count, FINGERPRINTS_MAX);
    for (size_t i = 0; i < f.count; i++) {
        assert_true(f.at[i] != 0 && (i == 0 || f.at[i - 1] < f.at[i]));
    }
    text_free(&said);
}

static void another_key_gives_other_numbers(void **state)
{
    struct fingerprints a = of(keys_text, "刹车异响 brakes squeal");
    struct fingerprints b = of(other_keys_text, "刹车异响 brakes squeal");
    assert_int_equal(a.count, b.count);
    assert_int_equal(common(&a, &b), 0);
}

static void texts_that_are_alike_share_more(void **state)
{
    struct fingerprints one = of(keys_text, "the brakes squeal when it rains");
    struct fingerprints like = of(keys_text, "my brake squeals in the rain");
    struct fingerprints other = of(keys_text, "invoice sent twice to us");
    assert_true(common(&one, &like) > 3 * common(&one, &other) + 3);
}

/* The smallest numbers of a long text stay the smallest when a little is added. */
static void long_texts_stay_comparable(void **state)
{
    struct text said = {0};
    for (int i = 0; i < 4000; i++) {
        text_appendf(&said, "%c%c%c%c ", 'a' + i % 26, 'a' + i / 26 % 26, 'a' + i / 676, 'x');
    }
    struct fingerprints a = of(keys_text, said.data);
    text_append(&said, "and a few words more");
    struct fingerprints b = of(keys_text, said.data);
    assert_true(common(&a, &b) > FINGERPRINTS_MAX * 9 / 10);
    text_free(&said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_counted_once_each),
        cmocka_unit_test(the_numbers_are_fixed_for_ever),
        cmocka_unit_test(they_ascend_and_are_never_zero),
        cmocka_unit_test(another_key_gives_other_numbers),
        cmocka_unit_test(texts_that_are_alike_share_more),
        cmocka_unit_test(long_texts_stay_comparable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
