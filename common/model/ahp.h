/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ahp.h - weights from comparisons in pairs: the analytic hierarchy process.
 *
 * T. L. Saaty, The Analytic Hierarchy Process, 1980; Decision Making with the Analytic Hierarchy
 * Process, International Journal of Services Sciences 1(1), 2008. a[i][j] says how many times more
 * important i is than j; the weights are the principal eigenvector. Consistency index (lambda - n)
 * / (n - 1); its ratio to that of random matrices should be at most 0.10. How random matrices fare
 * is a table, and the tables differ, so it is named:
 *   AHP_SAATY_2005      T. L. Saaty, Theory and Applications of the Analytic Network Process, 2005
 *   AHP_SAATY_1980      the book above
 *   AHP_DONEGAN_DODD    H. A. Donegan, F. J. Dodd, A Note on Saaty's Random Indexes, Mathematical
 *                       and Computer Modelling 15(10), 1991
 */
#ifndef TROTH_MODEL_AHP_H
#define TROTH_MODEL_AHP_H

#include <stddef.h>

#include "common/base/compiler.h"
#include "common/base/err.h"

enum {
    AHP_MAX = 15
};

#define AHP_RATIO_MAX 0.10 /* what is more should be compared again */

enum ahp_table {
    AHP_SAATY_2005 = 1, /* up to 15 things */
    AHP_SAATY_1980,     /* up to 10 */
    AHP_DONEGAN_DODD,   /* up to 10 */
};

struct ahp {
    double weights[AHP_MAX]; /* add up to 1 */
    double lambda;           /* n when fully consistent, else more */
    double index, ratio;     /* of consistency; 0 below three things, which cannot contradict */
};

/* matrix[i * n + j], n things; each number within 1/100 and 100, a[i][j] * a[j][i] = 1 within
 * 2.5 % (people type 0.14). Err: comparisons_bad, comparisons_too_many (n beyond the table),
 * comparisons_wild (no eigenvector to be found). */
MUST_CHECK int ahp_of(const double *matrix, size_t n, enum ahp_table table, struct ahp *ret,
                      struct err *err);

/* Fills in comparisons that nobody made (0 in both places) so that lambda is smallest: S. Bozoki,
 * J. Fulop, L. Ronyai, On Optimal Completion of Incomplete Pairwise Comparison Matrices,
 * Mathematical and Computer Modelling 52, 2010. That is unique if every thing is compared with
 * every other at least by way of third ones; else err comparisons_apart. The other errors are those
 * of ahp_of(); matrix is then untouched. */
MUST_CHECK int ahp_complete(double *matrix, size_t n, struct err *err);

#endif
