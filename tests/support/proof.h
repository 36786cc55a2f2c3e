/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proof.h - our numbers beside published ones.
 *
 *   PROOF(what, source, published, tolerance, ours);
 *
 * fails the running test unless |ours - published| <= tolerance (NaN fails), and adds one row to
 * the program's table, $TROTH_OUT/proof/<program>.md; `make test` and `make proof` print all tables
 * at their end. Without TROTH_OUT it only compares.
 *
 * what and source are words of one line without '|'; source names paper and table, or the package
 * and version that computed the number. A golden file of many rows is one proof: its largest
 * difference, against 0. The tolerance is half a unit of the last digit that was published, unless
 * the test says why not.
 */
#ifndef TROTH_TESTS_SUPPORT_PROOF_H
#define TROTH_TESTS_SUPPORT_PROOF_H

struct proof {
    const char *what;
    const char *source;
    double published;
    double tolerance;
    double ours;
    const char *file; /* where the test says so */
    int line;
};

#define PROOF(what, source, published, tolerance, ours)                                            \
    proof_check(                                                                                   \
        &(struct proof){(what), (source), (published), (tolerance), (ours), __FILE__, __LINE__})

/* What stands behind PROOF. */
void proof_check(const struct proof *p);

#endif
