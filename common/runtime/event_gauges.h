/* SPDX-License-Identifier: Apache-2.0 */
/* event_gauges.h - what an event_consumer tells Prometheus; consumer="NAME" is its label. */
#ifndef TROTH_COMMON_RUNTIME_EVENT_GAUGES_H
#define TROTH_COMMON_RUNTIME_EVENT_GAUGES_H

#include <stddef.h>

#include "common/runtime/service.h"
#include "event.pb-c.h"

struct event_gauges {
    const struct service *service;   /* NULL: nothing is counted */
    struct metrics_histogram *lag;   /* from the commit of an event to that of its effect */
    struct metrics_histogram *batch; /* events of one transaction */
    int64_t *failed, *unreadable, *set_aside;
};

/* service NULL: all of it stays empty. */
struct event_gauges event_gauges_new(const struct service *service, const char *consumer);

/* After COMMIT of the batch. */
void event_gauges_applied(const struct event_gauges *g, Troth__V1__Event *const *events,
                          size_t count);
void event_gauges_failed(const struct event_gauges *g); /* its transaction did not commit */
void event_gauges_unreadable(const struct event_gauges *g);
void event_gauges_set_aside(const struct event_gauges *g, size_t places);

#endif
