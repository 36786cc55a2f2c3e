/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_announce.h"

#include "services/followup/followup_attempt_store.h"

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
    e.trace = text_or_null(f->trace);
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
    planned.has_trigger = planned.has_purpose = planned.has_priority = true;
    planned.trigger = (Troth__V1__FollowUpTrigger)f->trigger;
    planned.purpose = (Troth__V1__Purpose)f->purpose;
    planned.priority = f->priority;
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
    changed.has_trigger = true;
    changed.trigger = (Troth__V1__FollowUpTrigger)f->trigger;
    changed.has_merged_into = f->merged_into != 0;
    changed.merged_into = f->merged_into;
    e.body_case = TROTH__V1__EVENT__BODY_FOLLOW_UP_CHANGED;
    e.follow_up_changed = &changed;
    event_batch_add(events, &e);
}

void followup_announce_deferred(struct event_batch *events, const struct follow_up *f,
                                int64_t now_us)
{
    Troth__V1__FollowUpDeferred deferred = TROTH__V1__FOLLOW_UP_DEFERRED__INIT;
    Troth__V1__Event e = base(f, now_us);
    deferred.has_follow_up = deferred.has_until_us = deferred.has_trigger = true;
    deferred.follow_up = f->number;
    deferred.rule = unconst(f->rule);
    deferred.reason = unconst(f->reason);
    deferred.until_us = f->next_attempt_us;
    deferred.branch = text_or_null(f->branch);
    deferred.trigger = (Troth__V1__FollowUpTrigger)f->trigger;
    e.body_case = TROTH__V1__EVENT__BODY_FOLLOW_UP_DEFERRED;
    e.follow_up_deferred = &deferred;
    event_batch_add(events, &e);
}

void followup_announce_call(struct event_batch *events, const struct follow_up *f,
                            const struct followup_attempt *a, int64_t now_us)
{
    Troth__V1__CallFinished call = TROTH__V1__CALL_FINISHED__INIT;
    Troth__V1__Event e = base(f, now_us);
    call.has_follow_up = call.has_attempt = call.has_outcome = true;
    call.follow_up = f->number;
    call.attempt = a->attempt;
    call.outcome = (Troth__V1__CallOutcome)a->outcome;
    call.branch = text_or_null(f->branch);
    call.has_channel = true;
    call.channel = (Troth__V1__Channel)a->channel;
    e.body_case = TROTH__V1__EVENT__BODY_CALL_FINISHED;
    e.call_finished = &call;
    event_batch_add(events, &e);
}
