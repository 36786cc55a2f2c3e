/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rfm.h - recency, frequency and money in quintiles. A. M. Hughes, Strategic Database Marketing,
 * 1994.
 *
 * Quintiles are those of SQL's ntile(5): all customers in one order, cut into five parts whose
 * sizes differ by at most one, the larger ones first. Ties are no exception: the order must be a
 * full one. A single customer is placed later by the cuts alone, by which equal values are in equal
 * quintiles.
 */
#ifndef TROTH_MODEL_RFM_H
#define TROTH_MODEL_RFM_H

#include <stddef.h>
#include <stdint.h>

enum {
    RFM_QUINTILES = 5,
    RFM_CUTS = 4,
};

/* The quintile, 1 to 5, of the customer at that place (from 0) of so many. */
int rfm_ntile(size_t place, size_t count);

struct rfm_value {
    double value;
    int64_t key; /* decides where values are equal; each customer's is another */
};

/* In the order of the values: puts the quintile of values[i] into ret_quintiles[i]. Values are
 * finite. */
void rfm_quintiles(const struct rfm_value *values, size_t count, uint8_t *ret_quintiles);

/* The greatest value of each quintile but the last, of values in any order, which are sorted in
 * place. Of fewer than five the last cuts are the greatest value; of none they are 0. */
void rfm_cuts(double *values, size_t count, double ret_cuts[static RFM_CUTS]);

/* 1 to 5: 1 more than there are cuts below the value. NaN: 1. */
int rfm_quintile(const double cuts[static RFM_CUTS], double value);

/* 5 is best each time: bought last, most often, most. */
struct rfm {
    int recency, frequency, money;
};

/* cuts in the order of struct rfm; recency: time since the last purchase, so less is better. */
struct rfm rfm_of(double cuts[3][RFM_CUTS], double recency, double frequency, double money);

#endif
