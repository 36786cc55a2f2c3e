/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/log_histogram.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "tests/support/proof.h"

enum {
    VALUES = 20000
};

/* splitmix64: the same values everywhere. */
static uint64_t next(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static double uniform(uint64_t *state)
{
    return ((double)(next(state) >> 11) + 0.5) / 9007199254740992.0;
}

static int64_t of_uniform(uint64_t *s)
{
    return (int64_t)(uniform(s) * 1e6);
}
static int64_t of_exponential(uint64_t *s)
{
    return (int64_t)(-3.6e9 * log(uniform(s)));
}
static int64_t of_pareto(uint64_t *s)
{
    return (int64_t)(6e7 * pow(uniform(s), -1.0));
}
static int64_t of_two_peaks(uint64_t *s)
{
    return uniform(s) < 0.5 ? 1000 + of_uniform(s) / 1000 : 90000000000 + of_uniform(s);
}
static int64_t of_small_numbers(uint64_t *s)
{
    return (int64_t)(next(s) % 8);
}
static int64_t of_all_sizes(uint64_t *s)
{
    return (int64_t)(next(s) >> (1 + next(s) % 62));
}

static const struct {
    const char *name;
    int64_t (*value)(uint64_t *state);
} distributions[] = {
    {"uniform values",                      of_uniform      },
    {"exponential waiting times",           of_exponential  },
    {"a heavy tail (Pareto, shape 1)",      of_pareto       },
    {"two peaks with nothing between them", of_two_peaks    },
    {"small whole numbers with zeros",      of_small_numbers},
    {"values of all sizes up to 2^62",      of_all_sizes    },
};

static int compare(const void *a, const void *b)
{
    const int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

static void fill(struct log_histogram *h, int64_t *values, size_t distribution)
{
    uint64_t state = distribution + 1;

    for (size_t i = 0; i < VALUES; i++) {
        values[i] = distributions[distribution].value(&state);
        log_histogram_add(h, values[i], 1);
    }
    qsort(values, VALUES, sizeof(*values), compare);
}

static void quantiles_are_within_one_percent(void **state)
{
    static const double asked[] = {0, 0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1};
    static int64_t values[VALUES];

    for (size_t d = 0; d < ARRAY_LEN(distributions); d++) {
        struct log_histogram h = {0};
        double worst = 0;
        fill(&h, values, d);
        for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
            double exact = (double)values[(size_t)(asked[i] * (VALUES - 1))], ours = -1;
            assert_true(log_histogram_quantile(&h, asked[i], &ours));
            if (exact == 0) {
                assert_true(ours == 0);
            } else {
                worst = fmax(worst, fabs(ours - exact) / exact);
            }
        }
        PROOF(distributions[d].name, "relative error of ten quantiles; DDSketch, PVLDB 12, 2019", 0,
              LOG_HISTOGRAM_ERROR + 1e-9, worst);
        log_histogram_free(&h);
    }
}

static void assert_same(const struct log_histogram *a, const struct log_histogram *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->zeros, b->zeros);
    assert_int_equal(a->size, b->size);
    for (size_t i = 0; i < a->size; i++) {
        assert_int_equal(a->buckets[i].index, b->buckets[i].index);
        assert_int_equal(a->buckets[i].count, b->buckets[i].count);
    }
}

static void parts_merged_are_the_whole(void **state)
{
    static int64_t values[VALUES];

    for (size_t d = 0; d < ARRAY_LEN(distributions); d++) {
        struct log_histogram whole = {0}, merged = {0}, parts[3] = {{0}};
        fill(&whole, values, d);
        for (size_t i = 0; i < VALUES; i++) {
            log_histogram_add(&parts[i * 7 % 3], values[i], 1);
        }
        for (size_t i = 0; i < 3; i++) {
            log_histogram_merge(&merged, &parts[i]);
            log_histogram_free(&parts[i]);
        }
        assert_same(&merged, &whole);
        log_histogram_free(&merged);
        log_histogram_free(&whole);
    }
}

static void what_is_taken_back_leaves_nothing(void **state)
{
    static int64_t values[VALUES];
    struct log_histogram h = {0}, back = {0};

    fill(&h, values, 5);
    for (size_t i = 0; i < VALUES; i++) {
        if (i % 2 == 0) {
            log_histogram_add(&h, values[i], -1);
        } else {
            log_histogram_add(&back, values[i], -1);
        }
    }
    log_histogram_merge(&h, &back);
    assert_int_equal(h.count, 0);
    assert_int_equal(h.zeros, 0);
    assert_int_equal(h.size, 0);
    double q = 5;
    assert_false(log_histogram_quantile(&h, 0.5, &q));
    assert_true(q == 5);
    log_histogram_free(&h);
    log_histogram_free(&back);
}

/* What is taken back may come before what was added. */
static void the_order_of_adding_and_taking_back_does_not_matter(void **state)
{
    struct log_histogram h = {0};

    log_histogram_add(&h, 500, -1);
    log_histogram_add(&h, 0, -1);
    assert_int_equal(h.count, -2);
    log_histogram_add(&h, 0, 1);
    log_histogram_add(&h, 500, 1);
    assert_int_equal(h.count, 0);
    assert_int_equal(h.size, 0);
    log_histogram_free(&h);
}

static void the_packed_form_says_the_same(void **state)
{
    static int64_t values[VALUES];

    for (size_t d = 0; d < ARRAY_LEN(distributions); d++) {
        struct log_histogram h = {0}, read = {0};
        struct buffer packed = {0};
        struct err err = ERR_NONE;
        fill(&h, values, d);
        log_histogram_add(&h, 77, -3);
        log_histogram_pack(&h, &packed);
        assert_int_equal(
            log_histogram_add_packed(&read, (struct bytes){packed.data, packed.len}, &err), 0);
        assert_same(&read, &h);
        log_histogram_merge(&h, &h);
        assert_int_equal(
            log_histogram_add_packed(&read, (struct bytes){packed.data, packed.len}, &err), 0);
        assert_same(&read, &h);
        log_histogram_free(&h);
        log_histogram_free(&read);
        buffer_free(&packed);
    }
}

static void nothing_is_packed_as_nothing(void **state)
{
    struct log_histogram h = {0};
    struct buffer packed = {0};
    struct err err = ERR_NONE;

    log_histogram_pack(&h, &packed);
    assert_int_equal(packed.len, 0);
    assert_int_equal(log_histogram_add_packed(&h, (struct bytes){.data = NULL}, &err), 0);
    assert_int_equal(h.count, 0);
    buffer_free(&packed);
}

static void what_is_not_ours_is_refused_and_adds_nothing(void **state)
{
    static const struct {
        const char *name;
        uint8_t data[12];
        size_t len;
    } cases[] = {
        {"ends within a number",       {0x80},                               1},
        {"a number of eleven bytes",
         {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
         11                                                                   },
        {"a bucket without its count", {0x00, 0x02},                         2},
        {"a count of zero",            {0x00, 0x02, 0x00},                   3},
        {"an index below zero",        {0x00, 0x01, 0x02},                   3},
        {"the same bucket twice",      {0x00, 0x02, 0x02, 0x00, 0x02},       5},
        {"an index that is too large", {0x00, 0x80, 0x80, 0x01, 0x02},       5},
    };
    struct log_histogram h = {0};
    struct err err = ERR_NONE;

    log_histogram_add(&h, 12, 1);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct bytes packed = {cases[i].data, cases[i].len};
        if (log_histogram_add_packed(&h, packed, &err) != -1) {
            fail_msg("%s", cases[i].name);
        }
        assert_string_equal(err.code, "malformed");
        assert_int_equal(h.count, 1);
    }
    log_histogram_free(&h);
}

static void counts_until_a_value_share_out_its_bucket(void **state)
{
    struct log_histogram h = {0};

    log_histogram_add(&h, 0, 2);
    log_histogram_add(&h, 100, 10);
    log_histogram_add(&h, 10000, 5);
    assert_true(log_histogram_count_until(&h, -1) == 0);
    assert_true(log_histogram_count_until(&h, 0) == 2);
    assert_true(log_histogram_count_until(&h, 50) == 2);
    double within = log_histogram_count_until(&h, 100);
    assert_true(within > 2 && within <= 12);
    assert_true(log_histogram_count_until(&h, 103) == 12);
    assert_true(log_histogram_count_until(&h, 1e18) == 17);
    log_histogram_free(&h);
}

static void the_largest_value_has_a_bucket(void **state)
{
    struct log_histogram h = {0};
    double q = 0;

    log_histogram_add(&h, INT64_MAX, 1);
    assert_int_equal(h.buckets[0].index, 2184);
    assert_true(log_histogram_quantile(&h, 1, &q));
    assert_true(fabs(q - (double)INT64_MAX) <= 0.01 * (double)INT64_MAX);
    log_histogram_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_within_one_percent),
        cmocka_unit_test(parts_merged_are_the_whole),
        cmocka_unit_test(what_is_taken_back_leaves_nothing),
        cmocka_unit_test(the_order_of_adding_and_taking_back_does_not_matter),
        cmocka_unit_test(the_packed_form_says_the_same),
        cmocka_unit_test(nothing_is_packed_as_nothing),
        cmocka_unit_test(what_is_not_ours_is_refused_and_adds_nothing),
        cmocka_unit_test(counts_until_a_value_share_out_its_bucket),
        cmocka_unit_test(the_largest_value_has_a_bucket),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
