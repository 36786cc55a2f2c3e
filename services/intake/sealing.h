/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sealing.h - seals a row with the key of its customer, and opens it again. Pure but for the nonce.
 *
 * XChaCha20-Poly1305: nonce || ciphertext || tag. The label is authenticated with it, so that a row
 * that was moved to another place, or to another customer, does not open.
 */
#ifndef TROTH_INTAKE_SEALING_H
#define TROTH_INTAKE_SEALING_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/bytes.h"
#include "common/base/compiler.h"
#include "common/base/err.h"
#include "services/intake/keyring.h"

/* Stored inside of what is sealed: never change a number. */
enum sealed_kind {
    SEALED_PERSON = 1,
    SEALED_TEXTS = 2,
};

struct sealing_label {
    enum sealed_kind kind;
    int64_t number; /* of the fact; of the customer for a person */
    int64_t customer;
};

enum {
    SEALING_OVERHEAD = 24 + 16
};

/* In the arena; data NULL when it is over its budget. */
struct bytes sealing_seal(const uint8_t key[KEYRING_KEY_LEN], const struct sealing_label *label,
                          struct bytes plain, struct arena *arena);
/* Returns 0, or -1 with "damaged": another key or label, or tampered with. *ret is in the arena. */
MUST_CHECK int sealing_open(const uint8_t key[KEYRING_KEY_LEN], const struct sealing_label *label,
                            struct bytes sealed, struct arena *arena, struct bytes *ret,
                            struct err *err);

#endif
