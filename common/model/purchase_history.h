/* SPDX-License-Identifier: Apache-2.0 */
/* purchase_history.h - what the models of repeat purchases know of a customer. */
#ifndef TROTH_MODEL_PURCHASE_HISTORY_H
#define TROTH_MODEL_PURCHASE_HISTORY_H

/* x: repeat purchases (those of one day are one, the first is none), a whole number; t_x: time of
 * the last, 0 when x is 0; t: time observed. From the first purchase, in one unit; 0 <= t_x <= t.
 */
struct purchase_history {
    double x, t_x, t;
};

/* The nearest one that can be: what is not finite or below 0 is 0, half a purchase is none. */
struct purchase_history purchase_history_nearest(struct purchase_history h);
/* The same for a span of time. */
double purchase_time_nearest(double time);

#endif
