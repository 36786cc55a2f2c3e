/* SPDX-License-Identifier: Apache-2.0 */
/* loyalty_service.c - the life of the process: start the parts in order, drain, stop them in the
 * other order. */
#include "services/loyalty/loyalty_service.h"

#include <stdlib.h>

#include "common/base/xalloc.h"
#include "services/loyalty/loyalty.h"
#include "services/loyalty/loyalty_jobs.h"
#include "services/loyalty/loyalty_replay.h"

#define OPEN_REQUESTS_MAX    64
#define REQUEST_BYTES_BUDGET ((size_t)1024 * 1024)

static void stop(void *state)
{
    struct loyalty *l = state;

    loyalty_sweep_stop(l);
    loyalty_consume_stop(l);
    loyalty_batch_stop(l);
    inquiry_desk_free(l->desk);
    replay_desk_free(l->replays);
    arena_free(l->arena);
    free(l);
}

static void on_time(void *ctx)
{
    struct loyalty *l = ctx;

    loyalty_sweep_wake(l);
    if (l->service->is_demo_clock) {
        loyalty_consume_wake(l);
    }
}

static void *start(struct service *s, struct err *err)
{
    struct loyalty *l = xcalloc(1, sizeof(*l));

    l->service = s;
    l->applied_count = metrics_counter(s->metrics, "troth_loyalty_events_applied_total", NULL,
                                       "Events of intake that were read and applied.");
    l->changed_count = metrics_counter(s->metrics, "troth_loyalty_scores_changed_total", NULL,
                                       "Events about scores that were published.");
    l->looked_count = metrics_counter(s->metrics, "troth_loyalty_looked_at_total", NULL,
                                      "Customers looked at because of time, a model or a merge.");
    l->request_count = metrics_counter(s->metrics, "troth_loyalty_requests_total", NULL,
                                       "Score requests that arrived.");
    l->refused_count =
        metrics_counter(s->metrics, "troth_loyalty_requests_refused_total", NULL,
                        "Score requests that were wrong, not permitted or too many.");
    l->arena = arena_new(REQUEST_BYTES_BUDGET);
    l->desk = inquiry_desk_new(s->db, OPEN_REQUESTS_MAX, l);
    inquiry_desk_measure(l->desk,
                         metrics_histogram(s->metrics, "troth_loyalty_answer_duration_seconds",
                                           NULL, "Time from a score request to its answer.",
                                           &metrics_answer_time));
    l->replays = replay_desk_new();
    if (loyalty_batch_start(l, err) < 0 || loyalty_consume_start(l, err) < 0) {
        stop(l);
        return NULL;
    }
    loyalty_sweep_start(l);
    service_on_time(s, on_time, l);
    return l;
}

/* Without lanes no batch begins; the one in flight keeps its fences. */
static void drain(void *state)
{
    struct loyalty *l = state;

    lease_set_give_back(l->lanes);
}

static bool is_drained(const void *state)
{
    const struct loyalty *l = state;

    return !event_consumer_is_busy(l->consumer) && !loyalty_sweep_is_busy(l) &&
           inquiry_desk_open_count(l->desk) == 0;
}

/* The formatter would push the columns far apart. */
/* clang-format off */
static const struct setting defaults[] = {
    {.name = "requests", .default_value = "tcp://127.0.0.1:5530"},
    {.name = "events", .default_value = "tcp://127.0.0.1:5531"},
    {.name = "http", .default_value = "127.0.0.1:8530"},
    {.name = NULL},
};
/* clang-format on */

const struct service_spec loyalty_service = {
    .name = "loyalty",
    .summary = "keeps each customer's evidence, trust and loyalty index, and answers what they are",
    .settings = loyalty_settings,
    .settings_size = sizeof(struct loyalty_settings),
    .common_defaults = defaults,
    .has_database = true,
    .has_events = true,
    .start = start,
    .drain = drain,
    .is_drained = is_drained,
    .stop = stop,
    .on_request = loyalty_on_request,
    .jobs = loyalty_jobs,
};
