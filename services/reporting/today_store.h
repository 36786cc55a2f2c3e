/* SPDX-License-Identifier: Apache-2.0 */
/* today_store.h - what needs a person now, read in one snapshot; each list by an index. */
#ifndef TROTH_REPORTING_TODAY_STORE_H
#define TROTH_REPORTING_TODAY_STORE_H

#include <stdint.h>

#include "common/runtime/db.h"
#include "report.pb-c.h"
#include "services/reporting/report_book.h"

/* Queues a whole transaction. branch "": all. now_us: business time. */
void today_store_ask(struct db *db, const char *branch, int64_t now_us);
/* On the heap, owned by the caller. */
Troth__V1__Today *today_store_take(const struct db_reply *reply, int64_t now_us);

/* Says of each follow-up what its rule is called; q: the questionnaire in force, NULL: none. */
void today_store_name(Troth__V1__Today *today, const struct questionnaire *q,
                      enum report_language language);

#endif
