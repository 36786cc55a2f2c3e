/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_keyring_store.h - which master keys were ever used, so that the wrong file is seen at the
 * start and not by the first customer whose texts do not open.
 */
#ifndef TROTH_INTAKE_INTAKE_KEYRING_STORE_H
#define TROTH_INTAKE_INTAKE_KEYRING_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/runtime/db.h"
#include "services/intake/keyring.h"

/* Stores the generations that are new, with the machine's time. Refuses ("master_key_file") a
 * keyring with another key than the one that was used under the same generation, or without one
 * that is still in use. Waits: at start only.
 * holder: the process that will wrap with it, for leases; NULL: one that only reads. Its
 * generations are written down for the others, and it wraps with the newest one that all of them
 * know. */
MUST_CHECK int intake_keyring_register(struct db_pool *pool, struct keyring *k, const char *holder,
                                       struct err *err);

/* ---- the same while the process runs, in a transaction that the caller begins and ends */

/* Queues two statements; intake_keyring_check() reads the rows of the second one. */
void intake_keyring_ask(struct db *db, const struct keyring *k, int64_t machine_now_us);
MUST_CHECK int intake_keyring_check(const struct db_rows *rows, const struct keyring *k,
                                    struct err *err);
/* Queues: this process can read up to its newest generation, and wraps with keyring_sealing(). */
void intake_keyring_announce(struct db *db, const struct keyring *k, const char *holder,
                             int64_t machine_now_us);
/* Queues: one row, the newest generation that every other intake that runs can read, or the oldest
 * that is not retired when one of them cannot read even that; NULL: there is no other. */
void intake_keyring_ask_known(struct db *db, const char *holder);

/* Queues the fence of a transaction that wraps a key: it fails with 40001 when that generation is
 * retired, and until it has ended nobody can retire it. An intake that was cut off, and of which
 * the others therefore know nothing, stops here. */
void intake_keyring_put_fence(struct db *db, int16_t generation);
/* Whether it was that which failed. */
bool intake_keyring_was_fenced(const struct db_reply *reply);

#endif
