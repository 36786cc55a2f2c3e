/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_leaf.h - what of an event stands in the tamper-evident record: a commitment, no content.
 *
 *   nonce      = the first 16 bytes of HMAC-SHA-256(salt, place)
 *   commitment = SHA-256(nonce | customer | version | length of kind (1 byte) | kind | body)
 *   leaf       = 1 (version of this form) | place | at | commitment
 *   place      = length of stream (1 byte) | stream | bucket (2 bytes) | seq
 *
 * Numbers are big-endian, of 8 bytes unless it says otherwise. The nonce keeps who sees a hash, as
 * a neighbour in somebody's proof, from trying out what was said; it is stored nowhere, and who has
 * the salt makes it again. Final: recorded hashes depend on every byte. Pure.
 */
#ifndef TROTH_COMMON_AUDIT_AUDIT_LEAF_H
#define TROTH_COMMON_AUDIT_AUDIT_LEAF_H

#include "common/audit/audit_key.h"
#include "common/audit/merkle.h"

enum {
    AUDIT_NONCE_LEN = 16,
    AUDIT_WORD_MAX = 63, /* bytes of a stream or kind */
};

struct audit_place {
    const char *stream; /* "intake.0", at most AUDIT_WORD_MAX bytes */
    int16_t bucket;
    int64_t seq;
};

/* A row of log.event; what it points to is borrowed. */
struct audit_event {
    /* The customer was erased, and what identified them taken out: what the body brings instead
     * of what the other fields say, MERKLE_HASH_LEN bytes. NULL: the event is as it was. */
    const uint8_t *commitment;
    struct audit_place place;
    int64_t at_us;
    int64_t customer, version;
    const char *kind; /* at most AUDIT_WORD_MAX bytes */
    struct bytes body;
};

/* Whether stream and kind are short enough for the two below. */
bool audit_event_is_valid(const struct audit_event *e);
void audit_nonce(const struct audit_key *k, const struct audit_place *place,
                 uint8_t ret[AUDIT_NONCE_LEN]);
void audit_commitment(const struct audit_event *e, const uint8_t nonce[AUDIT_NONCE_LEN],
                      uint8_t ret[MERKLE_HASH_LEN]);
struct merkle_hash audit_leaf(const struct audit_event *e, const uint8_t nonce[AUDIT_NONCE_LEN]);

#endif
