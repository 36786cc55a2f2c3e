/* SPDX-License-Identifier: Apache-2.0 */
/* report_labels.h - values of dimensions as people say them, in English and 简体中文. Pure. */
#ifndef TROTH_REPORTING_REPORT_LABELS_H
#define TROTH_REPORTING_REPORT_LABELS_H

#include "common/base/text.h"
#include "services/reporting/report_book.h"

/* The value itself where nothing better is known: codes of the company's own. Borrowed from value,
 * or for ever. */
const char *report_label(enum figure_dimension dimension, const char *value,
                         enum report_language language);

/* The same, with what the company's own questionnaire calls questions, items and rules (q: the one
 * in force, NULL: none is known), and of values made of several parts the words of each:
 * "silver>gold", "complaint/first_response", "reliability/5". The code of a rule or question
 * without a name has blanks for its underscores. Appends to text, which is the caller's. */
void report_label_append(const struct questionnaire *q, enum report_language language,
                         enum figure_dimension dimension, const char *value, struct text *text);

/* Of a row of that report. Returns what stands in text, which is cleared first. */
const char *report_label_in(const struct report_frame *frame, enum figure_dimension dimension,
                            const char *value, struct text *text);

#endif
