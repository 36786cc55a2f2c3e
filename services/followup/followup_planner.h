/* SPDX-License-Identifier: Apache-2.0 */
/* followup_planner.h - events of intake and loyalty become planned follow-ups. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_PLANNER_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_PLANNER_H

#include "common/runtime/event_log.h"

struct followup;
struct followup_planner;

#define FOLLOWUP_PLANNER_EVENTS_MAX 4096 /* in one transaction */

struct followup_planner *followup_planner_new(struct followup *f);
void followup_planner_free(struct followup_planner *p); /* NULL is fine */

/* For struct event_consumer_options; ctx is the planner. */
bool followup_planner_may_read(const void *ctx); /* false while a demo holds planning back */
void followup_planner_apply(void *ctx, struct event_consumption *c);
void followup_planner_applied(void *ctx, struct event_consumption *c, const struct db_reply *reply);

#endif
