/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index_model.h - the loyalty index: 0 to 100, the sum of four named contributions.
 *
 *   base             50, where every customer starts
 *   trust            (expectation - 0.5) * 50              -25 to 25    trust_model.h
 *   satisfaction     (shrunk CSAT - 3) * 7.5               -15 to 15    satisfaction_model.h
 *   recommendation   shrunk NPS share * 10                 -10 to 10    satisfaction_model.h
 *
 * The weights are policy, not science. They are chosen so that no sum leaves 0 to 100: nothing is
 * cut off, and the points that are shown are the whole truth. Points are whole hundredths, so that
 * they add up to the index exactly, in any order.
 */
#ifndef TROTH_LOYALTY_INDEX_MODEL_H
#define TROTH_LOYALTY_INDEX_MODEL_H

#include <stdint.h>

#include "services/loyalty/satisfaction_model.h"
#include "services/loyalty/trust_model.h"

enum contribution {
    CONTRIBUTION_BASE = 0,
    CONTRIBUTION_TRUST,
    CONTRIBUTION_SATISFACTION,
    CONTRIBUTION_RECOMMENDATION,
    CONTRIBUTION_COUNT,
};

struct loyalty_index {
    int32_t hundredths[CONTRIBUTION_COUNT];
};

struct loyalty_index index_of(const struct trust_account *account,
                              const struct satisfaction *answers);

/* The index, in points. */
double index_sum(const struct loyalty_index *index);
double index_points(const struct loyalty_index *index, enum contribution c);

/* What moved most from one to the other; the first of several. */
enum contribution index_moved_most(const struct loyalty_index *from,
                                   const struct loyalty_index *to);

const char *contribution_name(enum contribution c); /* "base", "trust", ... */

#define INDEX_BECAUSE_SIZE 160
/* One sentence with the figures behind a contribution, or that there are none yet. Returns
 * ret_text. */
const char *index_because(enum contribution c, const struct trust_account *account,
                          const struct satisfaction *answers, char ret_text[INDEX_BECAUSE_SIZE]);

#endif
