/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/fold_moves_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"

static const struct {
    int64_t versions[8]; /* ended by 0 */
    size_t ranges;
    int64_t from, to; /* of the last range */
} rows[] = {
    {{1},                1, 1, 1},
    {{1, 2, 3},          1, 1, 3},
    {{3, 2, 1},          1, 1, 3},
    {{1, 3, 2},          1, 1, 3},
    {{1, 5, 3},          3, 5, 5},
    {{7, 1, 2, 6, 3},    2, 6, 7},
    {{1, 3, 5, 4, 2, 6}, 1, 1, 6},
};

static void a_version_is_new_once_in_whatever_order(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fold_version_set s = {.count = 0};
        for (size_t v = 0; rows[i].versions[v] > 0; v++) {
            assert_true(fold_version_set_add(&s, rows[i].versions[v]));
        }
        for (size_t v = 0; rows[i].versions[v] > 0; v++) {
            assert_false(fold_version_set_add(&s, rows[i].versions[v]));
        }
        assert_int_equal(s.count, rows[i].ranges);
        assert_int_equal(s.ranges[s.count - 1].from, rows[i].from);
        assert_int_equal(s.ranges[s.count - 1].to, rows[i].to);
    }
}

static void with_too_many_gaps_the_oldest_is_closed(void **state)
{
    struct fold_version_set s = {.count = 0}, read;
    struct buffer packed = {0};

    for (int64_t version = 1; version < 200; version += 2) {
        assert_true(fold_version_set_add(&s, version));
        assert_true(s.count <= FOLD_RANGES_MAX);
    }
    assert_false(fold_version_set_add(&s, 2));
    assert_true(fold_version_set_add(&s, 198));
    fold_version_set_pack(&s, &packed);
    fold_version_set_unpack(&read, (struct bytes){.data = packed.data, .len = packed.len});
    assert_int_equal(read.count, s.count);
    assert_memory_equal(read.ranges, s.ranges, s.count * sizeof(s.ranges[0]));
    fold_version_set_unpack(&read, (struct bytes){.data = packed.data, .len = packed.len - 1});
    assert_int_equal(read.count, 0);
    buffer_free(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_version_is_new_once_in_whatever_order),
        cmocka_unit_test(with_too_many_gaps_the_oldest_is_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
