/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rulebook_terms.h - the terms of a rule: which conditions and measures there are, and which of
 * them each trigger knows. One table, so that the reader, the matching and the words for people
 * agree.
 */
#ifndef TROTH_COMMON_DOMAIN_RULEBOOK_TERMS_H
#define TROTH_COMMON_DOMAIN_RULEBOOK_TERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/domain/rulebook.h"

enum rulebook_term {
    /* lists of texts */
    RULEBOOK_KIND,
    RULEBOOK_CATEGORY,
    RULEBOOK_PRODUCT,
    RULEBOOK_BRANCH,
    RULEBOOK_TIER,
    RULEBOOK_PROMISE_KIND,
    RULEBOOK_FAULT_CODE,
    RULEBOOK_LIST_COUNT,
    /* other conditions */
    RULEBOOK_PRIORITY_AT_LEAST = RULEBOOK_LIST_COUNT,
    RULEBOOK_INSTRUMENT,
    RULEBOOK_DIMENSION,
    RULEBOOK_AT_MOST,
    RULEBOOK_SCORE_BELOW,
    RULEBOOK_CHURN_AT_LEAST,
    RULEBOOK_CONDITION_COUNT,
    /* measures that say when: no facts are compared with them */
    RULEBOOK_MONTHS = RULEBOOK_CONDITION_COUNT,
    RULEBOOK_DATE,
    RULEBOOK_EVERY_KM,
    RULEBOOK_EVERY_USAGE,
    RULEBOOK_USAGE_UNIT,
    RULEBOOK_LEAD,
    RULEBOOK_ON_FAULT,
    RULEBOOK_TERM_COUNT
};

/* The setting's name: "kind", "at_most", ... */
const char *rulebook_term_name(enum rulebook_term term);

#define RULEBOOK_BIT(term) (1U << (term))

/* What a trigger knows, and what is usual for it. */
struct rulebook_trigger {
    unsigned knows;  /* RULEBOOK_BIT of the terms that a rule of it may have */
    unsigned needs;  /* of those it must have */
    unsigned one_of; /* of these at least one; 0: none */
    int32_t purpose; /* when the rule names none */
    int priority;    /* the same */
};

/* trigger is one of enum follow_up_trigger. */
const struct rulebook_trigger *rulebook_trigger(int trigger);

/* The list of that term; term is below RULEBOOK_LIST_COUNT. */
const struct rulebook_list *rulebook_term_list(const struct rulebook_conditions *c,
                                               enum rulebook_term term);

/* Whatever facts the later rule matches, the earlier one does; both have the same trigger. */
bool rulebook_hides(const struct rulebook_rule *earlier, const struct rulebook_rule *later);

/* "tier is gold", "csat at most 2": the condition as words, "" when the rule does not have it. The
 * caller frees the text. */
struct text;
void rulebook_term_describe(const struct rulebook_rule *r, enum rulebook_term term,
                            struct text *ret);

#endif
