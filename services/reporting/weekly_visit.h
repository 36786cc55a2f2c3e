/* SPDX-License-Identifier: Apache-2.0 */
/* weekly_visit.h - GET /v1/weekly?week=2026-11-16&language=zh-Hans: the report of the week that has
 * that day, as a file to keep. Without a week, the last one that has ended. */
#ifndef TROTH_REPORTING_WEEKLY_VISIT_H
#define TROTH_REPORTING_WEEKLY_VISIT_H

#include <stddef.h>

#include "services/reporting/reporting.h"

struct web_door;
struct weekly_visits;

/* Adds the route. */
struct weekly_visits *weekly_visits_new(struct reporting *r, struct web_door *door);
void weekly_visits_free(struct weekly_visits *v); /* after the desk of inquiries; NULL is fine */
size_t weekly_visits_open_count(const struct weekly_visits *v); /* NULL: 0 */

#endif
