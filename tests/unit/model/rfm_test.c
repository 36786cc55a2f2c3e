/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/rfm.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"

/* The sizes of PostgreSQL's ntile(5), from
 *   SELECT n, q, count(*) FROM generate_series(0, 12) n, LATERAL (SELECT ntile(5) OVER (ORDER BY i)
 * q FROM generate_series(1, n) i) s GROUP BY 1, 2; tests/integration/rfm_ntile_test.c compares
 * whole columns. */
static void parts_differ_by_one_and_the_larger_ones_come_first(void **state)
{
    static const size_t sizes[][RFM_QUINTILES] = {
        {0, 0, 0, 0, 0},
        {1, 0, 0, 0, 0},
        {1, 1, 0, 0, 0},
        {1, 1, 1, 0, 0},
        {1, 1, 1, 1, 0},
        {1, 1, 1, 1, 1},
        {2, 1, 1, 1, 1},
        {2, 2, 1, 1, 1},
        {2, 2, 2, 1, 1},
        {2, 2, 2, 2, 1},
        {2, 2, 2, 2, 2},
        {3, 2, 2, 2, 2},
        {3, 3, 2, 2, 2},
    };

    for (size_t count = 0; count < ARRAY_LEN(sizes); count++) {
        size_t found[RFM_QUINTILES] = {0};
        int before = 1;

        for (size_t i = 0; i < count; i++) {
            const int quintile = rfm_ntile(i, count);

            assert_true(quintile >= before && quintile <= RFM_QUINTILES);
            found[quintile - 1]++;
            before = quintile;
        }
        assert_memory_equal(found, sizes[count], sizeof(found));
    }
}

static void ties_are_decided_by_the_key(void **state)
{
    static const struct rfm_value values[] = {
        {7, 50},
        {3, 20},
        {3, 10},
        {3, 40},
        {3, 30},
    };
    static const uint8_t wanted[] = {5, 2, 1, 4, 3};
    uint8_t quintiles[ARRAY_LEN(values)];

    rfm_quintiles(values, ARRAY_LEN(values), quintiles);
    assert_memory_equal(quintiles, wanted, sizeof(wanted));
    rfm_quintiles(values, 0, quintiles);
}

/* Without ties the cuts place everybody where the whole order does. */
static void cuts_place_one_customer_as_the_order_placed_all(void **state)
{
    enum {
        COUNT = 103
    };
    struct rfm_value values[COUNT];
    double sorted[COUNT];
    uint8_t quintiles[COUNT];
    double cuts[RFM_CUTS];

    for (size_t count = 1; count <= COUNT; count++) {
        for (size_t i = 0; i < count; i++) {
            values[i] = (struct rfm_value){(double)(i * 57 % COUNT) - 20, (int64_t)i};
            sorted[i] = values[i].value;
        }
        rfm_quintiles(values, count, quintiles);
        rfm_cuts(sorted, count, cuts);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(rfm_quintile(cuts, values[i].value), quintiles[i]);
        }
    }
}

static void equal_values_are_in_equal_quintiles(void **state)
{
    double values[] = {1, 1, 1, 1, 1, 1, 1, 1, 2, 9};
    double none[1] = {0};
    double cuts[RFM_CUTS];

    rfm_cuts(values, ARRAY_LEN(values), cuts);
    assert_int_equal(rfm_quintile(cuts, 1), 1);
    assert_int_equal(rfm_quintile(cuts, 2), 5);
    assert_int_equal(rfm_quintile(cuts, 100), 5);
    assert_int_equal(rfm_quintile(cuts, 0), 1);
    assert_int_equal(rfm_quintile(cuts, NAN), 1);
    rfm_cuts(none, 0, cuts);
    assert_int_equal(rfm_quintile(cuts, 0), 1);
}

static void five_is_best_each_time(void **state)
{
    double cuts[3][RFM_CUTS] = {
        {10, 20,  40,  80  },
        {1,  2,   3,   5   },
        {50, 100, 200, 1000},
    };
    const struct rfm best = rfm_of(cuts, 3, 9, 5000);
    const struct rfm worst = rfm_of(cuts, 300, 1, 10);
    const struct rfm middle = rfm_of(cuts, 40, 3, 200);

    assert_true(best.recency == 5 && best.frequency == 5 && best.money == 5);
    assert_true(worst.recency == 1 && worst.frequency == 1 && worst.money == 1);
    assert_true(middle.recency == 3 && middle.frequency == 3 && middle.money == 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_differ_by_one_and_the_larger_ones_come_first),
        cmocka_unit_test(ties_are_decided_by_the_key),
        cmocka_unit_test(cuts_place_one_customer_as_the_order_placed_all),
        cmocka_unit_test(equal_values_are_in_equal_quintiles),
        cmocka_unit_test(five_is_best_each_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
