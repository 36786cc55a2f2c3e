/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/weekly_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/xalloc.h"

#define UNIT(name) TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_##name

static Troth__V1__FigureColumn *column_new(const char *name, const char *label,
                                           Troth__V1__FigureUnit unit)
{
    Troth__V1__FigureColumn *column = xcalloc(1, sizeof(*column));

    troth__v1__figure_column__init(column);
    column->name = xstrdup(name);
    column->label = xstrdup(label);
    column->has_unit = 1;
    column->unit = unit;
    return column;
}

static Troth__V1__FigureRow *row_new(const char *key, double cases, double share)
{
    Troth__V1__FigureRow *row = xcalloc(1, sizeof(*row));

    troth__v1__figure_row__init(row);
    row->key = xstrdup(key);
    row->n_cells = 2;
    row->cells = xcalloc(2, sizeof(Troth__V1__FigureCell *));
    for (size_t i = 0; i < 2; i++) {
        row->cells[i] = xcalloc(1, sizeof(Troth__V1__FigureCell));
        troth__v1__figure_cell__init(row->cells[i]);
        row->cells[i]->has_value = cases > 0;
    }
    row->cells[0]->value = cases;
    row->cells[1]->value = share;
    row->cells[1]->has_low = row->cells[1]->has_high = cases > 0;
    row->cells[1]->low = share - 0.1;
    row->cells[1]->high = share + 0.1;
    return row;
}

/* Two branches and one that has no cases; names that would be markup. */
static Troth__V1__FigureTable *table_new(void)
{
    Troth__V1__FigureTable *t = xcalloc(1, sizeof(*t));

    troth__v1__figure_table__init(t);
    t->title = xstrdup("Promises & <kept>");
    t->group_by = xstrdup("branch");
    t->n_columns = 2;
    t->columns = xcalloc(2, sizeof(Troth__V1__FigureColumn *));
    t->columns[0] = column_new("cases", "Cases", UNIT(COUNT));
    t->columns[1] = column_new("kept", "Kept", UNIT(SHARE));
    t->n_rows = 3;
    t->rows = xcalloc(3, sizeof(Troth__V1__FigureRow *));
    t->rows[0] = row_new("north", 40, 0.8);
    t->rows[1] = row_new("<script>alert(1)</script>", 20, 0.4);
    t->rows[2] = row_new("", 0, 0);
    t->total = row_new("", 60, 0.66);
    return t;
}

static void write_page(enum weekly_chart chart, const char *column, bool is_chinese,
                       struct text *out)
{
    Troth__V1__FigureTable *table = table_new();
    const struct weekly_section section = {.table = table, .chart = chart, .column = column};
    const struct weekly_page page = {
        .is_chinese = is_chinese,
        .from_day = "2026-11-16",
        .to_day = "2026-11-22",
        .time_zone = "Asia/Shanghai",
        .dashboard_url = "https://troth.example/?a=1&b=2",
        .sections = &section,
        .section_count = 1,
    };

    weekly_page_append(&page, out);
    troth__v1__figure_table__free_unpacked(table, NULL);
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part)) {
        count++;
    }
    return count;
}

static void test_every_chart_has_its_figures_as_a_table(void **state)
{
    static const struct {
        enum weekly_chart chart;
        const char *column;
        size_t charts, bars, lines; /* lines: what the values may be off by */
    } rows[] = {
        {WEEKLY_BARS,     "kept",   1, 3, 2},
        {WEEKLY_BARS,     "cases",  1, 3, 0},
        {WEEKLY_COLUMNS,  "cases",  1, 3, 0},
        {WEEKLY_NO_CHART, "cases",  0, 0, 0},
        {WEEKLY_BARS,     "nobody", 0, 0, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct text page = {.data = NULL};
        write_page(rows[i].chart, rows[i].column, false, &page);
        assert_int_equal(count_of(page.data, "<svg"), rows[i].charts);
        assert_int_equal(count_of(page.data, "class=\"bar\""), rows[i].bars);
        assert_int_equal(count_of(page.data, "class=\"off\""), rows[i].lines);
        assert_int_equal(count_of(page.data, "<tr"), 1 + 3 + 1);
        assert_non_null(strstr(page.data, "80 % (70, 90)"));
        text_free(&page);
    }
}

static void test_names_are_text_and_nothing_comes_from_elsewhere(void **state)
{
    struct text page = {.data = NULL};

    write_page(WEEKLY_BARS, "kept", false, &page);
    assert_null(strstr(page.data, "<script"));
    assert_non_null(strstr(page.data, "&lt;script&gt;"));
    assert_non_null(strstr(page.data, "Promises &amp; &lt;kept&gt;"));
    assert_int_equal(count_of(page.data, "http"), 2); /* http-equiv and the link to the dashboard */
    assert_null(strstr(page.data, "src="));
    text_free(&page);
}

static void test_a_page_in_chinese_says_so(void **state)
{
    struct text page = {.data = NULL};

    write_page(WEEKLY_BARS, "kept", true, &page);
    assert_non_null(strstr(page.data, "<html lang=\"zh-Hans\">"));
    assert_non_null(strstr(page.data, "服务周报 2026-11-16 至 2026-11-22"));
    text_free(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_chart_has_its_figures_as_a_table),
        cmocka_unit_test(test_names_are_text_and_nothing_comes_from_elsewhere),
        cmocka_unit_test(test_a_page_in_chinese_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
