/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seal_box.h - seals what a process writes down for itself to its own CURVE key, so that the table
 * or the file tells nothing to who has not got the key file.
 *
 * While the key is being replaced the file has earlier pairs, too: what is sealed to one of them
 * opens, what is sealed now is sealed to the first.
 *
 * A sealed box of libsodium (crypto_box_seal): X25519 with a key pair made for this one box, then
 * XSalsa20-Poly1305. Sealing needs no secret, and the same bytes never look the same twice.
 */
#ifndef TROTH_COMMON_RUNTIME_SEAL_BOX_H
#define TROTH_COMMON_RUNTIME_SEAL_BOX_H

#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/runtime/bus.h"

enum {
    SEAL_BOX_KEY_LEN = 32,
    SEAL_BOX_OVERHEAD = 32 + 16, /* so many bytes longer than what is in it */
};

struct seal_box {
    int pair_count; /* 1 to BUS_KEY_PAIRS_MAX; 0 when wiped */
    struct seal_pair {
        uint8_t public_key[SEAL_BOX_KEY_LEN];
        uint8_t secret_key[SEAL_BOX_KEY_LEN];
    } pairs[BUS_KEY_PAIRS_MAX];
};

/* From pair_count pairs, 1 to BUS_KEY_PAIRS_MAX. Code key_invalid, and *ret_box is as it was. The
 * caller wipes the box when it goes. */
MUST_CHECK int seal_box_init(struct seal_box *ret_box, const struct bus_keys *pairs, int pair_count,
                             struct err *err);
/* From a key file, as bus_key_pairs_read() does, whose codes these are. To read it again, give the
 * same box: when it fails the box is as it was. */
MUST_CHECK int seal_box_read(struct seal_box *ret_box, const char *key_file, struct err *err);
void seal_box_wipe(struct seal_box *b);

/* Appends SEAL_BOX_OVERHEAD + plain.len bytes to *out, which the caller owns. */
void seal_box_seal(const struct seal_box *b, struct bytes plain, struct buffer *out);
/* Appends what was sealed to *out. Code sealed_with_another_key, and nothing appended: sealed to
 * none of these keys, too short, or tampered with; they cannot be told apart. */
MUST_CHECK int seal_box_open(const struct seal_box *b, struct bytes sealed, struct buffer *out,
                             struct err *err);

#endif
