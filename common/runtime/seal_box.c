/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/seal_box.h"

#include <string.h>

#include <sodium.h>

#include "common/base/log.h"

_Static_assert((int)SEAL_BOX_OVERHEAD == crypto_box_SEALBYTES, "sealed");
_Static_assert((int)SEAL_BOX_KEY_LEN == crypto_box_PUBLICKEYBYTES,
               "keys of CURVE are keys of a box");
_Static_assert((int)SEAL_BOX_KEY_LEN == PRINCIPAL_KEY_LEN, "keys of CURVE are keys of a box");

int seal_box_init(struct seal_box *ret_box, const struct bus_keys *pairs, int pair_count,
                  struct err *err)
{
    struct seal_box box = {.pair_count = pair_count};
    if (pair_count < 1 || pair_count > BUS_KEY_PAIRS_MAX) {
        BUG("a box has pairs, and not so many");
    }
    if (sodium_init() < 0) {
        return err_set(err, "key_invalid", "libsodium does not start");
    }
    for (int i = 0; i < pair_count; i++) {
        if (bus_key_decode(pairs[i].public_key, box.pairs[i].public_key, err) < 0 ||
            bus_key_decode(pairs[i].secret_key, box.pairs[i].secret_key, err) < 0) {
            seal_box_wipe(&box);
            return -1;
        }
    }
    *ret_box = box;
    seal_box_wipe(&box);
    return 0;
}

int seal_box_read(struct seal_box *ret_box, const char *key_file, struct err *err)
{
    struct bus_keys pairs[BUS_KEY_PAIRS_MAX];
    int count = bus_key_pairs_read(key_file, pairs, err);
    if (count < 0) {
        return -1;
    }
    int rc = seal_box_init(ret_box, pairs, count, err);
    explicit_bzero(pairs, sizeof(pairs));
    return rc;
}

void seal_box_wipe(struct seal_box *b)
{
    explicit_bzero(b, sizeof(*b));
}

void seal_box_seal(const struct seal_box *b, struct bytes plain, struct buffer *out)
{
    uint8_t *to = buffer_extend(out, plain.len + SEAL_BOX_OVERHEAD);
    /* It fails only for a public key of low order: our own, of a pair that was checked, is none. */
    if (crypto_box_seal(to, plain.data, plain.len, b->pairs[0].public_key) != 0) {
        BUG("the key seals nothing");
    }
}

int seal_box_open(const struct seal_box *b, struct bytes sealed, struct buffer *out,
                  struct err *err)
{
    size_t before = out->len;
    if (sealed.len < SEAL_BOX_OVERHEAD) {
        return err_set(err, "sealed_with_another_key", "it is too short to be sealed");
    }
    uint8_t *to = buffer_extend(out, sealed.len - SEAL_BOX_OVERHEAD);
    for (int i = 0; i < b->pair_count; i++) {
        const struct seal_pair *pair = &b->pairs[i];
        if (crypto_box_seal_open(to, sealed.data, sealed.len, pair->public_key, pair->secret_key) ==
            0) {
            return 0;
        }
    }
    out->len = before;
    return err_set(err, "sealed_with_another_key", "it opens with no pair of the key file");
}
