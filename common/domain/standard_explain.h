/* SPDX-License-Identifier: Apache-2.0 */
/* standard_explain.h - why a standard decides as it does: rule by rule, in order. */
#ifndef TROTH_COMMON_DOMAIN_STANDARD_EXPLAIN_H
#define TROTH_COMMON_DOMAIN_STANDARD_EXPLAIN_H

#include <stddef.h>

#include "common/domain/standard.h"

struct standard_verdict {
    const char *rule;
    const char *condition; /* the setting of the first that did not hold; NULL: the rule matches */
    /* By that condition; words in quotes, behind each other. Of the rule that matches: its words
     * that were found; NULL when it asks for none, or texts are sealed. */
    char *wanted;
    char *found; /* in the request; NULL: it is unknown, or the condition asks for words */
};

/* Start with {0}. */
struct standard_explanation {
    struct standard_verdict *verdicts; /* the last one matches */
    size_t count;
    struct standard_decision decision;
};

/* With known_rule that rule is one that matched when the contact came in, so what it says of the
 * customer's tier was so, if the request says nothing else. End with standard_explain_free(). */
void standard_explain(const struct standard *s, const struct standard_request *request,
                      struct standard_explanation *ret);
void standard_explain_free(struct standard_explanation *e);

#endif
