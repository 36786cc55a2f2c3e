/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialer_simulated.c - the driver whose calls are simulated: the phone rings for a while, then the
 * simulation answers.
 *
 * After a restart it knows nothing of the calls that were under way: nobody can be asked.
 */
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/loop.h"
#include "dialer.pb-c.h"
#include "services/dialer/dial_witness.h"
#include "services/dialer/dialer_driver.h"
#include "services/dialer/dialer_settings.h"
#include "services/dialer/dialer_simulation.h"

struct simulated;

struct ringing {
    struct simulated *driver;
    struct loop_timer *timer;
    char key[DIALER_KEY_SIZE];
    struct dialer_result result;
    int64_t half_us;
    struct ringing *prev, *next;
};

struct simulated {
    struct dialer_driver_context context;
    struct ringing *calls;
};

static void *open_driver(const struct dialer_driver_context *context, struct err *err)
{
    if (dialer_simulation_check(&context->settings->simulation, err) < 0) {
        return NULL;
    }
    struct simulated *s = xcalloc(1, sizeof(*s));
    s->context = *context;
    return s;
}

static void forget(struct simulated *s, struct ringing *r)
{
    DL_DELETE(s->calls, r);
    loop_timer_free(r->timer);
    explicit_bzero(&r->result, sizeof(r->result));
    free(r);
}

static void tell(const struct simulated *s, const char *key, Troth__V1__DialStage stage)
{
    s->context.progress(s->context.ctx, key, (int32_t)stage);
}

/* Whether somebody picks up, who may be the wrong one. */
static bool is_picked_up(int32_t outcome)
{
    switch (outcome) {
    case TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_BUSY:
    case TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_NO_ANSWER:
    case TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_FAILED:
    case TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_INVALID_NUMBER:
    case TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_SENT:
        return false;
    default:
        return true;
    }
}

static void on_over(void *ctx)
{
    struct ringing *r = ctx;
    struct simulated *s = r->driver;
    s->context.finished(s->context.ctx, r->key, &r->result);
    forget(s, r);
}

/* Half of the time it rings, half of the time somebody talks. */
static void on_picked_up(void *ctx)
{
    struct ringing *r = ctx;
    const struct simulated *s = r->driver;
    if (is_picked_up(r->result.outcome)) {
        tell(s, r->key, TROTH__V1__DIAL_STAGE__DIAL_STAGE_CONNECTED);
    }
    if (r->result.answer_count > 0) {
        tell(s, r->key, TROTH__V1__DIAL_STAGE__DIAL_STAGE_ASKING);
    }
    loop_timer_free(r->timer);
    r->timer = loop_timer_new(s->context.loop, on_over, r);
    loop_timer_after(r->timer, r->half_us);
}

/* From the seed, as all the rest. */
static int64_t choose_length(const struct dialer_settings *settings,
                             const struct dialer_order *order)
{
    double roll = dialer_simulation_chance(&settings->simulation, order, "length");
    double factor = 1.0 + settings->ring_jitter * (2.0 * roll - 1.0);
    return (int64_t)((double)settings->ring_time_us * factor);
}

static void dial(void *driver, const struct dialer_order *order)
{
    struct simulated *s = driver;
    const struct dialer_settings *settings = s->context.settings;
    struct dialer_result result;
    DIAL_WITNESS(order->key);
    dialer_simulation_call(&settings->simulation, order, &result);
    if (settings->ring_time_us <= 0) {
        s->context.finished(s->context.ctx, order->key, &result);
        return;
    }
    struct ringing *r = xcalloc(1, sizeof(*r));
    r->driver = s;
    r->result = result;
    r->half_us = choose_length(settings, order) / 2;
    (void)text_copy(r->key, sizeof(r->key), order->key);
    r->timer = loop_timer_new(s->context.loop, on_picked_up, r);
    DL_APPEND(s->calls, r);
    loop_timer_after(r->timer, r->half_us);
    tell(s, order->key, TROTH__V1__DIAL_STAGE__DIAL_STAGE_RINGING);
}

static void close_driver(void *driver)
{
    struct simulated *s = driver;
    if (s) {
        while (s->calls) {
            forget(s, s->calls);
        }
        free(s);
    }
}

const struct dialer_driver dialer_simulated = {
    .name = "simulated",
    .channels = 1U << TROTH__V1__CHANNEL__CHANNEL_CALL | 1U << TROTH__V1__CHANNEL__CHANNEL_MESSAGE |
                1U << TROTH__V1__CHANNEL__CHANNEL_MAIL,
    .open = open_driver,
    .dial = dial,
    .close = close_driver,
};
