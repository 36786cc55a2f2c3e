/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/ahp.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "tests/support/proof.h"

#define NEAR(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))
#define DRINKS                "Saaty 2008, drinks"
#define CITIES                "Saaty 2005, cities, in the tests of AHPy"
#define LEADER                "leader example, in the tests of AHPy"
#define VEHICLE               "vehicle example, in the tests of AHPy"
#define BOZOKI                "Bozoki 2010, in the tests of AHPy"

/* From what stands right of the diagonal, row by row; 0 is missing. */
static void fill(double *matrix, size_t n, const double *upper)
{
    for (size_t i = 0; i < n; i++) {
        matrix[i * n + i] = 1.0;
        for (size_t j = i + 1; j < n; j++, upper++) {
            matrix[i * n + j] = *upper;
            matrix[j * n + i] = *upper == 0.0 ? 0.0 : 1.0 / *upper;
        }
    }
}

static struct ahp evaluate(size_t n, const double *upper)
{
    double matrix[AHP_MAX * AHP_MAX];
    struct err err = ERR_NONE;
    struct ahp a;

    fill(matrix, n, upper);
    assert_int_equal(ahp_of(matrix, n, AHP_SAATY_2005, &a, &err), 0);
    return a;
}

struct things {
    const char *what;
    size_t count;
    const char *names[7];
};

static void prove(const struct things *things, const char *source, const double *published,
                  double tolerance, const double *ours)
{
    for (size_t i = 0; i < things->count; i++) {
        char words[64];

        (void)text_format(words, sizeof words, "%s %s", things->what, things->names[i]);
        PROOF(words, source, published[i], tolerance, ours[i]);
    }
}

static const double drinks[] = {9,      5,      2,      1,      1,      1 / 2., 1 / 3.,
                                1 / 9., 1 / 9., 1 / 9., 1 / 9., 1 / 3., 1 / 4., 1 / 3.,
                                1 / 9., 1 / 2., 1,      1 / 3., 2,      1 / 2., 1 / 3.};

static void drinks_weigh_what_saaty_published(void **state)
{
    static const struct things names = {
        "weight of", 7, {"coffee", "wine", "tea", "beer", "soda", "milk", "water"}
    };
    static const double published[] = {.177, .019, .042, .116, .190, .129, .327};
    static const double computed[] = {.17745675, .01914948, .04183118, .11641703,
                                      .18957238, .12878055, .32679264};
    const struct ahp a = evaluate(7, drinks);

    prove(&names, DRINKS, published, 5e-4, a.weights);
    prove(&names, DRINKS ", computed with R", computed, 5e-9, a.weights);
    PROOF("lambda", DRINKS ", computed with R", 7.176629039, 5e-10, a.lambda);
    PROOF("consistency index", DRINKS ", computed with R", .02943817, 5e-9, a.index);
    PROOF("consistency ratio", DRINKS, .022, 5e-4, a.ratio);
}

static void tables_of_random_indices_differ(void **state)
{
    static const struct {
        const char *what, *source;
        enum ahp_table table;
        double published, tolerance;
    } cases[] = {
        {"ratio, Saaty 2005",   DRINKS ", computed with R",      AHP_SAATY_2005,   .02180605, 5e-9},
        {"ratio, Saaty 1980",   DRINKS ", 0.02943817 / 1.32",    AHP_SAATY_1980,   .0223,     5e-5},
        {"ratio, Donegan-Dodd", DRINKS ", in the tests of AHPy", AHP_DONEGAN_DODD, .0235,     5e-5},
    };
    double matrix[7 * 7];

    fill(matrix, 7, drinks);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct ahp a;

        assert_int_equal(ahp_of(matrix, 7, cases[i].table, &a, NULL), 0);
        PROOF(cases[i].what, cases[i].source, cases[i].published, cases[i].tolerance, a.ratio);
    }
}

static void vehicles_weigh_what_was_published(void **state)
{
    static const struct things names = {
        "weight of", 4, {"cost", "safety", "style", "capacity"}
    };
    static const double upper[] = {3, 7, 3, 9, 1, 1 / 7.};
    static const double published[] = {.510, .234, .041, .215};
    double matrix[4 * 4];
    struct ahp a;

    fill(matrix, 4, upper);
    assert_int_equal(ahp_of(matrix, 4, AHP_DONEGAN_DODD, &a, NULL), 0);
    prove(&names, VEHICLE, published, 5e-4, a.weights);
    PROOF("ratio, Donegan-Dodd", VEHICLE, .08, 5e-3, a.ratio);
}

static void compose(const struct ahp *criteria, size_t n, const double *const *alternatives,
                    size_t count, double *ret)
{
    memset(ret, 0, count * sizeof *ret);
    for (size_t i = 0; i < n; i++) {
        const struct ahp a = evaluate(count, alternatives[i]);

        for (size_t j = 0; j < count; j++) {
            ret[j] += criteria->weights[i] * a.weights[j];
        }
    }
}

static void leaders_weigh_what_was_published(void **state)
{
    static const struct things criteria = {
        "weight of", 4, {"experience", "education", "charisma", "age"}
    };
    static const struct things names = {
        "leader", 3, {"Moll", "Nell", "Sue"}
    };
    static const double upper[] = {4, 3, 7, 1 / 3., 3, 5};
    static const double experience[] = {1 / 4., 4, 9}, education[] = {3, 1 / 5., 1 / 7.};
    static const double charisma[] = {5, 9, 4}, age[] = {1 / 3., 5, 9};
    static const double *const alternatives[] = {experience, education, charisma, age};
    static const double published[] = {.548, .127, .270, .056};
    static const double published_leaders[] = {.358, .493, .150};
    const struct ahp a = evaluate(4, upper);
    double leaders[3];

    prove(&criteria, LEADER, published, 5e-4, a.weights);
    PROOF("lambda", LEADER ", computed with R", 4.118418024, 5e-10, a.lambda);
    PROOF("consistency ratio", LEADER, .044, 5e-4, a.ratio);
    compose(&a, 4, alternatives, 3, leaders);
    /* AHPy rounds to three digits on the way. */
    prove(&names, LEADER, published_leaders, 1e-3, leaders);
}

static void cities_weigh_what_saaty_published(void **state)
{
    static const struct things names = {
        "city", 4, {"Bethesda", "Boston", "Pittsburgh", "Santa Fe"}
    };
    static const double upper[] = {.2, 3, .5, 5, 7, 1, 7, .25, 3, 7};
    static const double culture[] = {.5, 1, .5, 2.5, 1, .4};
    static const double family[] = {2, 1 / 3., 4, 1 / 8., 2, 9};
    static const double housing[] = {5, .5, 2.5, 1 / 9., .25, 7};
    static const double jobs[] = {.5, 3, 4, 6, 8, 1};
    static const double transport[] = {1.5, .5, 4, 1 / 3.5, 2.5, 9};
    static const double *const alternatives[] = {culture, family, housing, jobs, transport};
    static const double published[] = {.229, .275, .385, .111};
    const struct ahp a = evaluate(5, upper);
    double cities[4];

    compose(&a, 5, alternatives, 4, cities);
    prove(&names, CITIES, published, 5e-4, cities);
}

/* ---- what nobody compared */

static void a_missing_comparison_is_the_one_that_was_published(void **state)
{
    static const struct things names = {
        "weight of", 4, {"a", "b", "c", "d"}
    };
    static const double upper[] = {1, 5, 2, 3, 4, 0};
    static const double published[] = {.3738, .3920, .0985, .1357};
    double matrix[4 * 4];
    struct err err = ERR_NONE;
    struct ahp a;

    fill(matrix, 4, upper);
    assert_int_equal(ahp_complete(matrix, 4, &err), 0);
    /* Of what AHPy gives its minimiser found seven digits; the smallest lambda is at sqrt(8/15). */
    PROOF("missing comparison of c and d", BOZOKI, .730297106886979, 5e-7, matrix[2 * 4 + 3]);
    NEAR(matrix[2 * 4 + 3], sqrt(8 / 15.), 1e-12);
    NEAR(matrix[2 * 4 + 3] * matrix[3 * 4 + 2], 1.0, 1e-12);
    assert_int_equal(ahp_of(matrix, 4, AHP_DONEGAN_DODD, &a, &err), 0);
    prove(&names, BOZOKI, published, 5e-5, a.weights);
    PROOF("ratio, Donegan-Dodd", BOZOKI, .0372, 5e-5, a.ratio);
}

/* A chain says all: 2, 6 and 24 times the next, so nothing contradicts. */
static void a_chain_of_comparisons_is_enough(void **state)
{
    static const double upper[] = {2, 0, 0, 3, 0, 4};
    double matrix[4 * 4];
    struct ahp a;

    fill(matrix, 4, upper);
    assert_int_equal(ahp_complete(matrix, 4, NULL), 0);
    NEAR(matrix[3], 24.0, 1e-8);
    assert_int_equal(ahp_of(matrix, 4, AHP_SAATY_2005, &a, NULL), 0);
    NEAR(a.ratio, 0.0, 1e-9);
    NEAR(a.weights[0] / a.weights[3], 24.0, 1e-7);
}

static void no_other_completion_contradicts_itself_less(void **state)
{
    static const double upper[] = {3, 0, 1 / 4., 0, 5, 0, 2, 1 / 7., 0, 9};
    static const double factors[] = {0.98, 1.02};
    double matrix[5 * 5];
    struct ahp best;

    fill(matrix, 5, upper);
    assert_int_equal(ahp_complete(matrix, 5, NULL), 0);
    assert_int_equal(ahp_of(matrix, 5, AHP_SAATY_2005, &best, NULL), 0);
    for (size_t i = 0, k = 0; i < 5; i++) {
        for (size_t j = i + 1; j < 5; j++, k++) {
            for (size_t f = 0; upper[k] == 0.0 && f < 2; f++) {
                double other[5 * 5];
                struct ahp a;

                memcpy(other, matrix, sizeof other);
                other[i * 5 + j] *= factors[f];
                other[j * 5 + i] /= factors[f];
                assert_int_equal(ahp_of(other, 5, AHP_SAATY_2005, &a, NULL), 0);
                assert_true(a.lambda > best.lambda);
            }
        }
    }
}

/* ---- what holds of every matrix */

static void consistent_comparisons_give_their_weights_back(void **state)
{
    for (size_t n = 1; n <= AHP_MAX; n++) {
        double weights[AHP_MAX], matrix[AHP_MAX * AHP_MAX], total = 0.0;
        struct ahp a;

        for (size_t i = 0; i < n; i++) {
            total += weights[i] = 1.0 + (double)(i * 7 % 5);
        }
        for (size_t i = 0; i < n * n; i++) {
            matrix[i] = weights[i / n] / weights[i % n];
        }
        assert_int_equal(ahp_of(matrix, n, AHP_SAATY_2005, &a, NULL), 0);
        NEAR(a.lambda, (double)n, 1e-12 * (double)n);
        NEAR(a.ratio, 0.0, 1e-12);
        for (size_t i = 0; i < n; i++) {
            NEAR(a.weights[i], weights[i] / total, 1e-13);
        }
    }
}

static void two_things_cannot_contradict(void **state)
{
    static const double upper[] = {3};
    const struct ahp a = evaluate(2, upper);

    NEAR(a.weights[0], 0.75, 1e-14);
    assert_true(a.index == 0.0 && a.ratio == 0.0);
}

static void what_goes_round_in_circles_is_found_out(void **state)
{
    static const double upper[] = {9, 1 / 9., 9};
    const struct ahp a = evaluate(3, upper);

    NEAR(a.weights[0], 1 / 3., 1e-12);
    assert_true(a.ratio > AHP_RATIO_MAX);
}

static void what_cannot_be_compared_is_refused(void **state)
{
    static const struct {
        double upper[6], lower; /* lower: the last comparison the other way; 0: as it must be */
        size_t n;
        enum ahp_table table;
        const char *code;
    } cases[] = {
        {{2, 0, 3},       0,   3,  AHP_SAATY_2005, "comparisons_bad"     },
        {{2, -1, 3},      0,   3,  AHP_SAATY_2005, "comparisons_bad"     },
        {{2, NAN, 3},     0,   3,  AHP_SAATY_2005, "comparisons_bad"     },
        {{2, 1000, 3},    0,   3,  AHP_SAATY_2005, "comparisons_bad"     },
        {{2, 5, 3},       .5,  3,  AHP_SAATY_2005, "comparisons_bad"     },
        {{100, .01, 100}, 0,   3,  AHP_SAATY_2005, ""                    },
        {{2, 5, 3},       .35, 3,  AHP_SAATY_2005, "comparisons_bad"     },
        {{2, 5, 3},       .33, 3,  AHP_SAATY_2005, ""                    },
        {{0},             0,   0,  AHP_SAATY_2005, "comparisons_too_many"},
        {{0},             0,   16, AHP_SAATY_2005, "comparisons_too_many"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        double matrix[16 * 16] = {0};
        struct ahp untouched = {.lambda = 7};
        struct err err = ERR_NONE;

        if (cases[i].n == 3) {
            fill(matrix, 3, cases[i].upper);
        }
        if (cases[i].lower > 0.0) {
            matrix[2 * 3 + 1] = cases[i].lower;
        }
        assert_int_equal(ahp_of(matrix, cases[i].n, cases[i].table, &untouched, &err),
                         cases[i].code[0] ? -1 : 0);
        assert_string_equal(err.code, cases[i].code);
        assert_true((untouched.lambda == 7) == (cases[i].code[0] != '\0'));
    }
}

static void a_table_ends_somewhere(void **state)
{
    double matrix[11 * 11];
    struct err err = ERR_NONE;
    struct ahp a;

    for (size_t i = 0; i < ARRAY_LEN(matrix); i++) {
        matrix[i] = 1.0;
    }
    assert_int_equal(ahp_of(matrix, 11, AHP_SAATY_2005, &a, &err), 0);
    assert_int_equal(ahp_of(matrix, 10, AHP_SAATY_1980, &a, &err), 0);
    assert_int_equal(ahp_of(matrix, 11, AHP_SAATY_1980, &a, &err), -1);
    assert_string_equal(err.code, "comparisons_too_many");
    assert_int_equal(ahp_of(matrix, 11, AHP_DONEGAN_DODD, &a, NULL), -1);
}

static void things_that_nothing_ties_together_are_refused(void **state)
{
    static const double upper[] = {2, 0, 0, 0, 0, 4}; /* a with b, c with d */
    double matrix[4 * 4], before[4 * 4];
    struct err err = ERR_NONE;

    fill(matrix, 4, upper);
    memcpy(before, matrix, sizeof before);
    assert_int_equal(ahp_complete(matrix, 4, &err), -1);
    assert_string_equal(err.code, "comparisons_apart");
    assert_memory_equal(matrix, before, sizeof before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drinks_weigh_what_saaty_published),
        cmocka_unit_test(tables_of_random_indices_differ),
        cmocka_unit_test(vehicles_weigh_what_was_published),
        cmocka_unit_test(leaders_weigh_what_was_published),
        cmocka_unit_test(cities_weigh_what_saaty_published),
        cmocka_unit_test(a_missing_comparison_is_the_one_that_was_published),
        cmocka_unit_test(a_chain_of_comparisons_is_enough),
        cmocka_unit_test(no_other_completion_contradicts_itself_less),
        cmocka_unit_test(consistent_comparisons_give_their_weights_back),
        cmocka_unit_test(two_things_cannot_contradict),
        cmocka_unit_test(what_goes_round_in_circles_is_found_out),
        cmocka_unit_test(what_cannot_be_compared_is_refused),
        cmocka_unit_test(a_table_ends_somewhere),
        cmocka_unit_test(things_that_nothing_ties_together_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
