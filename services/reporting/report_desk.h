/* SPDX-License-Identifier: Apache-2.0 */
/* report_desk.h - what reports go by, read from the settings once; and the way in for those who do
 * not ask over the bus. */
#ifndef TROTH_REPORTING_REPORT_DESK_H
#define TROTH_REPORTING_REPORT_DESK_H

#include "common/base/compiler.h"
#include "report.pb-c.h"
#include "services/reporting/report_book.h"
#include "services/reporting/reporting.h"

struct report_desk;

/* words: where the questionnaire in force stands, borrowed. NULL with err: setting_invalid,
 * zone_unknown. */
struct report_desk *report_desk_new(const struct reporting_settings *settings,
                                    const struct questionnaire *const *words, struct err *err);
void report_desk_free(struct report_desk *d); /* NULL is fine */
const struct report_options *report_desk_options(const struct report_desk *d);

/* Numbers parted by blanks or commas, none below 0, their sum above 0: divided by it. Returns 0, or
 * -1 with err (setting_invalid). */
MUST_CHECK int report_weights_of(const char *setting, double ret_weights[5], struct err *err);

/* The same as a request over the bus, but for rights (the caller's matter) and size. The request is
 * borrowed for the call; done gets a Troth__V1__ReportReply, borrowed, later. Returns 0, or -1 with
 * err: the question is wrong, or "unavailable". */
MUST_CHECK int report_desk_ask(struct reporting *r, const Troth__V1__ReportRequest *request,
                               inquiry_done_fn *done, void *ctx, struct err *err);

#endif
