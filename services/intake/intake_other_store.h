/* SPDX-License-Identifier: Apache-2.0 */
/* intake_other_store.h - the part of intake_write_store.h for what is rare beside contacts: items
 * of answers, device signals, branches, staff. */
#ifndef TROTH_INTAKE_OTHER_STORE_H
#define TROTH_INTAKE_OTHER_STORE_H

#include <stddef.h>

#include "common/runtime/db.h"
#include "services/intake/intake_work.h"

/* Queues statements; returns how many rows they write. */
size_t intake_other_queue(struct db *db, const struct intake_work *w);

#endif
