/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.h - follow-ups being planned: those of a batch of events, or of a slice of a day's round.
 * Pure: the rules, the time and all that is known are arguments.
 *
 * What is planned already is put in first; planning adds to it and changes it. Whatever is planned
 * follows what it was planned for as that is now, however often and in whichever order its events
 * are read: it ends with a reason when there is nothing to call about, and stands again when there
 * is. One (topic, subject, occurrence) is planned once.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_PLAN_H
#define TROTH_SERVICES_FOLLOWUP_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/zone.h"
#include "common/domain/rulebook.h"
#include "common/domain/rulebook_due.h"
#include "services/followup/followup_plan.h"
#include "services/followup/plan_index.h"

/* What the planner knows of a row of the list beside the row. */
struct plan_note {
    enum follow_up_state before; /* as it was read; 0: it is new */
    bool was_void;
    enum follow_up_state leader; /* of the one it was merged into; 0: it was not */
    int64_t ordered_us;          /* its newest attempt; FOLLOW_UP_NEVER: none */
    const char *step;            /* what the row will not say: FOLLOWUP_STEP_...; NULL: nothing */
    char why[FOLLOW_UP_REASON_SIZE]; /* the step's reason; "": the row's */
};

struct plan {
    /* given; borrowed */
    const struct rulebook *rules;
    int32_t rule_version;
    const char *zone_version;
    int64_t now_us;
    char trace[TRACE_CONTEXT_SIZE]; /* that new ones get; "": none */
    /* The rules of a version; NULL: not known any more. NULL: there are none but `rules`. */
    const struct rulebook *(*rules_of)(void *ctx, int32_t rule_version);
    void *ctx;
    /* in hand */
    struct follow_up_list list;
    struct plan_note *notes; /* one for each of the list */
    size_t note_capacity;
    struct plan_index by_subject, by_customer, by_number;
    struct plan_topic {
        int trigger;
        const char *topic;
    } * topics; /* each of `rules` once */
    size_t topic_count;
};

/* What happened, as far as a follow-up because of it needs to know. */
struct plan_seed {
    int trigger;
    int64_t customer, service_case, case_version, subject;
    const char *occurrence;       /* at most FOLLOW_UP_OCCURRENCE_SIZE - 1 bytes */
    const char *branch;           /* NULL: none */
    const struct zone *zone;      /* NULL: not known */
    int64_t anchor_us;            /* what `after` of the rule counts from; not used with day */
    const struct civil_date *day; /* NULL: an instant */
    int64_t latest_us;            /* its window never ends later; INT64_MAX: as the rule says */
    int64_t slack_us;             /* being due less earlier or later than this is no move */
    bool is_historical;
};

/* Forgets what is in hand; the given fields are set before. */
void plan_begin(struct plan *p);
void plan_free(struct plan *p);

/* Puts in a row that was read; one that is in already is left out. */
void plan_put(struct plan *p, const struct follow_up *f, enum follow_up_state leader,
              int64_t ordered_us);

/* The topics of a trigger: begin with *io 0; NULL: no more. */
const char *plan_next_topic(const struct plan *p, int trigger, size_t *io);

/* NULL: not planned. Valid until the next plan_add(). */
struct follow_up *plan_find(struct plan *p, const char *topic, int64_t subject,
                            const char *occurrence);
struct plan_note *plan_note_of(struct plan *p, const struct follow_up *f);

/* Plans one by that rule, with number 0. What need not be called ends at once: old records, and
 * windows that have passed. Returns the new one; valid until the next plan_add(). */
struct follow_up *plan_add(struct plan *p, const struct rulebook_rule *r,
                           const struct plan_seed *seed);

/* The rule it was planned by, as it was then; NULL: not known any more. */
const struct rulebook_rule *plan_rule_of(const struct plan *p, const struct follow_up *f);

/* It can be taken back: no order stands, or it was merged into one whose order does not stand. */
bool plan_is_open(struct plan *p, const struct follow_up *f);

/* Ends it, if that can still be: by FOLLOW_UP_RECORD_VOID, which also changes the reason of what
 * has ended without a call, or by another event. reason NULL: the table's. */
void plan_end(struct plan *p, struct follow_up *f, enum follow_up_event event, const char *reason);

/* The record with that number was taken back: what was planned for it by that trigger ends. */
void plan_void(struct plan *p, int trigger, int64_t subject);

/* Suppressed for that reason: plans it again from the seed's instant or day. */
void plan_again(struct plan *p, struct follow_up *f, const struct plan_seed *seed);
bool plan_was_suppressed(const struct follow_up *f, const char *reason);

/* Another instant than was thought: one that nobody has called for yet moves. Only the seed's
 * anchor, day, latest, slack and zone count. False: it stays. */
bool plan_move(struct plan *p, struct follow_up *f, const struct plan_seed *seed);

#endif
