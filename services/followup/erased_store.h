/* SPDX-License-Identifier: Apache-2.0 */
/* erased_store.h - what we keep ourselves of customers who were erased, and that says something or
 * leads to them: answers on their way to intake, and which number was dialed. */
#ifndef TROTH_FOLLOWUP_ERASED_STORE_H
#define TROTH_FOLLOWUP_ERASED_STORE_H

#include "common/runtime/db.h"
#include "services/followup/plan_store.h"

/* Queues the removal, in the transaction in which their follow-ups end; nothing for none. */
void erased_store_put(struct db *db, const struct plan_keys *customers);

#endif
