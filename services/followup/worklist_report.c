/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/worklist_report.h"

#include <string.h>

#include "common/base/text.h"
#include "common/runtime/inquiry.h"
#include "services/followup/followup.h"
#include "services/followup/worklist_desk.h"

enum {
    ID_SIZE = 128,
};

/* What an answer repeats of its request. */
struct report_question {
    char request_id[ID_SIZE];
    char key[FOLLOWUP_ORDER_KEY_SIZE];
};

/* ---- answers */

static void fill(struct report_question *q, char *code, char *text,
                 Troth__V1__WorklistReceipt *receipt, Troth__V1__DialerReply *reply)
{
    receipt->request_id = q->request_id;
    receipt->key = q->key;
    receipt->code = code[0] ? code : NULL;
    receipt->text = text[0] ? text : NULL;
    reply->body_case = TROTH__V1__DIALER_REPLY__BODY_WORKLIST_RECEIPT;
    reply->worklist_receipt = receipt;
}

void worklist_report_done(struct followup_fate *fate)
{
    Troth__V1__WorklistReceipt receipt = TROTH__V1__WORKLIST_RECEIPT__INIT;
    Troth__V1__DialerReply reply = TROTH__V1__DIALER_REPLY__INIT;
    if (fate->report) {
        fill(inquiry_question(fate->report), fate->code, fate->text, &receipt, &reply);
        inquiry_answer(fate->report, &reply.base);
        fate->report = NULL;
    }
}

void worklist_report_fail(struct followup_fate *fate, const char *code, const char *text)
{
    (void)text_copy(fate->code, sizeof(fate->code), code);
    (void)text_copy(fate->text, sizeof(fate->text), text);
    worklist_report_done(fate);
}

static void refuse(struct bus_socket *s, const struct bus_message *m,
                   const Troth__V1__WorklistReport *r, const struct err *err)
{
    struct report_question q = {.request_id = ""};
    char code[FOLLOWUP_FATE_CODE_SIZE];
    char text[FOLLOWUP_FATE_TEXT_SIZE];
    Troth__V1__WorklistReceipt receipt = TROTH__V1__WORKLIST_RECEIPT__INIT;
    Troth__V1__DialerReply reply = TROTH__V1__DIALER_REPLY__INIT;
    (void)text_copy(q.request_id, sizeof(q.request_id), r->request_id ? r->request_id : "");
    (void)text_copy(q.key, sizeof(q.key), r->key ? r->key : "");
    (void)text_copy(code, sizeof(code), err->code);
    (void)text_copy(text, sizeof(text), err->text);
    fill(&q, code, text, &receipt, &reply);
    inquiry_answer_now(s, m, &reply.base);
}

/* ---- reading */

static int read_outcome(const Troth__V1__WorklistReport *r, struct followup_fate *fate,
                        struct err *err)
{
    const Troth__V1__DialResult *result = r->result;
    bool is_known = result && result->has_outcome &&
                    result->outcome > TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_UNSPECIFIED &&
                    result->outcome < TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_SENT;
    if (!is_known) {
        return err_set_field(err, "report_invalid", "result",
                             "an outcome says how the call ended: answered, busy, no_answer ...");
    }
    if (result->outcome == TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_CALL_BACK &&
        !result->has_call_back_us) {
        return err_set_field(err, "report_invalid", "call_back_us",
                             "call_back says when the customer wants to be called");
    }
    if (result->key && strcmp(result->key, r->key) != 0) {
        return err_set_field(err, "report_invalid", "result", "it has the key of another order");
    }
    fate->kind = FOLLOWUP_FATE_FINISHED;
    followup_fate_set_result(fate, result);
    return 0;
}

static int read_action(const Troth__V1__WorklistReport *r, int64_t now_us,
                       struct followup_fate *fate, struct err *err)
{
    switch (r->action) {
    case TROTH__V1__WORKLIST_ACTION__WORKLIST_ACTION_ACCEPT:
        fate->kind = FOLLOWUP_FATE_ACCEPTED;
        return 0;
    case TROTH__V1__WORKLIST_ACTION__WORKLIST_ACTION_OUTCOME:
        if (read_outcome(r, fate, err) < 0) {
            return -1;
        }
        fate->ended_us = r->result->has_ended_us ? fate->ended_us : now_us;
        return 0;
    case TROTH__V1__WORKLIST_ACTION__WORKLIST_ACTION_SNOOZE:
        fate->kind = FOLLOWUP_FATE_SNOOZED;
        fate->until_us = r->until_us;
        return r->has_until_us
                   ? 0
                   : err_set_field(err, "report_invalid", "until_us", "snooze says until when");
    case TROTH__V1__WORKLIST_ACTION__WORKLIST_ACTION_RETURN:
        fate->kind = FOLLOWUP_FATE_RETURNED;
        return 0;
    case TROTH__V1__WORKLIST_ACTION__WORKLIST_ACTION_UNSPECIFIED:
    case _TROTH__V1__WORKLIST_ACTION_IS_INT_SIZE:
    default:
        return err_set_field(err, "report_invalid", "action", "accept, outcome, snooze or return");
    }
}

/* NULL with err when it is wrong. */
static struct followup_fate *read_report(const Troth__V1__WorklistReport *r, int64_t now_us,
                                         struct err *err)
{
    int64_t follow_up;
    int32_t attempt;
    char name[WORKLIST_NAME_SIZE];
    if (!worklist_is_staff(r->staff)) {
        (void)err_set_field(err, "report_invalid", "staff",
                            "staff is a code of 1 to 64 bytes without blanks");
        return NULL;
    }
    if (followup_order_key_parse(r->key, &follow_up, &attempt, err) < 0) {
        return NULL;
    }
    struct followup_fate *fate = followup_fate_new(follow_up, attempt, FOLLOWUP_FATE_ACCEPTED);
    worklist_dialer_name(r->staff, name);
    (void)text_copy(fate->dialer, sizeof(fate->dialer), name);
    if (read_action(r, now_us, fate, err) < 0) {
        followup_fate_free(fate);
        return NULL;
    }
    return fate;
}

void worklist_report(struct followup *f, struct bus_socket *s, const struct bus_message *m,
                     const Troth__V1__WorklistReport *report)
{
    struct err err = ERR_NONE;
    struct followup_fate *fate = read_report(report, service_now_us(f->service), &err);
    if (!fate) {
        refuse(s, m, report, &err);
        return;
    }
    fate->report = inquiry_open(f->worklists, s, m, sizeof(struct report_question));
    if (!fate->report) {
        (void)err_set(&err, "busy", "too much is asked at once: try again");
        refuse(s, m, report, &err);
        followup_fate_free(fate);
        return;
    }
    struct report_question *q = inquiry_question(fate->report);
    (void)text_copy(q->request_id, sizeof(q->request_id),
                    report->request_id ? report->request_id : "");
    (void)text_copy(q->key, sizeof(q->key), report->key);
    followup_fates_add(f->fates, fate);
}
