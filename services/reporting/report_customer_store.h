/* SPDX-License-Identifier: Apache-2.0 */
/* report_customer_store.h - one customer with references, cases and follow-ups, and those of who is
 * the same person by a merge, read in one snapshot; who may be one person.
 *
 * References are the sources' own numbers of a customer, which may be a telephone's or a plate's:
 * they are shown to who may read what is personal, and each look is written down. */
#ifndef TROTH_REPORTING_REPORT_CUSTOMER_STORE_H
#define TROTH_REPORTING_REPORT_CUSTOMER_STORE_H

#include "common/runtime/db.h"
#include "report.pb-c.h"

/* Queues a whole transaction. */
void report_customer_store_ask(struct db *db, int64_t customer_number);
/* Queues a statement after that: when there is such a customer, it is written down who looks at the
 * references. at_us: business time. */
void report_customer_store_note_look(struct db *db, int64_t customer_number, const char *who,
                                     int64_t at_us);
/* On the heap, owned by the caller; NULL when there is no such customer. */
Troth__V1__CustomerView *report_customer_store_take(const struct db_reply *reply,
                                                    bool has_references);

/* One statement: source and reference of REPORT_REFERENCES_MOST, and one more if there are more. */
#define REPORT_REFERENCES_MOST 50
void report_customer_store_ask_references(struct db *db, int64_t customer_number);

/* The same for the questions that a person has to decide. */
void report_customer_store_ask_questions(struct db *db);
Troth__V1__IdentityQuestions *report_customer_store_take_questions(const struct db_reply *reply);

#endif
