/* SPDX-License-Identifier: Apache-2.0 */
/* standards_text.h - parts of a standard in words, for people. All append to a text. */
#ifndef TROTH_SERVICES_CLI_STANDARDS_TEXT_H
#define TROTH_SERVICES_CLI_STANDARDS_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/text.h"
#include "common/domain/standard_content.h"

/* "complaint, channel counter, words "刹车", "brake""; "everything else". */
void standards_text_conditions(struct text *t, const struct standard_rule *rule);
/* "30m", "3d"; by a calendar hours are the largest unit, for its days have fewer of them: "72h",
 * "36h30m". */
void standards_text_length(struct text *t, int64_t target_us, bool is_by_calendar);
/* "4h of the branch's hours", "30m", "8h of garage". */
void standards_text_target(struct text *t, const struct standard_rule *rule, size_t promise);
/* "first response 4h of the branch's hours, resolution 3d"; "nothing". */
void standards_text_promises(struct text *t, const struct standard_rule *rule);
/* "branch_manager at 80 %, director 1d after"; "nobody". */
void standards_text_ladder(struct text *t, const struct standard_ladder *ladder);
/* "customer_care, service_manager"; "anybody". */
void standards_text_renegotiators(struct text *t, const struct standard_ladder *ladder);
/* "first response". */
void standards_text_kind(struct text *t, const char *kind);
/* "2 (high)". */
void standards_text_priority(struct text *t, int priority);

#endif
