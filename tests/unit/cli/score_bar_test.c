/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/score_bar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/text.h"

static void a_bar_is_to_scale_on_its_side_of_the_line(void **state)
{
    static const struct {
        double points;
        const char *want;
    } cases[] = {
        {0,     "          │          "                    },
        {18,    "          │██████████"},
        {-18,   "██████████│          "},
        {9,     "          │█████     "          },
        {-9.9,  "    ▐█████│          "        },
        {0.01,  "          │▌         "                  },
        {-0.01, "         ▐│          "                  },
        {99,    "          │██████████"},
    };
    char bar[SCORE_BAR_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_string_equal(score_bar(cases[i].points, 18, bar), cases[i].want);
        assert_int_equal(text_columns(bar), 2 * SCORE_BAR_CELLS + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bar_is_to_scale_on_its_side_of_the_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
