/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_outcome.c - one row for each outcome:
 *
 *   reached      done, and never called again for this
 *   call back    planned for the instant that was asked for, whatever window and number of calls
 *   missed       who called us meanwhile is done; else another try by the rulebook's table: on the
 *                same channel after a while, at another hour, at most so often; then on the next
 *                channel of the rule; else the end, with the outcome as its reason
 */
#include "services/followup/followup_outcome.h"

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/domain/arbitration.h"
#include "event.pb-c.h"

/* What a person could not settle, where the rulebook names no delay. */
#define LOOK_AGAIN_US DURATION_H

#define OUTCOME(name) TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_##name

struct outcome_row {
    Troth__V1__CallOutcome outcome;
    bool is_reached;          /* it ends in any case */
    enum follow_up_event end; /* else when no other try is left */
    const char *reason;       /* of the end */
    bool is_bad_number;
};

/* outcome, is_reached, end, reason, is_bad_number */
static const struct outcome_row outcome_rows[] = {
    {OUTCOME(ANSWERED),        true,  FOLLOW_UP_ANSWERED,       "answered",        false},
    {OUTCOME(BUSY),            false, FOLLOW_UP_CALLS_USED_UP,  "busy",            false},
    {OUTCOME(NO_ANSWER),       false, FOLLOW_UP_CALLS_USED_UP,  "no_answer",       false},
    {OUTCOME(VOICEMAIL),       false, FOLLOW_UP_CALLS_USED_UP,  "voicemail",       false},
    {OUTCOME(REFUSED),         true,  FOLLOW_UP_REFUSED,        "refused",         false},
    {OUTCOME(WRONG_NUMBER),    false, FOLLOW_UP_WRONG_NUMBER,   "wrong_number",    true },
    {OUTCOME(FAILED),          false, FOLLOW_UP_CALLS_USED_UP,  "call_failed",     false},
    {OUTCOME(PARTLY_ANSWERED), false, FOLLOW_UP_ANSWERED,       "partly_answered", false},
    {OUTCOME(MACHINE),         false, FOLLOW_UP_CALLS_USED_UP,  "machine",         false},
    {OUTCOME(CALL_BACK),       false, FOLLOW_UP_CALLS_USED_UP,  "call_back",       false},
    {OUTCOME(LANGUAGE),        false, FOLLOW_UP_NEEDS_LANGUAGE, "language",        false},
    {OUTCOME(INVALID_NUMBER),  false, FOLLOW_UP_WRONG_NUMBER,   "invalid_number",  true },
    {OUTCOME(SENT),            true,  FOLLOW_UP_ANSWERED,       "sent",            false},
};

static const struct outcome_row *find_row(int32_t outcome)
{
    for (size_t i = 0; i < ARRAY_LEN(outcome_rows); i++) {
        if ((int32_t)outcome_rows[i].outcome == outcome) {
            return &outcome_rows[i];
        }
    }
    return NULL;
}

bool followup_outcome_is_bad_number(int32_t outcome)
{
    const struct outcome_row *row = find_row(outcome);
    return row && row->is_bad_number;
}

bool followup_outcome_is_refusal(int32_t outcome)
{
    const struct outcome_row *row = find_row(outcome);
    return row && row->end == FOLLOW_UP_REFUSED;
}

/* ---- another try */

struct next_try {
    bool is_left;
    int32_t channel;
    int64_t at_us;
};

/* The one after the channel of f in the rule's order; 0: none. */
static int32_t next_channel(const struct rulebook_rule *rule, const struct follow_up *f)
{
    for (size_t i = 0; rule && i + 1 < rule->channel_count; i++) {
        if (rule->channels[i] == f->channel) {
            return rule->channels[i + 1];
        }
    }
    return 0;
}

/* Another hour than the one that failed, unless the window has no such hour left. */
static int64_t choose_hour(const struct followup_outcome_terms *terms,
                           const struct followup_outcome_end *end, const struct rulebook_outcome *o,
                           const struct follow_up *f, int64_t from_us)
{
    if (o->other_hour_us <= 0) {
        return from_us;
    }
    int64_t at_us = arbitration_other_hour(rulebook_limits(terms->rules), terms->zone, from_us,
                                           end->ordered_us, o->other_hour_us);
    return at_us < f->window_end_us ? at_us : from_us;
}

static void find_try(const struct followup_outcome_terms *terms,
                     const struct followup_outcome_end *end, const struct rulebook_outcome *o,
                     const struct follow_up *f, struct next_try *ret)
{
    const struct rulebook_rule *rule = rulebook_find(terms->rules, f->rule);
    bool is_used_up = (rule && f->calls >= rule->attempts) || f->attempts >= terms->orders_max;
    bool stays = !o->other_channel && (o->at_most == 0 || end->same_count + 1 < o->at_most);
    *ret = (struct next_try){.channel = stays ? f->channel : next_channel(rule, f)};
    if (o->is_end || is_used_up || ret->channel == 0) {
        return;
    }
    int64_t from_us = end->now_us + o->retry_after_us;
    ret->at_us = stays ? choose_hour(terms, end, o, f, from_us) : from_us;
    ret->is_left = ret->at_us < f->window_end_us;
}

static int plan_try(const struct next_try *next, int64_t now_us, struct follow_up *f,
                    struct err *err)
{
    if (followup_set_state(f, FOLLOW_UP_TRY_AGAIN, now_us, NULL, err) < 0) {
        return -1;
    }
    f->channel = next->channel;
    f->next_attempt_us = next->at_us;
    return 0;
}

/* The customer named the instant: the window makes room for it, or for the next moment at which
 * anybody may be called. */
static int plan_call_back(const struct followup_outcome_terms *terms,
                          const struct followup_outcome_end *end, struct follow_up *f,
                          struct err *err)
{
    int64_t permitted_us = arbitration_next_permitted(rulebook_limits(terms->rules), terms->zone,
                                                      end->call_back_us, NULL);
    int64_t at_us = permitted_us == INT64_MAX ? end->call_back_us : permitted_us;
    const struct next_try next = {.channel = f->channel, .at_us = at_us};
    if (plan_try(&next, end->now_us, f, err) < 0) {
        return -1;
    }
    if (f->window_end_us < at_us + FOLLOWUP_CALL_BACK_WINDOW_US) {
        f->window_end_us = at_us + FOLLOWUP_CALL_BACK_WINDOW_US;
    }
    (void)text_copy(f->reason, sizeof(f->reason), "call_back");
    return 0;
}

/* ---- all */

/* A person has it already: only what settles it moves it. */
static int settle_listed(const struct followup_outcome_end *end, const struct outcome_row *row,
                         struct follow_up *f, struct err *err)
{
    if (end->is_person && row->outcome == OUTCOME(FAILED)) {
        return followup_set_state(f, FOLLOW_UP_GIVEN_UP, end->now_us, row->reason, err);
    }
    if (followup_because(f->state, row->end)) {
        return followup_set_state(f, row->end, end->now_us, row->reason, err);
    }
    f->version++;
    return 0;
}

static int move(const struct followup_outcome_terms *terms, const struct followup_outcome_end *end,
                const struct outcome_row *row, struct follow_up *f, struct err *err)
{
    const struct rulebook_outcome *o = rulebook_outcome(terms->rules, end->outcome);
    struct next_try next = {.is_left = false};
    if (f->state == FOLLOW_UP_LISTED) {
        return settle_listed(end, row, f, err);
    }
    if (row->is_reached) {
        return followup_set_state(f, row->end, end->now_us, row->reason, err);
    }
    if (row->outcome == OUTCOME(CALL_BACK) && end->call_back_us > end->now_us &&
        f->attempts < terms->orders_max) {
        return plan_call_back(terms, end, f, err);
    }
    if (f->called_back_us != FOLLOW_UP_NEVER) {
        return followup_set_state(f, FOLLOW_UP_CALLED_BACK, end->now_us, NULL, err);
    }
    if (o) {
        find_try(terms, end, o, f, &next);
    }
    return next.is_left ? plan_try(&next, end->now_us, f, err)
                        : followup_set_state(f, row->end, end->now_us, row->reason, err);
}

int followup_outcome_apply(const struct followup_outcome_terms *terms,
                           const struct followup_outcome_end *end, struct follow_up *f,
                           struct err *err)
{
    const struct outcome_row *row = find_row(end->outcome);
    struct follow_up moved = *f;
    if (!row) {
        return err_set(err, "outcome_unknown", "no rule for call outcome %d", end->outcome);
    }
    moved.calls++;
    moved.last_outcome = end->outcome;
    moved.last_call_us = end->ordered_us;
    if (move(terms, end, row, &moved, err) < 0) {
        return -1;
    }
    *f = moved;
    return 0;
}

int64_t followup_outcome_look_again(const struct followup_outcome_terms *terms,
                                    const struct followup_outcome_end *end)
{
    const struct rulebook_outcome *o = rulebook_outcome(terms->rules, end->outcome);
    if (end->call_back_us > end->now_us) {
        return end->call_back_us;
    }
    return end->now_us + (o && o->retry_after_us > 0 ? o->retry_after_us : LOOK_AGAIN_US);
}

int followup_outcome_barred(int64_t orders_max, int64_t now_us, struct follow_up *f,
                            struct err *err)
{
    bool is_used_up = f->attempts >= orders_max;
    enum follow_up_event event = is_used_up ? FOLLOW_UP_ORDERS_USED_UP : FOLLOW_UP_ORDER_BARRED;
    if (followup_set_state(f, event, now_us, NULL, err) < 0) {
        return -1;
    }
    f->next_attempt_us = followup_is_open(f->state) ? now_us : FOLLOW_UP_NEVER;
    return 0;
}
