/* SPDX-License-Identifier: Apache-2.0 */
/* followup_explain_store.h - one follow-up and all that happened to it; which ones ended without a
 * call and why; of whom nobody knows the zone. Waits. */
#ifndef TROTH_SERVICES_CLI_FOLLOWUP_EXPLAIN_STORE_H
#define TROTH_SERVICES_CLI_FOLLOWUP_EXPLAIN_STORE_H

#include <stdint.h>

#include "common/base/err.h"
#include "common/runtime/db.h"

/* Columns of the one row of followup_explain_store_ask(). */
enum {
    EXPLAIN_CUSTOMER,
    EXPLAIN_CASE,
    EXPLAIN_RULE,
    EXPLAIN_RULE_VERSION,
    EXPLAIN_RULE_HASH,
    EXPLAIN_RULE_BODY,
    EXPLAIN_TRIGGER,
    EXPLAIN_SUBJECT,
    EXPLAIN_OCCURRENCE,
    EXPLAIN_PURPOSE,
    EXPLAIN_PRIORITY,
    EXPLAIN_CHANNEL,
    EXPLAIN_BRANCH,
    EXPLAIN_STATE,
    EXPLAIN_REASON,
    EXPLAIN_PLANNED_AT,
    EXPLAIN_DUE_AT,
    EXPLAIN_WINDOW_END_AT,
    EXPLAIN_NEXT_ATTEMPT_AT,
    EXPLAIN_ATTEMPTS,
    EXPLAIN_MERGED_INTO,
    EXPLAIN_LEADER_STATE,
    EXPLAIN_LEADER_REASON,
    EXPLAIN_IS_HISTORICAL,
    EXPLAIN_SETTLED_AT,
    EXPLAIN_NOW,
    EXPLAIN_LIMITS_BODY, /* of the rules used last */
    EXPLAIN_LAST_OUTCOME,
};

/* Columns of each row of its history, the oldest first. */
enum {
    EXPLAIN_AT,
    EXPLAIN_WHAT,
    EXPLAIN_WHY,
    EXPLAIN_OUTCOME,
    EXPLAIN_UNTIL,
    EXPLAIN_OTHER,
    EXPLAIN_WHO,
};

/* Columns of each follow-up that was merged into it. */
enum {
    EXPLAIN_COVERED,
    EXPLAIN_COVERED_RULE,
    EXPLAIN_COVERED_REASON,
};

/* Queues three statements: the row (none when there is no such follow-up), its history, what it
 * covers. */
void followup_explain_store_ask(struct db *db, int64_t number);

/* Columns of the counts and of the newest of them. */
enum {
    ENDED_STATE,
    ENDED_REASON,
    ENDED_RULE,
    ENDED_COUNT,
    ENDED_FIRST_AT,
    ENDED_LAST_AT,
};
enum {
    ENDED_ROW_NUMBER,
    ENDED_ROW_CUSTOMER,
    ENDED_ROW_RULE,
    ENDED_ROW_STATE,
    ENDED_ROW_REASON,
    ENDED_ROW_DUE_AT,
    ENDED_ROW_SETTLED_AT,
    ENDED_ROW_MERGED_INTO,
};
/* Queues two statements: how many ended in these states (int2), by state, reason and rule; and the
 * newest of them. */
void followup_explain_store_ask_ended(struct db *db, const struct db_array *states, int32_t limit);

enum {
    ZONELESS_NUMBER,
    ZONELESS_CUSTOMER,
    ZONELESS_BRANCH,
    ZONELESS_RULE,
    ZONELESS_DUE_AT,
    ZONELESS_REASON,
};
/* Queues one statement: what is planned for customers of whom nothing tells the zone. */
void followup_explain_store_ask_zoneless(struct db *db, int32_t limit);

#endif
