/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_decode.h - from the bytes of a request to records, each on its own.
 *
 * The request is walked on the wire, so that a record that cannot be read does not take its
 * neighbours along. What is wrong with the message as a whole (cut off, too many records) is found
 * before the first record is looked at.
 */
#ifndef TROTH_INTAKE_DECODE_H
#define TROTH_INTAKE_DECODE_H

#include <stddef.h>

#include "common/base/bytes.h"
#include "common/base/err.h"
#include "services/intake/intake_limits.h"
#include "services/intake/intake_record.h"

enum intake_request_kind {
    INTAKE_RECORDS = 1,
    INTAKE_DISCLOSURE,
    INTAKE_DISCLOSURES,
    INTAKE_SIMILAR,
    INTAKE_ERASURE_RECEIPT
};

struct intake_parts {
    enum intake_request_kind kind;
    struct bytes question; /* the DisclosureRequest, DisclosureBatch, SimilarRequest, ... */
    struct bytes records[INTAKE_RECORDS_MAX];
    size_t record_count;
};

/* Borrowed from body. Returns 0, or -1 with code malformed or too_many_records. */
MUST_CHECK int intake_decode_parts(struct bytes body, struct intake_parts *ret_parts,
                                   struct err *err);

/* A record of r with its message unpacked (not validated). NULL with err: malformed, too_deep,
 * not_utf8, enum_unknown, not_finite, too_large. */
struct intake_record *intake_decode_record(struct intake_request *r, struct bytes wire,
                                           struct err *err);

/* The key of a record that could not be unpacked, "" when it cannot be read either. ret_key has
 * room for INTAKE_KEY_MAX + 1. */
void intake_decode_key(struct bytes wire, char ret_key[INTAKE_KEY_MAX + 1]);

#endif
