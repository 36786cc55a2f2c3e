/* SPDX-License-Identifier: Apache-2.0 */
/* followup_claims.h - takes what is due: claims it for a free line, or ends it without a call. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_CLAIMS_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_CLAIMS_H

#include <stdbool.h>

struct followup;
struct followup_claims;

struct followup_claims *followup_claims_new(struct followup *f);
void followup_claims_free(struct followup_claims *c); /* NULL is fine */

/* Looks for due work now, or right after the round under way: when time went on, or something was
 * planned that is due. */
void followup_claims_wake(struct followup_claims *c);
/* Lines became free: looks if the last round had too few. */
void followup_claims_on_lines(struct followup_claims *c);

bool followup_claims_is_busy(const struct followup_claims *c);

#endif
