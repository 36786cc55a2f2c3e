/* SPDX-License-Identifier: Apache-2.0 */
/* followup_on_case_changed.h - events of intake become planned follow-ups. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_ON_CASE_CHANGED_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_ON_CASE_CHANGED_H

#include "common/runtime/event_log.h"

struct followup;
struct followup_planner;

struct followup_planner *followup_planner_new(struct followup *f);
void followup_planner_free(struct followup_planner *p); /* NULL is fine */

/* For struct event_consumer_options; ctx is the planner. */
void followup_on_case_changed(void *ctx, struct event_consumption *c);
void followup_on_planned(void *ctx, struct event_consumption *c, const struct db_reply *reply);

#endif
