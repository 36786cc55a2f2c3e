/* SPDX-License-Identifier: Apache-2.0 */
/* standard_match.h - does a rule match a contact? The texts are read at most once for all rules. */
#ifndef TROTH_COMMON_DOMAIN_STANDARD_MATCH_H
#define TROTH_COMMON_DOMAIN_STANDARD_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "common/domain/standard_content.h"

/* The first of these conditions that does not hold; STANDARD_CONDITION_COUNT: all do. */
enum standard_condition
standard_match_conditions(const char *const conditions[STANDARD_CONDITION_COUNT],
                          const struct standard_request *request);

/* The value that a condition is compared with; NULL or "": unknown. */
const char *standard_match_value(const struct standard_request *request,
                                 enum standard_condition condition);

/* Start with content and request; they are borrowed. */
struct standard_match {
    const struct standard_content *content;
    const struct standard_request *request;
    bool has_read_texts;
    struct standard_word_set found;
};

/* The setting of the first condition of rules[rule] that does not hold: "kind" to "tier",
 * "asked_priority", "words"; NULL: it matches. */
const char *standard_match_unmet(struct standard_match *m, size_t rule);

#endif
