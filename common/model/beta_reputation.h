/* SPDX-License-Identifier: Apache-2.0 */
/*
 * beta_reputation.h - how far somebody's promises can be believed, and how sure that is.
 *
 * A. Josang, R. Ismail, The Beta Reputation System, 15th Bled Electronic Commerce Conference, 2002.
 * With r positive and s negative feedback the chance that the next promise is kept has the density
 * Beta(r + 1, s + 1). Feedback of grade v in [-1, 1] and weight w adds w (1 + v) / 2 to r and
 * w (1 - v) / 2 to s (section 3.2). Forgetting multiplies both (section 3.3); decay.h does it.
 */
#ifndef TROTH_MODEL_BETA_REPUTATION_H
#define TROTH_MODEL_BETA_REPUTATION_H

struct reputation {
    double positive; /* r, at least 0 */
    double negative; /* s, at least 0 */
};

/* grade in [-1, 1]; weight at least 0. */
struct reputation reputation_add(struct reputation r, double grade, double weight);
/* From a sum of weights and one of weight times grade, as measures are stored. Rounding that leaves
 * r or s below 0 is cut off. */
struct reputation reputation_of_sums(double weight, double weighted_grade);

double reputation_expectation(struct reputation r); /* (r + 1) / (r + s + 2), in (0, 1) */
double reputation_rating(struct reputation r);      /* (r - s) / (r + s + 2), in (-1, 1) */
double reputation_belief(struct reputation r);      /* r / (r + s + 2) */
double reputation_disbelief(struct reputation r);   /* s / (r + s + 2) */
double reputation_uncertainty(struct reputation r); /* 2 / (r + s + 2), in (0, 1] */

#endif
