/* SPDX-License-Identifier: Apache-2.0 */
/* report_catalogue_store.h - the reports there are, and from when to when there are figures. */
#ifndef TROTH_REPORTING_REPORT_CATALOGUE_STORE_H
#define TROTH_REPORTING_REPORT_CATALOGUE_STORE_H

#include "services/reporting/report_book.h"

/* Queues a whole transaction. */
void report_catalogue_store_ask(struct db *db);
/* On the heap, owned by the caller. */
Troth__V1__Catalogue *report_catalogue_store_take(const struct db_reply *reply,
                                                  const char *time_zone,
                                                  enum report_language language);

/* SQL: the first and the last day with a figure, as texts (null: there is none). By the primary
 * key, whatever number of rows there is. */
#define REPORT_CATALOGUE_DAYS                                                                      \
    "SELECT min(a.day)::text, max(z.day)::text"                                                    \
    " FROM generate_series(0, 7) AS l (lane), generate_series(1, 5)"                               \
    " AS s (sheet)"                                                                                \
    " LEFT JOIN LATERAL (SELECT f.day FROM reporting.daily_fact AS f WHERE f.lane = l.lane"        \
    " AND f.sheet = s.sheet AND f.part = 1 AND f.branch = '' ORDER BY f.day LIMIT 1)"              \
    " AS a ON true"                                                                                \
    " LEFT JOIN LATERAL (SELECT f.day FROM reporting.daily_fact AS f WHERE f.lane = l.lane"        \
    " AND f.sheet = s.sheet AND f.part = 1 AND f.branch = '' ORDER BY f.day DESC LIMIT 1)"         \
    " AS z ON true"

#endif
