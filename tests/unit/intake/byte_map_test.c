/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/byte_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum {
    MANY = 5000
};

static struct bytes key_of(const int *number)
{
    return (struct bytes){.data = (const uint8_t *)number, .len = sizeof(*number)};
}

static void what_was_set_is_found_and_nothing_else(void **state)
{
    static int numbers[MANY];
    struct byte_map m = {0};
    int absent = MANY;
    assert_null(byte_map_find(&m, key_of(&absent)));
    for (int i = 0; i < MANY; i++) {
        numbers[i] = i;
        byte_map_set(&m, key_of(&numbers[i]), &numbers[i]);
    }
    assert_int_equal(m.count, MANY);
    for (int i = 0; i < MANY; i++) {
        int copy = i;
        assert_ptr_equal(byte_map_find(&m, key_of(&copy)), &numbers[i]);
    }
    assert_null(byte_map_find(&m, key_of(&absent)));
    byte_map_free(&m);
}

static void setting_again_replaces(void **state)
{
    struct byte_map m = {0};
    int key = 7, same = 7, first = 1, second = 2;
    byte_map_set(&m, key_of(&key), &first);
    byte_map_set(&m, key_of(&same), &second);
    assert_int_equal(m.count, 1);
    assert_ptr_equal(byte_map_find(&m, key_of(&key)), &second);
    byte_map_free(&m);
}

static void a_cleared_map_is_empty_and_usable(void **state)
{
    struct byte_map m = {0};
    int key = 7;
    byte_map_set(&m, key_of(&key), &key);
    byte_map_clear(&m);
    assert_null(byte_map_find(&m, key_of(&key)));
    byte_map_set(&m, key_of(&key), &key);
    assert_non_null(byte_map_find(&m, key_of(&key)));
    byte_map_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_set_is_found_and_nothing_else),
        cmocka_unit_test(setting_again_replaces),
        cmocka_unit_test(a_cleared_map_is_empty_and_usable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
