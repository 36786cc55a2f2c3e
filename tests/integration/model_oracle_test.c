/* SPDX-License-Identifier: Apache-2.0 */
/* Models against somebody else's arithmetic: PostgreSQL's aggregates over the same numbers. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "common/model/correlation.h"
#include "common/model/cronbach_alpha.h"
#include "common/model/decay.h"
#include "common/model/ears.h"
#include "common/model/servqual.h"
#include "tests/support/proof.h"
#include "tests/support/test_database.h"

#define NEAR 1e-9

enum {
    PEOPLE = 120,
    ITEMS = 22,
    DAYS = 400
};

/* Any numbers will do; these are the same each time. */
static double draw(uint32_t *seed, unsigned range)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (double)((*seed >> 8) % range);
}

/* ARRAY literals are texts; 17 digits say a double exactly. */
static void append(struct text *array, double x)
{
    text_appendf(array, "%s%.17g", array->len > 0 ? "," : "", x);
}

/* A number of the database, to 14 places behind the point; below 90,000. */
static double ask(const char *expression, const char *from)
{
    return (double)test_sql_int("SELECT round((%s)::numeric * 100000000000000) FROM %s", expression,
                                from) /
           1e14;
}

static void correlation_is_that_of_postgresql(void **state)
{
    double x[PEOPLE], y[PEOPLE], r = NAN;
    struct text xs = {0}, ys = {0}, from = {0};
    uint32_t seed = 1;

    for (size_t i = 0; i < PEOPLE; i++) {
        x[i] = draw(&seed, 1000) / 8.0;
        y[i] = x[i] * 0.25 + draw(&seed, 100);
        append(&xs, x[i]);
        append(&ys, y[i]);
    }
    assert_true(correlation_pearson(x, y, PEOPLE, &r));
    text_appendf(&from, "unnest('{%s}'::float8[], '{%s}'::float8[]) AS t (x, y)", xs.data, ys.data);
    PROOF("correlation of 120 pairs", "PostgreSQL corr", ask("corr(x, y)", from.data), NEAR, r);
    text_free(&xs);
    text_free(&ys);
    text_free(&from);
}

static void alpha_is_that_of_postgresql(void **state)
{
    static double scores[PEOPLE * 3];
    struct text columns[3] = {{0}}, from = {0};
    double alpha = NAN;
    uint32_t seed = 2;

    for (size_t p = 0; p < PEOPLE; p++) {
        double mood = draw(&seed, 5);

        for (size_t i = 0; i < 3; i++) {
            scores[p * 3 + i] = mood + draw(&seed, 3);
            append(&columns[i], scores[p * 3 + i]);
        }
    }
    assert_true(cronbach_alpha(scores, PEOPLE, 3, &alpha));
    text_appendf(&from,
                 "unnest('{%s}'::float8[], '{%s}'::float8[], '{%s}'::float8[]) AS t (a, b, c)",
                 columns[0].data, columns[1].data, columns[2].data);
    PROOF("alpha of 3 items, 120 people", "PostgreSQL var_samp",
          ask("1.5 * (1 - (var_samp(a) + var_samp(b) + var_samp(c)) / var_samp(a + b + c))",
              from.data),
          NEAR, alpha);
    for (size_t i = 0; i < 3; i++) {
        text_free(&columns[i]);
    }
    text_free(&from);
}

/* Every sixth item is asked, half of the time without the expectation. */
static void gaps_are_those_of_postgresql(void **state)
{
    static const char means[] = "(SELECT d, avg(gap) AS gap FROM (SELECT i, min(d) AS d,"
                                " avg(p) - avg(e) AS gap FROM %s GROUP BY i) AS item GROUP BY d)"
                                " AS dimension";
    static const double points[5] = {11, 32, 22, 19, 16};
    struct text items = {0}, es = {0}, ps = {0}, rows = {0}, from = {0};
    struct servqual_sums sums = {0};
    struct servqual s = {0};
    uint32_t seed = 3;

    for (size_t i = 0; i < PEOPLE; i++) {
        const struct servqual_answer a = {
            .item = i * 6 % ITEMS,
            .has_expectation = draw(&seed, 2) > 0,
            .expectation = 4 + draw(&seed, 4),
            .has_perception = true,
            .perception = 1 + draw(&seed, 7),
        };

        assert_true(servqual_add(&sums, &servqual_scale_1988, &a));
        text_appendf(&items, "%s(%zu,%d)", i ? "," : "", a.item,
                     servqual_scale_1988.dimension_of[a.item]);
        text_appendf(&es, a.has_expectation ? "%s%g" : "%sNULL", i ? "," : "", a.expectation);
        append(&ps, a.perception);
    }
    assert_true(servqual_of(&servqual_scale_1988, &sums, points, &s));
    text_appendf(&rows,
                 "(SELECT i, d, ('{%s}'::float8[])[n] AS e, ('{%s}'::float8[])[n] AS p"
                 " FROM (SELECT row_number() OVER () AS n, i, d FROM (VALUES %s) AS v (i, d)) AS o)"
                 " AS answer",
                 es.data, ps.data, items.data);
    text_appendf(&from, means, rows.data);
    PROOF("mean gap of 5 dimensions, 120 answers in rotation", "PostgreSQL avg",
          ask("avg(gap)", from.data), NEAR, s.gap);
    PROOF("the same, weighted by 100 points", "PostgreSQL sum",
          ask("sum(gap * ('{11,32,22,19,16}'::float8[])[d + 1]) / 100", from.data), NEAR,
          s.weighted_gap);
    text_free(&items);
    text_free(&es);
    text_free(&ps);
    text_free(&rows);
    text_free(&from);
}

static void bounds_of_counts_are_those_of_postgresql(void **state)
{
    static const char window[] =
        "(SELECT avg(y) OVER w + 3.090232306167814 * greatest(0.5, stddev_samp(y) OVER w) AS upper,"
        " n FROM unnest('{%s}'::float8[]) WITH ORDINALITY AS t (y, n)"
        " WINDOW w AS (ORDER BY n ROWS BETWEEN 9 PRECEDING AND 3 PRECEDING)) AS day WHERE n > 9";
    double counts[DAYS], sum = 0.0;
    struct text ys = {0}, from = {0};
    uint32_t seed = 4;

    for (size_t day = 0; day < DAYS; day++) {
        struct ears e;

        counts[day] = draw(&seed, 4) * draw(&seed, 3);
        append(&ys, counts[day]);
        sum += ears_c2(counts, day, 0.5, EARS_Z, &e) ? e.upper / (double)(day + 1) : 0.0;
    }
    text_appendf(&from, window, ys.data);
    PROOF("C2 of 391 days, sum of bounds by day", "PostgreSQL stddev_samp over a window",
          ask("sum(upper / n)", from.data), NEAR, sum);
    text_free(&ys);
    text_free(&from);
}

/* What decay.h claims: SQL can keep the sums, too. */
static void forward_sums_are_those_of_postgresql(void **state)
{
    const double half_life = decay_half_life_us(2 * DECAY_YEAR_US, 0.1);
    const int64_t now = DECAY_LANDMARK_US + 5 * DECAY_YEAR_US;
    struct text ats = {0}, expression = {0}, from = {0};
    double sum = 0.0;
    uint32_t seed = 5;

    for (size_t i = 0; i < PEOPLE; i++) {
        int64_t at = now - (int64_t)draw(&seed, 150000) * INT64_C(1000000000);

        text_appendf(&ats, "%s%lld", i ? "," : "", (long long)at);
        sum += decay_forward_weight(half_life, at);
    }
    text_appendf(&from, "unnest('{%s}'::int8[]) AS t (at)", ats.data);
    text_appendf(&expression, "sum(power(2::float8, (at - %lld) / %.17g::float8))", (long long)now,
                 half_life);
    PROOF("120 things of 5 years, what they weigh now", "PostgreSQL power",
          ask(expression.data, from.data), NEAR, decay_of_sum(sum, half_life, now));
    text_free(&ats);
    text_free(&expression);
    text_free(&from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(correlation_is_that_of_postgresql),
        cmocka_unit_test(alpha_is_that_of_postgresql),
        cmocka_unit_test(gaps_are_those_of_postgresql),
        cmocka_unit_test(bounds_of_counts_are_those_of_postgresql),
        cmocka_unit_test(forward_sums_are_those_of_postgresql),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
