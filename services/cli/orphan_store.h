/* SPDX-License-Identifier: Apache-2.0 */
/* orphan_store.h - asks for rows that name what does not exist. */
#ifndef TROTH_SERVICES_CLI_ORPHAN_STORE_H
#define TROTH_SERVICES_CLI_ORPHAN_STORE_H

#include <stdint.h>

#include "common/runtime/db.h"

/* Queues: rows (relation text, orphans int8) of one bucket. */
void orphan_store_count(struct db *db, int16_t bucket);

#endif
