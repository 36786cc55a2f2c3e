/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_door.c - the way of a request:
 *
 * 1. by its head alone: the budget of its address, what it says about who sends it, and (whatever
 *    is not GET or HEAD) whether a page of ours made the browser send it; so strangers cost no
 *    memory
 * 2. with its body: the database is asked who that is
 * 3. role, CSRF token, budget of the session, the body as JSON
 * 4. the handler
 *
 * Whatever goes wrong on the way is a refusal; nothing is let through because something could not
 * be found out.
 */
#include "services/reporting/web_door.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>
#include <utlist.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/reporting/session_store.h"
#include "services/reporting/web_answer.h"
#include "services/reporting/web_door_private.h"
#include "services/reporting/web_headers.h"
#include "services/reporting/web_origin.h"

enum {
    ASKING_MAX = 256,
    BODY_MAX = 64 * 1024,
    BURST_FACTOR = 4,
};

/* A route, as http.h keeps it. */
struct door_route {
    struct door_route *next;
    struct web_door *door;
    struct web_route route;
    char *path; /* with '*' for the segment of a prefix */
};

/* A request whose sender the database is asked about. */
struct asking {
    struct web_door *door;
    const struct door_route *route;
    struct http_exchange *exchange;
    struct http_request http;
    struct buffer body;
    struct web_claim claim;
    struct web_identity identity;
    int64_t since_us; /* monotonic */
    struct db *db;
    struct asking *prev, *next;
};

/* ---- refusals */

static bool refuse(const char *code, const char *text, struct http_response *r)
{
    web_error_response(code, text, r);
    return false;
}

static bool is_safe(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

/* ---- 1. the head */

static bool has_budget(struct web_door *d, struct bytes who, struct http_response *r)
{
    int64_t wait_us = web_rates_take(d->rates, who, instant_monotonic_us());
    if (wait_us == 0) {
        return true;
    }
    (*d->throttled)++;
    web_error_response("too_many", "too many requests: wait a moment", r);
    r->retry_after_s = (wait_us + DURATION_S - 1) / DURATION_S;
    return false;
}

static bool is_from_us(const struct http_request *request)
{
    return web_origin_is_ours(&(struct web_origin){
        .fetch_site = http_header(request, "Sec-Fetch-Site"),
        .origin = http_header(request, "Origin"),
        .host = http_header(request, "Host"),
    });
}

static bool admit(void *ctx, const struct http_request *request, struct http_response *r)
{
    const struct door_route *route = ctx;
    struct web_door *d = route->door;
    char address[WEB_ADDRESS_SIZE];
    struct web_claim claim;
    struct err err = ERR_NONE;
    if (d->reporting->service->is_draining) {
        return refuse("stopping", "this process ends; another one may answer", r);
    }
    if (!has_budget(d, bytes_of_text(web_gate_address(d->gate, request, address)), r)) {
        return false;
    }
    if (!is_safe(request->method) && !is_from_us(request)) {
        (*d->refused)++;
        return refuse("cross_site", "only pages of this server may send this", r);
    }
    if (web_gate_read(d->gate, request, &claim, &err) < 0) {
        (*d->refused)++;
        return refuse(err.code, err.text, r);
    }
    if (claim.how == WEB_NOBODY && route->route.least > WEB_EVERYBODY) {
        return refuse("login_needed", "log in first", r);
    }
    return true;
}

/* ---- ends */

static void drop(struct asking *a)
{
    struct web_door *d = a->door;
    db_pool_withdraw(d->reporting->service->db, a);
    if (a->db) {
        db_abandon(a->db);
    }
    DL_DELETE(d->asking, a);
    d->asking_count--;
    if (a->body.data) {
        explicit_bzero(a->body.data, a->body.len); /* may be a password */
    }
    buffer_free(&a->body);
    free(a);
}

static void end_with(struct asking *a, const char *code, const char *text)
{
    (*a->door->refused)++;
    web_answer_error(a->exchange, code, text);
    drop(a);
}

/* Those that waited too long for the database; the oldest is first. */
static void on_late(void *ctx)
{
    struct web_door *d = ctx;
    int64_t now_us = instant_monotonic_us();
    int64_t wait_us = d->reporting->settings->web_wait_us;
    while (d->asking && d->asking->since_us + wait_us <= now_us) {
        log_warning("web_request_late", LOG_TEXT("path", d->asking->route->path));
        end_with(d->asking, "unavailable", "try again");
    }
    if (d->asking) {
        loop_timer_after(d->timer, d->asking->since_us + wait_us - now_us);
    }
}

/* ---- 3. may they */

static bool has_csrf_token(const struct asking *a)
{
    const char *given = http_header(&a->http, "X-CSRF-Token");
    const char *wanted = a->identity.csrf;
    size_t len = strlen(wanted);
    return given && len > 0 && strlen(given) == len && sodium_memcmp(given, wanted, len) == 0;
}

/* A machine brings its token with each request by itself; a browser brings the cookie whoever makes
 * it. */
static bool needs_csrf_token(const struct asking *a)
{
    enum web_how how = a->identity.how;
    return (how == WEB_SESSION || how == WEB_PROXY) && a->route->route.least > WEB_EVERYBODY &&
           !is_safe(a->http.method);
}

static int read_body(const struct asking *a, json_t **ret_json, struct err *err)
{
    json_error_t why;
    *ret_json = NULL;
    bool may_lack = is_safe(a->http.method) || strcmp(a->http.method, "DELETE") == 0;
    if (may_lack && (a->body.len == 0 || is_safe(a->http.method))) {
        return 0;
    }
    json_t *json =
        json_loadb((const char *)a->body.data, a->body.len, JSON_REJECT_DUPLICATES, &why);
    if (!json) {
        return err_set(err, "request_invalid", "the body is no JSON: line %d, column %d", why.line,
                       why.column);
    }
    if (!json_is_object(json)) {
        json_decref(json);
        return err_set(err, "request_invalid", "the body must be a JSON object");
    }
    *ret_json = json;
    return 0;
}

/* Only the segment: http.h says what follows it, too. */
static bool cut_rest(const struct asking *a, char *ret_rest, size_t size)
{
    if (!a->route->route.is_prefix) {
        ret_rest[0] = '\0';
        return true;
    }
    size_t len = strcspn(a->http.rest, "/");
    if (len >= size) {
        return false;
    }
    memcpy(ret_rest, a->http.rest, len);
    ret_rest[len] = '\0';
    return true;
}

static void call_handler(struct asking *a)
{
    char rest[WEB_REST_SIZE];
    struct err err = ERR_NONE;
    json_t *json = NULL;
    if (!cut_rest(a, rest, sizeof(rest))) {
        end_with(a, "path_unknown", "there is no such path");
        return;
    }
    if (read_body(a, &json, &err) < 0) {
        end_with(a, err.code, err.text);
        return;
    }
    const struct web_request request = {
        .http = &a->http,
        .rest = rest,
        .json = json,
        .user = a->identity.user,
        .identity = &a->identity,
    };
    (*a->door->passed)++;
    a->route->route.handler(a->route->route.ctx, &request, a->exchange);
    json_decref(json);
    drop(a);
}

static bool has_session_budget(struct asking *a)
{
    const char *name = a->identity.user.name;
    struct http_response r;
    if (a->identity.how == WEB_NOBODY || has_budget(a->door, bytes_of_text(name), &r)) {
        return true;
    }
    http_answer(a->exchange, &r);
    drop(a);
    return false;
}

static void decide(struct asking *a)
{
    enum web_role least = a->route->route.least;
    if (!has_session_budget(a)) {
        return;
    }
    if (a->identity.how == WEB_NOBODY && least > WEB_EVERYBODY) {
        end_with(a, "login_needed", "log in first");
    } else if (a->identity.user.role < least) {
        end_with(a, "not_permitted", "your role may not do this");
    } else if (needs_csrf_token(a) && !has_csrf_token(a)) {
        end_with(a, "csrf_invalid", "X-CSRF-Token is not the one of GET /v1/session");
    } else {
        call_handler(a);
    }
}

/* ---- 2. who is it */

static void find(void *ctx, struct db *db);

/* Whom a proxy names, and who has no account of that name, may have logged in with a password. */
static bool try_session(struct asking *a, struct db *db)
{
    if (a->claim.how != WEB_PROXY || !a->claim.has_session) {
        return false;
    }
    a->claim.how = WEB_SESSION;
    find(a, db);
    return true;
}

static void on_found(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct asking *a = ctx;
    bool is_ok = reply->outcome == DB_OK;
    a->identity.how = WEB_NOBODY;
    if (is_ok && session_store_take(reply->rows[0], &a->identity)) {
        a->identity.how = a->claim.how;
        memcpy(a->identity.session, a->claim.session, sizeof(a->identity.session));
    } else if (is_ok && try_session(a, db)) {
        return;
    }
    if (!is_ok) {
        log_warning("web_session_unknown", LOG_ERR(&reply->err));
    }
    a->db = NULL;
    db_release(db);
    if (!is_ok) {
        end_with(a, "unavailable", "try again");
        return;
    }
    if (a->identity.how == WEB_PROXY) {
        web_gate_csrf(a->door->gate, a->identity.user.name, a->identity.csrf);
    }
    decide(a);
}

static bool is_use(const struct asking *a)
{
    const char *quiet = http_header(&a->http, "X-Quiet");
    return !a->route->route.is_quiet && !(quiet && strcmp(quiet, "1") == 0);
}

static void find(void *ctx, struct db *db)
{
    struct asking *a = ctx;
    a->db = db;
    if (a->claim.how == WEB_PROXY) {
        session_store_put_find_name(db, a->claim.name);
    } else {
        session_store_put_find(db, &(struct session_look){
                                       .hash = a->claim.session,
                                       .now_us = instant_now_us(),
                                       .idle_us = a->door->reporting->settings->session_idle_us,
                                       .is_use = is_use(a),
                                   });
    }
    db_run(db, on_found, a);
}

static void identify(struct asking *a)
{
    struct web_door *d = a->door;
    switch (a->claim.how) {
    case WEB_SESSION:
    case WEB_PROXY:
        db_pool_submit(d->reporting->service->db, find, a);
        return;
    case WEB_BEARER:
        a->identity.how = WEB_BEARER;
        a->identity.user.role = WEB_VIEWER;
        (void)text_copy(a->identity.user.name, sizeof(a->identity.user.name), a->claim.name);
        break;
    case WEB_NOBODY:
        a->identity.how = WEB_NOBODY;
        break;
    }
    decide(a);
}

static struct asking *open_asking(const struct door_route *route,
                                  const struct http_request *request,
                                  struct http_exchange *exchange)
{
    struct web_door *d = route->door;
    struct asking *a = xcalloc(1, sizeof(*a));
    a->door = d;
    a->route = route;
    a->exchange = exchange;
    a->http = *request;
    a->http.exchange = exchange;
    buffer_append(&a->body, request->body.data, request->body.len);
    a->http.body = (struct bytes){a->body.data, a->body.len};
    a->since_us = instant_monotonic_us();
    DL_APPEND(d->asking, a);
    d->asking_count++;
    if (!loop_timer_is_armed(d->timer)) {
        loop_timer_after(d->timer, d->reporting->settings->web_wait_us);
    }
    return a;
}

static void on_request(void *ctx, const struct http_request *request,
                       struct http_exchange *exchange)
{
    const struct door_route *route = ctx;
    struct web_door *d = route->door;
    struct web_claim claim;
    struct err err = ERR_NONE;
    if (request->body.len > BODY_MAX) {
        web_answer_error(exchange, "request_too_large", "at most 64 KiB");
    } else if (d->asking_count >= ASKING_MAX) {
        web_answer_error(exchange, "unavailable", "too many requests wait: try again");
    } else if (web_gate_read(d->gate, request, &claim, &err) < 0) {
        web_answer_error(exchange, err.code, err.text); /* revoked since its head was here */
    } else {
        struct asking *a = open_asking(route, request, exchange);
        a->claim = claim;
        identify(a);
    }
}

/* ---- life */

void web_door_add(struct web_door *d, const struct web_route *route)
{
    bool has_body = !is_safe(route->method) && strcmp(route->method, "DELETE") != 0;
    struct door_route *r = xcalloc(1, sizeof(*r));
    struct text path = {0};
    text_appendf(&path, "%s%s%s", route->path, route->is_prefix ? "*" : "",
                 route->suffix ? route->suffix : "");
    r->door = d;
    r->route = *route;
    r->path = path.data;
    LL_PREPEND(d->routes, r);
    http_route_later(d->reporting->service->http,
                     &(struct http_later_route){
                         .method = route->method,
                         .path = r->path,
                         .content_type = has_body ? "application/json" : NULL,
                         .admit = admit,
                         .handler = on_request,
                         .ctx = r,
                     });
}

static void count_requests(struct web_door *d)
{
    static const char name[] = "troth_reporting_web_requests_total";
    static const char help[] = "Requests of the dashboard and its API, by what the door did.";
    struct metrics *m = d->reporting->service->metrics;
    d->passed = metrics_counter(m, name, "result=\"passed\"", help);
    d->refused = metrics_counter(m, name, "result=\"refused\"", help);
    d->throttled = metrics_counter(m, name, "result=\"throttled\"", help);
}

struct web_door *web_door_new(struct reporting *r, struct err *err)
{
    if (!r->service->http) {
        (void)err_set_field(err, "setting_invalid", "http", "the dashboard needs it");
        return NULL;
    }
    int32_t rate = (int32_t)r->settings->web_rate;
    struct web_door *d = xcalloc(1, sizeof(*d));
    d->reporting = r;
    d->rates = web_rates_new((struct token_rate){rate, rate * BURST_FACTOR}, 1);
    d->timer = loop_timer_new(r->service->loop, on_late, d);
    count_requests(d);
    web_headers_always(r->service->http, r->settings->behind_tls);
    d->gate = web_gate_new(r->service, r->settings, err);
    if (!d->gate || web_parts_open(d, err) < 0) {
        web_door_free(d);
        return NULL;
    }
    return d;
}

void web_door_free(struct web_door *d)
{
    if (!d) {
        return;
    }
    for (struct asking *a = d->asking, *next; a; a = next) {
        next = a->next;
        drop(a);
    }
    web_parts_close(d);
    web_gate_free(d->gate);
    web_rates_free(d->rates);
    loop_timer_free(d->timer);
    while (d->routes) {
        struct door_route *r = d->routes;
        d->routes = r->next;
        free(r->path);
        free(r);
    }
    free(d);
}

const char *web_door_address(const struct web_door *d, const struct http_request *request,
                             char ret_text[HTTP_PEER_SIZE])
{
    return d ? web_gate_address(d->gate, request, ret_text) : http_peer(request, ret_text);
}

size_t web_door_open_count(const struct web_door *d)
{
    return d ? d->asking_count + web_parts_open_count(d) : 0;
}
