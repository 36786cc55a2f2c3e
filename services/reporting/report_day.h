/* SPDX-License-Identifier: Apache-2.0 */
/* report_day.h - calendar days as reports name them: "2026-11-01". They sort as texts do. */
#ifndef TROTH_REPORTING_REPORT_DAY_H
#define TROTH_REPORTING_REPORT_DAY_H

#include <stdint.h>

#include "common/base/compiler.h"

#define REPORT_DAY_SIZE 11

/* Exactly ten characters, a day that exists, year 1 to 9999. Returns 0 and the days since
 * 1970-01-01, or -1 and leaves *ret_days alone. */
MUST_CHECK int report_day_parse(const char *text, int64_t *ret_days);

/* days within years 1 to 9999. Returns ret_text. */
const char *report_day_format(int64_t days, char ret_text[REPORT_DAY_SIZE]);

#endif
