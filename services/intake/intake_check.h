/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_check.h - what the texts' table (intake_limits.h) cannot say: one check for each kind of
 * record.
 *
 * Each looks at its body alone, fills r->names, and returns 0, or -1 with a code of intake_codes.h
 * and the field at fault. intake_validate() calls them.
 */
#ifndef TROTH_INTAKE_CHECK_H
#define TROTH_INTAKE_CHECK_H

#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/domain/identifier.h"
#include "services/intake/intake_record.h"
#include "services/intake/intake_validate.h"

typedef int intake_check_fn(struct intake_record *r, const struct intake_validation *v,
                            struct err *err);

intake_check_fn intake_check_profile; /* check_customer.c */
intake_check_fn intake_check_consent;
intake_check_fn intake_check_customer_link;
intake_check_fn intake_check_contact; /* check_case.c */
intake_check_fn intake_check_case_update;
intake_check_fn intake_check_answer; /* check_facts.c */
intake_check_fn intake_check_purchase;
intake_check_fn intake_check_refund;
intake_check_fn intake_check_redemption;
intake_check_fn intake_check_device_signal;
intake_check_fn intake_check_branch;
intake_check_fn intake_check_staff;
intake_check_fn intake_check_improvement;
intake_check_fn intake_check_erasure;       /* check_erasure.c */
intake_check_fn intake_check_void;          /* check_void.c */
intake_check_fn intake_check_promise_given; /* check_promise.c */
intake_check_fn intake_check_promise_update;
intake_check_fn intake_check_compensation;
intake_check_fn intake_check_expectation;

/* ---- for the checks */

/* Returns -1 with field_missing. */
int intake_check_missing(struct err *err, const char *field);

/* A number as people read it out, such as "C-1234-5"; 0 when there is no text. */
MUST_CHECK int intake_check_number(enum identifier_kind kind, const char *text, const char *code,
                                   const char *field, int64_t *ret_number, struct err *err);

const char *intake_check_or_null(const char *text); /* NULL for an empty text */

#endif
