/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/importance_performance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"

static void the_cross_parts_items_into_four(void **state)
{
    static const struct {
        struct importance_performance item;
        enum quadrant quadrant;
        const char *name;
    } cases[] = {
        {{6, 6}, QUADRANT_KEEP_UP,           "keep_up"          },
        {{6, 2}, QUADRANT_CONCENTRATE_HERE,  "concentrate_here" },
        {{2, 2}, QUADRANT_LOW_PRIORITY,      "low_priority"     },
        {{2, 6}, QUADRANT_POSSIBLE_OVERKILL, "possible_overkill"},
        {{2, 4}, QUADRANT_POSSIBLE_OVERKILL, "possible_overkill"}, /* on a line of the cross */
        {{6, 4}, QUADRANT_KEEP_UP,           "keep_up"          },
        {{4, 4}, QUADRANT_KEEP_UP,           "keep_up"          }, /* on the cross */
    };
    struct importance_performance items[ARRAY_LEN(cases)], cross;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        items[i] = cases[i].item;
    }
    cross = importance_performance_cross(items, ARRAY_LEN(items));
    assert_true(cross.importance == 4.0 && cross.performance == 4.0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        enum quadrant q = importance_performance_quadrant(cases[i].item, cross);

        assert_int_equal(q, cases[i].quadrant);
        assert_string_equal(quadrant_name(q), cases[i].name);
    }
}

static void importance_and_performance_are_not_mixed_up(void **state)
{
    static const struct importance_performance items[] = {
        {7, 1},
        {5, 3}
    };
    const struct importance_performance cross = importance_performance_cross(items, 2);

    assert_true(cross.importance == 6.0 && cross.performance == 2.0);
    assert_int_equal(importance_performance_quadrant(items[0], cross), QUADRANT_CONCENTRATE_HERE);
    assert_int_equal(importance_performance_quadrant(items[1], cross), QUADRANT_POSSIBLE_OVERKILL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cross_parts_items_into_four),
        cmocka_unit_test(importance_and_performance_are_not_mixed_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
