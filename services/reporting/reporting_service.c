/* SPDX-License-Identifier: Apache-2.0 */
/* reporting_service.c - the life of the process: start the parts in order, drain, stop them in the
 * other order. */
#include "services/reporting/reporting_service.h"

#include <stdlib.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/reporting/answer_page.h"
#include "services/reporting/desk.h"
#include "services/reporting/dialer_callback.h"
#include "services/reporting/improvement_desk.h"
#include "services/reporting/night_jobs.h"
#include "services/reporting/night_round.h"
#include "services/reporting/progress_links.h"
#include "services/reporting/progress_page.h"
#include "services/reporting/question_shelf.h"
#include "services/reporting/report_desk.h"
#include "services/reporting/report_web.h"
#include "services/reporting/reporting.h"
#include "services/reporting/web_door.h"
#include "services/reporting/weekly_round.h"

#define OPEN_REQUESTS_MAX    64
#define REQUEST_BYTES_BUDGET ((size_t)1024 * 1024)

static void stop(void *state)
{
    struct reporting *r = state;

    answer_page_free(r->answers);
    progress_page_free(r->progress);
    progress_links_free(r->links);
    dialer_callback_free(r->callbacks);
    desk_free(r->people);
    improvement_desk_free(r->improvements);
    web_door_free(r->door);
    night_round_free(r->night);
    reporting_consume_stop(r);
    inquiry_desk_free(r->desk);
    weekly_round_free(r->weekly);
    report_desk_free(r->reports);
    question_shelf_free(r->questions);
    arena_free(r->arena);
    free(r);
}

/* What the world outside sees, as far as it is set up. */
static int open_doors(struct reporting *r, struct err *err)
{
    const struct reporting_settings *s = r->settings;
    bool has_answers = !text_is_empty(s->answer_secret_file);
    bool has_progress = !text_is_empty(s->progress_url);
    bool has_callbacks = !text_is_empty(s->webhook_secret_file);

    if ((has_answers || has_callbacks || has_progress) && !r->service->http) {
        return err_set_field(err, "setting_invalid", "http",
                             "answer_secret_file, webhook_secret_file and progress_url need it");
    }
    r->door = r->service->http ? web_door_new(r, err) : NULL;
    if (r->service->http && !r->door) {
        return -1;
    }
    r->people = r->door ? desk_new(r, r->door, err) : NULL;
    if (r->door && !r->people) {
        return -1;
    }
    r->improvements = r->door ? improvement_desk_new(r, err) : NULL;
    if (r->door && !r->improvements) {
        return -1;
    }
    if (r->door) {
        report_web_add(r, r->door);
    }
    r->answers = has_answers ? answer_page_new(r, err) : NULL;
    if (has_answers && !r->answers) {
        return -1;
    }
    r->links = r->door ? progress_links_new(r, r->door) : NULL;
    r->progress = has_progress ? progress_page_new(r, err) : NULL;
    if (has_progress && !r->progress) {
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
    inquiry_desk_measure(
        r->desk, metrics_histogram(s->metrics, "troth_reporting_answer_duration_seconds", NULL,
                                   "Time from a report request, or a page's, to its answer.",
                                   &metrics_answer_time));
    r->questions = question_shelf_new(s);
    if (reporting_consume_start(r, err) < 0 ||
        (r->reports = report_desk_new(r->settings, question_shelf_place(r->questions), err)) ==
            NULL ||
        open_doors(r, err) < 0) {
        stop(r);
        return NULL;
    }
    r->night = night_round_new(r, err);
    r->weekly = r->night ? weekly_round_new(r, err) : NULL;
    if (r->weekly == NULL) {
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
    desk_drain(r->people);
}

static bool is_drained(const void *state)
{
    const struct reporting *r = state;

    return !event_consumer_is_busy(r->consumer) && inquiry_desk_open_count(r->desk) == 0 &&
           answer_page_open_count(r->answers) == 0 && progress_page_open_count(r->progress) == 0 &&
           progress_links_open_count(r->links) == 0 &&
           dialer_callback_open_count(r->callbacks) == 0 && web_door_open_count(r->door) == 0 &&
           desk_open_count(r->people) == 0 && night_round_is_idle(r->night) &&
           weekly_round_is_idle(r->weekly) && improvement_desk_open_count(r->improvements) == 0;
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
    .jobs = night_jobs,
};
