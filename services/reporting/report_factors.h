/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_factors.h - the four factors that complaints come down to (四要素: product, price,
 * channel, competitor), told by the category. Pure.
 *
 * The setting: "product: brakes, engine; price: invoice; channel: delivery; competitor: switched".
 * What it does not name is "other".
 */
#ifndef TROTH_REPORTING_REPORT_FACTORS_H
#define TROTH_REPORTING_REPORT_FACTORS_H

#include "common/base/compiler.h"
#include "services/reporting/report_book.h"

/* Returns 0, or -1 with err (setting_invalid): another factor, no colon, or a category twice. */
MUST_CHECK int report_factors_check(const char *setting, struct err *err);

/* A report_key_fn: the factor of a category by frame->options->factors. */
void report_factor_of(const struct report_frame *frame, const char *category,
                      char ret_factor[REPORT_VALUE_SIZE]);

#endif
