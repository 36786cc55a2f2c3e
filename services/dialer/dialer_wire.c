/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_wire.h"

#include "common/base/text.h"

/* Cut when it is too long: words for people. */
static void copy_words(char *dest, size_t size, const char *words)
{
    (void)text_copy(dest, size, words ? words : "");
}

/* A question whose code or condition is cut would be another question. */
static bool read_item(const Troth__V1__DialItem *m, struct dialer_item *ret)
{
    *ret = (struct dialer_item){
        .instrument = (int32_t)m->instrument,
        .low = m->low,
        .high = m->high,
        .only_min = m->only_min,
        .only_max = m->only_max,
        .service_case = m->service_case,
    };
    copy_words(ret->question, sizeof(ret->question), m->question);
    return !text_is_empty(m->code) && text_copy(ret->code, sizeof(ret->code), m->code) &&
           text_copy(ret->only_if, sizeof(ret->only_if), m->only_if ? m->only_if : "") &&
           ret->low <= ret->high;
}

static void read_reason(const Troth__V1__DialReason *m, struct dialer_reason *ret)
{
    *ret = (struct dialer_reason){
        .follow_up = m->follow_up,
        .service_case = m->service_case,
        .promise = m->promise,
        .trigger = (int32_t)m->trigger,
        .purpose = (int32_t)m->purpose,
    };
    copy_words(ret->rule, sizeof(ret->rule), m->rule);
    copy_words(ret->say, sizeof(ret->say), m->say);
}

static void read_conversation(const Troth__V1__DialOrder *m, struct dialer_order *ret)
{
    copy_words(ret->script, sizeof(ret->script), m->script);
    copy_words(ret->language, sizeof(ret->language), m->language);
    copy_words(ret->opening, sizeof(ret->opening), m->opening);
    copy_words(ret->closing, sizeof(ret->closing), m->closing);
    for (size_t i = 0; i < m->n_items && ret->item_count < DIALER_ITEMS_MAX; i++) {
        ret->item_count += read_item(m->items[i], &ret->items[ret->item_count]) ? 1 : 0;
    }
    for (size_t i = 0; i < m->n_agenda && ret->reason_count < DIALER_AGENDA_MAX; i++) {
        read_reason(m->agenda[i], &ret->agenda[ret->reason_count++]);
    }
}

/* Without a channel it is a call: schedulers of before said none. */
int dialer_wire_read_order(const Troth__V1__DialOrder *message, struct dialer_order *ret)
{
    const Troth__V1__DialOrder *m = message;
    *ret = (struct dialer_order){
        .channel = m->has_channel ? (int32_t)m->channel : (int32_t)TROTH__V1__CHANNEL__CHANNEL_CALL,
        .attempt = m->attempt,
        .service_case = m->service_case,
        .promises_kept = m->promises_kept,
        .promises_broken = m->promises_broken,
        .start_by_us = m->start_by_us,
        .now_us = m->now_us,
        .window_end_us = m->has_window_end_us ? m->window_end_us : INT64_MAX,
    };
    if (!trace_context_read(m->trace, ret->trace)) {
        ret->trace[0] = '\0';
    }
    bool has_key = m->key && text_copy(ret->key, sizeof(ret->key), m->key);
    bool is_mail = ret->channel == (int32_t)TROTH__V1__CHANNEL__CHANNEL_MAIL;
    bool is_reachable = !text_is_empty(is_mail ? m->address : m->phone) &&
                        text_copy(ret->phone, sizeof(ret->phone), m->phone ? m->phone : "") &&
                        text_copy(ret->address, sizeof(ret->address), m->address ? m->address : "");
    read_conversation(m, ret);
    return has_key && is_reachable && m->has_start_by_us && m->has_now_us ? 0 : -1;
}

static char *text_or_null(char *text)
{
    return text[0] ? text : NULL;
}

void dialer_wire_fill_result(char *key, struct dialer_result *r, struct dialer_wire_result *ret)
{
    troth__v1__dial_result__init(&ret->result);
    ret->result.key = key;
    ret->result.has_outcome = ret->result.has_started_us = ret->result.has_ended_us = true;
    ret->result.outcome = (Troth__V1__CallOutcome)r->outcome;
    ret->result.started_us = r->started_us;
    ret->result.ended_us = r->ended_us;
    for (size_t i = 0; i < r->answer_count; i++) {
        troth__v1__dialed_answer__init(&ret->answers[i]);
        ret->answers[i].code = text_or_null(r->answers[i].code);
        ret->answers[i].has_instrument = r->answers[i].instrument != 0;
        ret->answers[i].has_value = true;
        ret->answers[i].instrument = (Troth__V1__SurveyInstrument)r->answers[i].instrument;
        ret->answers[i].value = r->answers[i].value;
        ret->pointers[i] = &ret->answers[i];
    }
    ret->result.n_answers = r->answer_count;
    ret->result.answers = ret->pointers;
    ret->result.has_call_back_us = r->call_back_us != 0;
    ret->result.call_back_us = r->call_back_us;
    ret->result.has_refusal = r->refusal != 0;
    ret->result.refusal = (Troth__V1__DialRefusal)r->refusal;
    ret->result.note = text_or_null(r->note);
    ret->result.new_phone = text_or_null(r->new_phone);
    ret->result.language = text_or_null(r->language);
}
