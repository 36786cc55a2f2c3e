/* SPDX-License-Identifier: Apache-2.0 */
/*
 * points_plan.h - the points ledger of one customer: what an event does to it. Pure.
 *
 * A ledger is a statement: entries, numbered from 1, each with the balance after it. Points that
 * come in (earned, given back) are batches; what goes out takes from the batch that runs out first.
 *
 *   fact          its event says so               a reversal says so
 *   purchase      earned, by rule                 taken back, less what of it ran out
 *   answer        earned, by rule                 taken back, less what of it ran out
 *   refund        taken back, by the same rule    given back
 *   redemption    spent, or refused               given back; nothing of what was refused
 *
 * Each fact counts once and is reversed once, whatever comes again, and in whichever order the two
 * come: between the streams of several intake processes none is promised. A reversal that comes
 * first is an entry of 0 points, and so is its fact then; by a rule that gives 0, it is none.
 *
 * What is taken back when too little is left is owed: what comes in next pays it first, and the
 * balance is below 0 until then.
 *
 * A redemption is paid with points that were earned when it occurred or before and had not run out
 * then, less what is owed. If they do not cover it as a whole, it is refused. It is judged again
 * when points come in that were earned before it (the purchase was told later, or over another
 * stream): then it is spent after all, and the entry of the refusal stays. So it does not matter
 * whether a redemption comes before the purchases that pay for it. Which of two redemptions is
 * refused when there is enough for one only does depend on which comes first.
 *
 * Batches are written off POINTS_GRACE_US after they ran out, at the instant when they did: what
 * happened before and is told late finds them still. So it does not matter when somebody looks, and
 * the same events give the same ledger.
 */
#ifndef TROTH_LOYALTY_POINTS_PLAN_H
#define TROTH_LOYALTY_POINTS_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/duration.h"
#include "services/loyalty/points_fact.h"

#define POINTS_GRACE_US DURATION_DAY
#define POINTS_NEVER    INT64_MAX /* does not run out */

/* Stored numbers: never change one. */
enum points_kind {
    POINTS_EARNED = 1,
    POINTS_SPENT = 2,
    POINTS_EXPIRED = 3,
    POINTS_TAKEN_BACK = 4,
    POINTS_REFUSED = 5,
    POINTS_GIVEN_BACK = 6,
    POINTS_KIND_END
};

const char *points_kind_name(enum points_kind k); /* "earned", "spent", ... */

struct points_entry {
    int64_t subject;
    enum points_kind kind;
    enum points_subject of;
    int64_t number;
    int64_t points;  /* below 0: they go out */
    int64_t left;    /* of a batch: can be spent; of a refused redemption: still asked for */
    int64_t balance; /* after it */
    int64_t owed;    /* after it */
    int64_t at_us;
    int64_t expires_us; /* POINTS_NEVER also of all that are no batches */
    const char *stream; /* borrowed */
    int64_t seq;
    bool is_new;
    bool is_changed;    /* left, of one that is not new */
    bool is_historical; /* of a new one: so is the event about it */
};

/* Of one customer. Begin with {.customer = ...}. */
struct points_ledger {
    int64_t customer;
    int64_t number, balance, owed; /* of the newest entry; 0: there is none */
    struct points_entry *entries;  /* known and new; owned */
    size_t count, capacity;
};

void points_ledger_free(struct points_ledger *l); /* what it owns */

/* A stored entry, each once. Needed: all of the fact's subject; refused redemptions with points
 * left; all batches with points left if there are any or the fact is not one that earns, else
 * those that ran out longer than POINTS_GRACE_US ago. */
void points_ledger_learn(struct points_ledger *l, const struct points_entry *entry);

/* Appends what the fact does to the entries, and changes what is left of others. */
void points_plan_apply(struct points_ledger *l, const struct points_policy *policy,
                       const struct points_fact *fact);

/* Writes off batches that ran out longer than POINTS_GRACE_US ago. */
void points_plan_expire(struct points_ledger *l, int64_t now_us);

#endif
