/* SPDX-License-Identifier: Apache-2.0 */
/* progress_text.h - small texts of a progress page: money, and words without numbers. Pure. */
#ifndef TROTH_REPORTING_PROGRESS_TEXT_H
#define TROTH_REPORTING_PROGRESS_TEXT_H

#include <stdint.h>

#include "common/base/text.h"

/* "1234.50 CNY". */
void progress_text_money(int64_t amount_minor, const char *currency, struct text *out);

/* words without what reaches or names a person: runs of six digits or more, also with blanks,
 * dots, dashes, brackets or slashes between them (telephone and card numbers), and whatever has an
 * '@', become "•••". A name cannot be told from other words and stays. */
void progress_text_mask(const char *words, struct text *out);

#endif
