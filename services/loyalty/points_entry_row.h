/* SPDX-License-Identifier: Apache-2.0 */
/* points_entry_row.h - a stored entry of a points ledger, for the stores that read some. */
#ifndef TROTH_LOYALTY_POINTS_ENTRY_ROW_H
#define TROTH_LOYALTY_POINTS_ENTRY_ROW_H

#include "common/runtime/db.h"
#include "services/loyalty/points_plan.h"

/* Of loyalty.points_entry AS e, as the first columns of a statement; column 0 is the customer. */
#define POINTS_ENTRY_COLUMNS                                                                       \
    "e.customer_number, e.subject, e.kind, e.number, e.points, e.points_left, e.at,"               \
    " e.expires_at, e.reason, e.event_stream, e.event_seq"
#define POINTS_ENTRY_COLUMN_COUNT 11

/* Without balance and owed, which nobody needs of most; texts are borrowed from the rows. */
struct points_entry points_entry_row(const struct db_rows *rows, size_t row);

#endif
