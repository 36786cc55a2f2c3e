/* SPDX-License-Identifier: Apache-2.0 */
/* report_list_store.h - a page of a list of cases: by an index, from the place where the page
 * before ended. */
#ifndef TROTH_REPORTING_REPORT_LIST_STORE_H
#define TROTH_REPORTING_REPORT_LIST_STORE_H

#include "common/runtime/db.h"
#include "services/reporting/report_list.h"

/* Queues a whole transaction. */
void report_list_store_ask(struct db *db, const struct report_list *list);
/* On the heap, owned by the caller. */
Troth__V1__CaseList *report_list_store_take(const struct db_reply *reply,
                                            const struct report_list *list);

#endif
