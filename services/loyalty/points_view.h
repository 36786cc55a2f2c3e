/* SPDX-License-Identifier: Apache-2.0 */
/* points_view.h - a points account as it is answered. On the heap, as in score_view.h. */
#ifndef TROTH_LOYALTY_POINTS_VIEW_H
#define TROTH_LOYALTY_POINTS_VIEW_H

#include "score.pb-c.h"
#include "services/loyalty/points_account_store.h"

/* Sets the reply's account, or, if nobody or not exactly one living customer was found, its code
 * and text. */
void points_view_set(Troth__V1__ScoreReply *reply, const struct points_found *found,
                     bool is_by_number);

#endif
