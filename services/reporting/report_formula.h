/* SPDX-License-Identifier: Apache-2.0 */
/* report_formula.h - added-up figures become a cell. Pure. */
#ifndef TROTH_REPORTING_REPORT_FORMULA_H
#define TROTH_REPORTING_REPORT_FORMULA_H

#include <stdbool.h>
#include <stdint.h>

#include "common/model/interval.h"
#include "services/reporting/report_column.h"
#include "services/reporting/report_sums.h"

struct report_estimate {
    bool has_value, has_interval, has_count;
    double value;
    struct interval interval; /* 95 % */
    int64_t count;            /* of observations */
};

/* total: of FORMULA_PART; else ignored. FORMULA_NONE and FORMULA_RUNNING have no value. */
struct report_estimate report_formula_of(const struct report_formula *formula,
                                         const struct report_slots *slots,
                                         const struct report_sums *sums,
                                         const struct report_sums *total);

/* Number of events in an exposure, both as counted: 95 % interval of the expected number. Byar's
 * approximation to the exact Poisson limits: N. E. Breslow, N. E. Day, Statistical Methods in
 * Cancer Research II, IARC 1987, section 2.3. count at least 0. */
struct interval report_poisson_interval(double count);

#endif
