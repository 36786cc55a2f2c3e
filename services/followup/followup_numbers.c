/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_numbers.c - calls waiting for their number, by the key of the order to come, which is
 * the request's id.
 *
 * A request that got no answer is sent again each second; one that could not be handed over (the
 * queue to intake is short) right after. In the last quarter of the claim the call gives up: an
 * order of a claim that is over would only be refused by the database.
 */
#include "services/followup/followup_numbers.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/followup/followup.h"
#include "services/followup/followup_call.h"
#include "services/followup/followup_orders.h"

#define LOOK_EVERY_US (10 * DURATION_MS)
#define ASK_AGAIN_US  DURATION_S

struct followup_numbers {
    struct followup *followup;
    struct loop_timer *timer;
    struct followup_call *waiting; /* in the order of asking, which is that of most answers */
    struct buffer request;         /* reused */
};

static void hand_on(struct followup_numbers *n, struct followup_call *call,
                    enum follow_up_event event)
{
    followup_call_remove(&n->waiting, call);
    call->event = event;
    followup_orders_add(n->followup->orders, call);
}

/* Returns false when the queue is full. */
static bool ask(struct followup_numbers *n, struct followup_call *call, int64_t now_us)
{
    char purpose[64];
    char number[IDENTIFIER_TEXT_SIZE];
    Troth__V1__DisclosureRequest disclosure = TROTH__V1__DISCLOSURE_REQUEST__INIT;
    Troth__V1__IntakeRequest request = TROTH__V1__INTAKE_REQUEST__INIT;
    (void)text_format(purpose, sizeof(purpose), "follow_up %s",
                      identifier_format(IDENTIFIER_FOLLOW_UP, call->due.follow_up.number, number));
    disclosure.request_id = call->key;
    disclosure.has_kind = disclosure.has_customer = true;
    disclosure.kind = TROTH__V1__DISCLOSURE_KIND__DISCLOSURE_KIND_PHONE;
    disclosure.customer = call->due.follow_up.customer;
    disclosure.purpose = purpose;
    request.body_case = TROTH__V1__INTAKE_REQUEST__BODY_DISCLOSURE;
    request.disclosure = &disclosure;
    buffer_clear(&n->request);
    size_t len = troth__v1__intake_request__get_packed_size(&request);
    (void)troth__v1__intake_request__pack(&request, buffer_extend(&n->request, len));
    struct bytes body = {.data = n->request.data, .len = n->request.len};
    if (bus_send(n->followup->intake, body) < 0) {
        return false;
    }
    call->next_ask_us = now_us + ASK_AGAIN_US;
    return true;
}

static void look(void *ctx)
{
    struct followup_numbers *n = ctx;
    int64_t now_us = instant_monotonic_us();
    /* What a claim must still last when the number comes. */
    int64_t time_to_order_us = n->followup->settings->claim_for_us / 4;
    bool has_room = true;
    struct followup_call *next;
    for (struct followup_call *call = n->waiting; call; call = next) {
        next = call->next;
        if (now_us > call->claim_until_us - time_to_order_us) {
            hand_on(n, call, FOLLOW_UP_CLAIM_ENDED);
        } else if (has_room && call->next_ask_us <= now_us) {
            has_room = ask(n, call, now_us);
        }
    }
    if (n->waiting) {
        loop_timer_after(n->timer, LOOK_EVERY_US);
    }
}

struct followup_numbers *followup_numbers_new(struct followup *f)
{
    struct followup_numbers *n = xcalloc(1, sizeof(*n));
    n->followup = f;
    n->timer = loop_timer_new(f->service->loop, look, n);
    return n;
}

void followup_numbers_free(struct followup_numbers *n)
{
    if (n) {
        followup_call_free_list(&n->waiting);
        loop_timer_free(n->timer);
        buffer_free(&n->request);
        free(n);
    }
}

static struct followup_call *find(const struct followup_numbers *n, const char *key)
{
    for (struct followup_call *call = n->waiting; call; call = call->next) {
        if (strcmp(call->key, key) == 0) {
            return call;
        }
    }
    return NULL;
}

void followup_numbers_ask(struct followup_numbers *n, struct followup_call *call)
{
    struct followup_call *old = find(n, call->key);
    if (old) {
        /* Our own claim of it ran out while we still waited: the newer one goes on. */
        followup_call_remove(&n->waiting, old);
        followup_call_free(old);
    }
    followup_call_append(&n->waiting, call);
    loop_timer_after(n->timer, 0);
}

static const char *find_phone(const Troth__V1__DisclosureReply *reply)
{
    for (size_t i = 0; i < reply->n_texts; i++) {
        const Troth__V1__DisclosedText *t = reply->texts[i];
        if (t->field && strcmp(t->field, "phone") == 0 && !text_is_empty(t->text)) {
            return t->text;
        }
    }
    return NULL;
}

void followup_numbers_on_reply(struct followup_numbers *n, const Troth__V1__DisclosureReply *reply)
{
    struct followup_call *call = find(n, reply->request_id ? reply->request_id : "");
    if (!call) {
        return; /* the answer to an earlier copy of the request */
    }
    if (!text_is_empty(reply->code) && strcmp(reply->code, "unavailable") == 0) {
        return; /* asked again within the second */
    }
    if (!text_is_empty(reply->code) && strcmp(reply->code, "not_permitted") == 0) {
        log_error("number_refused", LOG_TEXT("order", call->key));
        hand_on(n, call, FOLLOW_UP_NUMBER_REFUSED);
        return;
    }
    const char *phone = find_phone(reply);
    bool is_usable = phone && text_copy(call->phone, sizeof(call->phone), phone);
    hand_on(n, call, is_usable ? FOLLOW_UP_IS_ORDERED : FOLLOW_UP_HAS_NO_PHONE);
}

bool followup_numbers_is_busy(const struct followup_numbers *n)
{
    return n->waiting != NULL;
}
