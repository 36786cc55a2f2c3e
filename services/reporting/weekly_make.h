/* SPDX-License-Identifier: Apache-2.0 */
/* weekly_make.h - the weekly report of seven days: its reports are asked for one after the other,
 * as anybody would ask for them, and become one page. */
#ifndef TROTH_REPORTING_WEEKLY_MAKE_H
#define TROTH_REPORTING_WEEKLY_MAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "services/reporting/reporting.h"
#include "services/reporting/weekly_page.h"

struct weekly_make;

/* page: borrowed for the call; NULL with err when a report could not be made ("unavailable": try
 * again later). The make is gone afterwards. */
typedef void weekly_made_fn(void *ctx, const struct weekly_page *page, const struct err *err);

/* first_day: of the seven, days since 1970-01-01. Never NULL; made is called once, later. */
struct weekly_make *weekly_make_start(struct reporting *r, int64_t first_day, bool is_chinese,
                                      weekly_made_fn *made, void *ctx);
/* made is not called any more. Only when the desk of inquiries is gone: what is under way would
 * come back to it. NULL is fine. */
void weekly_make_free(struct weekly_make *m);

/* The Monday on or before a day. */
int64_t weekly_monday(int64_t day);

#endif
