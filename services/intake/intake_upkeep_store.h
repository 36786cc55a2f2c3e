/* SPDX-License-Identifier: Apache-2.0 */
/* intake_upkeep_store.h - what must be done now and then: each call is one small slice of it. */
#ifndef TROTH_INTAKE_INTAKE_UPKEEP_STORE_H
#define TROTH_INTAKE_INTAKE_UPKEEP_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/duration.h"
#include "common/runtime/db.h"
#include "common/runtime/db_columns.h"
#include "services/intake/keyring.h"

#define UPKEEP_EXPIRE    "expire-receipts"
#define UPKEEP_ORPHANS   "check-orphans"
#define UPKEEP_FORECASTS "compute-forecasts"

/* Queues: this work is ours now, unless somebody did it less than every_us ago. One row, or none.
 */
void intake_upkeep_claim(struct db *db, const char *name, int64_t now_us, int64_t every_us);

/* The same for work of many slices: who does not say that it has ended, because it was killed,
 * loses it after UPKEEP_AGAIN_US, and not for every_us. began_us: the now_us of its beginning. */
#define UPKEEP_AGAIN_US (6 * DURATION_H)
void intake_upkeep_begin(struct db *db, const char *name, int64_t now_us, int64_t every_us);
void intake_upkeep_end(struct db *db, const char *name, int64_t began_us);

/* Queues the deleting of receipts that are older and not permanent, in the pages of the table from
 * first on. One row: receipts deleted, pages that the table has. */
#define UPKEEP_SWEEP_AFTER_US (5 * DURATION_MIN) /* no record is on its way for so long */

enum {
    UPKEEP_PAGES = 1024
};
void intake_upkeep_expire(struct db *db, int64_t first_page, int64_t before_us);

/* Queues the counting of orphans in one bucket: rows (relation text, orphans int8). */
/* What was on its way while a customer was erased: one row, how many erasures were looked after. */
void intake_upkeep_sweep(struct db *db, int64_t now_us);
/* Erasures whose generations are all retired: one row, how many were now, and how many wait. */
void intake_upkeep_note_rotation(struct db *db, int64_t machine_now_us);
void intake_upkeep_orphans(struct db *db, int16_t bucket);

/* ---- rewrapping. What somebody else works on is passed over; another pass finds it. */

enum {
    UPKEEP_REWRAP_MAX = 500
};
/* Queues: rows (number, key_generation, wrapped_key) with a number above after and another
 * generation, locked until the transaction ends. */
void intake_upkeep_read_keys(struct db *db, int16_t bucket, int64_t after, int16_t newest);
/* Queues their new form; columns: int8 numbers, bytes. Frees the columns. */
void intake_upkeep_write_keys(struct db *db, int16_t bucket, int16_t newest,
                              struct db_columns *columns);
/* Queues: rows (generation int2, keys int8) of one bucket. */
void intake_upkeep_count_keys(struct db *db, int16_t bucket);
/* Queues: one row, how many intakes run that cannot unwrap that generation yet, and how many that
 * may still wrap with an older one; the first are among the second. */
void intake_upkeep_count_old_processes(struct db *db, int16_t newest);
/* Queues: no key is wrapped with this generation from now on (intake_keyring_put_fence); waits for
 * those who have just done so. */
void intake_upkeep_retire(struct db *db, int16_t generation, int64_t machine_now_us);
/* Queues: there are keys that need it after all. */
void intake_upkeep_reopen(struct db *db, int16_t generation);

#endif
