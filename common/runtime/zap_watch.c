/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/zap_watch.h"

#include <stdlib.h>
#include <unistd.h>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"

#define LOOK_EVERY_US DURATION_S

struct zap_watch {
    struct zap *zap;
    struct loop_timer *timer;
};

static void look(void *ctx)
{
    struct zap_watch *w = ctx;
    if (!zap_is_alive(w->zap)) {
        log_error("zap_failed", LOG_TEXT("text", "the authenticator does not turn any more"));
        _exit(EXIT_FAILURE);
    }
    loop_timer_after(w->timer, LOOK_EVERY_US);
}

struct zap_watch *zap_watch_new(struct loop *loop, struct zap *zap)
{
    struct zap_watch *w = xcalloc(1, sizeof(*w));
    w->zap = zap;
    w->timer = loop_timer_new(loop, look, w);
    loop_timer_after(w->timer, LOOK_EVERY_US);
    return w;
}

void zap_watch_free(struct zap_watch *w)
{
    if (w) {
        loop_timer_free(w->timer);
        free(w);
    }
}
