/* SPDX-License-Identifier: Apache-2.0 */
/*
 * score_words.h - why a score is what it is, in one sentence for each contribution and one for the
 * risk of losing the customer; English or Chinese. Pure.
 */
#ifndef TROTH_LOYALTY_SCORE_WORDS_H
#define TROTH_LOYALTY_SCORE_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/text.h"
#include "services/loyalty/score_model.h"

/* What the sentences are about; all borrowed. */
struct score_explained {
    const struct account *account;
    const struct score *score; /* of that account at that instant */
    const struct score_policy *policy;
    const struct fit_set *fits;
    int64_t at_us;
    bool is_chinese;
};

/* Appends the figures behind a contribution; without evidence it says so. */
void score_words_because(const struct score_explained *x, enum contribution c, struct text *to);

/* Appends the probability, whether a model or the rule says it, and at most three features that
 * weigh most for it. */
void score_words_churn(const struct score_explained *x, struct text *to);

#endif
