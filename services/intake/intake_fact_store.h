/* SPDX-License-Identifier: Apache-2.0 */
/* intake_fact_store.h - the part of intake_write_store.h that adds facts, and moves promises. */
#ifndef TROTH_INTAKE_FACT_STORE_H
#define TROTH_INTAKE_FACT_STORE_H

#include <stddef.h>

#include "common/runtime/db.h"
#include "services/intake/intake_work.h"

/* Queue statements; return how many rows they write. */
size_t intake_fact_promise_changes(struct db *db, const struct intake_work *w);
/* New promises, contacts, case events, texts, answers, purchases, receipts. */
size_t intake_fact_queue(struct db *db, const struct intake_work *w);

#endif
