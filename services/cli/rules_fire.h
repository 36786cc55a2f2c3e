/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules_fire.h - which rules what happened fires, and when they are due. Pure.
 *
 * It plans as the scheduler does, from what is stored: of each topic the first rule that matches,
 * each occurrence once. The tier is that of today, and a device's forecasts are made from the
 * readings that were there by then.
 */
#ifndef TROTH_SERVICES_CLI_RULES_FIRE_H
#define TROTH_SERVICES_CLI_RULES_FIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/zone.h"
#include "common/domain/rulebook.h"
#include "services/cli/rules_happening_store.h"

/* The rule is the one that its topic takes for what happened. When not, *ret_why (may be NULL) is a
 * condition ("tier"), or "rule NAME" of the one that is taken instead; valid until the next call
 * with the same buffer. */
enum {
    RULES_WHY_SIZE = 64
};
bool rules_fire_takes(const struct rulebook *b, const struct rulebook_rule *r,
                      const struct rules_happening *h, char ret_why[RULES_WHY_SIZE]);

struct rules_firing {
    const struct rulebook_rule *rule;
    int64_t customer, subject;
    char occurrence[RULES_OCCURRENCE_SIZE];
    int64_t due_us, window_end_us;
    /* Of a forecast: 8 times of 10 the service is reached between these; else DB_NO_TIME. late_us
     * may be USAGE_NEVER. */
    int64_t early_us, late_us;
};

/* Calls each for every time that the rule is due within [from_us, to_us) because of it; each must
 * not keep the pointer. zone NULL: unknown. */
typedef void rules_fire_fn(void *ctx, const struct rules_firing *firing);
void rules_fire(const struct rulebook_rule *r, const struct rules_happening *h,
                const struct zone *zone, const int64_t range_us[2], rules_fire_fn *each, void *ctx);

#endif
