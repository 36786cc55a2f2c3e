/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TROTH_REPORTING_ANSWER_PAGE_STORE_H
#define TROTH_REPORTING_ANSWER_PAGE_STORE_H

#include <stdbool.h>

#include "common/runtime/db.h"
#include "services/reporting/answer_page_records.h"

/* Queues the question whom a follow-up, and what the questions of its link are about: the next set
 * of the step. */
void answer_page_store_put(struct db *db, int64_t follow_up, const struct answer_link *link);
/* False: there is no such follow-up. */
bool answer_page_store_take(const struct db_rows *rows, int64_t follow_up,
                            struct answer_page_subjects *ret);

#endif
