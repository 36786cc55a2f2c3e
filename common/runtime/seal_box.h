/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seal_box.h - seals what a process writes down for itself to its own CURVE key, so that the table
 * or the file tells nothing to who has not got the key file.
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
    uint8_t public_key[SEAL_BOX_KEY_LEN];
    uint8_t secret_key[SEAL_BOX_KEY_LEN];
};

/* Code key_invalid. The caller wipes the box when it goes. */
MUST_CHECK int seal_box_init(struct seal_box *ret_box, const struct bus_keys *keys,
                             struct err *err);
void seal_box_wipe(struct seal_box *b);

/* Appends SEAL_BOX_OVERHEAD + plain.len bytes to *out, which the caller owns. */
void seal_box_seal(const struct seal_box *b, struct bytes plain, struct buffer *out);
/* Appends what was sealed to *out. Code sealed_with_another_key, and nothing appended: sealed to
 * another key, too short, or tampered with; they cannot be told apart. */
MUST_CHECK int seal_box_open(const struct seal_box *b, struct bytes sealed, struct buffer *out,
                             struct err *err);

#endif
