/* SPDX-License-Identifier: Apache-2.0 */
/* reporting_service.c - the life of the process: start the parts in order, drain, stop them in the
 * other order. */
#include "services/reporting/reporting_service.h"

#include <stdlib.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/reporting/answer_page.h"
#include "services/reporting/dialer_callback.h"
#include "services/reporting/reporting.h"

#define OPEN_REQUESTS_MAX    64
#define REQUEST_BYTES_BUDGET ((size_t)1024 * 1024)

static void stop(void *state)
{
    struct reporting *r = state;

    answer_page_free(r->answers);
    dialer_callback_free(r->callbacks);
    reporting_consume_stop(r);
    inquiry_desk_free(r->desk);
    arena_free(r->arena);
    free(r);
}

/* What the world outside sees, as far as it is set up. */
static int open_doors(struct reporting *r, struct err *err)
{
    const struct reporting_settings *s = r->settings;
    bool has_answers = !text_is_empty(s->answer_secret_file);
    bool has_callbacks = !text_is_empty(s->webhook_secret_file);

    if ((has_answers || has_callbacks) && !r->service->http) {
        return err_set_field(err, "setting_invalid", "http",
                             "answer_secret_file and webhook_secret_file need it");
    }
    r->answers = has_answers ? answer_page_new(r, err) : NULL;
    if (has_answers && !r->answers) {
        return -1;
    }
    r->callbacks = has_callbacks ? dialer_callback_new(r, err) : NULL;
    return has_callbacks && !r->callbacks ? -1 : 0;
}

static void *start(struct service *s, struct err *err)
{
    struct reporting *r = xcalloc(1, sizeof(*r));

    r->service = s;
    r->settings = s->settings;
    r->applied_count = metrics_counter(s->metrics, "troth_reporting_events_applied_total", NULL,
                                       "Events that were read and folded.");
    r->request_count = metrics_counter(s->metrics, "troth_reporting_requests_total", NULL,
                                       "Report requests that arrived.");
    r->refused_count =
        metrics_counter(s->metrics, "troth_reporting_requests_refused_total", NULL,
                        "Report requests that were wrong, not permitted or too many.");
    r->arena = arena_new(REQUEST_BYTES_BUDGET);
    r->desk = inquiry_desk_new(s->db, OPEN_REQUESTS_MAX, r);
    if (reporting_consume_start(r, err) < 0 || open_doors(r, err) < 0) {
        stop(r);
        return NULL;
    }
    return r;
}

/* Without lanes no batch begins; the one in flight keeps its fences. */
static void drain(void *state)
{
    struct reporting *r = state;

    lease_set_give_back(r->lanes);
}

static bool is_drained(const void *state)
{
    const struct reporting *r = state;

    return !event_consumer_is_busy(r->consumer) && inquiry_desk_open_count(r->desk) == 0 &&
           answer_page_open_count(r->answers) == 0 && dialer_callback_open_count(r->callbacks) == 0;
}

/* The formatter would push the columns far apart. */
/* clang-format off */
static const struct setting defaults[] = {
    {.name = "requests", .default_value = "tcp://127.0.0.1:5540"},
    {.name = "http", .default_value = "127.0.0.1:8540"},
    {.name = NULL},
};
/* clang-format on */

const struct service_spec reporting_service = {
    .name = "reporting",
    .summary = "folds events into figures per day and branch, and answers questions about them",
    .settings = reporting_settings,
    .settings_size = sizeof(struct reporting_settings),
    .common_defaults = defaults,
    .has_database = true,
    .has_events = false,
    .start = start,
    .drain = drain,
    .is_drained = is_drained,
    .stop = stop,
    .on_request = reporting_on_request,
};
