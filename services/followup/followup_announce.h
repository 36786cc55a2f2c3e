/* SPDX-License-Identifier: Apache-2.0 */
/* followup_announce.h - the events of followup: planned, ended, called. Their version counts the
 * changes of the follow-up. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_ANNOUNCE_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_ANNOUNCE_H

#include <stdint.h>

#include "common/runtime/event_log.h"
#include "services/followup/followup_states.h"

struct followup_attempt;

/* Or, as a reversal, that there is no reason for it any more. */
void followup_announce_planned(struct event_batch *events, const struct follow_up *f,
                               bool is_reversal, int64_t now_us);

/* That it ended; nothing when it goes on: claims and orders are nobody else's business. from: the
 * state before. */
void followup_announce_end(struct event_batch *events, const struct follow_up *f,
                           enum follow_up_state from, int64_t now_us);

/* That it was due, and for its reason waits until its next attempt. */
void followup_announce_deferred(struct event_batch *events, const struct follow_up *f,
                                int64_t now_us);

/* That this attempt ended with an outcome. Its channel is told: f may have moved on to the next. */
void followup_announce_call(struct event_batch *events, const struct follow_up *f,
                            const struct followup_attempt *a, int64_t now_us);

#endif
