/* SPDX-License-Identifier: Apache-2.0 */
/* standards_store.h - the standards that were ever in force, and what was decided by them. */
#ifndef TROTH_SERVICES_CLI_STANDARDS_STORE_H
#define TROTH_SERVICES_CLI_STANDARDS_STORE_H

#include <stdint.h>

#include "common/runtime/db.h"

/* Each queues one statement. */

enum standards_version_column {
    STANDARDS_VERSION_ID,
    STANDARDS_VERSION_HASH,
    STANDARDS_VERSION_BODY,
};
void standards_store_ask_id(struct db *db, int32_t id);
/* Rows: at most two, for two are one too many. */
void standards_store_ask_hash(struct db *db, const char *prefix);

enum standards_list_column {
    STANDARDS_LIST_ID,
    STANDARDS_LIST_HASH,
    STANDARDS_LIST_FIRST_USED_AT,
    STANDARDS_LIST_TZDATA,
};
void standards_store_ask_list(struct db *db);

enum standards_count_column {
    STANDARDS_COUNT_ID, /* 0: of promises that no standard made */
    STANDARDS_COUNT_CASES,
    STANDARDS_COUNT_PROMISES,
};
/* A row for each version that decided something in that bucket. */
void standards_store_ask_counts(struct db *db, int16_t bucket);

enum standards_case_column {
    STANDARDS_CASE_KIND,
    STANDARDS_CASE_CHANNEL,
    STANDARDS_CASE_BRANCH,
    STANDARDS_CASE_CATEGORY,
    STANDARDS_CASE_CATEGORY_BY,
    STANDARDS_CASE_ASKED_PRIORITY,
    STANDARDS_CASE_STANDARD,
    STANDARDS_CASE_RULE,
    STANDARDS_CASE_OPENED_AT,
};
void standards_store_ask_case(struct db *db, int64_t service_case);

enum standards_promise_column {
    STANDARDS_PROMISE_NUMBER,
    STANDARDS_PROMISE_KIND,
    STANDARDS_PROMISE_STATE,
    STANDARDS_PROMISE_MADE_AT,
    STANDARDS_PROMISE_DUE_AT,
};
/* What standards made, in the order of their numbers. */
void standards_store_ask_promises(struct db *db, int64_t service_case);

#endif
