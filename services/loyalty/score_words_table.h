/* SPDX-License-Identifier: Apache-2.0 */
/* score_words_table.h - the sentences about a score in English and Chinese, side by side. */
#ifndef TROTH_LOYALTY_SCORE_WORDS_TABLE_H
#define TROTH_LOYALTY_SCORE_WORDS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/text.h"

enum phrase {
    PHRASE_BASE = 0,
    PHRASE_TRUST,
    PHRASE_TRUST_NONE,
    PHRASE_SATISFACTION,
    PHRASE_SATISFACTION_NONE,
    PHRASE_EXPERIENCE,
    PHRASE_EXPERIENCE_NONE,
    PHRASE_RECOMMENDATION,
    PHRASE_RECOMMENDATION_NONE,
    PHRASE_EFFORT,
    PHRASE_EFFORT_NONE,
    PHRASE_GAP_BELOW,
    PHRASE_GAP_ABOVE,
    PHRASE_GAP_NONE,
    PHRASE_PURCHASES_EXPECTED,
    PHRASE_PURCHASES_FADED,
    PHRASE_PURCHASES_NONE,
    /* Churn: the probability and by what, then what weighs most. */
    PHRASE_CHURN_RULE,
    PHRASE_CHURN_MODEL,
    PHRASE_CHURN_BECAUSE,
    PHRASE_CHURN_NOTHING,
    PHRASE_LIST_COMMA,
    PHRASE_COMPLAINTS,
    PHRASE_BROKEN,
    PHRASE_SILENT_MONTHS,
    PHRASE_SILENT_DAYS,
    PHRASE_HARDLY_ALIVE,
    PHRASE_OVERDUE,
    PHRASE_FALLING,
    PHRASE_DISSATISFIED,
    PHRASE_DISTRUST,
    PHRASE_VALUE,
    /* Dimensions of SERVQUAL, in their order. */
    PHRASE_TANGIBLES,
    PHRASE_RELIABILITY,
    PHRASE_RESPONSIVENESS,
    PHRASE_ASSURANCE,
    PHRASE_EMPATHY,
    PHRASE_COUNT
};

/* What is counted: "1 promise", "3 promises". */
enum phrase_unit {
    UNIT_PROMISES = 0,
    UNIT_SATISFACTION_ANSWERS,
    UNIT_CASES,
    UNIT_RECOMMENDATION_ANSWERS,
    UNIT_EFFORT_ANSWERS,
    UNIT_ITEMS,
    UNIT_PURCHASES,
    UNIT_COMPLAINTS,
    UNIT_BROKEN_PROMISES,
    UNIT_MONTHS,
    UNIT_DAYS,
    UNIT_COUNT
};

#define PHRASE_VALUES_MAX 7
#define PHRASE_VALUE_SIZE 96

/* What fills the places {1} to {7} of a phrase, in the language of the phrase. Start with {0} and
 * the language. */
struct phrase_values {
    bool is_chinese;
    size_t count;
    char text[PHRASE_VALUES_MAX][PHRASE_VALUE_SIZE];
};

void phrase_put_count(struct phrase_values *v, int64_t n, enum phrase_unit unit);
void phrase_put_number(struct phrase_values *v, int64_t n);
void phrase_put_decimal(struct phrase_values *v, double x, int digits);
void phrase_put_signed(struct phrase_values *v, double x, int digits);
void phrase_put_share(struct phrase_values *v, double share);       /* 0.123: "12 %" */
void phrase_put_phrase(struct phrase_values *v, enum phrase other); /* one without places */

/* Appends the phrase with its places filled. */
void phrase_append(struct text *to, enum phrase phrase, const struct phrase_values *v);

/* As it stands in the table, for tests. */
const char *phrase_text(enum phrase phrase, bool is_chinese);

#endif
