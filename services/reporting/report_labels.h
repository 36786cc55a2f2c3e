/* SPDX-License-Identifier: Apache-2.0 */
/* report_labels.h - values of dimensions as people say them, in English and 简体中文. Pure. */
#ifndef TROTH_REPORTING_REPORT_LABELS_H
#define TROTH_REPORTING_REPORT_LABELS_H

#include "services/reporting/report_book.h"

/* The value itself where nothing better is known: codes of the company's own. Borrowed from value,
 * or for ever. */
const char *report_label(enum figure_dimension dimension, const char *value,
                         enum report_language language);

#endif
