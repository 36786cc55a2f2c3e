/* SPDX-License-Identifier: Apache-2.0 */
/* overview_store.h - the figures behind an overview, read in one snapshot. */
#ifndef TROTH_REPORTING_OVERVIEW_STORE_H
#define TROTH_REPORTING_OVERVIEW_STORE_H

#include "common/runtime/db.h"
#include "services/reporting/overview_view.h"
#include "services/reporting/report_question.h"

/* Queues a whole transaction. */
void overview_store_ask(struct db *db, const struct report_question *question);
/* Adds what the answer to overview_store_ask() says. */
void overview_store_take(const struct db_reply *reply, struct overview *ret_overview);

#endif
