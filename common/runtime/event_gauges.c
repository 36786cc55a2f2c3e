/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/event_gauges.h"

#include "common/base/text.h"

struct event_gauges event_gauges_new(const struct service *service, const char *consumer)
{
    struct metrics *m = service ? service->metrics : NULL;
    char labels[64];
    if (!m) {
        return (struct event_gauges){.service = NULL};
    }
    (void)text_format(labels, sizeof(labels), "consumer=\"%s\"", consumer);
    return (struct event_gauges){
        .service = service,
        .lag = metrics_histogram(m, "troth_events_lag_seconds", labels,
                                 "Business time from the commit of an event to that of its effect.",
                                 &metrics_answer_time),
        .batch =
            metrics_histogram(m, "troth_events_batch_size", labels,
                              "Events that were applied in one transaction.", &metrics_batch_size),
        .failed = metrics_counter(m, "troth_events_failures_total", labels,
                                  "Transactions with events that did not commit; tried again."),
        .unreadable = metrics_counter(m, "troth_events_unreadable_total", labels,
                                      "Events that could not be unpacked and were passed over."),
        .set_aside = metrics_gauge(m, "troth_events_places_set_aside", labels,
                                   "Buckets of streams that wait because their next event could "
                                   "not be applied."),
    };
}

void event_gauges_applied(const struct event_gauges *g, Troth__V1__Event *const *events,
                          size_t count)
{
    if (!g->service || count == 0) {
        return;
    }
    const int64_t now_us = service_now_us(g->service);
    metrics_observe(g->batch, (int64_t)count);
    for (size_t i = 0; i < count; i++) {
        if (events[i]->has_recorded_us) {
            metrics_observe(g->lag, now_us - events[i]->recorded_us);
        }
    }
}

void event_gauges_failed(const struct event_gauges *g)
{
    if (g->service) {
        *g->failed += 1;
    }
}

void event_gauges_unreadable(const struct event_gauges *g)
{
    if (g->service) {
        *g->unreadable += 1;
    }
}

void event_gauges_set_aside(const struct event_gauges *g, size_t places)
{
    if (g->service) {
        *g->set_aside = (int64_t)places;
    }
}
