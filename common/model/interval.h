/* SPDX-License-Identifier: Apache-2.0 */
/* interval.h - what an estimate may be off by. */
#ifndef TROTH_MODEL_INTERVAL_H
#define TROTH_MODEL_INTERVAL_H

struct interval {
    double low, high;
};

#define INTERVAL_Z_95 1.959963984540054 /* normal_quantile(0.975) */

#endif
