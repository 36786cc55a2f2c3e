/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/similarity.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"

#define SET(...)                                                                                   \
    ((struct fingerprints){{__VA_ARGS__}, sizeof((int32_t[]){__VA_ARGS__}) / sizeof(int32_t)})

static const struct fingerprint_count counts[] = {
    {5, 1000},
    {1, 2   },
    {3, 500 },
    {2, 40  },
    {9, 7   },
};
enum {
    TOTAL = 1000
};

static struct similarity asked(struct fingerprints f)
{
    struct similarity s;
    similarity_ask(&s, &f, counts, ARRAY_LEN(counts), TOTAL);
    return s;
}

static void the_same_is_one_and_nothing_in_common_is_zero(void **state)
{
    struct similarity s = asked(SET(1, 2, 3));
    struct fingerprints same = SET(1, 2, 3), other = SET(7, 8), none = {.count = 0};
    assert_true(fabs(similarity_of(&s, &same) - 1) < 1e-9);
    assert_true(similarity_of(&s, &other) == 0);
    assert_true(similarity_of(&s, &none) == 0);
    s = asked(none);
    assert_true(similarity_of(&s, &same) == 0);
}

static void what_is_rare_counts_for_more(void **state)
{
    struct similarity s = asked(SET(1, 2, 3, 5));
    struct fingerprints rare = SET(1, 7), less = SET(2, 7), common = SET(3, 7), all = SET(5, 7);
    assert_true(similarity_of(&s, &rare) > similarity_of(&s, &less));
    assert_true(similarity_of(&s, &less) > similarity_of(&s, &common));
    assert_true(similarity_of(&s, &common) > similarity_of(&s, &all));
    assert_true(similarity_of(&s, &all) >= 0);
}

static void long_texts_count_for_less_and_never_over_one(void **state)
{
    struct similarity s = asked(SET(1, 2, 3));
    struct fingerprints longer = SET(1, 2, 3), part = SET(1, 2), asked_long = SET(1);
    for (int32_t i = 0; i < 100; i++) {
        longer.at[longer.count++] = 100 + i;
    }
    assert_true(similarity_of(&s, &longer) < 0.95);
    assert_true(similarity_of(&s, &longer) > 0.3);
    assert_true(similarity_of(&s, &part) < 1);
    for (int32_t i = 0; i < 100; i++) {
        asked_long.at[asked_long.count++] = 1000 + i;
    }
    s = asked(longer);
    assert_true(similarity_of(&s, &part) <= 1);
    struct fingerprints rare = SET(1);
    s = asked(SET(1, 5)); /* what it lacks is worth nothing, and it is shorter */
    assert_true(similarity_of(&s, &rare) <= 1);
    s = asked(asked_long);
    assert_true(similarity_of(&s, &part) < 0.1); /* of what is asked hardly anything is there */
}

/* The rarest as long as they lead to few cases together. */
static void candidates_have_something_rare(void **state)
{
    static const struct {
        int64_t cases[3]; /* of fingerprints 11, 12, 13 */
        bool is_any;
        size_t count;
        int32_t first;
    } cases[] = {
        {{5, 7, 9},                               true,  3, 11},
        {{500, 7, 9},                             true,  3, 12},
        {{990, 7, 9},                             true,  2, 12},
        {{0, 7, 1000},                            true,  1, 12},
        {{SIMILARITY_CANDIDATES, 5000, 9000},     true,  1, 11},
        {{SIMILARITY_CANDIDATES + 1, 5000, 9000}, false, 3, 11},
        {{9000, SIMILARITY_CANDIDATES + 1, 0},    false, 2, 12},
        {{0, 0, 0},                               true,  0, 0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct similarity s;
        struct fingerprints chosen, f = SET(11, 12, 13);
        const struct fingerprint_count known[] = {
            {11, cases[i].cases[0]},
            {12, cases[i].cases[1]},
            {13, cases[i].cases[2]}
        };
        similarity_ask(&s, &f, known, ARRAY_LEN(known), 100000);
        bool is_any = similarity_choose(&s, &chosen);
        if (is_any != cases[i].is_any || chosen.count != cases[i].count ||
            (chosen.count > 0 && chosen.at[0] != cases[i].first)) {
            fail_msg("case %zu: %d, %zu", i, is_any, chosen.count);
        }
    }
}

static void of_many_common_ones_a_few_are_taken(void **state)
{
    struct similarity s;
    struct fingerprints chosen, f = {.count = 0};
    struct fingerprint_count known[20];
    for (int32_t i = 0; i < 20; i++) {
        f.at[f.count++] = i + 1;
        known[i] = (struct fingerprint_count){i + 1, 10000 - i};
    }
    similarity_ask(&s, &f, known, ARRAY_LEN(known), 100000);
    assert_false(similarity_choose(&s, &chosen));
    assert_int_equal(chosen.count, SIMILARITY_TOGETHER);
    assert_int_equal(chosen.at[0], 20); /* the rarest first */
}

static void the_list_keeps_the_best_in_order(void **state)
{
    struct similar at[3];
    struct similar_list list = {.at = at, .max = 3};
    static const struct similar offered[] = {
        {10, 0.5},
        {11, 0.9},
        {12, 0.0},
        {13, 0.7},
        {9,  0.7},
        {14, 0.1},
        {15, 0.8},
    };
    static const int64_t want[] = {11, 15, 9};
    similar_list_add(&list, (struct similar){8, 0});
    assert_int_equal(list.count, 0);
    for (size_t i = 0; i < ARRAY_LEN(offered); i++) {
        similar_list_add(&list, offered[i]);
    }
    assert_int_equal(list.count, 3);
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        assert_int_equal(list.at[i].case_number, want[i]);
    }
}

/* Counts are taken back late, so there may be more of one than of all. */
static void odd_counts_do_no_harm(void **state)
{
    struct similarity s;
    struct fingerprints f = SET(1, 2);
    static const struct fingerprint_count odd[] = {
        {1, 5000},
        {2, 0   },
    };
    similarity_ask(&s, &f, odd, ARRAY_LEN(odd), 0);
    assert_true(s.weight[0] >= 0);
    double got = similarity_of(&s, &f);
    assert_true(isfinite(got) && got >= 0 && got <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_is_one_and_nothing_in_common_is_zero),
        cmocka_unit_test(what_is_rare_counts_for_more),
        cmocka_unit_test(long_texts_count_for_less_and_never_over_one),
        cmocka_unit_test(candidates_have_something_rare),
        cmocka_unit_test(of_many_common_ones_a_few_are_taken),
        cmocka_unit_test(the_list_keeps_the_best_in_order),
        cmocka_unit_test(odd_counts_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
