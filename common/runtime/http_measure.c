/* SPDX-License-Identifier: Apache-2.0 */
/* http_measure.c - what a door tells Prometheus. */
#include "common/base/text.h"
#include "common/runtime/http_private.h"

void http_measure(struct http *h, struct metrics *m, const char *door)
{
    char labels[64];
    h->metrics = m;
    (void)text_copy(h->door, sizeof(h->door), door);
    for (unsigned i = 2; i < HTTP_STATUS_CLASSES; i++) {
        (void)text_format(labels, sizeof(labels), "door=\"%s\",status=\"%uxx\"", h->door, i);
        h->answers[i] = metrics_counter(m, "troth_http_requests_total", labels,
                                        "Requests over HTTP by the class of their status.");
    }
}

void http_note_status(const struct http *h, unsigned status)
{
    const unsigned class = status / 100;
    if (class < HTTP_STATUS_CLASSES && h->answers[class]) {
        *h->answers[class] += 1;
    }
}

void http_note_duration(const struct http *h, struct http_entry *entry, int64_t us)
{
    if (h->metrics && !entry->duration) {
        char labels[192];
        (void)text_format(labels, sizeof(labels), "door=\"%s\",method=\"%s\",route=\"%s%s\"",
                          h->door, entry->method, entry->path, entry->is_prefix ? "*" : "");
        entry->duration = metrics_histogram(
            h->metrics, "troth_http_request_duration_seconds", labels,
            "Time from the head of a request to its answer.", &metrics_answer_time);
    }
    metrics_observe(entry->duration, us);
}
