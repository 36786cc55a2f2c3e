/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/survey_tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/base/compiler.h"

#define SAME(a, b) assert_true((a) >= (b) && (a) <= (b))

static void values_count_where_their_scale_says(void **state)
{
    static const struct {
        struct survey_value value;
        double answers, csat_best, promoters, passives, detractors, ces_least;
    } rows[] = {
        {{SURVEY_CSAT, 5, 3},     3, 3, 0, 0, 0, 0},
        {{SURVEY_CSAT, 0, 3},     0, 0, 0, 0, 0, 0},
        {{SURVEY_CSAT, 6, 3},     0, 0, 0, 0, 0, 0},
        {{SURVEY_NPS, 10, 2},     2, 0, 2, 0, 0, 0},
        {{SURVEY_NPS, 8, 2},      2, 0, 0, 2, 0, 0},
        {{SURVEY_NPS, 0, 2},      2, 0, 0, 0, 2, 0},
        {{SURVEY_NPS, 11, 2},     0, 0, 0, 0, 0, 0},
        {{SURVEY_CES, 1, 4},      4, 0, 0, 0, 0, 4},
        {{SURVEY_CES, 8, 4},      0, 0, 0, 0, 0, 0},
        {{SURVEY_SERVQUAL, 0, 7}, 7, 0, 0, 0, 0, 0},
        {{5, 3, 7},               0, 0, 0, 0, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct survey_tally t = {.count = 0};

        survey_tally_value(&t, NULL, &rows[i].value);
        SAME(t.company.answers, rows[i].answers);
        SAME(t.company.csat[4], rows[i].csat_best);
        SAME(t.company.nps.promoters, rows[i].promoters);
        SAME(t.company.nps.passives, rows[i].passives);
        SAME(t.company.nps.detractors, rows[i].detractors);
        SAME(t.company.ces[0], rows[i].ces_least);
        assert_int_equal(t.count, 0);
        survey_tally_free(&t);
    }
}

static void groups_are_told_apart_and_add_up_to_the_company(void **state)
{
    struct survey_tally t = {.count = 0};

    (void)state;
    survey_tally_value(&t, "north", &(struct survey_value){SURVEY_CSAT, 4, 2});
    survey_tally_value(&t, "", &(struct survey_value){SURVEY_CSAT, 4, 1});
    survey_tally_value(&t, "north", &(struct survey_value){SURVEY_CSAT, 4, 5});
    assert_int_equal(t.count, 2);
    assert_string_equal(t.groups[0].name, "north");
    SAME(t.groups[0].csat[3], 7);
    SAME(t.groups[1].csat[3], 1);
    SAME(t.company.csat[3], 8);
    survey_tally_free(&t);
}

static void groups_after_the_last_one_count_for_the_company(void **state)
{
    struct survey_tally t = {.count = 0};

    (void)state;
    for (int i = 0; i < SURVEY_GROUPS_MAX + 3; i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "g%d", i);
        survey_tally_value(&t, name, &(struct survey_value){SURVEY_CES, 7, 2});
        survey_tally_item(&t, name, &(struct survey_item){1, 7, 7, 1});
        survey_tally_form(&t, name, &(struct survey_form){0, "", 1, 1});
    }
    assert_int_equal(t.count, SURVEY_GROUPS_MAX);
    SAME(t.beyond, 6);
    SAME(t.company.ces[6], 2 * (SURVEY_GROUPS_MAX + 3));
    SAME(t.company.parts[0].perceived, SURVEY_GROUPS_MAX + 3);
    survey_tally_free(&t);
}

static void items_count_what_was_answered(void **state)
{
    static const struct {
        struct survey_item item;
        double expectations, expectation, perceptions, perception, of_grade_5;
    } rows[] = {
        {{3, 7, 5, 2},  2, 14, 2, 10, 2},
        {{3, 0, 5, 2},  0, 0,  2, 10, 2},
        {{3, 6, 0, 1},  1, 6,  0, 0,  0},
        {{3, 8, 9, 1},  0, 0,  0, 0,  0},
        {{0, 7, 5, 2},  0, 0,  0, 0,  0},
        {{23, 7, 5, 2}, 0, 0,  0, 0,  0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct survey_tally t = {.count = 0};

        survey_tally_item(&t, "north", &rows[i].item);
        const struct survey_group *g = rows[i].item.item == 3 ? &t.groups[0] : &t.company;
        SAME(g->sums.items[2].expectations, rows[i].expectations);
        SAME(g->sums.items[2].expectation, rows[i].expectation);
        SAME(g->sums.items[2].perceptions, rows[i].perceptions);
        SAME(g->sums.items[2].perception, rows[i].perception);
        SAME(g->perceptions[2][4], rows[i].of_grade_5);
        survey_tally_free(&t);
    }
}

static void complete_answers_are_kept_one_by_one(void **state)
{
    struct survey_tally t = {.count = 0};
    const struct survey_part *part = &t.company.parts[1];

    (void)state;
    survey_tally_form(&t, NULL, &(struct survey_form){1, "12345", 2, 1});
    survey_tally_form(&t, NULL, &(struct survey_form){1, "77777", 1, 1});
    survey_tally_form(&t, NULL, &(struct survey_form){1, "", 4, 3});
    survey_tally_form(&t, NULL, &(struct survey_form){1, "1234", 1, 0});  /* of another scale */
    survey_tally_form(&t, NULL, &(struct survey_form){1, "12348", 1, 0}); /* beyond the grades */
    survey_tally_form(&t, NULL, &(struct survey_form){5, "", 1, 0});      /* no such dimension */
    assert_int_equal(part->complete, 3);
    SAME(part->scores[0], 1);
    SAME(part->scores[9], 5);
    SAME(part->scores[10], 7);
    SAME(part->perceived, 9);
    SAME(part->expected, 5);
    survey_tally_free(&t);
}

static void complete_answers_have_a_limit(void **state)
{
    struct survey_tally t = {.count = 0};
    const struct survey_part *part = &t.company.parts[0];

    (void)state;
    survey_tally_form(&t, NULL, &(struct survey_form){0, "1111", SURVEY_COMPLETE_MAX - 1, 0});
    survey_tally_form(&t, NULL, &(struct survey_form){0, "2222", 5, 0});
    survey_tally_form(&t, NULL, &(struct survey_form){0, "3333", 5, 0});
    assert_int_equal(part->complete, SURVEY_COMPLETE_MAX);
    SAME(part->scores[4 * SURVEY_COMPLETE_MAX - 1], 2);
    SAME(part->perceived, SURVEY_COMPLETE_MAX + 9);
    survey_tally_free(&t);
}

static void dimensions_have_the_items_of_the_scale(void **state)
{
    static const size_t items[SURVEY_DIMENSIONS] = {4, 5, 4, 4, 5};

    (void)state;
    for (size_t d = 0; d < SURVEY_DIMENSIONS; d++) {
        assert_int_equal(survey_tally_items(d), items[d]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_count_where_their_scale_says),
        cmocka_unit_test(groups_are_told_apart_and_add_up_to_the_company),
        cmocka_unit_test(groups_after_the_last_one_count_for_the_company),
        cmocka_unit_test(items_count_what_was_answered),
        cmocka_unit_test(complete_answers_are_kept_one_by_one),
        cmocka_unit_test(complete_answers_have_a_limit),
        cmocka_unit_test(dimensions_have_the_items_of_the_scale),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
