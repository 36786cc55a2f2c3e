/* SPDX-License-Identifier: Apache-2.0 */
/* rules_store.h - the rules of follow-ups that were ever in force, and what was planned by them. */
#ifndef TROTH_SERVICES_CLI_RULES_STORE_H
#define TROTH_SERVICES_CLI_RULES_STORE_H

#include <stdint.h>

#include "common/runtime/db.h"

/* Each queues one statement. */

enum rules_version_column {
    RULES_VERSION_ID,
    RULES_VERSION_BODY,
};
void rules_store_ask_id(struct db *db, int32_t id);
/* Rows: at most two, for two are one too many. */
void rules_store_ask_hash(struct db *db, const char *prefix);
/* The one that was put in force last: also one that had been in force before. */
void rules_store_ask_newest(struct db *db);

enum rules_list_column {
    RULES_LIST_ID,
    RULES_LIST_HASH,
    RULES_LIST_FIRST_USED_AT,
    RULES_LIST_TZDATA,
    RULES_LIST_LAST_USED_AT,
};
/* The one that was put in force last comes last. */
void rules_store_ask_list(struct db *db);

enum rules_count_column {
    RULES_COUNT_ID,
    RULES_COUNT_RULE,
    RULES_COUNT_FOLLOW_UPS,
    RULES_COUNT_ENDED,
};
/* A row for each version and rule that planned something in that bucket. */
void rules_store_ask_counts(struct db *db, int16_t bucket);

enum rules_fired_column {
    RULES_FIRED_NUMBER,
    RULES_FIRED_RULE,
    RULES_FIRED_TOPIC,
    RULES_FIRED_SUBJECT,
    RULES_FIRED_OCCURRENCE,
    RULES_FIRED_STATE,
    RULES_FIRED_REASON,
    RULES_FIRED_DUE_AT,
    RULES_FIRED_NEXT_ATTEMPT_AT,
    RULES_FIRED_MERGED_INTO,
};
/* Every follow-up of a customer, the newest first. */
void rules_store_ask_fired(struct db *db, int64_t customer);

enum rules_standing_column {
    RULES_STANDING_NOW,
    RULES_STANDING_IS_ERASED,
    RULES_STANDING_MERGED_INTO, /* 0: not merged */
    RULES_STANDING_OPEN_COMPLAINT,
    RULES_STANDING_BROKEN_PROMISE,
    RULES_STANDING_LAST_REFUSAL,
    RULES_STANDING_ORDERS_DAY,
    RULES_STANDING_ORDERS_WEEK,
    RULES_STANDING_ORDERS_MONTH,
    RULES_STANDING_FIRST_WEEK,  /* midnight (UTC) of the oldest day with orders of the last 7 */
    RULES_STANDING_FIRST_MONTH, /* of the last 30 */
};
/* One row, none when there is no such customer: what arbitration asks about it now. */
void rules_store_ask_standing(struct db *db, int64_t customer);

#endif
