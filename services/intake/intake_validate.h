/* SPDX-License-Identifier: Apache-2.0 */
/* intake_validate.h - may this record be stored, as far as it alone can tell? Pure: time and zones
 * are passed in. */
#ifndef TROTH_INTAKE_VALIDATE_H
#define TROTH_INTAKE_VALIDATE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "services/intake/intake_record.h"

struct intake_validation {
    int64_t now_us;         /* business time */
    int64_t machine_now_us; /* keys are made by machines */
    int64_t clock_skew_us;
    int64_t key_age_us;
    int64_t history_us;
    /* Is there such an IANA time zone? */
    bool (*is_time_zone)(void *ctx, const char *name);
    void *zone_ctx;
};

/* r->message is unpacked. Fills names, buckets, digest and is_historical. Returns 0, or -1 with one
 * of the codes of intake_codes.h and the field at fault. */
MUST_CHECK int intake_validate(struct intake_record *r, const struct intake_validation *v,
                               struct err *err);

#endif
