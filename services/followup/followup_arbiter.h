/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_arbiter.h - what becomes of the follow-ups of a round: person by person, who is called,
 * who joins that call, and what the others wait for or end with. No database and no bus.
 *
 * Of one person's follow-ups the most urgent one that may be held now leads: one that others were
 * merged into already, else by priority, then by age. It is claimed if a line of its channel can be
 * booked, and the others are asked again whether that call covers them. What is not due yet joins
 * or leads, or stays as it is; greetings wait for their day.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_ARBITER_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_ARBITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/zone.h"
#include "common/domain/rulebook.h"
#include "common/runtime/event_log.h"
#include "common/store/arbitration_facts.h"
#include "services/followup/followup_states.h"
#include "services/followup/followup_step_store.h"

struct followup_dialer;

/* One follow-up that is due, or will be soon, with all that is known about it. */
struct followup_due {
    struct follow_up follow_up; /* as locked; then as the verdict leaves it */
    struct arbitration_facts facts;
    const struct rulebook_rule *rule; /* NULL: not known any more */
    const struct zone *zone;          /* NULL: unknown */
    bool is_kept; /* not decided in this round: its facts or its rule are not known yet */
    /* of the verdict */
    struct arbitration_verdict verdict;
    struct followup_dialer *dialer; /* booked: it is claimed now */
};

struct followup_arbiter {
    const struct rulebook_limits *limits;
    int64_t now_us;
    /* A line for it on that channel; NULL: none is free. */
    struct followup_dialer *(*book)(void *ctx, const struct followup_due *due, int32_t channel);
    void (*unbook)(void *ctx, struct followup_dialer *dialer);
    void *ctx;
    /* filled */
    struct followup_step_list *steps;
    struct event_batch *events;
    bool is_starved; /* something could have been claimed, but for a line */
    size_t missed_window, missed_nothing_permitted, deferred, suppressed, merged, listed;
};

/* Decides all of them and moves their follow-ups; sorts the list. What has a version ahead of its
 * stored one is to be stored. */
void followup_arbiter_decide(struct followup_arbiter *a, struct followup_due *list, size_t count);

/* Planned again: the follow-up that it was merged into has ended without a call. One whose window
 * has passed meanwhile is missed. */
void followup_arbiter_plan_again(struct followup_arbiter *a, struct follow_up *f);

/* As its facts are asked for; borrows from d. */
void followup_arbiter_subject(const struct followup_due *d, struct arbitration_subject *ret);

/* The verdict as it would be now, for who is asked why; moves nothing. */
void followup_arbiter_ask(const struct followup_arbiter *a, const struct followup_due *due,
                          const struct followup_due *leader, struct arbitration_verdict *ret);

#endif
