/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/weekly_visit.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/reporting/report_day.h"
#include "services/reporting/report_desk.h"
#include "services/reporting/report_frame.h"
#include "services/reporting/web_door.h"
#include "services/reporting/weekly_make.h"

enum {
    VISITS_MAX = 4 /* each asks for a dozen reports */
};

struct visit {
    struct weekly_visits *visits;
    struct http_exchange *exchange;
    struct weekly_make *make;
    struct visit *prev, *next;
};

struct weekly_visits {
    struct reporting *reporting;
    struct visit *list;
    size_t count;
};

static void forget(struct visit *visit)
{
    DL_DELETE(visit->visits->list, visit);
    visit->visits->count--;
    free(visit);
}

static void on_made(void *ctx, const struct weekly_page *page, const struct err *err)
{
    struct visit *visit = ctx;
    struct text html = {.data = NULL};
    char name[64];

    if (page) {
        weekly_page_append(page, &html);
        (void)text_format(name, sizeof(name), "troth-%s.%s.html", page->from_day,
                          page->is_chinese ? "zh-Hans" : "en");
        web_answer_body(visit->exchange, "text/html; charset=utf-8", name, html);
    } else {
        web_answer_error(visit->exchange, err->code, err->text);
    }
    forget(visit);
}

static void on_request(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    struct weekly_visits *v = ctx;
    const char *asked = http_query(request->http, "week");
    const char *language = http_query(request->http, "language");
    const struct report_options *options = report_desk_options(v->reporting->reports);
    int64_t day =
        weekly_monday(report_day_at(options->zone, service_now_us(v->reporting->service))) - 7;

    if (!text_is_empty(asked) && report_day_parse(asked, &day) < 0) {
        web_answer_error(exchange, "request_invalid", "week is a day of it, such as 2026-11-16");
        return;
    }
    if (v->count == VISITS_MAX) {
        web_answer_error(exchange, "unavailable", "others wait for such a report: ask again");
        return;
    }
    struct visit *visit = xcalloc(1, sizeof(*visit));
    visit->visits = v;
    visit->exchange = exchange;
    DL_APPEND(v->list, visit);
    v->count++;
    bool is_chinese = report_language_of(text_is_empty(language) ? request->user.language
                                                                 : language) == REPORT_CHINESE;
    visit->make = weekly_make_start(v->reporting, weekly_monday(day), is_chinese, on_made, visit);
}

struct weekly_visits *weekly_visits_new(struct reporting *r, struct web_door *door)
{
    struct weekly_visits *v = xcalloc(1, sizeof(*v));

    v->reporting = r;
    const struct web_route route = {
        .method = "GET",
        .path = "/v1/weekly",
        .least = WEB_VIEWER,
        .handler = on_request,
        .ctx = v,
    };
    web_door_add(door, &route);
    return v;
}

void weekly_visits_free(struct weekly_visits *v)
{
    if (!v) {
        return;
    }
    for (struct visit *visit = v->list, *next; visit; visit = next) {
        next = visit->next;
        weekly_make_free(visit->make);
        forget(visit);
    }
    free(v);
}

size_t weekly_visits_open_count(const struct weekly_visits *v)
{
    return v ? v->count : 0;
}
