/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_promise.c
 *
 * Once a promise is broken there is nothing to warn of any more: the one about the break says the
 * rest. A compensation is asked about when the promise to give it was due, kept or not; given anew,
 * when the new one was, which may be withdrawn in its place. A promise
 * that was kept late after all still deserves an apology; one whose break was taken back does not.
 */
#include "services/followup/plan_promise.h"

#include <string.h>

#include "common/base/text.h"
#include "common/domain/arbitration.h"
#include "event.pb-c.h"

#define STATE(name) TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name

struct standing {
    int trigger;
    int32_t state;
    const char *reason; /* why it ends; NULL: it stands */
};

/* trigger, state of the promise, reason */
static const struct standing standings[] = {
    {FOLLOW_UP_ON_PROMISE_AT_RISK, STATE(OPEN),              ARBITRATION_NO_LONGER_TRUE },
    {FOLLOW_UP_ON_PROMISE_AT_RISK, STATE(AT_RISK),           NULL                       },
    {FOLLOW_UP_ON_PROMISE_AT_RISK, STATE(KEPT),              ARBITRATION_PROMISE_SETTLED},
    {FOLLOW_UP_ON_PROMISE_AT_RISK, STATE(KEPT_LATE),         ARBITRATION_PROMISE_SETTLED},
    {FOLLOW_UP_ON_PROMISE_AT_RISK, STATE(BROKEN),            ARBITRATION_PROMISE_SETTLED},
    {FOLLOW_UP_ON_PROMISE_AT_RISK, STATE(WITHDRAWN),         ARBITRATION_PROMISE_SETTLED},
    {FOLLOW_UP_ON_PROMISE_AT_RISK, STATE(WAIVED),            ARBITRATION_PROMISE_SETTLED},
    {FOLLOW_UP_ON_PROMISE_AT_RISK, STATE(RENEGOTIATED),      ARBITRATION_PROMISE_SETTLED},
    {FOLLOW_UP_ON_PROMISE_AT_RISK, STATE(RENEGOTIATED_LATE), ARBITRATION_PROMISE_SETTLED},
    {FOLLOW_UP_ON_PROMISE_BROKEN,  STATE(OPEN),              ARBITRATION_PROMISE_SETTLED},
    {FOLLOW_UP_ON_PROMISE_BROKEN,  STATE(AT_RISK),           ARBITRATION_PROMISE_SETTLED},
    {FOLLOW_UP_ON_PROMISE_BROKEN,  STATE(KEPT),              ARBITRATION_PROMISE_SETTLED},
    {FOLLOW_UP_ON_PROMISE_BROKEN,  STATE(KEPT_LATE),         NULL                       },
    {FOLLOW_UP_ON_PROMISE_BROKEN,  STATE(BROKEN),            NULL                       },
    {FOLLOW_UP_ON_PROMISE_BROKEN,  STATE(WITHDRAWN),         ARBITRATION_PROMISE_SETTLED},
    {FOLLOW_UP_ON_PROMISE_BROKEN,  STATE(WAIVED),            ARBITRATION_PROMISE_SETTLED},
    {FOLLOW_UP_ON_PROMISE_BROKEN,  STATE(RENEGOTIATED),      ARBITRATION_PROMISE_SETTLED},
    {FOLLOW_UP_ON_PROMISE_BROKEN,  STATE(RENEGOTIATED_LATE), ARBITRATION_PROMISE_SETTLED},
    {FOLLOW_UP_ON_COMPENSATION,    STATE(OPEN),              NULL                       },
    {FOLLOW_UP_ON_COMPENSATION,    STATE(AT_RISK),           NULL                       },
    {FOLLOW_UP_ON_COMPENSATION,    STATE(KEPT),              NULL                       },
    {FOLLOW_UP_ON_COMPENSATION,    STATE(KEPT_LATE),         NULL                       },
    {FOLLOW_UP_ON_COMPENSATION,    STATE(BROKEN),            NULL                       },
    {FOLLOW_UP_ON_COMPENSATION,    STATE(WITHDRAWN),         ARBITRATION_PROMISE_SETTLED},
    {FOLLOW_UP_ON_COMPENSATION,    STATE(WAIVED),            ARBITRATION_PROMISE_SETTLED},
    {FOLLOW_UP_ON_COMPENSATION,    STATE(RENEGOTIATED),      NULL                       },
    {FOLLOW_UP_ON_COMPENSATION,    STATE(RENEGOTIATED_LATE), NULL                       },
};

/* NULL for a trigger that is not of promises, too: those end by themselves. */
static const char *reason_of(int trigger, int32_t state)
{
    for (size_t i = 0; i < ARRAY_LEN(standings); i++) {
        if (standings[i].trigger == trigger && standings[i].state == state) {
            return standings[i].reason;
        }
    }
    return NULL;
}

static bool is_of_promise(const struct follow_up *f)
{
    return f->trigger == FOLLOW_UP_ON_PROMISE_AT_RISK ||
           f->trigger == FOLLOW_UP_ON_PROMISE_BROKEN || f->trigger == FOLLOW_UP_ON_COMPENSATION;
}

static bool is_taken_back(const struct follow_up *f, const struct plan_promise_now *now)
{
    return now->is_void || (f->trigger == FOLLOW_UP_ON_COMPENSATION && now->is_compensation_void);
}

/* Of another target of the promise than it has now: that risk is over. */
static bool is_outdated(const struct follow_up *f, const struct plan_promise_now *now)
{
    int64_t clock_version;
    return f->trigger == FOLLOW_UP_ON_PROMISE_AT_RISK &&
           text_to_int64(f->occurrence, 0, INT32_MAX, &clock_version) == 0 &&
           clock_version != now->clock_version;
}

static bool may_stand_again(const struct follow_up *f)
{
    return plan_was_suppressed(f, FOLLOW_UP_REASON_VOID) ||
           plan_was_suppressed(f, ARBITRATION_PROMISE_SETTLED) ||
           plan_was_suppressed(f, ARBITRATION_NO_LONGER_TRUE);
}

/* When it was planned from: planned_us is later, so due_us less `after` of its rule says it better;
 * the instant of a compensation is the promise's due time, which may have moved. */
static struct plan_seed seed_of(const struct plan *p, const struct follow_up *f,
                                const struct plan_promise_now *now, const struct zone *zone)
{
    const struct rulebook_rule *r = plan_rule_of(p, f);
    struct plan_seed seed = {
        .trigger = f->trigger,
        .anchor_us = f->due_us - (r ? r->after_us : 0),
        .zone = zone,
        .latest_us = INT64_MAX,
    };
    if (f->trigger == FOLLOW_UP_ON_COMPENSATION && now->due_us != FOLLOW_UP_NEVER) {
        seed.anchor_us = now->due_us;
    } else if (f->trigger == FOLLOW_UP_ON_PROMISE_AT_RISK && now->due_us != FOLLOW_UP_NEVER) {
        seed.latest_us = now->due_us;
    }
    return seed;
}

static void follow(struct plan *p, struct follow_up *f, const struct plan_promise_now *now,
                   const struct zone *zone)
{
    bool is_compensation = f->trigger == FOLLOW_UP_ON_COMPENSATION;
    const char *reason = reason_of(f->trigger, is_compensation ? now->last_state : now->state);
    if (!reason && is_outdated(f, now)) {
        reason = ARBITRATION_NO_LONGER_TRUE;
    }
    if (is_taken_back(f, now)) {
        plan_end(p, f, FOLLOW_UP_RECORD_VOID, NULL);
    } else if (reason) {
        plan_end(p, f, FOLLOW_UP_PROMISE_SETTLED, reason);
    } else if (may_stand_again(f)) {
        const struct plan_seed seed = seed_of(p, f, now, zone);
        plan_again(p, f, &seed);
    } else if (is_compensation && now->due_us != FOLLOW_UP_NEVER) {
        const struct plan_seed seed = seed_of(p, f, now, zone);
        (void)plan_move(p, f, &seed);
    }
}

void plan_promise_follow(struct plan *p, const struct plan_promise_now *now,
                         const struct zone *zone)
{
    for (size_t i = plan_index_first(&p->by_subject, now->promise); i != PLAN_INDEX_END;
         i = plan_index_next(&p->by_subject, i)) {
        if (is_of_promise(&p->list.items[i])) {
            follow(p, &p->list.items[i], now, zone);
        }
    }
}

static void name_occurrence(int trigger, const struct plan_promise_now *now,
                            char ret_text[FOLLOW_UP_OCCURRENCE_SIZE])
{
    if (trigger == FOLLOW_UP_ON_PROMISE_AT_RISK) {
        (void)text_format(ret_text, FOLLOW_UP_OCCURRENCE_SIZE, "%d", now->clock_version);
    } else {
        (void)text_copy(ret_text, FOLLOW_UP_OCCURRENCE_SIZE,
                        trigger == FOLLOW_UP_ON_PROMISE_BROKEN ? "broken" : "given");
    }
}

void plan_promise_happened(struct plan *p, const struct plan_promise_now *now, int64_t occurred_us,
                           bool is_historical, const struct rulebook_facts *facts,
                           const struct zone *zone)
{
    char occurrence[FOLLOW_UP_OCCURRENCE_SIZE];
    const char *topic;
    struct plan_seed seed = {
        .trigger = facts->trigger,
        .customer = now->customer,
        .service_case = now->service_case,
        .subject = now->promise,
        .occurrence = occurrence,
        .branch = now->branch,
        .zone = zone,
        .anchor_us = occurred_us,
        .latest_us = INT64_MAX,
        .is_historical = is_historical,
    };
    bool has_due = now->due_us != FOLLOW_UP_NEVER;
    if (facts->trigger == FOLLOW_UP_ON_COMPENSATION && has_due) {
        seed.anchor_us = now->due_us;
    } else if (facts->trigger == FOLLOW_UP_ON_PROMISE_AT_RISK && has_due) {
        seed.latest_us = now->due_us; /* after the break there is something else to say */
    }
    name_occurrence(facts->trigger, now, occurrence);
    for (size_t i = 0; (topic = plan_next_topic(p, facts->trigger, &i));) {
        const struct rulebook_rule *r = rulebook_match(p->rules, topic, facts);
        if (r && !plan_find(p, topic, now->promise, occurrence)) {
            (void)plan_add(p, r, &seed);
        }
    }
    plan_promise_follow(p, now, zone);
}
