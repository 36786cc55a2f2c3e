/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/servqual_round.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/bytes.h"

static uint32_t bit(int item)
{
    return UINT32_C(1) << item;
}

static int dimension_of(int item)
{
    return item <= 4 ? 1 : item <= 9 ? 2 : item <= 13 ? 3 : item <= 17 ? 4 : 5;
}

static void eleven_contacts_cover_all_items_and_repeat_none(void **state)
{
    (void)state;
    for (uint64_t customer = 0; customer < 200; customer++) {
        uint32_t asked = 0, seen = 0;
        for (uint64_t contact = 0; contact < 11; contact++) {
            const uint64_t of[] = {customer, contact};
            int items[SERVQUAL_PER_CONTACT];
            uint64_t seed = bytes_hash64((struct bytes){(const uint8_t *)of, sizeof(of)});
            assert_int_equal(servqual_round_next(asked, seed, items), 2);
            assert_int_equal(seen & (bit(items[0]) | bit(items[1])), 0);
            assert_int_not_equal(items[0], items[1]);
            seen |= bit(items[0]) | bit(items[1]);
            asked |= bit(items[0]) | bit(items[1]);
        }
        assert_int_equal(seen, SERVQUAL_ROUND_ALL);
    }
}

static void two_items_are_of_two_dimensions_when_a_round_begins(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 22; seed++) {
        int items[SERVQUAL_PER_CONTACT];
        (void)servqual_round_next(0, seed, items);
        assert_int_equal(items[0], seed + 1);
        assert_int_not_equal(dimension_of(items[0]), dimension_of(items[1]));
    }
}

static void what_was_not_answered_does_not_come_back_each_time(void **state)
{
    uint32_t first = 0;
    (void)state;
    for (uint64_t contact = 0; contact < 40; contact++) {
        const uint64_t of[] = {4711, contact};
        int items[SERVQUAL_PER_CONTACT];
        uint64_t seed = bytes_hash64((struct bytes){(const uint8_t *)of, sizeof(of)});
        (void)servqual_round_next(0, seed, items);
        first |= bit(items[0]);
    }
    assert_true(__builtin_popcount(first) > 10);
}

static void the_last_item_of_a_round_comes_alone(void **state)
{
    uint32_t asked = SERVQUAL_ROUND_ALL & ~bit(7);
    int items[SERVQUAL_PER_CONTACT];
    (void)state;
    for (uint64_t seed = 0; seed < 22; seed++) {
        assert_int_equal(servqual_round_next(asked, seed, items), 1);
        assert_int_equal(items[0], 7);
    }
}

static void only_items_that_exist_have_a_bit(void **state)
{
    uint32_t all = 0;
    (void)state;
    for (int item = -1; item < 40; item++) {
        all |= servqual_round_bit(item);
    }
    assert_int_equal(all, SERVQUAL_ROUND_ALL);
    assert_int_equal(servqual_round_bit(3), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eleven_contacts_cover_all_items_and_repeat_none),
        cmocka_unit_test(two_items_are_of_two_dimensions_when_a_round_begins),
        cmocka_unit_test(what_was_not_answered_does_not_come_back_each_time),
        cmocka_unit_test(the_last_item_of_a_round_comes_alone),
        cmocka_unit_test(only_items_that_exist_have_a_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
