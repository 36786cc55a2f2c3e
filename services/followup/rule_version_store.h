/* SPDX-License-Identifier: Apache-2.0 */
/* rule_version_store.h - the texts of rules that were ever in force. */
#ifndef TROTH_FOLLOWUP_RULE_VERSION_STORE_H
#define TROTH_FOLLOWUP_RULE_VERSION_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/domain/rulebook.h"
#include "common/runtime/db.h"

/* Queues one statement, whose one row has the id: stored unless the hash is there. */
void rule_version_put(struct db *db, const struct rulebook *b, int64_t now_us);

/* Queues one statement, whose rows are (id, hash, body): all versions, or these. */
void rule_version_ask_all(struct db *db);
void rule_version_ask(struct db *db, const int32_t *ids, size_t count);

#endif
