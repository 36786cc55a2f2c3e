/* SPDX-License-Identifier: Apache-2.0 */
/* questionnaire_version_store.h - the questionnaires that were ever in force. */
#ifndef TROTH_SERVICES_FOLLOWUP_QUESTIONNAIRE_VERSION_STORE_H
#define TROTH_SERVICES_FOLLOWUP_QUESTIONNAIRE_VERSION_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/domain/questionnaire.h"
#include "common/runtime/db.h"

/* Queues one statement, whose one row has the id: stored unless the hash is there. */
void questionnaire_version_put(struct db *db, const struct questionnaire *q, int64_t now_us);

/* Queues one statement, whose rows are (id, hash, body): all versions, or these. */
void questionnaire_version_ask_all(struct db *db);
void questionnaire_version_ask(struct db *db, const int32_t *ids, size_t count);

#endif
