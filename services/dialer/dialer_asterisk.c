/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialer_asterisk.c - the driver `asterisk`: a PBX calls an agent (or a queue, or a dialplan that
 * asks by itself) and then the customer; we tell it to and read its events.
 *
 * The first leg's channel has the order's key in its unique id (ChannelId), and a PBX gives that id
 * to all channels of the call as Linkedid: by it events are known to be ours, and by it a PBX that
 * was out of sight is asked which of our calls it still has. So one key is one call there, too.
 *
 *   Originate refused, or the first leg not reached       failed: no customer was called
 *   the customer's leg ends without an answer             by its DialStatus (ami_outcome.h)
 *   UserEvent TrothAnswer, TrothOutcome of the dialplan   answers, and what an agent says came of
 * it the first leg is hung up                              the call is over
 *
 * When the connection breaks, calls go on without us. Once it is back, those that the PBX does not
 * have any more are over: what is known of them is told, and where that is nothing they are given
 * up and stay placed. An order whose Originate may have been lost on the way is one of them. The
 * same holds for a call whose end we were never told of: now and then the PBX is asked what it has,
 * and who is not among that twice in a row is over. After
 * a restart of ours resume() does the same for what the journal has. Nothing here dials twice.
 */
#include "services/dialer/dialer_asterisk.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <utlist.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "dialer.pb-c.h"
#include "services/dialer/ami_call.h"
#include "services/dialer/ami_link.h"
#include "services/dialer/ami_outcome.h"
#include "services/dialer/dialer_driver.h"
#include "services/dialer/dialer_settings.h"
#include "services/dialer/sip_rules.h"

#define LOOK_EVERY_US (500 * DURATION_MS)
#define LOOK_ID       "troth-look"
#define LOOK_RINGS    4 /* ring times between two looks at the calls that go on */
#define OUTCOME(name) ((int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_##name)

struct pbx {
    struct dialer_driver_context context;
    struct ami_link *link;
    struct loop_timer *timer, *look_timer;
    struct ami_call *calls;
    int looks; /* lists of channels that were asked for and have not come */
};

/* ---- calls */

static struct ami_call *find(const struct pbx *p, const char *id)
{
    struct ami_call *call = p->calls;
    while (call && strcmp(call->id, id) != 0) {
        call = call->next;
    }
    return call;
}

static struct ami_call *find_by_key(const struct pbx *p, const char *key)
{
    struct ami_call *call = p->calls;
    while (call && strcmp(call->order.key, key) != 0) {
        call = call->next;
    }
    return call;
}

static void forget(struct pbx *p, struct ami_call *call)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): what is in a list has one */
    DL_DELETE(p->calls, call);
    ami_call_free(call);
}

static void finish(struct pbx *p, struct ami_call *call, int32_t outcome)
{
    char key[DIALER_KEY_SIZE];
    struct dialer_result result = call->result;
    result.outcome = outcome;
    /* After a restart the order's business time is not known; in production it is the real one. */
    result.started_us = call->order.now_us ? call->order.now_us : instant_now_us();
    result.ended_us = result.started_us + (instant_monotonic_us() - call->begun_us);
    (void)text_copy(key, sizeof(key), call->order.key);
    forget(p, call);
    p->context.finished(p->context.ctx, key, &result);
}

static void give_up(struct pbx *p, struct ami_call *call)
{
    char key[DIALER_KEY_SIZE];
    (void)text_copy(key, sizeof(key), call->order.key);
    log_warning("call_unknown", LOG_TEXT("order", key));
    forget(p, call);
    p->context.given_up(p->context.ctx, key);
}

static void fail(struct pbx *p, struct ami_call *call, const char *why)
{
    log_warning("call_failed", LOG_TEXT("order", call->order.key), LOG_TEXT("code", why));
    finish(p, call, OUTCOME(FAILED));
}

/* The PBX has it no more. What was seen decides. */
static void settle(struct pbx *p, struct ami_call *call)
{
    int32_t outcome = ami_call_verdict(call);
    if (outcome != 0) {
        finish(p, call, outcome);
    } else {
        give_up(p, call);
    }
}

/* ---- telling the PBX to call */

static void originate(struct pbx *p, struct ami_call *call)
{
    char number[64];
    struct text out = {.data = NULL};
    if (dialer_start_is_past(dialer_order_start(&call->order), dialer_clocks_in(0))) {
        fail(p, call, "too_late");
    } else if (sip_rules_number(call->order.phone, number, sizeof(number)) < 0) {
        finish(p, call, OUTCOME(INVALID_NUMBER));
    } else if (ami_call_originate(call, &p->context.settings->asterisk, &out) < 0) {
        fail(p, call, "order_unwritable");
    } else {
        call->is_sent = true;
        call->sent_us = instant_monotonic_us();
        ami_link_send(p->link, &out);
    }
    explicit_bzero(number, sizeof(number));
    if (out.data) {
        explicit_bzero(out.data, out.len);
    }
    text_free(&out);
}

static void originate_waiting(struct pbx *p)
{
    struct ami_call *next = NULL;
    for (struct ami_call *call = p->calls; call; call = next) {
        next = call->next;
        if (!call->is_sent) {
            originate(p, call);
        }
    }
}

/* Orders that wait for a connection do not wait past their start-by. */
static void on_time(void *ctx)
{
    struct pbx *p = ctx;
    struct ami_call *next = NULL;
    bool is_waiting = false;
    for (struct ami_call *call = p->calls; call; call = next) {
        next = call->next;
        if (!call->is_sent &&
            dialer_start_is_past(dialer_order_start(&call->order), dialer_clocks_in(0))) {
            fail(p, call, "no_pbx");
        } else {
            is_waiting |= !call->is_sent;
        }
    }
    if (is_waiting) {
        loop_timer_after(p->timer, LOOK_EVERY_US);
    }
}

/* ---- what the PBX says */

static void tell_progress(const struct pbx *p, const struct ami_call *call, int stage)
{
    p->context.progress(p->context.ctx, call->order.key, stage);
}

/* Of the customer's leg; the agent's, and those of a queue, end before the first leg is up. */
static bool is_of_customer(const struct pbx *p, const struct ami_call *call,
                           const struct ami_message *m)
{
    return call->is_first_up ||
           strcmp(ami_message_get(m, "Context"), p->context.settings->asterisk.context) == 0;
}

static void on_originated(struct pbx *p, struct ami_call *call, const struct ami_message *m)
{
    if (strcasecmp(ami_message_get(m, "Response"), "Failure") == 0) {
        fail(p, call, "agent_not_reached");
        return;
    }
    if (call->is_gone) {
        fail(p, call, "hung_up_before_dialing");
        return;
    }
    call->is_first_up = true;
}

static void on_dial_begin(struct pbx *p, struct ami_call *call, const struct ami_message *m)
{
    if (is_of_customer(p, call, m)) {
        tell_progress(p, call, TROTH__V1__DIAL_STAGE__DIAL_STAGE_RINGING);
    }
}

static int64_t read_cause(const struct ami_message *m)
{
    int64_t cause = 0;
    (void)!text_to_int64(ami_message_get(m, "Cause"), 0, 127, &cause);
    return cause;
}

static void on_dial_end(struct pbx *p, struct ami_call *call, const struct ami_message *m)
{
    if (!is_of_customer(p, call, m)) {
        return;
    }
    int32_t outcome = ami_outcome_of_leg(ami_message_get(m, "DialStatus"), 0);
    if (outcome == 0) {
        call->is_customer_up = true;
        tell_progress(p, call, TROTH__V1__DIAL_STAGE__DIAL_STAGE_CONNECTED);
    } else {
        call->has_leg = true;
        call->leg = outcome;
    }
}

static void on_hangup(struct pbx *p, struct ami_call *call, const struct ami_message *m)
{
    /* Any leg may be the first to say that there is no such number. */
    int32_t outcome = ami_outcome_of_leg("", read_cause(m));
    if (call->has_leg && call->leg == OUTCOME(FAILED)) {
        call->leg = outcome;
    }
    if (strcmp(ami_message_get(m, "Uniqueid"), call->id) != 0) {
        return;
    }
    if (!call->is_first_up && !call->is_customer_up && !call->has_leg && !call->is_old) {
        /* OriginateResponse says why, and comes after this. */
        call->is_gone = true;
        return;
    }
    if (!call->is_customer_up && !call->has_leg && !call->is_old && !call->reported) {
        fail(p, call, "hung_up_before_dialing");
        return;
    }
    settle(p, call);
}

static void on_answer(const struct pbx *p, struct ami_call *call, const struct ami_message *m)
{
    if (ami_call_answer(call, m) < 0) {
        log_warning("answer_unreadable", LOG_TEXT("order", call->order.key));
    } else if (call->result.answer_count == 1) {
        tell_progress(p, call, TROTH__V1__DIAL_STAGE__DIAL_STAGE_ASKING);
    }
}

static void on_outcome(struct ami_call *call, const struct ami_message *m)
{
    if (ami_call_outcome(call, m) < 0) {
        log_warning("outcome_unreadable", LOG_TEXT("order", call->order.key));
    }
}

static void on_user_event(struct pbx *p, const struct ami_message *m)
{
    const char *name = ami_message_get(m, "UserEvent");
    struct ami_call *call = find_by_key(p, ami_message_get(m, "Order"));
    if (call && strcasecmp(name, "TrothAnswer") == 0) {
        on_answer(p, call, m);
    } else if (call && strcasecmp(name, "TrothOutcome") == 0) {
        on_outcome(call, m);
    }
}

/* Of a channel that the PBX has. */
static void on_channel(struct pbx *p, const struct ami_message *m)
{
    struct ami_call *call = find(p, ami_message_get(m, "Linkedid"));
    call = call ? call : find(p, ami_message_get(m, "Uniqueid"));
    if (call) {
        call->is_found = true;
    }
}

/* Returns false when a later list began anew. */
static bool is_last_look(struct pbx *p)
{
    return --p->looks <= 0;
}

static void on_all_channels(struct pbx *p)
{
    struct ami_call *next = NULL;
    if (!is_last_look(p)) {
        return;
    }
    for (struct ami_call *call = p->calls; call; call = next) {
        next = call->next;
        if (ami_call_is_missed(call, instant_monotonic_us(),
                               p->context.settings->asterisk.ring_us)) {
            settle(p, call);
        }
    }
}

/* Our user may not ask. Calls that went out of sight are then nobody's to tell; of the others their
 * events tell. */
static void on_look_refused(struct pbx *p)
{
    struct ami_call *next = NULL;
    log_error("pbx_look_refused", LOG_END);
    if (!is_last_look(p)) {
        return;
    }
    for (struct ami_call *call = p->calls; call; call = next) {
        next = call->next;
        if (call->is_old) {
            settle(p, call);
        }
    }
}

static void on_response(struct pbx *p, const struct ami_message *m)
{
    const char *id = ami_message_get(m, "ActionID");
    bool is_error = strcasecmp(ami_message_get(m, "Response"), "Error") == 0;
    struct ami_call *call = find_by_key(p, id);
    if (is_error && strcmp(id, LOOK_ID) == 0) {
        on_look_refused(p);
        return;
    }
    if (call && call->is_sent && is_error) {
        fail(p, call, "originate_refused");
    }
}

static struct ami_call *call_of(const struct pbx *p, const struct ami_message *m)
{
    struct ami_call *call = find(p, ami_message_get(m, "Linkedid"));
    call = call ? call : find(p, ami_message_get(m, "DestLinkedid"));
    return call ? call : find(p, ami_message_get(m, "Uniqueid"));
}

static void on_received(void *ctx, const struct ami_message *m)
{
    static const struct {
        const char *event;
        void (*handle)(struct pbx *p, struct ami_call *call, const struct ami_message *m);
    } rows[] = {
        {"DialBegin", on_dial_begin},
        {"DialEnd",   on_dial_end  },
        {"Hangup",    on_hangup    },
    };
    struct pbx *p = ctx;
    const char *event = ami_message_get(m, "Event");
    struct ami_call *call = NULL;
    if (text_is_empty(event)) {
        on_response(p, m);
    } else if (strcasecmp(event, "UserEvent") == 0) {
        on_user_event(p, m);
    } else if (strcasecmp(event, "OriginateResponse") == 0) {
        call = find_by_key(p, ami_message_get(m, "ActionID"));
        if (call) {
            on_originated(p, call, m);
        }
    } else if (strcasecmp(event, "CoreShowChannel") == 0) {
        on_channel(p, m);
    } else if (strcasecmp(event, "CoreShowChannelsComplete") == 0) {
        on_all_channels(p);
    }
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcasecmp(event, rows[i].event) == 0 && (call = call_of(p, m)) != NULL) {
            rows[i].handle(p, call, m);
        }
    }
}

/* ---- connections */

static void look(struct pbx *p)
{
    struct text out = {.data = NULL};
    for (struct ami_call *call = p->calls; call; call = call->next) {
        call->is_found = false;
    }
    ami_action_begin(&out, "CoreShowChannels", LOOK_ID);
    ami_action_end(&out);
    ami_link_send(p->link, &out);
    p->looks++;
    text_free(&out);
}

static void look_again(void *ctx)
{
    struct pbx *p = ctx;
    if (ami_link_is_ready(p->link) && p->calls) {
        look(p);
    }
    loop_timer_after(p->look_timer, LOOK_RINGS * p->context.settings->asterisk.ring_us);
}

static void on_logged_in(void *ctx)
{
    struct pbx *p = ctx;
    look(p);
    originate_waiting(p);
}

static void on_lost(void *ctx)
{
    struct pbx *p = ctx;
    p->looks = 0;
    for (struct ami_call *call = p->calls; call; call = call->next) {
        call->is_old = call->is_sent;
    }
}

/* ---- the driver */

static void close_pbx(void *driver)
{
    struct pbx *p = driver;
    if (p) {
        struct ami_call *next = NULL;
        ami_link_close(p->link);
        for (struct ami_call *call = p->calls; call; call = next) {
            next = call->next;
            forget(p, call);
        }
        loop_timer_free(p->timer);
        loop_timer_free(p->look_timer);
        free(p);
    }
}

static void *open_pbx(const struct dialer_driver_context *context, struct err *err)
{
    const struct dialer_asterisk_settings *s = &context->settings->asterisk;
    if (text_is_empty(s->server) || text_is_empty(s->channel) || text_is_empty(s->context)) {
        (void)err_set(err, "setting_invalid",
                      "asterisk_server, asterisk_channel and asterisk_context must be set");
        return NULL;
    }
    if (!ami_call_keeps_channel(s->channel)) {
        log_warning("asterisk_channel_without_n", LOG_TEXT("channel", s->channel));
    }
    struct pbx *p = xcalloc(1, sizeof(*p));
    p->context = *context;
    p->timer = loop_timer_new(context->loop, on_time, p);
    p->look_timer = loop_timer_new(context->loop, look_again, p);
    loop_timer_after(p->look_timer, LOOK_RINGS * s->ring_us);
    const struct ami_link_options link = {
        .loop = context->loop,
        .server = s->server,
        .is_tls = s->is_tls,
        .ca_file = context->settings->ca_file,
        .user = s->user,
        .secret = s->password,
        .logged_in = on_logged_in,
        .lost = on_lost,
        .received = on_received,
        .ctx = p,
    };
    p->link = ami_link_open(&link, err);
    if (!p->link) {
        close_pbx(p);
        return NULL;
    }
    return p;
}

static struct ami_call *add_call(struct pbx *p, const char *key)
{
    struct ami_call *call = ami_call_new(key);
    DL_APPEND(p->calls, call);
    return call;
}

static void dial(void *driver, const struct dialer_order *order)
{
    struct pbx *p = driver;
    struct ami_call *call = add_call(p, order->key);
    call->order = *order;
    if (ami_link_is_ready(p->link)) {
        originate(p, call);
    } else if (!loop_timer_is_armed(p->timer)) {
        loop_timer_after(p->timer, LOOK_EVERY_US);
    }
}

static void resume(void *driver, const char *key)
{
    struct pbx *p = driver;
    struct ami_call *call = add_call(p, key);
    call->is_sent = true;
    call->is_old = true;
    if (ami_link_is_ready(p->link)) {
        look(p);
    }
}

const struct dialer_driver dialer_asterisk = {
    .name = "asterisk",
    .channels = 1U << TROTH__V1__CHANNEL__CHANNEL_CALL,
    .open = open_pbx,
    .dial = dial,
    .resume = resume,
    .close = close_pbx,
};
