/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/weekly_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "services/reporting/report_book.h"
#include "services/reporting/report_column.h"

static bool has_column(const struct report_kind *kind, const char *name)
{
    for (const struct report_column *c = kind->columns; c->name; c++) {
        if (strcmp(c->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool can_be_grouped(const struct report_kind *kind, const char *group)
{
    enum figure_dimension dimension = figure_dimension_by_name(group);

    return dimension == DIMENSION_COUNT ? kind->has_time_groups
                                        : (kind->groups & (1U << dimension)) != 0;
}

static void test_every_part_of_the_week_is_a_report_with_that_group_and_column(void **state)
{
    for (size_t i = 0; i < WEEKLY_PARTS; i++) {
        const struct weekly_part *part = &weekly_parts[i];
        const struct report_kind *kind = report_book_find(part->name);
        assert_non_null(kind);
        assert_true(!part->group || can_be_grouped(kind, part->group));
        assert_true((part->chart == WEEKLY_NO_CHART) == !part->column);
        assert_true(!part->column || has_column(kind, part->column));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_part_of_the_week_is_a_report_with_that_group_and_column),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
