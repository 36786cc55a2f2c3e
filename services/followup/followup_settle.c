/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_settle.c - fate by fate:
 *
 *   placed          remembered, nothing else: the result is still to come
 *   finished        ends the attempt; the outcome table moves the follow-up
 *   barred          ends the attempt; another one is allowed
 *   lost, gone,     end the attempt as unknown; the follow-up is listed for a person, never dialed
 * again by itself unknown
 *
 * The follow-up moves only if this is its newest attempt. A result counts even when the attempt was
 * given up before: a call is a fact, and its answers are the customer's.
 */
#include "services/followup/followup_settle.h"

#include <string.h>

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "intake.pb-c.h"

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

static int settle_finished(const struct followup_limits *limits, const struct followup_fate *fate,
                           int64_t now_us, struct follow_up *f, struct followup_attempt *a,
                           struct err *err)
{
    bool is_newest = f->attempts == a->attempt;
    bool is_waited_for = f->state == FOLLOW_UP_ORDERED || f->state == FOLLOW_UP_LISTED;
    if (is_newest && is_waited_for &&
        followup_plan_outcome(limits, fate->outcome, now_us, f, err) < 0) {
        return -1;
    }
    a->outcome = fate->outcome;
    a->started_us = followup_plan_answered_at(a->ordered_us, fate->started_us, now_us);
    a->ended_us = followup_plan_answered_at(a->ordered_us, fate->ended_us, now_us);
    end_attempt(a, FOLLOWUP_ATTEMPT_FINISHED, now_us);
    return 0;
}

static int settle_barred(const struct followup_limits *limits, int64_t now_us, struct follow_up *f,
                         struct followup_attempt *a, struct err *err)
{
    if (f->attempts == a->attempt && f->state == FOLLOW_UP_ORDERED &&
        followup_plan_barred(limits, now_us, f, err) < 0) {
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
    if (fate->kind == FOLLOWUP_FATE_FINISHED) {
        return a->state == FOLLOWUP_ATTEMPT_FINISHED;
    }
    return !is_open(a);
}

int followup_settle(const struct followup_limits *limits, const struct followup_fate *fate,
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
    case FOLLOWUP_FATE_PLACED:
        a->state = FOLLOWUP_ATTEMPT_PLACED;
        a->is_changed = true;
        break;
    case FOLLOWUP_FATE_FINISHED:
        rc = settle_finished(limits, fate, now_us, f, a, err);
        settled.is_call = rc == 0;
        break;
    case FOLLOWUP_FATE_BARRED:
        rc = settle_barred(limits, now_us, f, a, err);
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

void followup_settle_record(const struct follow_up *f, const struct followup_attempt *a,
                            const struct followup_answer *answer,
                            char ret_key[FOLLOWUP_ANSWER_KEY_SIZE], struct buffer *ret_record)
{
    char customer[IDENTIFIER_TEXT_SIZE];
    char service_case[IDENTIFIER_TEXT_SIZE];
    char follow_up[IDENTIFIER_TEXT_SIZE];
    char key[FOLLOWUP_ANSWER_KEY_SIZE];
    Troth__V1__SurveyAnswer body = TROTH__V1__SURVEY_ANSWER__INIT;
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    (void)identifier_format(IDENTIFIER_CUSTOMER, f->customer, customer);
    (void)identifier_format(IDENTIFIER_CASE, f->service_case, service_case);
    (void)identifier_format(IDENTIFIER_FOLLOW_UP, f->number, follow_up);
    (void)followup_answer_key(f->number, a->attempt, answer->instrument, key);
    body.customer_number = customer;
    body.case_number = f->service_case ? service_case : NULL;
    body.follow_up_number = follow_up;
    body.has_instrument = body.has_value = true;
    body.instrument = (Troth__V1__SurveyInstrument)answer->instrument;
    body.value = answer->value;
    body.comment = answer->comment;
    record.key = key;
    record.has_occurred_us = true;
    record.occurred_us = a->ended_us;
    record.body_case = TROTH__V1__RECORD__BODY_SURVEY_ANSWER;
    record.survey_answer = &body;
    size_t len = troth__v1__record__get_packed_size(&record);
    (void)troth__v1__record__pack(&record, buffer_extend(ret_record, len));
    (void)text_copy(ret_key, FOLLOWUP_ANSWER_KEY_SIZE, key);
}
