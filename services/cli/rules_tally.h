/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules_tally.h - the follow-ups that rules would plan, counted by rule and day. Pure.
 *
 * What is due is asked through the same arbitration as in production, at the first instant that
 * quiet hours and days permit: consents, refusals and channels as they are today. Budgets and open
 * complaints are not counted: they depend on what happens in between. Two conversations with one
 * customer on one day are one call. Each follow-up counts its first attempt alone.
 */
#ifndef TROTH_SERVICES_CLI_RULES_TALLY_H
#define TROTH_SERVICES_CLI_RULES_TALLY_H

#include <stdint.h>

#include <jansson.h>

#include "common/base/zone.h"
#include "common/domain/rulebook.h"
#include "services/cli/rules_fire.h"

struct rules_tally;

/* Days (since 1970-01-01) are those of the customer's zone; both are counted. */
struct rules_tally *rules_tally_new(const struct rulebook *b, int64_t first_day, int64_t last_day);
void rules_tally_free(struct rules_tally *t); /* NULL is fine */

/* Every time that the rule is due because of it, from range_us[0] to before range_us[1]; one that
 * is there already, by topic, subject and occurrence, counts once: the earliest. Does nothing
 * unless its topic takes the rule. */
void rules_tally_add(struct rules_tally *t, const struct rulebook_rule *r,
                     const struct rules_happening *h, const struct zone *zone,
                     const int64_t range_us[2]);

/* {"from", "to", "days": [{"day", "calls", "merged", "messages", "is_over", "rules": {NAME: N}}],
 *  "rules": [{"rule", "due", "calls", "merged", "messages", "missed", "listed", "later",
 *  "suppressed": {REASON: N}, "busiest_day", "busiest"}], "calls", "busiest", "days_over",
 *  "capacity"}. calls: with a person or a machine that speaks, merged ones left out. due_us: what
 * is due before it is left out. capacity 0: none. Sorts what was added. */
json_t *rules_tally_make(struct rules_tally *t, int64_t due_from_us, int64_t capacity);

#endif
