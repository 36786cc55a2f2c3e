/* SPDX-License-Identifier: Apache-2.0 */
/*
 * erasure_receipt.h - the receipt of an erasure: a JSON object that says what was removed, when and
 * why, signed with the key of the tamper-evident record.
 *
 * Signed (Ed25519) is "troth erasure receipt 1", a line end, and the object without its member
 * "signature", as compact JSON with its names in order: so white space and the order in a file do
 * not matter. Pure.
 */
#ifndef TROTH_COMMON_AUDIT_ERASURE_RECEIPT_H
#define TROTH_COMMON_AUDIT_ERASURE_RECEIPT_H

#include <jansson.h>

#include "common/audit/audit_key.h"
#include "common/base/compiler.h"
#include "common/base/err.h"

/* Adds installation, key and signature. */
void erasure_receipt_sign(json_t *receipt, const struct audit_key *key);

/* Returns 0, or -1 with receipt_unreadable, receipt_not_signed, key_unknown, wrong_installation or
 * signature_wrong. */
MUST_CHECK int erasure_receipt_check(const json_t *receipt, const struct audit_trust *trust,
                                     struct err *err);

#endif
