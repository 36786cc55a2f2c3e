/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_admission.h - may this source send this record now? The same questions at both doors.
 *
 * 1. intake_admit_message()  once per message or HTTP request: the right.
 * 2. intake_admit_arrival()  for each record, before a byte of it is looked at: stopping, backlog,
 *                            disk, rate. What does not fit now is answered "retry", never dropped.
 * 3. intake_admit_record()   once it is decoded, before it is validated: record kind and branch.
 *
 * The principal is asked anew from the table for each message, so that a revoked key is refused on
 * its open connection too.
 */
#ifndef TROTH_INTAKE_ADMISSION_H
#define TROTH_INTAKE_ADMISSION_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/runtime/principal.h"
#include "intake.pb-c.h"

struct intake;

/* -1 with code not_permitted. */
MUST_CHECK int intake_admit_message(const struct principal *p, struct err *err);

/* NULL: go on; one record of the source's rate is then used up, whatever becomes of it. Else the
 * code of a retry: stopping, busy, disk_low or rate_limited, with the time after which it is worth
 * sending again; intake_receipt_retry() makes the receipt. wire_bytes: of the message it came in.
 */
const char *intake_admit_arrival(struct intake *in, const struct principal *p, size_t wire_bytes,
                                 int64_t *ret_retry_after_us);

/* -1 with code kind_not_permitted or branch_not_permitted and the field. A record that names no
 * branch passes the second question. */
MUST_CHECK int intake_admit_record(const struct principal *p, const Troth__V1__Record *record,
                                   struct err *err);

#endif
