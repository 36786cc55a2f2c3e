/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identifier.h - numbers that carry their bucket, and how people read them out.
 *
 * number = counter << 8 | bucket: who has a number knows where its rows are. Written for people as
 * a letter, the number in decimal and a Damm check digit: "C-1234567-4". The Damm digit catches
 * every single wrong digit and every swap of neighbours (H. M. Damm, Total anti-symmetrische
 * Quasigruppen, Marburg 2004).
 */
#ifndef TROTH_COMMON_DOMAIN_IDENTIFIER_H
#define TROTH_COMMON_DOMAIN_IDENTIFIER_H

#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"

#define BUCKET_COUNT 256 /* for ever: stored numbers contain it */
#define LANE_COUNT   8   /* lanes of buckets that processes lease: lane = bucket % LANE_COUNT */

enum identifier_kind {
    IDENTIFIER_CASE = 'C',
    IDENTIFIER_CUSTOMER = 'K', /* Kunde; C is the case */
    IDENTIFIER_PROMISE = 'P',
    IDENTIFIER_FOLLOW_UP = 'F',
};

static inline int16_t identifier_bucket(int64_t number)
{
    return (int16_t)(number & 0xff);
}

static inline int64_t identifier_make(int64_t counter, int16_t bucket)
{
    return (counter << 8) | bucket;
}

/* The bucket of a customer first seen by source_id under reference: the low 8 bits of
 * bytes_hash64() of "source_id/reference", source_id in decimal. Final. */
int16_t identifier_bucket_of_reference(int32_t source_id, const char *reference);

#define IDENTIFIER_TEXT_SIZE 32
/* Returns ret_text. Numbers of ours are never negative; one that is prints its '-' and does not
 * parse. */
const char *identifier_format(enum identifier_kind kind, int64_t number,
                              char ret_text[IDENTIFIER_TEXT_SIZE]);

/* Accepts lower case, and blanks in place of '-'. Returns 0, or -1 with code "identifier_invalid"
 * (wrong letter, no digits, wrong check digit: the text says which). */
MUST_CHECK int identifier_parse(enum identifier_kind kind, const char *text, int64_t *ret_number,
                                struct err *err);

#endif
