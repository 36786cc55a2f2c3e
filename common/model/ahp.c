/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/ahp.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "common/base/log.h"

enum {
    FIRST_INDEX = 3, /* things in the first entry of a table */
    ROUNDS_MAX = 100000
};

static const double saaty_2005[] = {.52,  .89,  1.11, 1.25, 1.35, 1.40, 1.45,
                                    1.49, 1.52, 1.54, 1.56, 1.58, 1.59};
static const double saaty_1980[] = {.58, .90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49};
static const double donegan_dodd[] = {.4914, .8286, 1.0591, 1.1797, 1.2519, 1.3171, 1.3733, 1.4055};

/* How inconsistent a random matrix of n things is; -1: the table does not say. */
static double random_index(enum ahp_table table, size_t n)
{
    const double *values = saaty_2005;
    size_t count = ARRAY_LEN(saaty_2005);

    switch (table) {
    case AHP_SAATY_2005:
        break;
    case AHP_SAATY_1980:
        values = saaty_1980;
        count = ARRAY_LEN(saaty_1980);
        break;
    case AHP_DONEGAN_DODD:
        values = donegan_dodd;
        count = ARRAY_LEN(donegan_dodd);
        break;
    default:
        BUG("no such table");
    }
    return n < FIRST_INDEX + count ? values[n - FIRST_INDEX] : -1.0;
}

static int check_pair(double a, double b, bool may_miss, struct err *err)
{
    if (may_miss && a == 0.0 && b == 0.0) {
        return 0;
    }
    /* Written so that NaN is refused, too. */
    if (!(a >= 0.01 && a <= 100.0 && b >= 0.01 && b <= 100.0)) {
        return err_set(err, "comparisons_bad", "a comparison must lie within 1/100 and 100");
    }
    if (!(fabs(a * b - 1.0) <= 0.025)) {
        return err_set(err, "comparisons_bad",
                       "%g one way and %g the other: one must be 1 divided by the other", a, b);
    }
    return 0;
}

static int check(const double *matrix, size_t n, bool may_miss, struct err *err)
{
    if (n == 0 || n > AHP_MAX) {
        return err_set(err, "comparisons_too_many", "1 to %d things can be compared, not %zu",
                       AHP_MAX, n);
    }
    for (size_t i = 0; i < n; i++) {
        if (matrix[i * n + i] != 1.0) {
            return err_set(err, "comparisons_bad", "a thing compared with itself must be 1");
        }
        for (size_t j = 0; j < i; j++) {
            if (check_pair(matrix[i * n + j], matrix[j * n + i], may_miss, err) < 0) {
                return -1;
            }
        }
    }
    return 0;
}

/* One step of the power method: adds up to 1. Returns by what the vector was stretched. */
static double multiply(const double *matrix, size_t n, bool is_left, double *v)
{
    double product[AHP_MAX] = {0}, total = 0.0;

    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            product[i] += (is_left ? matrix[j * n + i] : matrix[i * n + j]) * v[j];
        }
        total += product[i];
    }
    for (size_t i = 0; i < n; i++) {
        v[i] = product[i] / total;
    }
    return total;
}

/* The principal eigenvector, right or left, from where v is. Converges as all entries are positive
 * (Perron, Frobenius), but slowly when the comparisons go round in circles. */
static int find_eigenvector(const double *matrix, size_t n, bool is_left, double *v,
                            double *ret_lambda, struct err *err)
{
    for (int round = 0; round < ROUNDS_MAX; round++) {
        double before[AHP_MAX], lambda, off = 0.0;

        memcpy(before, v, n * sizeof *v);
        lambda = multiply(matrix, n, is_left, v);
        for (size_t i = 0; i < n; i++) {
            off = fmax(off, fabs(v[i] / before[i] - 1.0));
        }
        if (off < 1e-14) {
            *ret_lambda = lambda;
            return 0;
        }
    }
    return err_set(err, "comparisons_wild", "the comparisons contradict each other too much");
}

static void all_alike(double *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        v[i] = 1.0 / (double)n;
    }
}

int ahp_of(const double *matrix, size_t n, enum ahp_table table, struct ahp *ret, struct err *err)
{
    struct ahp a = {0};

    if (check(matrix, n, false, err) < 0) {
        return -1;
    }
    if (n >= FIRST_INDEX && random_index(table, n) < 0.0) {
        return err_set(err, "comparisons_too_many", "the table knows no %zu things", n);
    }
    all_alike(a.weights, n);
    if (find_eigenvector(matrix, n, false, a.weights, &a.lambda, err) < 0) {
        return -1;
    }
    if (n >= FIRST_INDEX) {
        a.index = fmax(0.0, a.lambda - (double)n) / (double)(n - 1);
        a.ratio = a.index / random_index(table, n);
    }
    *ret = a;
    return 0;
}

/* ---- what nobody compared */

static bool is_connected(const double *matrix, size_t n)
{
    bool is_reached[AHP_MAX] = {true};
    size_t waiting[AHP_MAX] = {0}, first = 0, count = 1;

    while (first < count) {
        size_t i = waiting[first++];

        for (size_t j = 0; j < n; j++) {
            if (is_reached[j] || matrix[i * n + j] == 0.0) {
                continue;
            }
            is_reached[j] = true;
            waiting[count++] = j;
        }
    }
    return count == n;
}

/* lambda is a convex function of the logarithms of what is missing. Its derivative by a[i][j] is 0
 * where a[i][j]^2 = w[i] v[j] / (w[j] v[i]), w and v the right and the left eigenvector; so put
 * that in, and again, until nothing moves. Returns how far it moved. */
static double improve(double *matrix, const bool *is_missing, size_t n, const double *w,
                      const double *v)
{
    double moved = 0.0;

    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            double better = sqrt(w[i] / w[j] * v[j] / v[i]);

            if (!is_missing[i * n + j]) {
                continue;
            }
            moved = fmax(moved, fabs(matrix[i * n + j] / better - 1.0));
            matrix[i * n + j] = better;
            matrix[j * n + i] = 1.0 / better;
        }
    }
    return moved;
}

int ahp_complete(double *matrix, size_t n, struct err *err)
{
    double filled[AHP_MAX * AHP_MAX], w[AHP_MAX], v[AHP_MAX], lambda;
    bool is_missing[AHP_MAX * AHP_MAX];

    if (check(matrix, n, true, err) < 0) {
        return -1;
    }
    if (!is_connected(matrix, n)) {
        return err_set(err, "comparisons_apart", "some things are compared with no others");
    }
    for (size_t i = 0; i < n * n; i++) {
        is_missing[i] = matrix[i] == 0.0;
        filled[i] = is_missing[i] ? 1.0 : matrix[i];
    }
    all_alike(w, n);
    all_alike(v, n);
    for (int round = 0; round < ROUNDS_MAX; round++) {
        if (find_eigenvector(filled, n, false, w, &lambda, err) < 0 ||
            find_eigenvector(filled, n, true, v, &lambda, err) < 0) {
            return -1;
        }
        if (improve(filled, is_missing, n, w, v) < 1e-12) {
            memcpy(matrix, filled, n * n * sizeof *matrix);
            return 0;
        }
    }
    return err_set(err, "comparisons_wild", "the comparisons contradict each other too much");
}
