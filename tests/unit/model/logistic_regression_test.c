/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/logistic_regression.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/model/classifier_measure.h"
#include "common/model/special_function.h"
#include "tests/support/proof.h"
#include "tests/support/reference_data.h"

#define NEAR(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))
#define UCI                   "R 4.2.2 glm on UCI 563 (Iranian churn, 3,150 customers)"

enum {
    COLUMNS = 14,
    ROWS_MAX = 4000,
    IRAN_FEATURES = 5
};

/* A table in memory: features, then the outcome. */
struct table {
    size_t rows, features;
    double cells[ROWS_MAX][COLUMNS];
};

static double table_row(const void *ctx, size_t row, double *ret_features)
{
    const struct table *t = ctx;
    memcpy(ret_features, t->cells[row], t->features * sizeof(double));
    return t->cells[row][t->features];
}

static struct logistic_data data_of(const struct table *t)
{
    return (struct logistic_data){
        .rows = t->rows, .features = t->features, .row = table_row, .ctx = t};
}

static void add(struct table *t, size_t count, double x, double y)
{
    for (size_t i = 0; i < count; i++, t->rows++) {
        t->cells[t->rows][0] = x;
        t->cells[t->rows][1] = y;
    }
}

static struct logistic_fit fit(const struct table *t, double ridge)
{
    const struct logistic_data data = data_of(t);
    struct logistic_fit fit;
    struct err err;
    if (logistic_regression(&data, &(struct logistic_options){.ridge = ridge}, &fit, &err) < 0) {
        fail_msg("%s: %s", err.code, err.text);
    }
    return fit;
}

static void assert_refused(const struct table *t, const char *code)
{
    const struct logistic_data data = data_of(t);
    struct logistic_fit fit = {.iterations = -7};
    struct err err;
    assert_int_equal(logistic_regression(&data, &(struct logistic_options){.ridge = 0}, &fit, &err),
                     -1);
    assert_string_equal(err.code, code);
    assert_int_equal(fit.iterations, -7);
}

/* ---- what was published */

/* Complaints, call failures, months, seconds of use, status; churn. */
static void load_iran(struct table *t)
{
    static const int columns[IRAN_FEATURES + 1] = {1, 0, 2, 4, 10, 13};
    char line[512];
    struct text path = reference_data_path("churn/iranian_churn.csv");
    FILE *file = fopen(path.data, "r");
    assert_non_null(file);
    text_free(&path);
    assert_non_null(fgets(line, sizeof(line), file));
    while (fgets(line, sizeof(line), file)) {
        double all[COLUMNS];
        char *at = line;
        for (int i = 0; i < COLUMNS; i++) {
            all[i] = strtod(at, &at);
            at += *at == ',';
        }
        assert_true(t->rows < ROWS_MAX);
        for (int i = 0; i <= IRAN_FEATURES; i++) {
            t->cells[t->rows][i] = all[columns[i]];
        }
        t->rows++;
    }
    (void)fclose(file);
    t->features = IRAN_FEATURES;
    assert_int_equal(t->rows, 3150);
}

static void prove_measures(const struct table *t, const struct logistic_fit *f)
{
    struct told_outcome *told = test_calloc(t->rows, sizeof(*told));
    for (size_t i = 0; i < t->rows; i++) {
        told[i].probability = logistic_of_logit(logistic_logit(f, t->cells[i]));
        told[i].has_happened = t->cells[i][t->features] > 0;
    }
    PROOF("churn regression: AUC", UCI, 0.913234796, 5e-10, classifier_auc(told, t->rows));
    PROOF("churn regression: Brier score", UCI, 0.0729094284, 5e-11,
          classifier_brier(told, t->rows));
    test_free(told);
}

static void it_finds_what_others_found_about_telephone_customers(void **state)
{
    static const struct {
        const char *name;
        double estimate, error;
    } published[] = {
        {"churn regression: intercept",           -3.081794743548, 0.347646711    },
        {"churn regression: complaints",          3.868267650389,  0.256201037    },
        {"churn regression: call failures",       0.040486711624,  0.0125429157   },
        {"churn regression: subscription length", -0.037178411344, 0.00880849393  },
        {"churn regression: seconds of use",      -0.000369355433, 0.0000492520508},
        {"churn regression: status",              1.939317270393,  0.179958736    },
    };
    static struct table t;
    char name[80];
    reference_data_need();
    load_iran(&t);
    struct logistic_fit f = fit(&t, 0);
    assert_true(f.is_converged && !f.is_separated);
    for (size_t i = 0; i < ARRAY_LEN(published); i++) {
        PROOF(published[i].name, UCI, published[i].estimate, 1e-9 * fabs(published[i].estimate),
              f.coefficients[i]);
        (void)text_format(name, sizeof(name), "%s, standard error", published[i].name);
        /* glm() takes them from the iteration before its last one. */
        PROOF(name, UCI, published[i].error, 2e-5 * published[i].error, f.errors[i]);
    }
    PROOF("churn regression: deviance", UCI, 1516.96969, 5e-6, f.deviance);
    PROOF("churn regression: null deviance", UCI, 2739.87988, 5e-6, f.null_deviance);
    prove_measures(&t, &f);
}

/* With one yes-or-no feature the coefficients are log odds, and their errors are known. */
static void one_feature_gives_the_logarithm_of_the_odds_ratio(void **state)
{
    static struct table t = {.features = 1};
    add(&t, 200, 1, 1);
    add(&t, 41, 1, 0);
    add(&t, 295, 0, 1);
    add(&t, 2614, 0, 0);
    struct logistic_fit f = fit(&t, 0);
    const char *source = "UCI 563, 2 x 2 table; closed form: log odds ratio";
    PROOF("churn by complaint alone: log odds without", source, log(295.0 / 2614), 1e-9,
          f.coefficients[0]);
    PROOF("churn by complaint alone: log odds ratio", source, log(200.0 / 41) - log(295.0 / 2614),
          1e-9, f.coefficients[1]);
    PROOF("churn by complaint alone: its standard error", source,
          sqrt(1.0 / 200 + 1.0 / 41 + 1.0 / 295 + 1.0 / 2614), 1e-9, f.errors[1]);
    PROOF("churn after a complaint", "UCI 563: 200 of 241", 200.0 / 241, 1e-9,
          logistic_of_logit(logistic_logit(&f, &(double){1})));
}

/* ---- what must hold */

static void scale_and_order_of_the_rows_change_nothing_but_the_unit(void **state)
{
    static struct table a = {.features = 1}, b = {.features = 1};
    for (int i = 0; i < 40; i++) {
        add(&a, 1, i, i * 7 % 40 < i);
        add(&b, 1, (39 - i) * 1e6 + 5e8, (39 - i) * 7 % 40 < 39 - i);
    }
    struct logistic_fit fa = fit(&a, 0), fb = fit(&b, 0);
    NEAR(fa.deviance, fb.deviance, 1e-9);
    NEAR(fa.coefficients[1], fb.coefficients[1] * 1e6, 1e-8);
    NEAR(fa.errors[1], fb.errors[1] * 1e6, 1e-8);
    NEAR(logistic_logit(&fa, &(double){12}), logistic_logit(&fb, &(double){12e6 + 5e8}), 1e-8);
}

static void separated_outcomes_are_said_and_not_believed(void **state)
{
    static struct table complete = {.features = 1}, quasi = {.features = 1};
    add(&complete, 20, 1, 0);
    add(&complete, 20, 2, 1);
    add(&quasi, 20, 0, 0);
    add(&quasi, 10, 0, 1);
    add(&quasi, 10, 1, 1); /* of these none is 0 */
    struct logistic_fit f = fit(&complete, 0);
    assert_true(f.is_separated && !f.is_converged);
    assert_true(isfinite(f.coefficients[0]) && isfinite(f.coefficients[1]));
    f = fit(&quasi, 0);
    assert_true(f.is_separated && !f.is_converged);
    assert_true(isfinite(f.coefficients[1]) && isfinite(f.errors[1]));
    /* Also when it is stopped before rounding is all that is left. */
    const struct logistic_data data = data_of(&complete);
    struct err err;
    assert_int_equal(
        logistic_regression(&data, &(struct logistic_options){.iterations_max = 6}, &f, &err), 0);
    assert_true(f.is_separated && !f.is_converged && f.iterations == 6);
}

static void a_ridge_holds_separated_outcomes_and_draws_to_zero(void **state)
{
    static struct table t = {.features = 1};
    add(&t, 20, 1, 0);
    add(&t, 20, 2, 1);
    struct logistic_fit weak = fit(&t, 0.1), strong = fit(&t, 10);
    assert_true(weak.is_converged && !weak.is_separated);
    assert_true(weak.coefficients[1] > strong.coefficients[1]);
    assert_true(strong.coefficients[1] > 0);
    /* At the optimum slope and penalty are equal: x is -1 or 1 per standard deviation. */
    double b = strong.coefficients[1] / 2;
    NEAR(40 * (1 - logistic_of_logit(b)), 10 * b, 1e-6);
}

static void a_feature_that_never_changes_counts_for_nothing(void **state)
{
    static struct table t = {.features = 2};
    for (int i = 0; i < 60; i++, t.rows++) {
        t.cells[i][0] = 0.1;
        t.cells[i][1] = i % 7;
        t.cells[i][2] = i % 7 > i % 5;
    }
    struct logistic_fit f = fit(&t, 0);
    assert_true(f.is_converged);
    assert_true(f.coefficients[1] == 0 && f.errors[1] == 0);
    assert_true(f.coefficients[2] > 0 && f.errors[2] > 0);
}

static void what_cannot_be_fitted_is_refused_with_its_reason(void **state)
{
    static struct table few = {.features = 1}, alike = {.features = 1}, nan_row = {.features = 1},
                        twins = {.features = 2};
    add(&few, 1, 1, 0);
    add(&few, 1, 2, 1);
    assert_refused(&few, "too_few_rows");
    add(&alike, 50, 1, 1);
    assert_refused(&alike, "one_outcome");
    add(&nan_row, 50, 1, 1);
    add(&nan_row, 50, 2, 0);
    nan_row.cells[70][0] = NAN;
    assert_refused(&nan_row, "not_finite");
    nan_row.cells[70][0] = 0;
    nan_row.cells[70][1] = 1.5;
    assert_refused(&nan_row, "not_finite");
    for (int i = 0; i < 60; i++, twins.rows++) {
        twins.cells[i][0] = i % 7;
        twins.cells[i][1] = 3 * (i % 7);
        twins.cells[i][2] = i % 2;
    }
    assert_refused(&twins, "collinear");
    assert_true(fit(&twins, 1).is_converged);
}

/* Its best probability is the mean outcome, whatever the outcomes are made of. */
static void outcomes_may_lie_between_0_and_1(void **state)
{
    static struct table t = {.features = 1};
    add(&t, 30, 0, 0.2);
    add(&t, 30, 1, 0.9);
    add(&t, 30, 1, 0.5);
    struct logistic_fit f = fit(&t, 0);
    NEAR(logistic_of_logit(logistic_logit(&f, &(double){0})), 0.2, 1e-9);
    NEAR(logistic_of_logit(logistic_logit(&f, &(double){1})), 0.7, 1e-9);
    assert_true(f.deviance >= 0 && f.null_deviance > f.deviance);
}

static void no_logit_overflows(void **state)
{
    assert_true(logistic_of_logit(0) == 0.5);
    assert_true(logistic_of_logit(1e6) == 1 && logistic_of_logit(-1e6) == 0);
    NEAR(logistic_of_logit(-40), exp(-40), 1e-30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_finds_what_others_found_about_telephone_customers),
        cmocka_unit_test(one_feature_gives_the_logarithm_of_the_odds_ratio),
        cmocka_unit_test(scale_and_order_of_the_rows_change_nothing_but_the_unit),
        cmocka_unit_test(separated_outcomes_are_said_and_not_believed),
        cmocka_unit_test(a_ridge_holds_separated_outcomes_and_draws_to_zero),
        cmocka_unit_test(a_feature_that_never_changes_counts_for_nothing),
        cmocka_unit_test(what_cannot_be_fitted_is_refused_with_its_reason),
        cmocka_unit_test(outcomes_may_lie_between_0_and_1),
        cmocka_unit_test(no_logit_overflows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
