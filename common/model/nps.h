/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nps.h - the Net Promoter Score and its error.
 *
 * F. F. Reichheld, The One Number You Need to Grow, Harvard Business Review, 2003: "how likely are
 * you to recommend us", 0 to 10; promoters 9 and 10, detractors 0 to 6; the score is the share of
 * promoters less that of detractors, here in [-1, 1]. It is the mean of answers worth 1, 0 and -1,
 * hence its variance. Adjusted interval: B. Rocks, Interval Estimation for the "Net Promoter
 * Score", The American Statistician 70, 2016: three answers more, 3/4 promoters, 3/4 detractors and
 * 3/2 passives, which hold the 95 % that the plain one loses with few answers.
 */
#ifndef TROTH_MODEL_NPS_H
#define TROTH_MODEL_NPS_H

#include <stdbool.h>

#include "common/model/interval.h"

enum {
    NPS_DETRACTOR = -1,
    NPS_PASSIVE = 0,
    NPS_PROMOTER = 1
};

struct nps_counts {
    double detractors, passives, promoters; /* at least 0; weights are fine */
};

struct nps {
    double score;          /* in [-1, 1] */
    double variance;       /* of one answer */
    double standard_error; /* of the score */
};

struct nps_difference {
    double score; /* a less b */
    struct interval interval;
    double p; /* chance of such a difference or a larger one when there is none */
};

int nps_group(int answer); /* answer 0 to 10: promoter 1, passive 0, detractor -1 */

/* All: false, and *ret untouched: there are no answers. z as in proportion.h. */
bool nps_of(struct nps_counts c, struct nps *ret);
bool nps_wald(struct nps_counts c, double z, struct interval *ret); /* cut at -1 and 1 */
/* As if the three answers more had been given: *ret is the score and error that nps_of() gives for
 * those, *ret_interval around it, cut at -1 and 1. Also without answers. */
void nps_adjusted_wald(struct nps_counts c, double z, struct nps *ret,
                       struct interval *ret_interval);
bool nps_compare(struct nps_counts a, struct nps_counts b, double z, struct nps_difference *ret);

#endif
