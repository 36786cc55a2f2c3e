/* SPDX-License-Identifier: Apache-2.0 */
/*
 * score_past.h - the account of a customer from evidence alone, as it was known at some instant.
 *
 * The same shares as those by which events move the sums. When the customer was last heard of is
 * taken from the evidence: contacts that were no complaint are none.
 */
#ifndef TROTH_LOYALTY_SCORE_PAST_H
#define TROTH_LOYALTY_SCORE_PAST_H

#include <stdbool.h>
#include <stddef.h>

#include "services/loyalty/measure.h"
#include "services/loyalty/score_policy.h"

/* things: of one customer, each in the newest version that was known then, in any order. */
struct account score_past_account(const struct score_policy *policy,
                                  const struct evidence *const *things, size_t count);

/* It shows that the customer was there, as of an event evidence_seen_us() does: answers, words,
 * complaints, purchases. */
bool score_past_is_heard(const struct evidence *e);

#endif
