/* SPDX-License-Identifier: Apache-2.0 */
/* followup_by_rule_store.h - the question behind 'troth followups --by-rule'. */
#ifndef TROTH_SERVICES_CLI_FOLLOWUP_BY_RULE_STORE_H
#define TROTH_SERVICES_CLI_FOLLOWUP_BY_RULE_STORE_H

#include "common/runtime/db.h"

/* Queues two statements. The first answers with a row for each rule: trigger, name, then how many
 * were planned, deferred, called, reached, sent, merged, suppressed, missed, failed, listed and are
 * open. The second with state (1: deferred), reason and count. */
void followup_by_rule_store_put(struct db *db);

#endif
