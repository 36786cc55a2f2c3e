/* SPDX-License-Identifier: Apache-2.0 */
/* desk_store.h - small questions of the desk: whose case it is, which promises it has, how far
 * things have gone. */
#ifndef TROTH_REPORTING_DESK_STORE_H
#define TROTH_REPORTING_DESK_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"

/* Each put queues one statement; the take reads its rows. */

void desk_store_put_owner(struct db *db, int64_t case_number);
/* False: there is no such case. is_erased: its customer's texts can be opened no more. */
bool desk_store_take_owner(const struct db_rows *rows, int64_t *ret_customer, bool *ret_is_erased);

void desk_store_put_erased(struct db *db, int64_t customer);
/* False: there is no such customer. */
bool desk_store_take_erased(const struct db_rows *rows, bool *ret_is_erased);

/* The promises of a case, oldest first, without those that were taken back: at most DESK_PROMISES,
 * and one more if there are more. Rows: number. */
#define DESK_PROMISES 50
void desk_store_put_promises(struct db *db, int64_t case_number);

/* How far everything has gone that the dashboard shows. */
struct desk_marks {
    int64_t figures; /* events that all processes together have counted */
    int64_t notices; /* early warnings that nobody has seen, and figures that are not right */
};
void desk_store_put_marks(struct db *db);
void desk_store_take_marks(const struct db_rows *rows, struct desk_marks *ret_marks);

#endif
