/* SPDX-License-Identifier: Apache-2.0 */
/* night_store.h - up to which day each task is done, and whether a day is counted to its end. */
#ifndef TROTH_REPORTING_NIGHT_STORE_H
#define TROTH_REPORTING_NIGHT_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/runtime/db.h"

/* Queues three questions: which tasks are done up to which day; whether all events from before
 * until_us are counted; and how many figures are known to be different. */
void night_store_ask(struct db *db, int64_t until_us);
/* The day (since 1970-01-01) up to which it is done. False: it never was. */
bool night_store_done_until(const struct db_rows *rows, const char *task, int64_t *ret_day);
bool night_store_is_counted(const struct db_rows *rows);

void night_store_put_done(struct db *db, const char *task, int64_t day, int64_t now_us);

#endif
