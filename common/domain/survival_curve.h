/* SPDX-License-Identifier: Apache-2.0 */
/*
 * survival_curve.h - how long such things take, from those that are done and those that are not
 * yet: the product-limit estimate. Pure.
 *
 * What is still open has taken at least as long as it is open by now (censored). To leave it out
 * would make the past look faster than it was; to count it as never done, slower.
 *
 * E. L. Kaplan, P. Meier, Nonparametric estimation from incomplete observations, Journal of the
 * American Statistical Association 53 (1958) 457-481. Standard error: M. Greenwood, The natural
 * duration of cancer, Reports on Public Health and Medical Subjects 33 (1926). What was done and
 * what was censored after the same time: the first counts as before the second, as usual.
 */
#ifndef TROTH_COMMON_DOMAIN_SURVIVAL_CURVE_H
#define TROTH_COMMON_DOMAIN_SURVIVAL_CURVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SURVIVAL_NEVER INT64_MAX /* so many were never done, as far as is known */

struct survival_case {
    int64_t duration_us; /* until it was done, or for how long it was watched; not negative */
    bool is_done;
};

/* From at_us until the next step. */
struct survival_step {
    int64_t at_us;
    double open;  /* the share that is not done */
    double error; /* its standard error; 0 where all are done */
};

/* Sorts cases. ret_steps has room for count steps. Returns how many there are: one for each
 * duration at which something was done; 0 when nothing was. */
size_t survival_curve_make(struct survival_case *cases, size_t count,
                           struct survival_step *ret_steps);

/* How long the curve can be asked for: until then at least `least` cases were either done or still
 * watched. SURVIVAL_NEVER: for as long as one likes, so many were done; 0: not at all. cases as
 * survival_curve_make() left them. */
int64_t survival_curve_known(const struct survival_case *cases, size_t count, size_t least);

/* Drops steps that lower the curve by less than 1 / fineness, in place. What is kept is exact, and
 * so is what the curve says of the given shares; in between it says up to 1 / fineness too little.
 * Returns how many are left: at most fineness + 1 + share_count. */
size_t survival_curve_thin(struct survival_step *steps, size_t count, size_t fineness,
                           const double *shares, size_t share_count);

/* The last step at or before that duration; NULL: it is shorter than all of them, nothing is done
 * by then. */
const struct survival_step *survival_curve_at(const struct survival_step *steps, size_t count,
                                              int64_t duration_us);

/* The share that is done by that duration. */
double survival_curve_done(const struct survival_step *steps, size_t count, int64_t duration_us);

/* The shortest duration by which that share is done, 0 < share <= 1; SURVIVAL_NEVER: the curve does
 * not fall so far. */
int64_t survival_curve_time(const struct survival_step *steps, size_t count, double share);

#endif
