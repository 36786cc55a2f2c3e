/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_order_message.h"

#include <string.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "dialer.pb-c.h"
#include "services/followup/agenda_script.h"
#include "services/followup/followup.h"
#include "services/followup/worklist_desk.h"

/* What the message points to, apart from the agenda. */
struct order_texts {
    char key[FOLLOWUP_ORDER_KEY_SIZE];
    char reach[FOLLOWUP_PHONE_SIZE]; /* number or address */
    char language[ARBITRATION_LANGUAGE_SIZE];
    char script[FOLLOW_UP_RULE_SIZE];
    char trace[TRACE_CONTEXT_SIZE];
};

/* Whom, how and until when. */
static void fill_reach(const struct followup_call *call, struct order_texts *t,
                       Troth__V1__DialOrder *order)
{
    const struct follow_up *f = &call->due.follow_up;
    bool is_mail = f->channel == (int32_t)TROTH__V1__CHANNEL__CHANNEL_MAIL;
    (void)text_copy(t->key, sizeof(t->key), call->key);
    (void)text_copy(t->reach, sizeof(t->reach), call->phone);
    order->key = t->key;
    order->has_follow_up = order->has_attempt = order->has_channel = true;
    order->follow_up = f->number;
    order->attempt = f->attempts;
    order->channel = (Troth__V1__Channel)f->channel;
    order->phone = is_mail || !t->reach[0] ? NULL : t->reach;
    order->address = is_mail ? t->reach : NULL;
    order->has_start_by_us = order->has_now_us = order->has_window_end_us = true;
    order->start_by_us = call->start_by_us;
    order->now_us = call->ordered_us;
    order->window_end_us = f->window_end_us;
    (void)text_copy(t->trace, sizeof(t->trace), f->trace);
    order->trace = t->trace[0] ? t->trace : NULL;
}

/* A person may ask for what to say in another language. */
static const char *language_to_speak(const struct followup_call *call, const struct order_texts *t)
{
    const struct worklist_take *take = call->dialer->take;
    return take && take->language[0] ? take->language : t->language;
}

/* About what. */
static void fill_matter(const struct followup *f, const struct followup_call *call,
                        struct order_texts *t, struct arena *arena, Troth__V1__DialOrder *order)
{
    const struct follow_up *about = &call->due.follow_up;
    const struct agenda *agenda = call->agenda;
    struct err err = ERR_NONE;
    bool has_script = agenda && agenda->count > 0 && agenda->reasons[0].script[0];
    (void)text_copy(t->language, sizeof(t->language), call->due.facts.language);
    (void)text_copy(t->script, sizeof(t->script),
                    has_script ? agenda->reasons[0].script : about->rule);
    order->language = t->language[0] ? t->language : NULL;
    order->script = t->script;
    order->has_service_case = about->service_case != 0;
    order->service_case = about->service_case;
    order->has_promises_kept = order->has_promises_broken = true;
    order->promises_kept = call->due.facts.promises_kept;
    order->promises_broken = call->due.facts.promises_broken;
    if (agenda && agenda_script_fill(f->questionnaire, agenda, language_to_speak(call, t), arena,
                                     order, &err) < 0) {
        /* The call is worth making all the same. */
        log_error("order_without_script", LOG_TEXT("order", call->key), LOG_ERR(&err));
    }
}

/* For who follows a trace through the logs. */
static void log_traced(const struct followup_call *call)
{
    const struct follow_up *f = &call->due.follow_up;
    char id[TRACE_CONTEXT_ID_SIZE];
    if (trace_context_is_sampled(f->trace)) {
        log_info("ordered", LOG_TEXT("trace", trace_context_id(f->trace, id)),
                 LOG_TEXT("order", call->key), LOG_TEXT("dialer", call->dialer->name));
    }
}

int followup_order_message_send(const struct followup *f, const struct followup_call *call,
                                struct arena *arena)
{
    struct order_texts texts;
    Troth__V1__DialOrder order = TROTH__V1__DIAL_ORDER__INIT;
    Troth__V1__DialerReply message = TROTH__V1__DIALER_REPLY__INIT;
    fill_reach(call, &texts, &order);
    fill_matter(f, call, &texts, arena, &order);
    message.body_case = TROTH__V1__DIALER_REPLY__BODY_ORDER;
    message.order = &order;
    int rc = 0;
    log_traced(call);
    if (call->dialer->take) {
        worklist_take_give(call->dialer->take, call, &order);
    } else {
        rc = followup_send_to_dialer(f, call->dialer, &message);
    }
    explicit_bzero(texts.reach, sizeof(texts.reach));
    arena_reset(arena);
    return rc;
}
