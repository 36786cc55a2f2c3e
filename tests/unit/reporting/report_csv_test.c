/* SPDX-License-Identifier: Apache-2.0 */
/* A table as CSV, and the texts of settings that reports go by. */
#include "services/reporting/report_csv.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "services/reporting/report_column.h"
#include "services/reporting/report_desk.h"
#include "services/reporting/report_factors.h"
#include "services/reporting/report_table.h"

static const struct report_column columns[] = {
    {.name = "n",
     .label = {{"N", "N"}},
     .help = {{"h", "h"}},
     .unit = TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_COUNT},
    {.name = "why",
     .label = {{"W", "W"}},
     .help = {{"h", "h"}},
     .unit = TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_TEXT},
    {.name = NULL                   },
};

static void texts_are_quoted_and_formulas_are_none(void **state)
{
    const struct report_kind kind = {.name = "made_up", .title = {{"t", "t"}}, .columns = columns};
    const struct report_frame frame = {.kind = &kind, .time_zone = "UTC"};
    Troth__V1__FigureTable *table = report_table_new(&frame);
    Troth__V1__FigureRow *row = report_table_add(table, "=cmd()", "a \"b\", c");
    struct text csv = {.data = NULL};

    report_cell_estimate(row, 0, 0.1, -2, 1e300, 7);
    report_cell_text(row, 1, "two\nlines");
    (void)report_table_add(table, "plain", "-1");
    report_csv_append(table, true, &csv);
    assert_string_equal(csv.data, "\xef\xbb\xbfkey,label,n,n_low,n_high,n_count,why\r\n"
                                  "\"'=cmd()\",\"a \"\"b\"\", c\",0.10000000000000001,-2,"
                                  "1.0000000000000001e+300,7,\"two\nlines\"\r\n"
                                  "plain,\"'-1\",,,,,\r\n");
    text_free(&csv);
    troth__v1__figure_table__free_unpacked(table, NULL);
}

/* clang-format off */
static const struct report_column measured[] = {
    {.name = "took", .label = {{"T", "T"}}, .help = {{"h", "h"}}, .unit = TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_DURATION},
    {.name = "paid", .label = {{"P", "P"}}, .help = {{"h", "h"}}, .unit = TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_MONEY},
    {.name = NULL},
};
/* clang-format on */

static void durations_are_seconds_and_names_say_the_unit(void **state)
{
    const struct report_kind kind = {.name = "made_up", .title = {{"t", "t"}}, .columns = measured};
    const struct report_frame frame = {
        .kind = &kind, .time_zone = "UTC", .before_from_day = "2026-10-01"};
    Troth__V1__FigureTable *table = report_table_new(&frame);
    Troth__V1__FigureRow *row = report_table_add(table, "a", "b");
    struct text csv = {.data = NULL};

    (void)state;
    report_cell_estimate(row, 0, 5400000400.0, 1, 86400e6, 7);
    row->cells[0]->has_before = true;
    row->cells[0]->before = -1500000;
    report_cell_number(row, 1, 995);
    report_csv_append(table, false, &csv);
    assert_string_equal(csv.data,
                        "key,label,took_s,took_low_s,took_high_s,took_count,took_before_s,"
                        "paid_minor,paid_low_minor,paid_high_minor,paid_count,paid_before_minor\r\n"
                        "a,b,5400.000,0.000,86400.000,7,-1.500,995,,,,\r\n");
    text_free(&csv);
    troth__v1__figure_table__free_unpacked(table, NULL);
}

static void categories_find_their_factor(void **state)
{
    static const char setting[] = "product: brakes, engine ;price:bill; channel: ";
    const struct report_options options = {.factors = setting};
    const struct report_frame frame = {.options = &options};
    static const struct {
        const char *category, *factor;
    } cases[] = {
        {"brakes",  "product"},
        {"engine",  "product"},
        {"bill",    "price"  },
        {"brake",   "other"  },
        {"",        "other"  },
        {"product", "other"  },
    };
    static const char *const wrong[] = {"taste: a", "brakes", "product: a; price: a"};
    struct err err = ERR_NONE;

    assert_int_equal(report_factors_check(setting, &err), 0);
    assert_int_equal(report_factors_check("", &err), 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char factor[REPORT_VALUE_SIZE];
        report_factor_of(&frame, cases[i].category, factor);
        assert_string_equal(factor, cases[i].factor);
    }
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_int_equal(report_factors_check(wrong[i], &err), -1);
        assert_string_equal(err.code, "setting_invalid");
    }
}

static void weights_are_divided_by_their_sum(void **state)
{
    static const char *const wrong[] = {"1 2 3 4", "1 2 3 4 5 6", "0 0 0 0 0", "1 2 3 4 -5",
                                        "1 2 x 4 5"};
    double weights[5];
    struct err err = ERR_NONE;

    assert_int_equal(report_weights_of(" 10, 40 20 10 20 ", weights, &err), 0);
    assert_true(fabs(weights[1] - 0.4) < 1e-12);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_int_equal(report_weights_of(wrong[i], weights, &err), -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_quoted_and_formulas_are_none),
        cmocka_unit_test(durations_are_seconds_and_names_say_the_unit),
        cmocka_unit_test(categories_find_their_factor),
        cmocka_unit_test(weights_are_divided_by_their_sum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
