/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ears.h - a daily count that is too high all of a sudden: the Early Aberration Reporting System.
 *
 * L. Hutwagner, W. Thompson, G. M. Seeman, T. Treadwell, The Bioterrorism Preparedness and Response
 * Early Aberration Reporting System (EARS), Journal of Urban Health 80(2), 2003. A day is compared
 * with the mean and the standard deviation (n - 1) of seven days before it: C1 those just before,
 * C2 after leaving out two, so that what builds up does not hide itself. C3 adds up what was over
 * the mean on several days. Two forms of it are in use, and they differ:
 *   as the CDC publishes it: this day and the two before, an alarm above 2;
 *   as the R package surveillance (1.20.3, M. Hoehle) has it: the two days before, as an upper
 *   bound of this day's count.
 * With counts that are mostly 0 the standard deviation is, too, and every message is an alarm:
 * min_sigma should be at least 1 there.
 *
 * counts[0] to counts[day] are read. All return false, and leave *ret untouched, when there are too
 * few days before, and C3 also where a sigma is 0.
 */
#ifndef TROTH_MODEL_EARS_H
#define TROTH_MODEL_EARS_H

#include <stdbool.h>
#include <stddef.h>

#define EARS_Z        3.090232306167814 /* C1, C2: one false alarm in 1,000 */
#define EARS_Z_C3     1.959963984540054 /* C3 of surveillance */
#define EARS_C3_LIMIT 2.0               /* C3 of the CDC */

struct ears {
    double mean, sigma; /* of the seven days; sigma at least min_sigma */
    double upper;       /* alarm above it */
    bool is_alarm;
};

bool ears_c1(const double *counts, size_t day, double min_sigma, double z, struct ears *ret);
bool ears_c2(const double *counts, size_t day, double min_sigma, double z, struct ears *ret);
bool ears_c3_surveillance(const double *counts, size_t day, double min_sigma, double z,
                          struct ears *ret);
/* *ret_sum: alarm above EARS_C3_LIMIT. */
bool ears_c3_cdc(const double *counts, size_t day, double min_sigma, double *ret_sum);

#endif
