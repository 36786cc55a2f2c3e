/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_numbers.c - calls waiting for their number, by the key of the order to come, which is
 * the request's id.
 *
 * Questions go out in batches. One that got no answer is sent again each second; one that could not
 * be handed over (the queue to intake is short) right after. In the last quarter of the claim the
 * call gives up: an order of a claim that is over would only be refused by the database.
 */
#include "services/followup/followup_numbers.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/crash_point.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/followup/followup.h"
#include "services/followup/followup_call.h"
#include "services/followup/followup_orders.h"

enum {
    BATCH_MAX = 128, /* questions in a message; a DisclosureBatch holds no more */
    WHO_MAX = 128,   /* bytes of on_behalf_of */
};

#define LOOK_EVERY_US (10 * DURATION_MS)
#define ASK_AGAIN_US  DURATION_S

struct followup_numbers {
    struct followup *followup;
    struct loop_timer *timer;
    struct followup_call *waiting; /* in the order of asking */
    struct followup_call *by_key;  /* the same */
    struct buffer request;         /* reused */
    /* of the message that is being made */
    struct followup_call *asked[BATCH_MAX];
    Troth__V1__DisclosureRequest questions[BATCH_MAX], *list[BATCH_MAX];
    char purposes[BATCH_MAX][64];
};

/* NOLINTNEXTLINE(readability-function-size): of uthash */
static void take_out(struct followup_numbers *n, struct followup_call *call)
{
    followup_call_remove(&n->waiting, call);
    HASH_DEL(n->by_key, call);
}

static void hand_on(struct followup_numbers *n, struct followup_call *call,
                    enum follow_up_event event)
{
    take_out(n, call);
    call->event = event;
    if (call->on_number) {
        call->on_number(call);
    } else {
        followup_orders_add(n->followup->orders, call);
    }
}

static bool is_mail(const struct followup_call *call)
{
    return call->due.follow_up.channel == (int32_t)TROTH__V1__CHANNEL__CHANNEL_MAIL;
}

/* Who will see the number, when it can be said in one word of a size that intake takes. */
static char *who_of(const struct followup_call *call)
{
    char *name = call->dialer ? call->dialer->name : NULL;
    return name && strlen(name) <= WHO_MAX && !strpbrk(name, " \t\r\n") ? name : NULL;
}

static void fill(struct followup_numbers *n, size_t i, struct followup_call *call)
{
    char number[IDENTIFIER_TEXT_SIZE];
    Troth__V1__DisclosureRequest *r = &n->questions[i];
    (void)text_format(n->purposes[i], sizeof(n->purposes[i]), "follow_up %s",
                      identifier_format(IDENTIFIER_FOLLOW_UP, call->due.follow_up.number, number));
    *r = (Troth__V1__DisclosureRequest)TROTH__V1__DISCLOSURE_REQUEST__INIT;
    r->request_id = call->key;
    r->has_kind = r->has_customer = true;
    r->kind = is_mail(call) ? TROTH__V1__DISCLOSURE_KIND__DISCLOSURE_KIND_EMAIL
                            : TROTH__V1__DISCLOSURE_KIND__DISCLOSURE_KIND_PHONE;
    r->customer = call->due.follow_up.customer;
    r->purpose = n->purposes[i];
    r->on_behalf_of = who_of(call);
    n->list[i] = r;
}

/* Asks for the first count of n->asked. Returns false when the queue is full. */
static bool send(struct followup_numbers *n, size_t count, int64_t now_us)
{
    Troth__V1__DisclosureBatch batch = TROTH__V1__DISCLOSURE_BATCH__INIT;
    Troth__V1__IntakeRequest request = TROTH__V1__INTAKE_REQUEST__INIT;
    for (size_t i = 0; i < count; i++) {
        fill(n, i, n->asked[i]);
    }
    batch.n_requests = count;
    batch.requests = n->list;
    request.body_case = TROTH__V1__INTAKE_REQUEST__BODY_DISCLOSURES;
    request.disclosures = &batch;
    buffer_clear(&n->request);
    size_t len = troth__v1__intake_request__get_packed_size(&request);
    (void)troth__v1__intake_request__pack(&request, buffer_extend(&n->request, len));
    struct bytes body = {.data = n->request.data, .len = n->request.len};
    if (bus_send(n->followup->intake, body) < 0) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        n->asked[i]->next_ask_us = now_us + ASK_AGAIN_US;
        CRASH_POINT("followup.number.asked");
    }
    return true;
}

static void look(void *ctx)
{
    struct followup_numbers *n = ctx;
    int64_t now_us = instant_monotonic_us();
    /* What a claim must still last when the number comes. */
    int64_t time_to_order_us = n->followup->settings->claim_for_us / 4;
    bool has_room = true;
    size_t count = 0;
    struct followup_call *next;
    for (struct followup_call *call = n->waiting; call; call = next) {
        next = call->next;
        if (now_us > call->claim_until_us - time_to_order_us) {
            hand_on(n, call, FOLLOW_UP_CLAIM_ENDED);
        } else if (has_room && call->next_ask_us <= now_us) {
            n->asked[count++] = call;
        }
        if (count == BATCH_MAX || (count > 0 && !next)) {
            has_room = send(n, count, now_us);
            count = 0;
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
        HASH_CLEAR(hh, n->by_key);
        followup_call_free_list(&n->waiting);
        loop_timer_free(n->timer);
        buffer_free(&n->request);
        free(n);
    }
}

/* NOLINTNEXTLINE(readability-function-size): of uthash */
static struct followup_call *find(const struct followup_numbers *n, const char *key)
{
    struct followup_call *call;
    HASH_FIND_STR(n->by_key, key, call);
    return call;
}

/* NOLINTNEXTLINE(readability-function-size): of uthash */
void followup_numbers_ask(struct followup_numbers *n, struct followup_call *call)
{
    struct followup_call *old = find(n, call->key);
    if (old) {
        /* Our own claim of it ran out while we still waited: the newer one goes on. */
        take_out(n, old);
        followup_call_free(old);
    }
    followup_call_append(&n->waiting, call);
    HASH_ADD_STR(n->by_key, key, call);
    loop_timer_after(n->timer, 0);
}

static const char *find_text(const Troth__V1__DisclosureReply *reply, const char *field)
{
    for (size_t i = 0; i < reply->n_texts; i++) {
        const Troth__V1__DisclosedText *t = reply->texts[i];
        if (t->field && strcmp(t->field, field) == 0 && !text_is_empty(t->text)) {
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
    CRASH_POINT("followup.number.answered");
    const char *phone = find_text(reply, is_mail(call) ? "email" : "phone");
    bool is_usable = phone && text_copy(call->phone, sizeof(call->phone), phone);
    hand_on(n, call, is_usable ? FOLLOW_UP_IS_ORDERED : FOLLOW_UP_HAS_NO_PHONE);
}

bool followup_numbers_is_busy(const struct followup_numbers *n)
{
    return n->waiting != NULL;
}
