/* SPDX-License-Identifier: Apache-2.0 */
/* report_filter_store.h - filters by the dimensions of a case, as SQL over reporting.case_fact. */
#ifndef TROTH_REPORTING_REPORT_FILTER_STORE_H
#define TROTH_REPORTING_REPORT_FILTER_STORE_H

#include "services/reporting/report_book.h"

/* Dimensions that a case has. */
#define REPORT_FILTER_DIMENSIONS                                                                   \
    (1U << DIMENSION_BRANCH | 1U << DIMENSION_CHANNEL | 1U << DIMENSION_TEAM |                     \
     1U << DIMENSION_STAFF | 1U << DIMENSION_CATEGORY | 1U << DIMENSION_PRODUCT |                  \
     1U << DIMENSION_TIER | 1U << DIMENSION_PRIORITY | 1U << DIMENSION_CONTACT_KIND)

/* $1 to $9; null: all. c is the case. */
#define REPORT_FILTER_SQL                                                                          \
    " ($1::text IS NULL OR c.branch = $1) AND ($2::text IS NULL OR c.channel = $2)"                \
    " AND ($3::text IS NULL OR c.team = $3) AND ($4::text IS NULL OR c.staff = $4)"                \
    " AND ($5::text IS NULL OR c.category = $5) AND ($6::text IS NULL OR c.product = $6)"          \
    " AND ($7::text IS NULL OR c.tier = $7) AND ($8::int2 IS NULL OR c.priority = $8)"             \
    " AND ($9::int2 IS NULL OR c.kind = $9)"
#define REPORT_FILTER_PARAMS 9

/* Open cases in which somebody waits for something, and whose turn it is in one of them: what
 * case_turn.h says, over reporting.case_fact, whose column asks is made by it. */
#define REPORT_OPEN_SQL             "c.resolved_at IS NULL AND c.state BETWEEN 1 AND 4 AND c.asks"
#define REPORT_OUR_TURN_SQL         "c.state IN (1, 2)"
#define REPORT_CUSTOMER_TURN_SQL    "c.state = 3"
#define REPORT_THIRD_PARTY_TURN_SQL "c.state = 4"

/* Puts the nine parameters. A priority or kind that is none finds nothing. */
void report_filter_store_put(struct db_params *params, const struct report_filter *filters,
                             size_t count);

#endif
