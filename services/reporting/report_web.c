/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_web.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/reporting/figure.h"
#include "services/reporting/report_csv.h"
#include "services/reporting/report_desk.h"

/* ---- answers */

/* Who waits, and in which form. */
struct visit {
    struct http_exchange *exchange;
    bool is_csv, has_bom;
};

static void answer_csv(const struct visit *v, const Troth__V1__FigureTable *table)
{
    struct text body = {.data = NULL};
    char name[96];

    report_csv_append(table, v->has_bom, &body);
    (void)text_format(name, sizeof(name), "%s_%s_%s.csv", table->name, table->from_day,
                      table->to_day);
    web_answer_body(v->exchange, "text/csv; charset=utf-8", name, body);
}

static void on_answer(void *ctx, const ProtobufCMessage *answer)
{
    struct visit *v = ctx;
    const Troth__V1__ReportReply *reply = (const Troth__V1__ReportReply *)answer;

    if (!text_is_empty(reply->code)) {
        web_answer_error(v->exchange, reply->code, reply->text);
    } else if (reply->body_case == TROTH__V1__REPORT_REPLY__BODY_FIGURES && v->is_csv) {
        answer_csv(v, reply->figures);
    } else {
        /* The member that is set: all of the union are pointers to messages. */
        web_answer_message(v->exchange, &reply->figures->base);
    }
    free(v);
}

static void ask(struct reporting *r, const struct web_request *request,
                struct http_exchange *exchange, Troth__V1__ReportRequest *asked)
{
    const char *language = http_query(request->http, "language");
    const char *format = http_query(request->http, "format");
    const char *bom = http_query(request->http, "bom");
    struct err err = ERR_NONE;
    struct visit *v = xcalloc(1, sizeof(*v));

    /* The message has no const texts; nobody changes them. */
    asked->language = xstrdup(text_is_empty(language) ? request->user.language : language);
    v->exchange = exchange;
    v->is_csv = format != NULL && strcmp(format, "csv") == 0;
    v->has_bom = bom != NULL && strcmp(bom, "1") == 0;
    int rc = format == NULL || v->is_csv || strcmp(format, "json") == 0
                 ? report_desk_ask(r, asked, on_answer, v, &err)
                 : err_set(&err, "request_invalid", "format is json or csv");
    free(asked->language);
    if (rc < 0) {
        free(v);
        web_answer_error(exchange, err.code, err.text);
    }
}

/* ---- questions */

static char *query_text(const struct web_request *request, const char *name)
{
    const char *value = http_query(request->http, name);

    return text_is_empty(value) ? NULL : xstrdup(value);
}

/* All dimensions that the query names. Returns their number. */
static size_t query_filters(const struct web_request *request, Troth__V1__FigureFilter ***ret_list)
{
    Troth__V1__FigureFilter **list = xcalloc(DIMENSION_COUNT, sizeof(Troth__V1__FigureFilter *));
    size_t count = 0;

    for (int d = 1; d < DIMENSION_COUNT; d++) {
        const char *name = figure_dimension_name((enum figure_dimension)d);
        char *value = query_text(request, name);
        if (value != NULL) {
            Troth__V1__FigureFilter *f = list[count++] = xcalloc(1, sizeof(*f));
            troth__v1__figure_filter__init(f);
            f->dimension = xstrdup(name);
            f->value = value;
        }
    }
    *ret_list = list;
    return count;
}

/* False: it was answered. */
static bool query_limit(const struct web_request *request, struct http_exchange *exchange,
                        protobuf_c_boolean *has, int32_t *limit)
{
    const char *text = http_query(request->http, "limit");
    int64_t value = 0;

    if (text_is_empty(text)) {
        return true;
    }
    if (text_to_int64(text, INT32_MIN, INT32_MAX, &value) < 0) {
        web_answer_error(exchange, "request_invalid", "limit is a whole number");
        return false;
    }
    *has = true;
    *limit = (int32_t)value;
    return true;
}

static void on_catalogue(void *ctx, const struct web_request *request,
                         struct http_exchange *exchange)
{
    Troth__V1__ReportRequest asked = TROTH__V1__REPORT_REQUEST__INIT;
    Troth__V1__CatalogueRequest body = TROTH__V1__CATALOGUE_REQUEST__INIT;

    asked.body_case = TROTH__V1__REPORT_REQUEST__BODY_CATALOGUE;
    asked.catalogue = &body;
    ask(ctx, request, exchange, &asked);
}

static void on_report(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    Troth__V1__ReportRequest asked = TROTH__V1__REPORT_REQUEST__INIT;
    Troth__V1__FiguresRequest *body = xcalloc(1, sizeof(*body));
    const char *compare = http_query(request->http, "compare");

    troth__v1__figures_request__init(body);
    body->name = xstrdup(request->rest);
    body->from_day = query_text(request, "from");
    body->to_day = query_text(request, "to");
    body->time_zone = query_text(request, "zone");
    body->group_by = query_text(request, "group");
    body->has_is_compared = body->is_compared = compare != NULL && strcmp(compare, "1") == 0;
    body->n_filters = query_filters(request, &body->filters);
    asked.body_case = TROTH__V1__REPORT_REQUEST__BODY_FIGURES;
    asked.figures = body;
    if (query_limit(request, exchange, &body->has_limit, &body->limit)) {
        ask(ctx, request, exchange, &asked);
    }
    troth__v1__figures_request__free_unpacked(body, NULL);
}

static void on_cases(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    Troth__V1__ReportRequest asked = TROTH__V1__REPORT_REQUEST__INIT;
    Troth__V1__CasesRequest *body = xcalloc(1, sizeof(*body));

    troth__v1__cases_request__init(body);
    body->list = query_text(request, "list");
    body->from_day = query_text(request, "from");
    body->to_day = query_text(request, "to");
    body->after = query_text(request, "after");
    body->n_filters = query_filters(request, &body->filters);
    asked.body_case = TROTH__V1__REPORT_REQUEST__BODY_CASES;
    asked.cases = body;
    if (query_limit(request, exchange, &body->has_limit, &body->limit)) {
        ask(ctx, request, exchange, &asked);
    }
    troth__v1__cases_request__free_unpacked(body, NULL);
}

static void on_today(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    Troth__V1__ReportRequest asked = TROTH__V1__REPORT_REQUEST__INIT;
    Troth__V1__TodayRequest *body = xcalloc(1, sizeof(*body));

    troth__v1__today_request__init(body);
    body->branch = query_text(request, "branch");
    asked.body_case = TROTH__V1__REPORT_REQUEST__BODY_TODAY;
    asked.today = body;
    ask(ctx, request, exchange, &asked);
    troth__v1__today_request__free_unpacked(body, NULL);
}

void report_web_add(struct reporting *r, struct web_door *door)
{
    const struct web_route routes[] = {
        {.path = "/v1/reports",  .handler = on_catalogue},
        {.path = "/v1/reports/", .is_prefix = true,       .handler = on_report},
        {.path = "/v1/cases",                      .handler = on_cases                          },
        {.path = "/v1/today",                      .handler = on_today},
    };

    for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
        struct web_route route = routes[i];
        route.method = "GET";
        route.least = WEB_VIEWER;
        route.ctx = r;
        web_door_add(door, &route);
    }
}
