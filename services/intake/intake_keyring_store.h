/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_keyring_store.h - which master keys were ever used, so that the wrong file is seen at the
 * start and not by the first customer whose texts do not open.
 */
#ifndef TROTH_INTAKE_INTAKE_KEYRING_STORE_H
#define TROTH_INTAKE_INTAKE_KEYRING_STORE_H

#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/runtime/db.h"
#include "services/intake/keyring.h"

/* Stores the generations that are new, with the machine's time. Refuses ("master_key_file") a
 * keyring with another key than the one that was used under the same generation, or without one
 * that is still in use. Waits: at start only. */
MUST_CHECK int intake_keyring_register(struct db_pool *pool, const struct keyring *k,
                                       struct err *err);

#endif
