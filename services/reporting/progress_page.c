/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_page.h"

#include <stdlib.h>

#include "common/base/xalloc.h"
#include "services/reporting/answer_page_records.h"
#include "services/reporting/progress_visit.h"

enum {
    RECORDS_MAX = 1024,
    QUESTIONS_MAX = 128,
    /* one in so many seconds */
    STRANGER_S = 6,
    LOOK_S = 10,
    SAYING_S = 360,
};
/* Ten in a row, then one every six seconds. */
static const struct token_rate stranger_rate = {.per_second = 1, .burst = 10};
/* Behind one address may be many customers. */
static const struct token_rate address_rate = {.per_second = 10, .burst = 1200};
/* One link may be in many scanners of mail. Each look at a promise's words is written down. */
static const struct token_rate look_rate = {.per_second = 1, .burst = 300};
/* What is said is written down for ever. */
static const struct token_rate saying_rate = {.per_second = 1, .burst = 20};

static void on_get(void *ctx, const struct http_request *request, struct http_exchange *exchange)
{
    progress_visit_begin(ctx, request, NULL, exchange);
}

static void on_post(void *ctx, const struct http_request *request, struct http_exchange *exchange)
{
    const struct bytes body = request->body;

    progress_visit_begin(ctx, request, &body, exchange);
}

static const char *id_of(const ProtobufCMessage *message)
{
    const Troth__V1__IntakeReply *reply = (const Troth__V1__IntakeReply *)message;

    return reply->body_case == TROTH__V1__INTAKE_REPLY__BODY_DISCLOSURE
               ? reply->disclosure->request_id
               : NULL;
}

static int connect_intake(struct progress_page *p, struct err *err)
{
    const struct reporting_settings *s = p->reporting->settings;

    p->records = record_desk_new(p->reporting, RECORDS_MAX, err);
    if (!p->records) {
        return -1;
    }
    p->intake = request_client_new(
        &(struct request_client_options){
            .loop = p->reporting->service->loop,
            .bus = p->reporting->service->bus,
            .service = "intake",
            .endpoints = s->intake,
            .server_key_file = s->intake_key_file,
            .reply = &troth__v1__intake_reply__descriptor,
            .id_of = id_of,
            .open_max = QUESTIONS_MAX,
        },
        err);
    return p->intake ? 0 : -1;
}

static void open_routes(struct progress_page *p)
{
    static const char name[] = "troth_reporting_progress_total";
    static const char help[] = "What became of requests for progress pages.";
    struct metrics *m = p->reporting->service->metrics;
    const struct http_later_route get = {
        .method = "GET",
        .path = "/progress/",
        .is_prefix = true,
        .handler = on_get,
        .ctx = p,
    };
    const struct http_later_route post = {
        .method = "POST",
        .path = "/progress/",
        .is_prefix = true,
        .content_type = "application/x-www-form-urlencoded",
        .handler = on_post,
        .ctx = p,
    };

    p->shown = metrics_counter(m, name, "result=\"shown\"", help);
    p->said = metrics_counter(m, name, "result=\"said\"", help);
    p->again = metrics_counter(m, name, "result=\"again\"", help);
    p->refused = metrics_counter(m, name, "result=\"refused\"", help);
    http_route_later(p->reporting->service->http, &get);
    http_route_later(p->reporting->service->http, &post);
}

struct progress_page *progress_page_new(struct reporting *r, struct err *err)
{
    struct progress_page *p = xcalloc(1, sizeof(*p));

    p->reporting = r;
    p->strangers = web_rates_new(stranger_rate, STRANGER_S);
    p->addresses = web_rates_new(address_rate, 1);
    p->looks = web_rates_new(look_rate, LOOK_S);
    p->sayings = web_rates_new(saying_rate, SAYING_S);
    p->standards = progress_standards_new();
    p->zones = zone_shelf_new();
    if (connect_intake(p, err) < 0) {
        progress_page_free(p);
        return NULL;
    }
    p->round = progress_round_new(r, p->standards);
    open_routes(p);
    return p;
}

void progress_page_free(struct progress_page *p)
{
    if (p) {
        progress_visit_abandon_all(p);
        progress_round_free(p->round);
        progress_standards_free(p->standards);
        zone_shelf_free(p->zones);
        record_desk_free(p->records);
        request_client_free(p->intake);
        web_rates_free(p->strangers);
        web_rates_free(p->addresses);
        web_rates_free(p->looks);
        web_rates_free(p->sayings);
        free(p);
    }
}

size_t progress_page_open_count(const struct progress_page *p)
{
    return p ? p->open_count : 0;
}
