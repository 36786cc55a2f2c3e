/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/survey_figures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"

#define NEAR(a, b) assert_true((a) - (b) < 1e-9 && (b) - (a) < 1e-9)

enum {
    TANGIBLES,
    RELIABILITY
};

/* First item of the two dimensions, from 1. */
static const int64_t item_of[] = {1, 5};

static void csat(struct survey_tally *t, const char *name, int64_t value, int64_t count)
{
    survey_tally_value(t, name, &(struct survey_value){SURVEY_CSAT, value, count});
}

/* count answers with the first item of a dimension. */
static void part(struct survey_tally *t, const char *name, int64_t dimension,
                 const int64_t said[3]) /* expectation, perception, count */
{
    survey_tally_value(t, name, &(struct survey_value){SURVEY_SERVQUAL, 0, said[2]});
    survey_tally_item(t, name,
                      &(struct survey_item){item_of[dimension], said[0], said[1], said[2]});
    survey_tally_form(
        t, name,
        &(struct survey_form){dimension, "", said[1] ? said[2] : 0, said[0] ? said[2] : 0});
}

static void figures_of_fewer_than_five_are_not_there(void **state)
{
    static const struct {
        int64_t csat, nps;
        bool is_too_few, has_csat, has_nps;
    } rows[] = {
        {4, 0, true,  false, false},
        {5, 0, false, true,  false},
        {2, 2, true,  false, false},
        {4, 5, false, false, true },
        {5, 4, false, true,  false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct survey_tally t = {.count = 0};
        struct survey_report r = {.count = 0};

        csat(&t, "north", 5, rows[i].csat);
        survey_tally_value(&t, "north", &(struct survey_value){SURVEY_NPS, 9, rows[i].nps});
        survey_figures_report(&t, NULL, FUZZY_PRODUCT_SUM, &r);
        assert_int_equal(r.groups[0].is_too_few, rows[i].is_too_few);
        assert_int_equal(r.groups[0].has_csat, rows[i].has_csat);
        assert_int_equal(r.groups[0].has_nps, rows[i].has_nps);
        NEAR(r.groups[0].csat.mean, rows[i].has_csat ? 5 : 0);
        NEAR(r.groups[0].nps_answers, rows[i].has_nps ? (double)rows[i].nps : 0);
        survey_figures_free(&r);
        survey_tally_free(&t);
    }
}

/* 18 of 20 satisfied: Newcombe's interval as statsmodels prints it. */
static void shares_have_their_interval(void **state)
{
    struct survey_tally t = {.count = 0};
    struct survey_report r = {.count = 0};

    (void)state;
    csat(&t, NULL, 5, 10);
    csat(&t, NULL, 4, 8);
    csat(&t, NULL, 1, 2);
    survey_tally_value(&t, NULL, &(struct survey_value){SURVEY_NPS, 3, 2});
    survey_tally_value(&t, NULL, &(struct survey_value){SURVEY_NPS, 10, 9});
    survey_figures_report(&t, NULL, FUZZY_PRODUCT_SUM, &r);
    NEAR(r.company.csat.mean, 4.2);
    NEAR(r.company.csat.share, 0.9);
    NEAR(r.company.csat_share.low, 0.6989663547715128);
    NEAR(r.company.csat_share.high, 0.972133518786232);
    NEAR(r.company.nps.score, 7.0 / 11);
    assert_true(r.company.nps_score.low > 0.0800077 && r.company.nps_score.low < 0.0800078);
    survey_figures_free(&r);
    survey_tally_free(&t);
}

/* Gaps: tangibles -2 (6, 4), reliability -1 (6, 5), each from five answers or as the row says. */
static void gaps_are_weighed_and_what_is_missing_counts_nowhere(void **state)
{
    static const struct {
        int64_t tangibles, reliability;   /* answers */
        double points[SURVEY_DIMENSIONS]; /* the first two matter */
        bool has_gap, has_weighted_gap;
        double gap, weighted_gap;
    } rows[] = {
        {5, 5, {25, 75, 0, 0, 0},    true,  true,  -1.5, -1.25},
        {5, 5, {10, 30, 20, 20, 20}, true,  true,  -1.5, -1.25}, /* points of the others are theirs */
        {5, 4, {25, 75, 0, 0, 0},    true,  true,  -2,   -2   },
        {5, 4, {0, 100, 0, 0, 0},    true,  false, -2,   0    },
        {4, 4, {25, 75, 0, 0, 0},    false, false, 0,    0    },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct survey_tally t = {.count = 0};
        struct survey_report r = {.count = 0};

        part(&t, NULL, TANGIBLES, (const int64_t[]){6, 4, rows[i].tangibles});
        part(&t, NULL, RELIABILITY, (const int64_t[]){6, 5, rows[i].reliability});
        survey_figures_report(&t, rows[i].points, FUZZY_PRODUCT_SUM, &r);
        assert_int_equal(r.weighing, SURVEY_WEIGHTS_GIVEN);
        assert_int_equal(r.company.has_gap, rows[i].has_gap);
        assert_int_equal(r.company.has_weighted_gap, rows[i].has_weighted_gap);
        NEAR(r.company.gap, rows[i].gap);
        NEAR(r.company.weighted_gap, rows[i].weighted_gap);
        survey_figures_free(&r);
        survey_tally_free(&t);
    }
}

static void expectations_of_few_hide_the_gap_but_not_the_grade(void **state)
{
    struct survey_tally t = {.count = 0};
    struct survey_report r = {.count = 0};

    (void)state;
    part(&t, NULL, TANGIBLES, (const int64_t[]){7, 3, 4});
    part(&t, NULL, TANGIBLES, (const int64_t[]){0, 3, 4});
    survey_figures_report(&t, NULL, FUZZY_PRODUCT_SUM, &r);
    assert_false(r.company.has_gap);
    assert_false(r.company.dimensions[TANGIBLES].servqual.mean.has_gap);
    assert_int_equal(r.company.dimensions[TANGIBLES].grade.grade, 3);
    survey_figures_free(&r);
    survey_tally_free(&t);
}

/* Tangibles: 4 of 10 in grade 2, 6 in grade 6; reliability: all in grade 2. */
static void grades_come_from_shares_and_weights(void **state)
{
    static const struct {
        enum fuzzy_operator op;
        double tangibles, reliability;  /* points */
        double grade_2, grade_6, score; /* of the whole */
        size_t grade;
    } rows[] = {
  /* .75 (.4, .6) + .25 (1, 0) */
        {FUZZY_PRODUCT_SUM, 75, 25, 0.55,        0.45,       3.8,        2},
 /* .9 (.4, .6) + .1 (1, 0) */
        {FUZZY_PRODUCT_SUM, 90, 10, 0.46,        0.54,       4.16,       6},
 /* max(min(.75, .4), min(.25, 1)) = .4; min(.75, .6) = .6 */
        {FUZZY_MIN_MAX,     75, 25, 0.4,         0.6,        4.4,        6},
 /* the rest is of dimensions that nobody was asked about */
        {FUZZY_MIN_MAX,     30, 10, 0.4,         0.6,        4.4,        6},
 /* max(.3, .25) = .3; .45 */
        {FUZZY_PRODUCT_MAX, 75, 25, 0.4,         0.6,        4.4,        6},
 /* .4 + .25 = .65; .6 */
        {FUZZY_BOUNDED_SUM, 75, 25, 0.65 / 1.25, 0.6 / 1.25, 4.9 / 1.25, 2},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const double rest = (100 - rows[i].tangibles - rows[i].reliability) / 3;
        const double points[SURVEY_DIMENSIONS] = {rows[i].tangibles, rows[i].reliability, rest,
                                                  rest, rest};
        struct survey_tally t = {.count = 0};
        struct survey_report r = {.count = 0};

        part(&t, NULL, TANGIBLES, (const int64_t[]){6, 2, 4});
        part(&t, NULL, TANGIBLES, (const int64_t[]){6, 6, 6});
        part(&t, NULL, RELIABILITY, (const int64_t[]){6, 2, 8});
        survey_figures_report(&t, points, rows[i].op, &r);
        assert_int_equal(r.company.dimensions[TANGIBLES].grade.grade, 6);
        NEAR(r.company.dimensions[TANGIBLES].grade.score, 4.4);
        NEAR(r.company.grade.memberships[1], rows[i].grade_2);
        NEAR(r.company.grade.memberships[5], rows[i].grade_6);
        NEAR(r.company.grade.score, rows[i].score);
        assert_int_equal(r.company.grade.grade, rows[i].grade);
        survey_figures_free(&r);
        survey_tally_free(&t);
    }
}

/* Reliability weighs more; tangibles are perceived better. */
static void quadrants_need_points(void **state)
{
    static const double points[SURVEY_DIMENSIONS] = {40, 60, 0, 0, 0};
    struct survey_tally t = {.count = 0};

    (void)state;
    part(&t, NULL, TANGIBLES, (const int64_t[]){6, 6, 5});
    part(&t, NULL, RELIABILITY, (const int64_t[]){6, 3, 5});
    for (int is_given = 0; is_given <= 1; is_given++) {
        struct survey_report r = {.count = 0};
        const struct survey_dimension *d = r.company.dimensions;

        survey_figures_report(&t, is_given ? points : NULL, FUZZY_PRODUCT_SUM, &r);
        assert_int_equal(d[TANGIBLES].has_quadrant, is_given);
        assert_int_equal(d[TANGIBLES].quadrant, is_given ? QUADRANT_POSSIBLE_OVERKILL : 0);
        assert_int_equal(d[RELIABILITY].quadrant, is_given ? QUADRANT_CONCENTRATE_HERE : 0);
        survey_figures_free(&r);
    }
    survey_tally_free(&t);
}

/* Tangibles are the same everywhere, so reliability alone tells the groups apart. */
static void entropy_needs_three_groups_that_differ(void **state)
{
    static const struct {
        int groups;
        int64_t reliability[3];
        enum survey_weighing weighing;
        double tangibles, of_reliability;
    } rows[] = {
        {3, {3, 5, 6}, SURVEY_WEIGHTS_ENTROPY, 0,  100},
        {3, {5, 5, 5}, SURVEY_WEIGHTS_EQUAL,   20, 20 },
        {2, {3, 5, 6}, SURVEY_WEIGHTS_EQUAL,   20, 20 },
    };
    static const char *const names[] = {"a", "b", "c"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct survey_tally t = {.count = 0};
        struct survey_report r = {.count = 0};

        for (int g = 0; g < rows[i].groups; g++) {
            part(&t, names[g], TANGIBLES, (const int64_t[]){6, 4, 5});
            part(&t, names[g], RELIABILITY, (const int64_t[]){6, rows[i].reliability[g], 5});
        }
        survey_figures_report(&t, NULL, FUZZY_PRODUCT_SUM, &r);
        assert_int_equal(r.weighing, rows[i].weighing);
        NEAR(r.points[TANGIBLES], rows[i].tangibles);
        NEAR(r.points[RELIABILITY], rows[i].of_reliability);
        survey_figures_free(&r);
        survey_tally_free(&t);
    }
}

/* Items that say the same have 1. With one of them turned around half the people have a total of 8,
 * half of 16, and each item is 4 apart: 4/3 (1 - 4 * 16 / 64). */
static void alpha_needs_thirty_complete_answers(void **state)
{
    static const struct {
        int64_t count; /* of each of two kinds of answers */
        const char *low, *high;
        bool has_alpha;
        double alpha;
    } rows[] = {
        {15, "1111", "5555", true,  1},
        {14, "1111", "5555", false, 0},
        {15, "3333", "3333", false, 0},
        {15, "1115", "5551", true,  0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct survey_tally t = {.count = 0};
        struct survey_report r = {.count = 0};

        survey_tally_value(&t, NULL, &(struct survey_value){SURVEY_SERVQUAL, 0, 2 * rows[i].count});
        survey_tally_form(&t, NULL, &(struct survey_form){0, rows[i].low, rows[i].count, 0});
        survey_tally_form(&t, NULL, &(struct survey_form){0, rows[i].high, rows[i].count, 0});
        survey_figures_report(&t, NULL, FUZZY_PRODUCT_SUM, &r);
        assert_int_equal(r.company.dimensions[0].complete, 2 * rows[i].count);
        assert_int_equal(r.company.dimensions[0].has_alpha, rows[i].has_alpha);
        NEAR(r.company.dimensions[0].alpha, rows[i].alpha);
        survey_figures_free(&r);
        survey_tally_free(&t);
    }
}

/* The company: (4 * 5 + 41 * 4 + 5 * 1 + 50 * 2) / 100 = 2.89. b's 5 answers of 1 are drawn to (5 +
 * 28.9) / 15 = 2.26, a's 50 of 2 to (100 + 28.9) / 60 = 2.148: b is not the worst. */
static void few_bad_answers_do_not_make_the_worst_group(void **state)
{
    struct survey_tally t = {.count = 0};
    struct survey_report r = {.count = 0};

    (void)state;
    csat(&t, "few", 5, 4);
    csat(&t, "c", 4, 41);
    csat(&t, "b", 1, 5);
    csat(&t, "a", 2, 50);
    survey_figures_report(&t, NULL, FUZZY_PRODUCT_SUM, &r);
    assert_int_equal(r.ordered_by, SURVEY_CSAT);
    assert_string_equal(r.groups[0].name, "a");
    NEAR(r.groups[0].order, 128.9 / 60);
    assert_string_equal(r.groups[1].name, "b");
    NEAR(r.groups[1].order, 33.9 / 15);
    NEAR(r.groups[1].csat.mean, 1);
    assert_string_equal(r.groups[2].name, "c");
    assert_string_equal(r.groups[3].name, "few");
    survey_figures_free(&r);
    survey_tally_free(&t);
}

static void groups_are_ordered_by_what_was_asked_most(void **state)
{
    static const struct {
        int64_t csat, nps, ces;
        int ordered_by;
    } rows[] = {
        {9, 8, 7, SURVEY_CSAT},
        {8, 9, 7, SURVEY_NPS },
        {4, 4, 5, SURVEY_CES },
        {4, 4, 4, 0          },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct survey_tally t = {.count = 0};
        struct survey_report r = {.count = 0};

        csat(&t, "b", 5, rows[i].csat);
        survey_tally_value(&t, "a", &(struct survey_value){SURVEY_NPS, 5, rows[i].nps});
        survey_tally_value(&t, "a", &(struct survey_value){SURVEY_CES, 5, rows[i].ces});
        survey_figures_report(&t, NULL, FUZZY_PRODUCT_SUM, &r);
        assert_int_equal(r.ordered_by, rows[i].ordered_by);
        survey_figures_free(&r);
        survey_tally_free(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_of_fewer_than_five_are_not_there),
        cmocka_unit_test(shares_have_their_interval),
        cmocka_unit_test(gaps_are_weighed_and_what_is_missing_counts_nowhere),
        cmocka_unit_test(expectations_of_few_hide_the_gap_but_not_the_grade),
        cmocka_unit_test(grades_come_from_shares_and_weights),
        cmocka_unit_test(quadrants_need_points),
        cmocka_unit_test(entropy_needs_three_groups_that_differ),
        cmocka_unit_test(alpha_needs_thirty_complete_answers),
        cmocka_unit_test(few_bad_answers_do_not_make_the_worst_group),
        cmocka_unit_test(groups_are_ordered_by_what_was_asked_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
