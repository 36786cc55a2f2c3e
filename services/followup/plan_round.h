/* SPDX-License-Identifier: Apache-2.0 */
/* plan_round.h - plans what days set off instead of events, and tells everybody about improvements:
 * in slices, some buckets at a time. */
#ifndef TROTH_SERVICES_FOLLOWUP_PLAN_ROUND_H
#define TROTH_SERVICES_FOLLOWUP_PLAN_ROUND_H

#include <stdbool.h>

struct followup;
struct plan_round;

struct plan_round *plan_round_new(struct followup *f);
void plan_round_free(struct plan_round *r); /* NULL is fine */

/* Lanes or rules have changed, or an improvement was shipped: looks soon. */
void plan_round_wake(struct plan_round *r);
/* Business time went on: looks when it is another day (UTC), or the rules are others. */
void plan_round_tick(struct plan_round *r);
bool plan_round_is_busy(const struct plan_round *r);

#endif
