/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/sealing.h"

#include <sodium.h>

enum {
    NONCE_LEN = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_LEN = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    LABEL_LEN = 1 + 8 + 8,
};
_Static_assert((int)SEALING_OVERHEAD == NONCE_LEN + TAG_LEN, "sealed");

static void put_number(uint8_t *to, uint64_t n)
{
    for (int i = 0; i < 8; i++) {
        to[i] = (uint8_t)(n >> 8 * i);
    }
}

static void pack_label(const struct sealing_label *label, uint8_t ret[LABEL_LEN])
{
    ret[0] = (uint8_t)label->kind;
    put_number(ret + 1, (uint64_t)label->number);
    put_number(ret + 9, (uint64_t)label->customer);
}

struct bytes sealing_seal(const uint8_t key[KEYRING_KEY_LEN], const struct sealing_label *label,
                          struct bytes plain, struct arena *arena)
{
    uint8_t about[LABEL_LEN];
    uint8_t *out = arena_alloc(arena, plain.len + SEALING_OVERHEAD);
    if (!out) {
        return (struct bytes){0};
    }
    pack_label(label, about);
    randombytes_buf(out, NONCE_LEN);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE_LEN, NULL, plain.data, plain.len,
                                                     about, sizeof(about), NULL, out, key);
    return (struct bytes){.data = out, .len = plain.len + SEALING_OVERHEAD};
}

int sealing_open(const uint8_t key[KEYRING_KEY_LEN], const struct sealing_label *label,
                 struct bytes sealed, struct arena *arena, struct bytes *ret, struct err *err)
{
    uint8_t about[LABEL_LEN];
    uint8_t *out = sealed.len < SEALING_OVERHEAD ? NULL : arena_alloc(arena, sealed.len);
    if (!out) {
        return err_set(err, "damaged", "it is too short, or too long");
    }
    pack_label(label, about);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed.data + NONCE_LEN,
                                                   sealed.len - NONCE_LEN, about, sizeof(about),
                                                   sealed.data, key) != 0) {
        return err_set(err, "damaged", "it does not open with the customer's key");
    }
    *ret = (struct bytes){.data = out, .len = sealed.len - SEALING_OVERHEAD};
    return 0;
}
