/* SPDX-License-Identifier: Apache-2.0 */
/*
 * satisfaction_model.h - what customers answered: CSAT and NPS.
 *
 * CSAT: the mean of answers from 1 (very dissatisfied) to 5 (very satisfied).
 * NPS (F. F. Reichheld, The One Number You Need to Grow, Harvard Business Review 81(12), 2003):
 * answers 0 to 6 are detractors, 7 and 8 passives, 9 and 10 promoters; NPS = 100 * (promoters -
 * detractors) / answers. Small numbers are drawn towards a prior as if a few average answers more
 * had been given (shrinkage of a small group's mean to the whole: (n * mean + k * prior) / (n +
 * k)), so that one answer does not weigh like fifty.
 */
#ifndef TROTH_LOYALTY_SATISFACTION_MODEL_H
#define TROTH_LOYALTY_SATISFACTION_MODEL_H

#include <stdbool.h>
#include <stdint.h>

/* Sums and counts, so that an answer can be added and taken back exactly. */
struct satisfaction {
    int64_t csat_count;
    int64_t csat_sum;
    int64_t nps_promoters;
    int64_t nps_passives;
    int64_t nps_detractors;
};

/* Adds count answers of that value (-1 takes one back). Values outside of the scale are not
 * counted. */
void satisfaction_add_csat(struct satisfaction *s, int32_t value, int count);
void satisfaction_add_nps(struct satisfaction *s, int32_t value, int count);

/* False without answers; then *ret_mean is left alone. */
bool satisfaction_csat_mean(const struct satisfaction *s, double *ret_mean);

int64_t satisfaction_nps_count(const struct satisfaction *s);
/* -100 to 100. False without answers; then *ret_nps is left alone. */
bool satisfaction_nps(const struct satisfaction *s, double *ret_nps);

#define CSAT_PRIOR         3.0 /* the middle of the scale */
#define CSAT_PRIOR_ANSWERS 2.0
#define NPS_PRIOR_ANSWERS  2.0 /* as many passives */

/* 1 to 5; CSAT_PRIOR without answers. */
double satisfaction_shrunk_csat(const struct satisfaction *s);
/* -1 to 1, the share of promoters less that of detractors; 0 without answers. */
double satisfaction_shrunk_nps(const struct satisfaction *s);

#endif
