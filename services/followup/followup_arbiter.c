/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_arbiter.c - one person after the other:
 *
 * 1. each is asked without an agenda (arbitrate())
 * 2. the first that may be called, by urgency, leads if it gets a line
 * 3. the others are asked again: whether the leader's call covers them, or has to be waited for
 * 4. the verdicts move what is due
 */
#include "services/followup/followup_arbiter.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "intake.pb-c.h"
#include "services/followup/followup_announce.h"

/* ---- asking */

void followup_arbiter_subject(const struct followup_due *d, struct arbitration_subject *ret)
{
    const struct follow_up *f = &d->follow_up;
    *ret = (struct arbitration_subject){
        .number = f->number,
        .customer = f->customer,
        .service_case = f->service_case,
        .subject = f->subject,
        .occurrence = f->occurrence,
        .branch = f->branch,
        .trigger = f->trigger,
        .purpose = f->purpose,
        .priority = f->priority,
        .channel = f->channel,
        .attempts = f->attempts,
        .is_asked_for = followup_is_asked_for(f),
        .due_us = f->due_us,
        .window_end_us = f->window_end_us,
        .is_historical = f->is_historical,
        .rule = d->rule,
    };
}

void followup_arbiter_ask(const struct followup_arbiter *a, const struct followup_due *due,
                          const struct followup_due *leader, struct arbitration_verdict *ret)
{
    struct arbitration_subject subject;
    struct arbitration_question q;
    followup_arbiter_subject(due, &subject);
    arbitration_facts_ask(&subject, &due->facts, due->zone, a->now_us, &q);
    if (leader) {
        /* Whoever has an agenda of its own already does not join another. */
        q.agenda_leader = due->facts.has_followers ? 0 : leader->follow_up.number;
        q.agenda_channel = leader->follow_up.channel;
        q.is_joined = leader->follow_up.customer != due->follow_up.customer;
        q.is_under_way = true;
    }
    arbitrate(a->limits, &q, ret);
}

/* ---- moving */

static bool move(struct followup_arbiter *a, struct follow_up *f, enum follow_up_event event,
                 const char *reason)
{
    struct err err = ERR_NONE;
    if (followup_set_state(f, event, a->now_us, reason, &err) < 0) {
        log_error("follow_up_stuck", LOG_INT("follow_up", f->number), LOG_ERR(&err));
        return false;
    }
    return true;
}

static void end(struct followup_arbiter *a, struct followup_due *d, enum follow_up_event event,
                size_t *io_count)
{
    if (move(a, &d->follow_up, event, d->verdict.reason)) {
        followup_announce_end(a->events, &d->follow_up, FOLLOW_UP_PLANNED, a->now_us);
        (*io_count)++;
    }
}

static void merge(struct followup_arbiter *a, struct followup_due *d)
{
    struct follow_up *f = &d->follow_up;
    if (move(a, f, FOLLOW_UP_IS_MERGED, d->verdict.reason)) {
        f->merged_into = d->verdict.into;
        (void)followup_step_list_add(a->steps, f, FOLLOWUP_STEP_MERGED, a->now_us);
        followup_announce_end(a->events, f, FOLLOW_UP_PLANNED, a->now_us);
        a->merged++;
    }
}

static void defer(struct followup_arbiter *a, struct followup_due *d)
{
    struct follow_up *f = &d->follow_up;
    /* Looked at every few minutes while another call lasts: said once. */
    bool is_said = d->verdict.until_us - a->now_us <= ARBITRATION_LOOK_AGAIN_US &&
                   strcmp(f->reason, d->verdict.reason) == 0;
    if (!move(a, f, FOLLOW_UP_IS_DEFERRED, d->verdict.reason)) {
        return;
    }
    f->next_attempt_us = d->verdict.until_us;
    a->deferred++;
    if (!is_said) {
        struct followup_step *step =
            followup_step_list_add(a->steps, f, FOLLOWUP_STEP_DEFERRED, a->now_us);
        step->until_us = d->verdict.until_us;
        followup_announce_deferred(a->events, f, a->now_us);
    }
}

static void miss(struct followup_arbiter *a, struct followup_due *d)
{
    bool is_late = d->follow_up.window_end_us <= a->now_us;
    end(a, d, FOLLOW_UP_IS_MISSED, is_late ? &a->missed_window : &a->missed_nothing_permitted);
}

/* It waits for a line: of the channel that it may use now, which may be another one than before. */
static void wait_for_line(struct followup_arbiter *a, struct followup_due *d)
{
    struct follow_up *f = &d->follow_up;
    a->is_starved = true;
    if (f->channel != d->verdict.channel) {
        f->channel = d->verdict.channel;
        f->version += f->version == f->stored_version ? 1 : 0;
    }
}

static void apply(struct followup_arbiter *a, struct followup_due *d)
{
    switch (d->verdict.step) {
    case ARBITRATION_CALL:
        wait_for_line(a, d);
        break;
    case ARBITRATION_MERGE:
        merge(a, d);
        break;
    case ARBITRATION_DEFER:
        defer(a, d);
        break;
    case ARBITRATION_SUPPRESS:
        end(a, d, FOLLOW_UP_IS_SUPPRESSED, &a->suppressed);
        break;
    case ARBITRATION_MISS:
        miss(a, d);
        break;
    case ARBITRATION_LIST:
        end(a, d, FOLLOW_UP_IS_LISTED, &a->listed);
        break;
    }
}

/* ---- one person */

static bool is_due(const struct followup_arbiter *a, const struct followup_due *d)
{
    return d->follow_up.next_attempt_us <= a->now_us || d->follow_up.window_end_us <= a->now_us;
}

/* A wish for a birthday or a festival is worth nothing before its day. */
static bool may_come_early(const struct followup_due *d)
{
    return d->follow_up.purpose != (int32_t)TROTH__V1__PURPOSE__PURPOSE_GREETING;
}

/* A line is booked for it, and it is claimed. */
static bool lead(struct followup_arbiter *a, struct followup_due *d, bool has_call)
{
    /* One that was tried waits for the hour that its outcome set. */
    bool may_lead = is_due(a, d) || (has_call && may_come_early(d) && d->follow_up.attempts == 0);
    if (d->verdict.step != ARBITRATION_CALL || !may_lead) {
        return false;
    }
    struct followup_dialer *dialer = a->book(a->ctx, d, d->verdict.channel);
    if (!dialer) {
        return false;
    }
    if (!move(a, &d->follow_up, FOLLOW_UP_IS_CLAIMED, NULL)) {
        a->unbook(a->ctx, dialer);
        return false;
    }
    d->follow_up.channel = d->verdict.channel;
    /* Should the claim run out, it is due. */
    d->follow_up.next_attempt_us = a->now_us;
    d->dialer = dialer;
    return true;
}

/* A claim that ran out goes back first: what becomes of it is asked anew. */
static void prepare(struct followup_arbiter *a, struct followup_due *d)
{
    if (d->follow_up.state == FOLLOW_UP_CLAIMED &&
        !move(a, &d->follow_up, FOLLOW_UP_CLAIM_ENDED, NULL)) {
        d->is_kept = true;
    }
    if (!d->is_kept) {
        followup_arbiter_ask(a, d, NULL, &d->verdict);
    }
}

/* Returns the one that was claimed; NULL: none. */
static const struct followup_due *decide_person(struct followup_arbiter *a,
                                                struct followup_due *list, size_t count)
{
    struct followup_due *leader = NULL;
    bool may_lead = true;
    bool has_call = false; /* one is due: a more urgent one may lead it before its own time */
    for (size_t i = 0; i < count; i++) {
        prepare(a, &list[i]);
        has_call |=
            !list[i].is_kept && is_due(a, &list[i]) && list[i].verdict.step == ARBITRATION_CALL;
    }
    for (size_t i = 0; i < count && may_lead; i++) {
        if (!list[i].is_kept && lead(a, &list[i], has_call)) {
            leader = &list[i];
            may_lead = false;
        }
    }
    for (size_t i = 0; i < count; i++) {
        struct followup_due *d = &list[i];
        if (d->is_kept || d == leader) {
            continue;
        }
        if (leader) {
            followup_arbiter_ask(a, d, leader, &d->verdict);
        }
        if (is_due(a, d) || (may_come_early(d) && d->verdict.step == ARBITRATION_MERGE)) {
            apply(a, d);
        }
    }
    return leader;
}

/* ---- a number that several persons have */

static int64_t handle_of(const struct followup_due *d, int32_t channel)
{
    return channel == (int32_t)TROTH__V1__CHANNEL__CHANNEL_MAIL ? d->facts.email_handle
                                                                : d->facts.phone_handle;
}

/* What was claimed just now is not among the orders that were counted: the others who can be
 * reached there, and whose turn comes later, see it all the same. */
static void count_claim(const struct followup_arbiter *a, const struct followup_due *claimed,
                        struct followup_due *list, size_t count)
{
    const int32_t channel = claimed->follow_up.channel;
    const int64_t handle = handle_of(claimed, channel);
    bool is_mail = channel == (int32_t)TROTH__V1__CHANNEL__CHANNEL_MAIL;
    for (size_t i = 0; i < count && handle != 0; i++) {
        struct arbitration_facts *f = &list[i].facts;
        if (f->person == claimed->facts.person || handle_of(&list[i], channel) != handle) {
            continue;
        }
        int32_t *orders = is_mail ? &f->orders_address_week : &f->orders_number_week;
        int64_t *first_us = is_mail ? &f->first_address_us : &f->first_number_us;
        *first_us = *orders == 0 ? a->now_us - a->now_us % DURATION_DAY : *first_us;
        (*orders)++;
    }
}

/* ---- all */

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static bool is_of_survivor(const struct followup_due *d)
{
    return d->follow_up.customer == d->facts.person;
}

/* By person, then by urgency; of two numbers of one person, the one that a merge left over goes
 * first. What became due together is taken by name: numbers tell only who was planned first. */
static int by_urgency(const void *a, const void *b)
{
    const struct followup_due *x = a;
    const struct followup_due *y = b;
    int order = compare(x->facts.person, y->facts.person);
    order = order ? order : compare(y->facts.has_followers, x->facts.has_followers);
    order = order ? order : compare(x->follow_up.priority, y->follow_up.priority);
    order = order ? order : compare(is_of_survivor(y), is_of_survivor(x));
    order = order ? order : compare(x->follow_up.due_us, y->follow_up.due_us);
    order = order ? order : strcmp(x->follow_up.topic, y->follow_up.topic);
    order = order ? order : strcmp(x->follow_up.occurrence, y->follow_up.occurrence);
    return order ? order : compare(x->follow_up.number, y->follow_up.number);
}

/* When the person's first one became due: persons go by priority, then by age. */
struct turn {
    size_t first, count;
    int32_t priority;
    int64_t due_us, number;
};

static int by_turn(const void *a, const void *b)
{
    const struct turn *x = a;
    const struct turn *y = b;
    int order = compare(x->priority, y->priority);
    order = order ? order : compare(x->due_us, y->due_us);
    return order ? order : compare(x->number, y->number);
}

static void take_turn(struct turn *t, const struct followup_due *d)
{
    const struct follow_up *f = &d->follow_up;
    const struct turn own = {
        .priority = f->priority, .due_us = f->next_attempt_us, .number = f->number};
    if (t->count == 0 || by_turn(&own, t) < 0) {
        t->priority = own.priority;
        t->due_us = own.due_us;
        t->number = own.number;
    }
    t->count++;
}

void followup_arbiter_decide(struct followup_arbiter *a, struct followup_due *list, size_t count)
{
    struct turn *turns = xcalloc(count + 1, sizeof(*turns));
    size_t persons = 0;
    if (count > 0) {
        qsort(list, count, sizeof(*list), by_urgency);
    }
    for (size_t i = 0; i < count; i++) {
        bool is_new = i == 0 || list[i].facts.person != list[i - 1].facts.person;
        if (is_new) {
            turns[persons++] = (struct turn){.first = i};
        }
        take_turn(&turns[persons - 1], &list[i]);
    }
    if (persons > 0) {
        qsort(turns, persons, sizeof(*turns), by_turn);
    }
    for (size_t i = 0; i < persons; i++) {
        const struct followup_due *claimed =
            decide_person(a, &list[turns[i].first], turns[i].count);
        if (claimed) {
            count_claim(a, claimed, list, count);
        }
    }
    free(turns);
}

void followup_arbiter_plan_again(struct followup_arbiter *a, struct follow_up *f)
{
    int64_t leader = f->merged_into;
    if (!move(a, f, FOLLOW_UP_STANDS_AGAIN, NULL)) {
        return;
    }
    f->next_attempt_us = f->due_us > a->now_us ? f->due_us : a->now_us;
    followup_step_list_add(a->steps, f, FOLLOWUP_STEP_PLANNED_AGAIN, a->now_us)->other = leader;
    if (f->window_end_us <= a->now_us && move(a, f, FOLLOW_UP_WINDOW_PASSED, NULL)) {
        followup_announce_end(a->events, f, FOLLOW_UP_PLANNED, a->now_us);
        a->missed_window++;
    }
}
