/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_simulated_line.h"

#include <stdlib.h>

#include <utlist.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"

struct line;

struct ringing {
    struct line *line;
    struct loop_timer *timer;
    char key[DIALER_KEY_SIZE];
    struct dialer_result result;
    struct ringing *prev, *next;
};

struct line {
    struct dialer_simulated_line_options options;
    struct ringing *calls;
};

void *dialer_simulated_line_new(const struct dialer_simulated_line_options *options)
{
    struct line *l = xcalloc(1, sizeof(*l));
    l->options = *options;
    return l;
}

static void forget(struct line *l, struct ringing *r)
{
    DL_DELETE(l->calls, r);
    loop_timer_free(r->timer);
    free(r);
}

static void on_picked_up(void *ctx)
{
    struct ringing *r = ctx;
    struct line *l = r->line;
    l->options.finished(l->options.ctx, r->key, &r->result);
    forget(l, r);
}

static void dial(void *line, const struct dialer_order *order)
{
    struct line *l = line;
    struct dialer_result result;
    dialer_simulation_call(l->options.simulation, order, &result);
    if (l->options.ring_time_us <= 0) {
        l->options.finished(l->options.ctx, order->key, &result);
        return;
    }
    struct ringing *r = xcalloc(1, sizeof(*r));
    r->line = l;
    r->result = result;
    (void)text_copy(r->key, sizeof(r->key), order->key);
    r->timer = loop_timer_new(l->options.loop, on_picked_up, r);
    DL_APPEND(l->calls, r);
    loop_timer_after(r->timer, l->options.ring_time_us);
}

static void close_line(void *line)
{
    struct line *l = line;
    if (l) {
        while (l->calls) {
            forget(l, l->calls);
        }
        free(l);
    }
}

const struct dialer_backend dialer_simulated_line = {
    .name = "simulated",
    .dial = dial,
    .close = close_line,
};
