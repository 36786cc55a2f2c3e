/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_receipts.c - a queue to a dialer takes few messages at once, a batch of fates has many:
 * what found no room is tried again for a moment. What none took until then is asked for by the
 * next copy of the result.
 */
#include "services/followup/followup_receipts.h"

#include <stdlib.h>

#include <utlist.h>

#include "common/base/crash_point.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/xalloc.h"
#include "dialer.pb-c.h"
#include "services/followup/followup.h"
#include "services/followup/followup_fates.h"

#define SEND_AGAIN_US (2 * DURATION_MS)
#define SEND_FOR_US   (500 * DURATION_MS)

struct followup_receipts {
    struct followup *followup;
    struct loop_timer *timer;
    struct followup_fate *unsent;
};

/* Returns false when it was not taken. */
static bool send_receipt(const struct followup_receipts *r, const struct followup_fate *fate)
{
    char key[FOLLOWUP_ORDER_KEY_SIZE];
    struct followup_dialer *dialer = followup_dialers_by_name(r->followup->dialers, fate->dialer);
    if (!dialer) {
        return true;
    }
    Troth__V1__DialResultReceipt receipt = TROTH__V1__DIAL_RESULT_RECEIPT__INIT;
    Troth__V1__DialerReply message = TROTH__V1__DIALER_REPLY__INIT;
    (void)followup_order_key(fate->follow_up, fate->attempt, key);
    receipt.key = key;
    message.body_case = TROTH__V1__DIALER_REPLY__BODY_RESULT_RECEIPT;
    message.result_receipt = &receipt;
    bool is_taken = followup_send_to_dialer(r->followup, dialer, &message) == 0;
    CRASH_POINT("followup.result.receipted");
    return is_taken;
}

/* NOLINTNEXTLINE(readability-function-size): of utlist */
static void send_all(void *ctx)
{
    struct followup_receipts *r = ctx;
    int64_t now_us = instant_monotonic_us();
    struct followup_fate *next;
    for (struct followup_fate *fate = r->unsent; fate; fate = next) {
        next = fate->next;
        if (send_receipt(r, fate) || now_us > fate->receipt_until_us) {
            DL_DELETE(r->unsent, fate);
            followup_fate_free(fate);
        }
    }
    if (r->unsent) {
        loop_timer_after(r->timer, SEND_AGAIN_US);
    }
}

void followup_receipts_add(struct followup_receipts *r, struct followup_fate *fate)
{
    fate->receipt_until_us = instant_monotonic_us() + SEND_FOR_US;
    if (!r->unsent) {
        loop_timer_after(r->timer, 0);
    }
    DL_APPEND(r->unsent, fate);
}

bool followup_receipts_is_busy(const struct followup_receipts *r)
{
    return r->unsent != NULL;
}

struct followup_receipts *followup_receipts_new(struct followup *f)
{
    struct followup_receipts *r = xcalloc(1, sizeof(*r));
    r->followup = f;
    r->timer = loop_timer_new(f->service->loop, send_all, r);
    return r;
}

/* NOLINTNEXTLINE(readability-function-size): of utlist */
void followup_receipts_free(struct followup_receipts *r)
{
    if (r) {
        while (r->unsent) {
            struct followup_fate *first = r->unsent;
            DL_DELETE(r->unsent, first);
            followup_fate_free(first);
        }
        loop_timer_free(r->timer);
        free(r);
    }
}
