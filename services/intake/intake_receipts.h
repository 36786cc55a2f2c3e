/* SPDX-License-Identifier: Apache-2.0 */
/* intake_receipts.h - receipts that need no decision. Their texts are borrowed from the arguments.
 */
#ifndef TROTH_INTAKE_RECEIPTS_H
#define TROTH_INTAKE_RECEIPTS_H

#include <stdint.h>

#include "common/base/err.h"
#include "intake.pb-c.h"

/* key "" or NULL: it could not be read. */
Troth__V1__Receipt intake_receipt_rejected(const char *key, const struct err *err);

/* Not now: code busy, stopping or unavailable. */
Troth__V1__Receipt intake_receipt_retry(const char *key, const char *code, int64_t retry_after_us);

#endif
