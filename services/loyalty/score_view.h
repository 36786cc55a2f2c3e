/* SPDX-License-Identifier: Apache-2.0 */
/*
 * score_view.h - a score as it is answered: figures, contributions, the sentence behind each, and
 * the evidence behind that. Computed here from what was found, at the instant of the answer.
 *
 * Messages made here are on the heap: the caller ends a reply with
 * troth__v1__score_reply__free_unpacked(reply, NULL).
 */
#ifndef TROTH_LOYALTY_SCORE_VIEW_H
#define TROTH_LOYALTY_SCORE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "score.pb-c.h"
#include "services/loyalty/score_found.h"

#define SCORE_EVIDENCE_MAX      10 /* per contribution, of one customer */
#define SCORE_EVIDENCE_MAX_LIST 3  /* of many */

struct score_viewing {
    const struct score_found *found;
    const struct score_policy *policy;
    const struct fit_set *fits;
    int64_t at_us;
    bool is_chinese;
    size_t evidence_max; /* at least 1 */
};

/* Appends the score of a person. */
void score_view_add(Troth__V1__ScoreReply *reply, const struct score_viewing *v,
                    const struct score_person *person);

#endif
