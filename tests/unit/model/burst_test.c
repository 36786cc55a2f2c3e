/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/burst.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "tests/support/proof.h"

#define BURSTS "R package bursts"

static void prove(const char *title, const double *times, size_t count, double gamma,
                  const struct burst *published, size_t bursts)
{
    struct burst_list list;
    struct err err = ERR_NONE;

    assert_int_equal(burst_find(times, count, 2.0, gamma, &list, &err), 0);
    assert_int_equal(list.count, bursts);
    for (size_t i = 0; i < bursts; i++) {
        char what[80];

        assert_int_equal(list.bursts[i].level, published[i].level);
        (void)text_format(what, sizeof what, "%s: burst %zu of level %d, start", title, i + 1,
                          published[i].level);
        PROOF(what, BURSTS, published[i].start, 0, list.bursts[i].start);
        (void)text_format(what, sizeof what, "%s: burst %zu of level %d, end", title, i + 1,
                          published[i].level);
        PROOF(what, BURSTS, published[i].end, 0, list.bursts[i].end);
    }
    burst_list_free(&list);
}

static void bursts_of_71_events_are_those_of_r(void **state)
{
    static const struct {
        int from, to, by;
    } runs[] = {
        {0,   400,  100},
        {410, 450,  5  },
        {451, 470,  2  },
        {480, 600,  5  },
        {700, 700,  1  },
        {710, 800,  5  },
        {900, 1000, 100},
    };
    static const struct burst published[] = {
        {1, 0,   1000},
        {2, 410, 600 },
        {3, 450, 469 },
        {2, 710, 800 },
    };
    double times[71];
    size_t count = 0;

    for (size_t r = 0; r < ARRAY_LEN(runs); r++) {
        for (int t = runs[r].from; t <= runs[r].to; t += runs[r].by) {
            times[count++] = t;
        }
    }
    assert_int_equal(count, ARRAY_LEN(times));
    prove("71 events, gamma 1", times, count, 1.0, published, ARRAY_LEN(published));
}

static const double few[] = {4, 17, 23, 27, 33, 35, 37, 76, 77, 82, 84, 88, 90, 92};

static void bursts_of_14_events_are_those_of_r(void **state)
{
    static const struct burst cheap[] = {
        {1, 4,  92},
        {2, 33, 37},
        {2, 76, 92},
        {3, 76, 77},
    };
    static const struct burst dear[] = {
        {1, 4, 92},
    };

    prove("14 events, gamma 0.1", few, ARRAY_LEN(few), 0.1, cheap, ARRAY_LEN(cheap));
    prove("14 events, gamma 1", few, ARRAY_LEN(few), 1.0, dear, ARRAY_LEN(dear));
}

/* Seconds or days, now or a year ago: the same bursts. */
static void neither_unit_nor_origin_matters(void **state)
{
    struct burst_list list, other;
    double moved[ARRAY_LEN(few)];

    for (size_t i = 0; i < ARRAY_LEN(few); i++) {
        moved[i] = few[i] * 1024.0 + 4096.0;
    }
    assert_int_equal(burst_find(few, ARRAY_LEN(few), 2.0, 0.1, &list, NULL), 0);
    assert_int_equal(burst_find(moved, ARRAY_LEN(few), 2.0, 0.1, &other, NULL), 0);
    assert_int_equal(list.count, other.count);
    for (size_t i = 0; i < list.count; i++) {
        assert_int_equal(list.bursts[i].level, other.bursts[i].level);
        assert_true(list.bursts[i].start * 1024.0 + 4096.0 == other.bursts[i].start);
        assert_true(list.bursts[i].end * 1024.0 + 4096.0 == other.bursts[i].end);
    }
    burst_list_free(&list);
    burst_list_free(&other);
}

static void an_even_stream_has_no_burst_but_the_whole(void **state)
{
    double times[200];
    struct burst_list list;

    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        times[i] = 3.0 * (double)i;
    }
    assert_int_equal(burst_find(times, ARRAY_LEN(times), 2.0, 1.0, &list, NULL), 0);
    assert_int_equal(list.count, 1);
    assert_true(list.bursts[0].start == 0.0 && list.bursts[0].end == times[199]);
    burst_list_free(&list);
    assert_int_equal(burst_find(times, 2, 2.0, 1.0, &list, NULL), 0);
    assert_int_equal(list.count, 1);
    burst_list_free(&list);
}

/* Gaps from a microsecond to a century, with levels close to each other: bounded all the same. */
static void levels_are_bounded(void **state)
{
    static const double times[] = {0, 1e-6, 2e-6, 3e9, 3.1e9};
    struct burst_list list;

    assert_int_equal(burst_find(times, ARRAY_LEN(times), 1.01, 0.01, &list, NULL), 0);
    for (size_t i = 0; i < list.count; i++) {
        assert_in_range(list.bursts[i].level, 1, 128);
        assert_true(list.bursts[i].start < list.bursts[i].end);
    }
    burst_list_free(&list);
}

static void times_that_do_not_rise_are_refused(void **state)
{
    static const struct {
        double times[3];
        size_t count;
    } cases[] = {
        {{1},           1},
        {{0},           0},
        {{1, 1, 2},     3},
        {{1, 3, 2},     3},
        {{1, NAN, 2},   3},
        {{1, INFINITY}, 2},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct burst_list untouched = {.count = 7};
        struct err err = ERR_NONE;

        assert_int_equal(burst_find(cases[i].times, cases[i].count, 2, 1, &untouched, &err), -1);
        assert_string_equal(err.code, "times_bad");
        assert_int_equal(untouched.count, 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bursts_of_71_events_are_those_of_r),
        cmocka_unit_test(bursts_of_14_events_are_those_of_r),
        cmocka_unit_test(neither_unit_nor_origin_matters),
        cmocka_unit_test(an_even_stream_has_no_burst_but_the_whole),
        cmocka_unit_test(levels_are_bounded),
        cmocka_unit_test(times_that_do_not_rise_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
