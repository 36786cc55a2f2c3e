/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_json.h - from the JSON of a post to records as they stand on the wire.
 *
 * The post is walked by its brackets alone, so that a record that cannot be read does not take its
 * neighbours along. Each record is then read on its own and packed: from there on it is as if it
 * had come over ZeroMQ. Texts of errors never repeat what the sender wrote.
 */
#ifndef TROTH_INTAKE_JSON_H
#define TROTH_INTAKE_JSON_H

#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/bytes.h"
#include "common/base/compiler.h"
#include "common/base/err.h"
#include "services/intake/intake_limits.h"

enum {
    /* Bytes of one record as JSON: twice what ZeroMQ takes, for the escapes. */
    INTAKE_JSON_RECORD_MAX = 128 * 1024,
    INTAKE_JSON_DEPTH_MAX = 16,
};

struct intake_json_parts {
    struct intake_json_part {
        struct bytes text; /* borrowed from the body */
        size_t depth;      /* of brackets */
    } records[INTAKE_RECORDS_MAX];
    size_t count;
};

/* {"records": [...]}. Returns 0, or -1 with code malformed, field_unknown or too_many_records. */
MUST_CHECK int intake_json_parts(struct bytes body, struct intake_json_parts *ret_parts,
                                 struct err *err);

/* Appends the packed record to wire. Returns 0, or -1 with code json_invalid, not_utf8, too_deep,
 * too_large, value_out_of_range, wrong_type, field_unknown or enum_unknown; scratch is reset.
 * ret_key gets the key in both cases, "" when there is none that can be read. */
MUST_CHECK int intake_json_record(const struct intake_json_part *part, struct arena *scratch,
                                  struct buffer *wire, char ret_key[INTAKE_KEY_MAX + 1],
                                  struct err *err);

#endif
