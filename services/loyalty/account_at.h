/* SPDX-License-Identifier: Apache-2.0 */
/*
 * account_at.h - the account of a customer as it was known at an instant, from the evidence.
 *
 * Made as score_past.h makes it. Pure.
 */
#ifndef TROTH_LOYALTY_ACCOUNT_AT_H
#define TROTH_LOYALTY_ACCOUNT_AT_H

#include <stddef.h>
#include <stdint.h>

#include "services/loyalty/evidence.h"
#include "services/loyalty/measure.h"
#include "services/loyalty/score_policy.h"

/* From when on a row counts as known: when it was recorded; what was recorded over 7 days after it
 * occurred was brought in from elsewhere later, where it was known when it occurred. */
int64_t evidence_known_us(const struct evidence *e);

struct account_builder; /* holds its memory for the next account */

struct account_builder *account_builder_new(void);
void account_builder_free(struct account_builder *b); /* NULL is fine */

/* rows: all versions of all things of one customer, in the order of evidence_compare_things(),
 * then version. Of each thing the newest version counts that was known. seen_us is that of what
 * score_past_is_heard(). */
void account_at(struct account_builder *b, const struct evidence *rows, size_t count,
                const struct score_policy *policy, int64_t known_us, struct account *ret);

#endif
