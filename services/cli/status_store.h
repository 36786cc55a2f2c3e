/* SPDX-License-Identifier: Apache-2.0 */
/* status_store.h - the questions of `troth status` to PostgreSQL, with the operator's rights. */
#ifndef TROTH_SERVICES_CLI_STATUS_STORE_H
#define TROTH_SERVICES_CLI_STATUS_STORE_H

#include "common/runtime/db.h"
#include "services/cli/status_facts.h"

/* Asks one question after another, each in a transaction of its own, and waits. What cannot be read
 * is noted in f->unread, and the rest goes on. None takes longer with the number of customers,
 * cases or events. */
void status_store_read(struct db *db, struct status_facts *f);

#endif
