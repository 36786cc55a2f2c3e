/* SPDX-License-Identifier: Apache-2.0 */
/* report_customer_store.h - one customer with references, cases and follow-ups, and those of who is
 * the same person by a merge, read in one snapshot; who may be one person. */
#ifndef TROTH_REPORTING_REPORT_CUSTOMER_STORE_H
#define TROTH_REPORTING_REPORT_CUSTOMER_STORE_H

#include "common/runtime/db.h"
#include "report.pb-c.h"

/* Queues a whole transaction. */
void report_customer_store_ask(struct db *db, int64_t customer_number);
/* On the heap, owned by the caller; NULL when there is no such customer. */
Troth__V1__CustomerView *report_customer_store_take(const struct db_reply *reply);

/* The same for the questions that a person has to decide. */
void report_customer_store_ask_questions(struct db *db);
Troth__V1__IdentityQuestions *report_customer_store_take_questions(const struct db_reply *reply);

#endif
