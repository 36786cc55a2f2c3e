/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_settle.c - fate by fate:
 *
 *   placed          remembered, nothing else: the result is still to come
 *   stage           the same, and how far it is: for people
 *   finished        ends the attempt; the outcome table moves the follow-up
 *   barred          ends the attempt; another one is allowed
 *   lost, gone,     end the attempt as unknown; the follow-up is listed for a person, never dialed
 *   unknown         again by itself
 *   accepted        a person calls: as placed
 *   returned,       a person did nothing: the attempt is barred, and it is planned again, or stays
 *   snoozed,        listed
 *   lease over
 *
 * The follow-up moves only if this is its newest attempt. A result counts even when the attempt was
 * given up before: a call is a fact, and its answers are the customer's.
 */
#include "services/followup/followup_settle.h"

#include <string.h>

#include "common/base/text.h"
#include "common/domain/arbitration.h"
#include "services/followup/followup_step_store.h"

static bool is_open(const struct followup_attempt *a)
{
    return a->state == FOLLOWUP_ATTEMPT_ORDERED || a->state == FOLLOWUP_ATTEMPT_PLACED;
}

static void end_attempt(struct followup_attempt *a, enum followup_attempt_state state,
                        int64_t now_us)
{
    a->state = state;
    a->finished_us = now_us;
    a->is_changed = true;
}

/* A business instant of a call as its dialer says it, but neither before the order nor in the
 * future.
 */
static int64_t within_reason(int64_t said_us, int64_t ordered_us, int64_t now_us)
{
    int64_t at_us = said_us > ordered_us ? said_us : ordered_us;
    return at_us < now_us ? at_us : now_us;
}

static int settle_finished(const struct followup_outcome_terms *terms,
                           const struct followup_fate *fate, int64_t now_us,
                           const struct followup_settle_rows *rows, struct err *err)
{
    struct follow_up *f = rows->follow_up;
    struct followup_attempt *a = rows->attempt;
    const struct followup_outcome_end end = {
        .outcome = fate->outcome,
        .same_count = rows->same_count,
        .ordered_us = a->ordered_us,
        .call_back_us = fate->told.call_back_us,
        .now_us = now_us,
        .is_person = strcmp(a->journal, "worklist") == 0,
    };
    /* What is listed may be in a person's hand by now, which is an attempt of its own. */
    bool is_newest = f->attempts == a->attempt || f->state == FOLLOW_UP_LISTED;
    bool is_waited_for = f->state == FOLLOW_UP_ORDERED || f->state == FOLLOW_UP_LISTED;
    if (is_newest && is_waited_for && followup_outcome_apply(terms, &end, f, err) < 0) {
        return -1;
    }
    a->outcome = fate->outcome;
    a->started_us = within_reason(fate->started_us, a->ordered_us, now_us);
    a->ended_us = within_reason(fate->ended_us, a->ordered_us, now_us);
    end_attempt(a, FOLLOWUP_ATTEMPT_FINISHED, now_us);
    return 0;
}

static int settle_barred(int64_t orders_max, int64_t now_us, struct follow_up *f,
                         struct followup_attempt *a, struct err *err)
{
    if (f->attempts == a->attempt && f->state == FOLLOW_UP_ORDERED &&
        followup_outcome_barred(orders_max, now_us, f, err) < 0) {
        return -1;
    }
    end_attempt(a, FOLLOWUP_ATTEMPT_BARRED, now_us);
    return 0;
}

static int settle_unknown(enum follow_up_event event, int64_t now_us, struct follow_up *f,
                          struct followup_attempt *a, struct err *err)
{
    if (f->attempts == a->attempt && f->state == FOLLOW_UP_ORDERED &&
        followup_set_state(f, event, now_us, NULL, err) < 0) {
        return -1;
    }
    end_attempt(a, FOLLOWUP_ATTEMPT_UNKNOWN, now_us);
    return 0;
}

/* ---- people */

/* From here on the call may be under way: nobody else gets it. */
static int settle_accepted(const struct followup_settle_rows *rows, struct err *err)
{
    const struct follow_up *f = rows->follow_up;
    struct followup_attempt *a = rows->attempt;
    bool is_waited_for = f->state == FOLLOW_UP_ORDERED || f->state == FOLLOW_UP_LISTED;
    if (a->state != FOLLOWUP_ATTEMPT_ORDERED || !is_waited_for || f->attempts != a->attempt) {
        return err_set(err, "lease_over", "it is not yours any more: ask for the next one");
    }
    if (rows->is_called_elsewhere) {
        return err_set(err, ARBITRATION_CALL_UNDER_WAY,
                       "the customer is being called already: try again later, or return it");
    }
    a->state = FOLLOWUP_ATTEMPT_PLACED;
    a->is_changed = true;
    return 0;
}

/* Nothing was done: as if a dialer had never seen it, but without an end to how often. */
static int put_back(const struct followup_fate *fate, int64_t now_us, struct follow_up *f,
                    struct err *err)
{
    bool is_snoozed = fate->kind == FOLLOWUP_FATE_SNOOZED;
    if (f->state == FOLLOW_UP_LISTED) {
        f->version++; /* of the step that says so */
        return 0;
    }
    if (f->state != FOLLOW_UP_ORDERED) {
        return 0;
    }
    if (is_snoozed && fate->until_us >= f->window_end_us) {
        return err_set_field(err, "until_invalid", "until_us",
                             "its window ends before that: it would be missed");
    }
    if (followup_set_state(f, FOLLOW_UP_ORDER_BARRED, now_us, NULL, err) < 0) {
        return -1;
    }
    f->next_attempt_us = is_snoozed ? fate->until_us : now_us;
    (void)text_copy(f->reason, sizeof(f->reason),
                    is_snoozed                             ? FOLLOWUP_STEP_SNOOZED
                    : fate->kind == FOLLOWUP_FATE_RETURNED ? FOLLOWUP_STEP_RETURNED
                                                           : "");
    return 0;
}

static int settle_put_back(const struct followup_fate *fate, int64_t now_us, struct follow_up *f,
                           struct followup_attempt *a, struct err *err)
{
    if (a->state == FOLLOWUP_ATTEMPT_PLACED) {
        return err_set(err, "accepted_already", "you accepted it: report the outcome of the call");
    }
    if (a->state != FOLLOWUP_ATTEMPT_ORDERED) {
        return err_set(err, "lease_over", "it is not yours any more: ask for the next one");
    }
    if (fate->kind == FOLLOWUP_FATE_SNOOZED && fate->until_us <= now_us) {
        return err_set_field(err, "until_invalid", "until_us", "that time is over already");
    }
    if (f->attempts == a->attempt && put_back(fate, now_us, f, err) < 0) {
        return -1;
    }
    end_attempt(a, FOLLOWUP_ATTEMPT_BARRED, now_us);
    return 0;
}

/* ---- all */

static enum follow_up_event unknown_event(enum followup_fate_kind kind)
{
    if (kind == FOLLOWUP_FATE_JOURNAL_LOST) {
        return FOLLOW_UP_JOURNAL_LOST;
    }
    return kind == FOLLOWUP_FATE_DIALER_GONE ? FOLLOW_UP_DIALER_GONE : FOLLOW_UP_OUTCOME_UNKNOWN;
}

/* What the fate would change is changed already. */
static bool is_known(const struct followup_fate *fate, const struct followup_attempt *a)
{
    if (fate->kind == FOLLOWUP_FATE_PLACED) {
        return a->state != FOLLOWUP_ATTEMPT_ORDERED;
    }
    if (fate->kind == FOLLOWUP_FATE_STAGE) {
        return !is_open(a) || fate->stage <= a->stage;
    }
    if (fate->kind == FOLLOWUP_FATE_FINISHED) {
        return a->state == FOLLOWUP_ATTEMPT_FINISHED;
    }
    if (fate->kind == FOLLOWUP_FATE_ACCEPTED) {
        return a->state == FOLLOWUP_ATTEMPT_PLACED;
    }
    if (fate->kind == FOLLOWUP_FATE_LEASE_OVER) {
        return a->state != FOLLOWUP_ATTEMPT_ORDERED;
    }
    if (fate->kind == FOLLOWUP_FATE_RETURNED || fate->kind == FOLLOWUP_FATE_SNOOZED) {
        return false;
    }
    return !is_open(a);
}

int followup_settle(const struct followup_outcome_terms *terms, const struct followup_fate *fate,
                    int64_t now_us, const struct followup_settle_rows *rows,
                    struct followup_settled *ret, struct err *err)
{
    struct follow_up *f = rows->follow_up;
    struct followup_attempt *a = rows->attempt;
    struct followup_settled settled = {.from = f->state};
    int rc = 0;
    if (fate->dialer[0] && strcmp(fate->dialer, a->dialer) != 0) {
        return err_set(err, "wrong_dialer", "the order went to another dialer");
    }
    settled.is_duplicate = is_known(fate, a);
    if (settled.is_duplicate) {
        *ret = settled;
        return 0;
    }
    switch (fate->kind) {
    case FOLLOWUP_FATE_STAGE:
        a->stage = fate->stage;
        a->state = FOLLOWUP_ATTEMPT_PLACED;
        a->is_changed = true;
        break;
    case FOLLOWUP_FATE_PLACED:
        a->state = FOLLOWUP_ATTEMPT_PLACED;
        a->is_changed = true;
        break;
    case FOLLOWUP_FATE_FINISHED:
        rc = settle_finished(terms, fate, now_us, rows, err);
        settled.is_call = rc == 0;
        break;
    case FOLLOWUP_FATE_BARRED:
        rc = settle_barred(terms->orders_max, now_us, f, a, err);
        break;
    case FOLLOWUP_FATE_ACCEPTED:
        rc = settle_accepted(rows, err);
        break;
    case FOLLOWUP_FATE_RETURNED:
    case FOLLOWUP_FATE_SNOOZED:
    case FOLLOWUP_FATE_LEASE_OVER:
        rc = settle_put_back(fate, now_us, f, a, err);
        break;
    case FOLLOWUP_FATE_JOURNAL_LOST:
    case FOLLOWUP_FATE_DIALER_GONE:
    case FOLLOWUP_FATE_UNKNOWN:
        rc = settle_unknown(unknown_event(fate->kind), now_us, f, a, err);
        break;
    }
    if (rc == 0) {
        *ret = settled;
    }
    return rc;
}
