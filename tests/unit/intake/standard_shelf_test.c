/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/standard_shelf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define PLAIN "tests/support/plain_standards.conf"

static struct standard *one(void)
{
    struct err err = ERR_NONE;
    struct standard *s = standard_load(PLAIN, &err);
    assert_non_null(s);
    return s;
}

static void each_version_is_found_by_its_id_in_whatever_order_they_came(void **state)
{
    static const int32_t ids[] = {7, 3, 12, 1, 9, 4, 100, 2, 50, 5};
    const struct standard *put[10];
    struct standard_shelf *shelf = standard_shelf_new();
    assert_null(standard_shelf_find(shelf, 7));
    for (size_t i = 0; i < 10; i++) {
        struct standard *s = one();
        put[i] = s;
        standard_shelf_add(shelf, ids[i], s);
    }
    for (size_t i = 0; i < 10; i++) {
        assert_ptr_equal(standard_shelf_find(shelf, ids[i]), put[i]);
        assert_true(standard_shelf_knows(shelf, ids[i]));
    }
    assert_null(standard_shelf_find(shelf, 6));
    assert_null(standard_shelf_find(shelf, 101));
    assert_false(standard_shelf_knows(shelf, 0));
    standard_shelf_free(shelf);
}

static void an_id_keeps_the_version_that_it_has(void **state)
{
    struct standard_shelf *shelf = standard_shelf_new();
    struct standard *first = one();
    standard_shelf_add(shelf, 3, first);
    standard_shelf_add(shelf, 3, one()); /* let go of, or a sanitizer says so */
    assert_ptr_equal(standard_shelf_find(shelf, 3), first);
    standard_shelf_free(shelf);
}

static void what_cannot_be_read_is_known_and_not_found(void **state)
{
    struct standard_shelf *shelf = standard_shelf_new();
    standard_shelf_add(shelf, 3, NULL);
    assert_true(standard_shelf_knows(shelf, 3));
    assert_null(standard_shelf_find(shelf, 3));
    standard_shelf_free(shelf);
    standard_shelf_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_version_is_found_by_its_id_in_whatever_order_they_came),
        cmocka_unit_test(an_id_keeps_the_version_that_it_has),
        cmocka_unit_test(what_cannot_be_read_is_known_and_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
