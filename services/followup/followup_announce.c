/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_announce.h"

/* protobuf-c wants char *, and does not write to it while packing. */
static char *unconst(const char *text)
{
    union {
        const char *in;
        char *out;
    } u = {.in = text};
    return u.out;
}

static char *text_or_null(const char *text)
{
    return text[0] ? unconst(text) : NULL;
}

static Troth__V1__Event base(const struct follow_up *f, int64_t now_us)
{
    Troth__V1__Event e = TROTH__V1__EVENT__INIT;
    e.has_customer = e.has_version = e.has_occurred_us = e.has_recorded_us = true;
    e.customer = f->customer;
    e.version = f->version;
    e.occurred_us = now_us;
    e.recorded_us = now_us;
    e.has_is_historical = f->is_historical;
    e.is_historical = f->is_historical;
    return e;
}

void followup_announce_planned(struct event_batch *events, const struct follow_up *f,
                               bool is_reversal, int64_t now_us)
{
    Troth__V1__FollowUpPlanned planned = TROTH__V1__FOLLOW_UP_PLANNED__INIT;
    Troth__V1__Event e = base(f, now_us);
    planned.has_follow_up = planned.has_due_us = planned.has_window_end_us = true;
    planned.follow_up = f->number;
    planned.rule = unconst(f->rule);
    planned.has_service_case = f->service_case != 0;
    planned.service_case = f->service_case;
    planned.due_us = f->due_us;
    planned.window_end_us = f->window_end_us;
    planned.branch = text_or_null(f->branch);
    e.has_is_reversal = is_reversal;
    e.is_reversal = is_reversal;
    e.occurred_us = f->planned_us;
    /* A new one may have ended in the same transaction. */
    e.version = f->stored_version == 0 && !is_reversal ? 1 : f->version;
    e.body_case = TROTH__V1__EVENT__BODY_FOLLOW_UP_PLANNED;
    e.follow_up_planned = &planned;
    event_batch_add(events, &e);
}

void followup_announce_end(struct event_batch *events, const struct follow_up *f,
                           enum follow_up_state from, int64_t now_us)
{
    if (!followup_has_ended(f->state)) {
        return;
    }
    Troth__V1__FollowUpChanged changed = TROTH__V1__FOLLOW_UP_CHANGED__INIT;
    Troth__V1__Event e = base(f, now_us);
    changed.has_follow_up = changed.has_from = changed.has_to = true;
    changed.follow_up = f->number;
    changed.from = (Troth__V1__FollowUpState)from;
    changed.to = (Troth__V1__FollowUpState)f->state;
    changed.reason = unconst(f->reason);
    changed.branch = text_or_null(f->branch);
    changed.rule = unconst(f->rule);
    e.body_case = TROTH__V1__EVENT__BODY_FOLLOW_UP_CHANGED;
    e.follow_up_changed = &changed;
    event_batch_add(events, &e);
}

void followup_announce_call(struct event_batch *events, const struct follow_up *f, int32_t attempt,
                            int32_t outcome, int64_t now_us)
{
    Troth__V1__CallFinished call = TROTH__V1__CALL_FINISHED__INIT;
    Troth__V1__Event e = base(f, now_us);
    call.has_follow_up = call.has_attempt = call.has_outcome = true;
    call.follow_up = f->number;
    call.attempt = attempt;
    call.outcome = (Troth__V1__CallOutcome)outcome;
    call.branch = text_or_null(f->branch);
    e.body_case = TROTH__V1__EVENT__BODY_CALL_FINISHED;
    e.call_finished = &call;
    event_batch_add(events, &e);
}
