/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decay.h - forgetting: evidence of age a counts 2^(-a / half-life).
 *
 * Forward decay (G. Cormode, V. Shkapenyuk, D. Srivastava, B. Xu, Forward Decay: A Practical Time
 * Decay Model for Streaming Systems, ICDE 2009): each thing is weighed once, against a fixed
 * landmark, 2^((at - landmark) / half-life); what it weighs now is that times one factor for all,
 * 2^(-(now - landmark) / half-life). So a sum of weights is a plain sum: it may be made in any
 * order, a thing is taken back by subtracting it, nobody rewrites it as time passes, and SQL can
 * make it too.
 *
 * Persistence is policy, not science: a window W (overall satisfaction four years, process
 * satisfaction two) and the share of its weight that a thing has left at the window's end give the
 * half-life W / log2(1 / share). Nothing is cut off at the window's end, though some would: a cut
 * is no factor for all, so each thing would have to be looked at again on its last day, and what is
 * said of a customer would jump on a day on which nothing happened. What is left is that share, a
 * tenth or so, and goes on halving. Another reading of a window, the mean age that things have
 * which all weigh the same within it, is a share of e^-2. A year has 365.25 days.
 */
#ifndef TROTH_MODEL_DECAY_H
#define TROTH_MODEL_DECAY_H

#include <stdint.h>

#define DECAY_YEAR_US     INT64_C(31557600000000)
#define DECAY_LANDMARK_US INT64_C(1577836800000000) /* 2020-01-01T00:00:00Z */

/* In microseconds; share_left in (0, 1). 4 years and 0.1: 439.80 days. */
double decay_half_life_us(int64_t window_us, double share_left);

/* 2^(-age / half-life): 1 at age 0, over 1 at a negative age. decay(a + b) = decay(a) decay(b). */
double decay_factor(double half_life_us, int64_t age_us);

/* 2^((at - landmark) / half-life): what a thing of that instant weighs in a forward sum. Infinite
 * from 1,024 half-lives after the landmark: one of 30 days lasts to the year 2104. */
double decay_forward_weight(double half_life_us, int64_t at_us);

/* A forward sum as it is worth at an instant. */
double decay_of_sum(double forward_sum, double half_life_us, int64_t now_us);

#endif
