/* SPDX-License-Identifier: Apache-2.0 */
/* rules_reasons.h - gathers, rule by rule, what has fired, what would, and why not. Pure. */
#ifndef TROTH_SERVICES_CLI_RULES_REASONS_H
#define TROTH_SERVICES_CLI_RULES_REASONS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "common/domain/arbitration.h"
#include "common/domain/rulebook.h"
#include "services/cli/rules_fire.h"

/* A follow-up that is planned, or was. Texts are copied. */
struct rules_fired {
    int64_t number, subject;
    const char *rule, *topic, *occurrence, *state, *reason;
    int64_t due_us;
};

/* What arbitration asks about the customer, whatever the rule; instants are business time. */
struct rules_standing {
    int64_t now_us;
    bool is_erased, has_open_complaint, has_broken_promise;
    int64_t last_refusal_us; /* INT64_MIN: never */
    int32_t orders_day, orders_week, orders_month;
    int64_t frees_day_us, frees_week_us, frees_month_us;
};

struct rules_reasons;
struct rules_reasons *rules_reasons_new(const struct rulebook *b,
                                        const struct rules_standing *standing);
void rules_reasons_free(struct rules_reasons *r); /* NULL is fine */

/* First all that has fired, then all that happened. */
void rules_reasons_add_fired(struct rules_reasons *r, const struct rules_fired *f);
void rules_reasons_add(struct rules_reasons *r, const struct rulebook_rule *rule,
                       const struct rules_happening *h, const struct zone *zone);

/* [{"rule", "trigger", "follow_ups": [{"number", "state", "reason", "due_us"}], "next": null or
 *  {"due_us", "step", "reason", "until_us", "channel"}, "why_not": null or TEXT}], for
 * json_decref(). step: call, defer, suppress, miss, list. */
json_t *rules_reasons_make(const struct rules_reasons *r);

#endif
