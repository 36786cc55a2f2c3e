/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/figure_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/xalloc.h"

#define UNIT(name) TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_##name

static void test_a_figure_says_its_value_its_interval_and_what_it_was_before(void **state)
{
    static const struct {
        Troth__V1__FigureUnit unit;
        double value, low, high, before;
        bool has_value, has_interval, has_before, is_chinese;
        char text[8];
        const char *expected;
    } rows[] = {
        {.unit = UNIT(COUNT),    .expected = "-"                          },
        {                                                              .unit = UNIT(COUNT),         .value = 1234,                         .has_value = true, .expected = "1234"},
        {                                            .unit = UNIT(SHARE),    .value = 0.874,                            .has_value = true, .expected = "87 %"},
        { .unit = UNIT(SHARE),
         .value = 0.874,
         .low = 0.81,
         .high = 0.92,
         .has_value = true,
         .has_interval = true,
         .expected = "87 % (81, 92)"},
        {                                                                                                                   .unit = UNIT(SHARE),
         .value = 0.5,
         .before = 0.25,
         .has_value = true,
         .has_before = true,
         .expected = "50 % was 25 %"},
        {                                                                                                             .unit = UNIT(DURATION),                      .value = 12.0e6 * 60,                                             .has_value = true, .expected = "12 min"},
        {                                                                                                                     .unit = UNIT(SCORE),
         .value = -3.5,
         .low = -4,
         .high = -3,
         .has_value = true,
         .has_interval = true,
         .expected = "-3.50 (-4.00, -3.00)"},
        {                                                                                                      .unit = UNIT(MONEY), .value = 12345, .has_value = true, .expected = "123.45"},
        {.unit = UNIT(RATE),                      .value = 2.345,                                             .has_value = true, .expected = "2.35"},
        {                                                                                                                    .unit = UNIT(TEXT),             .text = "better",                                                 .expected = "better"},
        {                                                                                                             .unit = UNIT(TEXT),                      .text = "",                                             .expected = "-"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        Troth__V1__FigureColumn column = TROTH__V1__FIGURE_COLUMN__INIT;
        Troth__V1__FigureCell cell = TROTH__V1__FIGURE_CELL__INIT;
        struct text text = {.data = NULL};

        column.unit = rows[i].unit;
        cell.has_value = rows[i].has_value;
        cell.value = rows[i].value;
        cell.has_low = cell.has_high = rows[i].has_interval;
        cell.low = rows[i].low;
        cell.high = rows[i].high;
        cell.has_before = rows[i].has_before;
        cell.before = rows[i].before;
        cell.text = xstrdup(rows[i].text);
        figure_text_append(&column, &cell, rows[i].is_chinese, &text);
        assert_string_equal(text.data, rows[i].expected);
        text_free(&text);
        free(cell.text);
    }
}

static void test_a_bar_is_to_scale_and_never_nothing_for_something(void **state)
{
    static const struct {
        double value, scale;
        const char *expected;
    } rows[] = {
        {0,     20, ""            },
        {-3,    20, ""            },
        {0.001, 20, "\u258f"      },
        {1,     20, "\u2588"      },
        {1.5,   20, "\u2588\u258c"},
        {2,     20, "\u2588\u2588"},
    };
    char bar[FIGURE_BAR_SIZE];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_string_equal(figure_bar(rows[i].value, rows[i].scale, bar), rows[i].expected);
    }
    assert_int_equal(strlen(figure_bar(1e9, 20, bar)), 3 * FIGURE_BAR_CELLS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_figure_says_its_value_its_interval_and_what_it_was_before),
        cmocka_unit_test(test_a_bar_is_to_scale_and_never_nothing_for_something),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
