/* SPDX-License-Identifier: Apache-2.0 */
/* followup_claims.h - takes what is due: claims it for a free line, defers it, merges it into
 * another call, or ends it without one. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_CLAIMS_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_CLAIMS_H

#include <stdbool.h>

struct follow_up;
struct followup;
struct followup_claims;

struct followup_claims *followup_claims_new(struct followup *f);
void followup_claims_free(struct followup_claims *c); /* NULL is fine */

/* Looks for all due work now, or right after the round under way: something was planned that is
 * due, or lanes were won. */
void followup_claims_wake(struct followup_claims *c);
/* Business time went on: a second is over, or it has stepped. */
void followup_claims_on_time(struct followup_claims *c);
/* Somebody asked the worklist for a conversation: looks for what is planned for people. */
void followup_claims_on_person(struct followup_claims *c);
/* Lines became free: looks if the last round had too few. */
void followup_claims_on_lines(struct followup_claims *c);

/* It was planned again, and that is committed. */
void followup_claims_on_planned(struct followup_claims *c, const struct follow_up *f);

bool followup_claims_is_busy(const struct followup_claims *c);

#endif
