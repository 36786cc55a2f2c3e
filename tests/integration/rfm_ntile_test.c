/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL's ntile(5) and ours give every row the same quintile, ties and all counts included. */
#include "common/model/rfm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "tests/support/test_database.h"

enum {
    ROWS_MAX = 1000
};

/* The SQL below makes the same rows: many ties, and keys in an order of their own. */
static struct rfm_value row_of(size_t i)
{
    return (struct rfm_value){(double)(i * 7919 % 31), (int64_t)(i * 617 % 1009)};
}

static int64_t equal_in_postgresql(const uint8_t *ours, size_t count)
{
    struct text list = {0};

    for (size_t i = 0; i < count; i++) {
        text_appendf(&list, "%s%d", i > 0 ? "," : "", ours[i]);
    }
    const int64_t equal = test_sql_int(
        "WITH theirs AS (SELECT i, ntile(5) OVER (ORDER BY i * 7919 %% 31, i * 617 %% 1009) AS q"
        " FROM generate_series(0, %zu - 1) AS i)"
        " SELECT count(*) FROM theirs JOIN unnest('{%s}'::int[]) WITH ORDINALITY AS ours (q, n)"
        " ON ours.n = theirs.i + 1 AND ours.q = theirs.q",
        count, list.data);

    text_free(&list);
    return equal;
}

static void quintiles_are_postgresqls(void **state)
{
    static const size_t counts[] = {1, 2, 4, 5, 6, 9, 31, 503, ROWS_MAX};
    struct rfm_value values[ROWS_MAX];
    uint8_t quintiles[ROWS_MAX];

    for (size_t c = 0; c < ARRAY_LEN(counts); c++) {
        for (size_t i = 0; i < counts[c]; i++) {
            values[i] = row_of(i);
        }
        rfm_quintiles(values, counts[c], quintiles);
        assert_int_equal(equal_in_postgresql(quintiles, counts[c]), counts[c]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quintiles_are_postgresqls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
