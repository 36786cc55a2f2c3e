/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trust_model.h - the record of kept and broken promises, with its uncertainty: beta reputation.
 *
 * A. Josang, R. Ismail, The Beta Reputation System, 15th Bled Electronic Commerce Conference, 2002.
 * With r positive and s negative feedback the chance that the next promise is kept has the density
 * Beta(r + 1, s + 1): expectation = (r + 1) / (r + s + 2), uncertainty = 2 / (r + s + 2). Feedback
 * may be graded: v in [-1, 1] adds r += (1 + v) / 2 and s += (1 - v) / 2 (section 3.2 of the paper,
 * weight 1).
 */
#ifndef TROTH_LOYALTY_TRUST_MODEL_H
#define TROTH_LOYALTY_TRUST_MODEL_H

#include <stdint.h>

/* How promises ended. Whole numbers, so that a correction takes back exactly what was counted. */
struct trust_account {
    int64_t kept;
    int64_t kept_late;
    int64_t broken;
};

#define TRUST_GRADE_KEPT   1.0
#define TRUST_GRADE_LATE   0.0 /* done after all: half of a kept promise, half of a broken one */
#define TRUST_GRADE_BROKEN (-1.0)

struct trust {
    double positive; /* r */
    double negative; /* s */
};

/* Adds count promises of one grade in [-1, 1]. */
struct trust trust_add(struct trust t, double grade, int64_t count);
struct trust trust_of_account(const struct trust_account *a);

double trust_expectation(struct trust t); /* in (0, 1); 0.5 without promises */
double trust_uncertainty(struct trust t); /* in (0, 1]; 1 without promises */

#endif
