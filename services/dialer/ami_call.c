/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/ami_call.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/xalloc.h"
#include "services/dialer/ami_outcome.h"
#include "services/dialer/sip_rules.h"

enum {
    MISSES_MAX = 2
};

struct ami_call *ami_call_new(const char *key)
{
    struct ami_call *call = xcalloc(1, sizeof(*call));
    (void)text_copy(call->order.key, sizeof(call->order.key), key);
    /* A key has no '_', and a channel's id takes no '/'. */
    (void)text_format(call->id, sizeof(call->id), "troth-%s", key);
    for (char *c = strchr(call->id, '/'); c; c = strchr(c, '/')) {
        *c = '_';
    }
    call->begun_us = instant_monotonic_us();
    return call;
}

void ami_call_free(struct ami_call *call)
{
    explicit_bzero(call, sizeof(*call));
    free(call);
}

/* ---- asking for it */

static void wipe_order(struct dialer_order *order)
{
    explicit_bzero(order->phone, sizeof(order->phone));
    explicit_bzero(order->address, sizeof(order->address));
}

/* What a dialplan may want to know. Commas part variables in old versions, so texts stay out. */
static int add_variable(struct text *out, const char *name, const char *value)
{
    char line[128];
    if (strpbrk(value, ",\"\\") != NULL || !text_format(line, sizeof(line), "%s=%s", name, value)) {
        return -1;
    }
    return ami_action_add(out, "Variable", line);
}

static int add_items(struct text *out, const struct dialer_order *o)
{
    char codes[DIALER_ITEMS_MAX * DIALER_CODE_SIZE] = "";
    char line[sizeof(codes) + 32];
    size_t len = 0;
    for (size_t i = 0; i < o->item_count; i++) {
        (void)text_format(codes + len, sizeof(codes) - len, "%s%s", i > 0 ? "&" : "",
                          o->items[i].code);
        len = strlen(codes);
    }
    (void)text_format(line, sizeof(line), "TROTH_ITEMS=%s", codes);
    return ami_action_add(out, "Variable", line);
}

int ami_call_originate(struct ami_call *call, const struct dialer_asterisk_settings *s,
                       struct text *out)
{
    const struct dialer_order *o = &call->order;
    char number[64], timeout[24];
    (void)text_format(timeout, sizeof(timeout), "%lld", (long long)(s->ring_us / DURATION_MS));
    if (sip_rules_number(o->phone, number, sizeof(number)) < 0) {
        return -1;
    }
    ami_action_begin(out, "Originate", o->key);
    int rc = ami_action_add(out, "Channel", s->channel);
    rc = rc < 0 ? rc : ami_action_add(out, "ChannelId", call->id);
    rc = rc < 0 ? rc : ami_action_add(out, "Context", s->context);
    rc = rc < 0 ? rc : ami_action_add(out, "Exten", number);
    rc = rc < 0 ? rc : ami_action_add(out, "Priority", "1");
    rc = rc < 0 ? rc : ami_action_add(out, "Timeout", timeout);
    rc = rc < 0 || text_is_empty(s->caller) ? rc : ami_action_add(out, "CallerID", s->caller);
    rc = rc < 0 ? rc : ami_action_add(out, "Async", "true");
    rc = rc < 0 ? rc : add_variable(out, "TROTH_ORDER", o->key);
    rc = rc < 0 ? rc : add_variable(out, "TROTH_SCRIPT", o->script);
    rc = rc < 0 ? rc : add_variable(out, "TROTH_LANGUAGE", o->language);
    rc = rc < 0 ? rc : add_items(out, o);
    ami_action_end(out);
    explicit_bzero(number, sizeof(number));
    wipe_order(&call->order);
    return rc;
}

/* ---- what the dialplan tells */

static int32_t instrument_of(const struct dialer_order *order, const char *code)
{
    for (size_t i = 0; i < order->item_count; i++) {
        if (strcmp(order->items[i].code, code) == 0) {
            return order->items[i].instrument;
        }
    }
    return 0;
}

static bool is_in_range(const struct dialer_order *order, const char *code, int64_t value)
{
    for (size_t i = 0; i < order->item_count; i++) {
        if (strcmp(order->items[i].code, code) == 0) {
            return value >= order->items[i].low && value <= order->items[i].high;
        }
    }
    /* After a restart nobody knows what was asked; the scheduler does. */
    return order->item_count == 0;
}

int ami_call_answer(struct ami_call *call, const struct ami_message *m)
{
    const char *code = ami_message_get(m, "Code");
    int64_t value = 0;
    struct dialer_result *r = &call->result;
    size_t i = 0;
    if (text_is_empty(code) || strlen(code) >= DIALER_CODE_SIZE ||
        text_to_int64(ami_message_get(m, "Value"), 0, 999, &value) < 0 ||
        !is_in_range(&call->order, code, value)) {
        return -1;
    }
    while (i < r->answer_count && strcmp(r->answers[i].code, code) != 0) {
        i++; /* who answers twice means the last one */
    }
    if (i == DIALER_ANSWERS_MAX) {
        return -1;
    }
    r->answer_count = i == r->answer_count ? i + 1 : r->answer_count;
    (void)text_copy(r->answers[i].code, DIALER_CODE_SIZE, code);
    r->answers[i].instrument = instrument_of(&call->order, code);
    r->answers[i].value = (int32_t)value;
    return 0;
}

int ami_call_outcome(struct ami_call *call, const struct ami_message *m)
{
    int32_t outcome = 0;
    if (ami_outcome_parse(ami_message_get(m, "Outcome"), &outcome) < 0) {
        return -1;
    }
    call->reported = outcome;
    (void)!ami_outcome_parse_refusal(ami_message_get(m, "Refusal"), &call->result.refusal);
    (void)!instant_parse(ami_message_get(m, "CallBack"), &call->result.call_back_us);
    return 0;
}

bool ami_call_keeps_channel(const char *channel)
{
    static const char local[] = "Local/";
    if (strncasecmp(channel, local, strlen(local)) != 0) {
        return true;
    }
    const char *options = strchr(channel + strlen(local), '/');
    return options && strchr(options, 'n');
}

bool ami_call_is_missed(struct ami_call *call, int64_t now_us, int64_t grace_us)
{
    /* What was sent a moment ago may not have a channel yet. */
    if (call->is_found || !call->is_sent || (!call->is_old && now_us - call->sent_us < grace_us)) {
        call->misses = 0;
        return false;
    }
    return call->is_old || ++call->misses >= MISSES_MAX;
}

int32_t ami_call_verdict(const struct ami_call *call)
{
    const struct dialer_order *o = &call->order;
    if (call->reported) {
        return call->reported;
    }
    if (call->is_customer_up || call->result.answer_count > 0) {
        return ami_outcome_of_talk(o->items, o->item_count, &call->result);
    }
    return call->has_leg ? call->leg : 0;
}
