/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_door.h - the one way in for people over HTTP: who is it, may they, is the request theirs.
 *
 * Every route of the dashboard and its API is registered here, with the least role that may ask.
 * The door reads the session (cookie) or the bearer token (a source with the right reports: role
 * viewer), or the header of a trusted proxy; asks the database whether it counts; compares the CSRF
 * header of whatever is not GET or HEAD; puts the security headers on every answer; and only then
 * calls the handler. What has no route is 404, whoever asks; a route with too low a role is 403;
 * no session 401.
 *
 * Handlers never wait: they keep the exchange and answer it once, by web_answer_*().
 */
#ifndef TROTH_REPORTING_WEB_DOOR_H
#define TROTH_REPORTING_WEB_DOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

#include "common/runtime/http.h"
#include "services/reporting/reporting.h"

/* Stored numbers. Each may what those before it may. */
enum web_role {
    WEB_EVERYBODY = 0, /* no session needed */
    WEB_VIEWER = 1,    /* figures, cases without personal data */
    WEB_AGENT = 2,   /* worklist; texts and numbers of a case or customer, each view written down */
    WEB_MANAGER = 3, /* improvements, early warnings seen, progress links */
    WEB_ADMIN = 4,   /* accounts */
};

struct web_user {
    int64_t id;    /* 0: a machine with a bearer token, or nobody */
    char name[65]; /* "source NAME" of a machine */
    enum web_role role;
    char staff[65];    /* at the worklist; "" none */
    char language[17]; /* "en", "zh-Hans"; "" none chosen */
};

struct web_identity;

struct web_request {
    const struct http_request *http; /* borrowed for the call. Its method may be HEAD for GET */
    const char *rest;                /* of a prefix route: the segment, decoded, UTF-8; else "" */
    const json_t *json;              /* the body of POST, PUT, PATCH: an object. NULL: there is none
                                        (GET, HEAD, a DELETE without one). Borrowed for the call */
    struct web_user user;
    const struct web_identity *identity; /* for the door's own routes; borrowed for the call */
};

typedef void web_handler_fn(void *ctx, const struct web_request *request,
                            struct http_exchange *exchange);

/* Exact paths win over prefixes. A path that is there with other methods alone is 405. */
struct web_route {
    const char *method;
    const char *path;
    bool is_prefix;     /* "/v1/cases/" takes "/v1/cases/C-123-4": rest is one segment, not empty */
    const char *suffix; /* of a prefix route: "/texts" takes "/v1/cases/C-123-4/texts", and rest is
                           what stands between; NULL: nothing follows */
    bool is_quiet;      /* asked by the page by itself, again and again (/v1/changes): does not keep
                           an idle session alive. Nor does a request with the header "X-Quiet: 1" */
    enum web_role least;
    web_handler_fn *handler;
    void *ctx;
};

struct web_door;

/* Needs the setting http. NULL with err. */
struct web_door *web_door_new(struct reporting *r, struct err *err);
void web_door_free(struct web_door *d);               /* NULL is fine */
size_t web_door_open_count(const struct web_door *d); /* NULL: 0 */

/* Whose budget a request is on, as web_gate_address() says; d NULL: the peer. Returns ret_text. */
const char *web_door_address(const struct web_door *d, const struct http_request *request,
                             char ret_text[HTTP_PEER_SIZE]);

/* Before the loop turns. Texts of the route are borrowed for ever. */
void web_door_add(struct web_door *d, const struct web_route *route);

/*
 * Who looked at what of whom: a row of reporting.personal_view, before it is shown. done(ctx, true)
 * is called from the loop once it is committed; after false nothing may be shown. Texts are copied.
 */
struct web_personal_view {
    const char *user;     /* web_user.name */
    const char *what;     /* "phone", "texts", ... */
    int64_t customer;     /* number */
    int64_t service_case; /* number; 0: none */
    const char *purpose;  /* "dashboard", "worklist", ... */
};
typedef void web_personal_view_fn(void *ctx, bool is_written);
void web_personal_view(struct web_door *d, const struct web_personal_view *view,
                       web_personal_view_fn *done, void *ctx);
/* done is not called any more with this ctx, for who is being freed. */
void web_personal_view_forget(struct web_door *d, const void *ctx);

/* ---- answers, each exactly once for an exchange */

/* 200. The protobuf JSON mapping with short enum names (message_to_json). */
void web_answer_message(struct http_exchange *exchange, const ProtobufCMessage *message);
/* Takes the reference over. */
void web_answer_json(struct http_exchange *exchange, int status, json_t *json);
/* {"code": ..., "text": ...}; the status that goes with the code: 400 request_invalid and the like,
 * 404 *_unknown, 403 not_permitted, 409 changed_meanwhile, key_reused and *_taken, 413 *_too_large,
 * 429 too_many, 500 internal, 503 unavailable, stopping and db_*. */
void web_answer_error(struct http_exchange *exchange, const char *code, const char *text);
/* Takes body over. file_name: offered as a download; NULL: shown. */
void web_answer_body(struct http_exchange *exchange, const char *content_type,
                     const char *file_name, struct text body);

#endif
