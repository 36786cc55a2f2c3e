/* SPDX-License-Identifier: Apache-2.0 */
/* score_evidence_view.h - the events behind a score as they are answered: to which contribution
 * each belongs, and what it counts. Messages are on the heap. */
#ifndef TROTH_LOYALTY_SCORE_EVIDENCE_VIEW_H
#define TROTH_LOYALTY_SCORE_EVIDENCE_VIEW_H

#include <stddef.h>
#include <stdint.h>

#include "score.pb-c.h"
#include "services/loyalty/score_found.h"
#include "services/loyalty/score_model.h"

struct score_evidence_behind {
    const struct score_found *found;
    const struct score_policy *policy;
    int64_t person;
    int64_t at_us; /* of the weights */
    size_t max;    /* at most so many, the newest */
};

/* What is behind a contribution, newest first. Returns how many and the list, or 0 and NULL. */
size_t score_evidence_of(const struct score_evidence_behind *b, enum contribution c,
                         Troth__V1__Evidence ***ret_list);
/* The complaints: they count for churn. */
size_t score_evidence_of_complaints(const struct score_evidence_behind *b,
                                    Troth__V1__Evidence ***ret_list);

/* The last changes of the index, newest first. */
size_t score_moves_of(const struct score_evidence_behind *b, Troth__V1__IndexMove ***ret_list);

#endif
