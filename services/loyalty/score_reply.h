/* SPDX-License-Identifier: Apache-2.0 */
/* score_reply.h - the envelope of an answer: its code and text, the trust of groups, and that it
 * fits into one message. On the heap, as in score_view.h. */
#ifndef TROTH_LOYALTY_SCORE_REPLY_H
#define TROTH_LOYALTY_SCORE_REPLY_H

#include <stddef.h>
#include <stdint.h>

#include "score.pb-c.h"

/* Without scores. code and text NULL: answered. */
Troth__V1__ScoreReply *score_reply_new(const char *request_id, const char *code, const char *text);

/* weight and value: of their sum of trust as it counts now. */
void score_reply_add_group(Troth__V1__ScoreReply *reply, const char *name, double weight,
                           double value, const int64_t counts[static 3]);

/* After what its text says already. */
void score_reply_add_text(Troth__V1__ScoreReply *reply, const char *more);

/* Says that so many of those asked about are not in the reply. */
void score_reply_say_missing(Troth__V1__ScoreReply *reply, size_t unknown, size_t erased);

/* Makes the packed reply fit into max bytes: first evidence goes, the oldest first, then the
 * sentences, that of the weightiest contribution last, then scores from the end; text says so. */
void score_reply_fit(Troth__V1__ScoreReply *reply, size_t max);

#endif
