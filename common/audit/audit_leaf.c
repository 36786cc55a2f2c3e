/* SPDX-License-Identifier: Apache-2.0 */
#include "common/audit/audit_leaf.h"

#include <string.h>

#include <sodium.h>

enum {
    FORM = 1,
    PLACE_MAX = 1 + AUDIT_WORD_MAX + 2 + 8,
    LEAF_MAX = 1 + PLACE_MAX + 8 + MERKLE_HASH_LEN,
};

static uint8_t *put(uint8_t *p, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) {
        p[i] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
    }
    return p + bytes;
}

static uint8_t *put_word(uint8_t *p, const char *word)
{
    const size_t len = strnlen(word, AUDIT_WORD_MAX);
    *p = (uint8_t)len;
    memcpy(p + 1, word, len);
    return p + 1 + len;
}

static uint8_t *put_place(uint8_t *p, const struct audit_place *place)
{
    p = put_word(p, place->stream);
    p = put(p, (uint16_t)place->bucket, 2);
    return put(p, (uint64_t)place->seq, 8);
}

bool audit_event_is_valid(const struct audit_event *e)
{
    return strlen(e->place.stream) <= AUDIT_WORD_MAX && strlen(e->kind) <= AUDIT_WORD_MAX;
}

void audit_nonce(const struct audit_key *k, const struct audit_place *place,
                 uint8_t ret[AUDIT_NONCE_LEN])
{
    uint8_t text[PLACE_MAX];
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    const size_t len = (size_t)(put_place(text, place) - text);
    (void)crypto_auth_hmacsha256(mac, text, len, audit_key_salt(k));
    memcpy(ret, mac, AUDIT_NONCE_LEN);
}

void audit_commitment(const struct audit_event *e, const uint8_t nonce[AUDIT_NONCE_LEN],
                      uint8_t ret[MERKLE_HASH_LEN])
{
    if (e->commitment) {
        memcpy(ret, e->commitment, MERKLE_HASH_LEN);
        return;
    }
    uint8_t head[AUDIT_NONCE_LEN + 8 + 8 + 1 + AUDIT_WORD_MAX];
    crypto_hash_sha256_state state;
    memcpy(head, nonce, AUDIT_NONCE_LEN);
    uint8_t *p = put(head + AUDIT_NONCE_LEN, (uint64_t)e->customer, 8);
    p = put(p, (uint64_t)e->version, 8);
    p = put_word(p, e->kind);
    (void)crypto_hash_sha256_init(&state);
    (void)crypto_hash_sha256_update(&state, head, (size_t)(p - head));
    (void)crypto_hash_sha256_update(&state, e->body.data, e->body.len);
    (void)crypto_hash_sha256_final(&state, ret);
}

struct merkle_hash audit_leaf(const struct audit_event *e, const uint8_t nonce[AUDIT_NONCE_LEN])
{
    uint8_t leaf[LEAF_MAX];
    uint8_t *p = put(leaf, FORM, 1);
    p = put_place(p, &e->place);
    p = put(p, (uint64_t)e->at_us, 8);
    audit_commitment(e, nonce, p);
    return merkle_leaf((struct bytes){leaf, (size_t)(p + MERKLE_HASH_LEN - leaf)});
}
