/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_http.c - who may post, and what becomes of a post.
 *
 * The token is looked at when only the head of the request is there, and again when all of it is:
 * so strangers cost no memory, and a token that was revoked meanwhile opens nothing. A post is
 * taken apart (intake_json.c), goes the way of every record (intake_take()) and is answered from
 * intake_post.c.
 */
#include "services/intake/intake_http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/message_json.h"
#include "services/intake/intake.h"
#include "services/intake/intake_admission.h"
#include "services/intake/intake_json.h"
#include "services/intake/intake_post.h"
#include "services/intake/intake_receipts.h"
#include "services/intake/intake_trace.h"

enum {
    CONNECTION_MEMORY = 16 * 1024,
    BODIES_MAX = 32 * 1024 * 1024,
    SCRATCH_BYTES = 6 * 1024 * 1024, /* of one record while it is read */
    TOKEN_MAX = 512,
};
#define IDLE_US    (20 * DURATION_S)
#define REQUEST_US (30 * DURATION_S)

struct intake_http {
    struct intake *intake;
    struct http *http;
    struct intake_posts *posts;
    struct arena *scratch;
    struct buffer wire; /* the records of the post that is being read */
};

/* ---- answers that are no receipts */

static void refuse(struct intake *in, int status, const struct err *err, struct http_response *r)
{
    *r = (struct http_response){.status = status, .content_type = "application/json"};
    *in->metrics.requests_refused += 1;
    text_append(&r->body, "{\"code\":");
    json_append_text(err->code, &r->body);
    text_append(&r->body, ",\"text\":");
    json_append_text(err->text, &r->body);
    text_append(&r->body, "}\n");
}

static void refuse_stopping(struct intake *in, struct http_response *r)
{
    struct err err = ERR_NONE;
    err_set(&err, "stopping", "this process ends; another one may answer");
    refuse(in, 503, &err, r);
    r->retry_after_s = 1;
}

/* ---- who is it */

/* The text behind "Bearer ", NULL when there is none of a sensible length. */
static const char *token_of(const struct http_request *request)
{
    static const char scheme[] = "Bearer ";
    const char *header = http_header(request, "Authorization");
    if (!header || strncasecmp(header, scheme, sizeof(scheme) - 1) != 0) {
        return NULL;
    }
    const char *token = header + sizeof(scheme) - 1;
    token += strspn(token, " ");
    return *token && strlen(token) <= TOKEN_MAX ? token : NULL;
}

static int identify(struct intake *in, const struct http_request *request,
                    struct principal *ret_principal, struct http_response *r)
{
    uint8_t digest[PRINCIPAL_TOKEN_LEN];
    struct err err = ERR_NONE;
    const char *token = token_of(request);
    bool is_known = false;
    if (token) {
        principal_digest_token(bytes_of_text(token), digest);
        is_known = principal_by_token(in->service->principals, digest, ret_principal);
    }
    if (!is_known) {
        err_set(&err, "token_invalid", "Authorization: Bearer TOKEN is needed, of a known source");
        refuse(in, 401, &err, r);
        r->authenticate =
            token ? "Bearer realm=\"troth\", error=\"invalid_token\"" : "Bearer realm=\"troth\"";
        return -1;
    }
    if (intake_admit_message(ret_principal, &err) < 0) {
        refuse(in, 403, &err, r);
        return -1;
    }
    return 0;
}

static bool admit(void *ctx, const struct http_request *request, struct http_response *ret_response)
{
    const struct intake_http *door = ctx;
    struct principal principal;
    if (door->intake->service->is_draining) {
        refuse_stopping(door->intake, ret_response);
        return false;
    }
    return identify(door->intake, request, &principal, ret_response) == 0;
}

/* ---- the records */

/* Those that could be read, in a row; as many of them as fit a message over ZeroMQ share the memory
 * of one. */
struct chunk {
    struct bytes records[INTAKE_RECORDS_MAX];
    size_t count, bytes, first_index;
};

static void hand_over(struct intake_http *door, const struct principal *principal,
                      struct intake_post *post, struct chunk *c)
{
    if (c->count > 0) {
        intake_take(door->intake, &(struct intake_delivery){
                                      .principal = principal,
                                      .sink = {intake_post_add, post},
                                      .records = c->records,
                                      .count = c->count,
                                      .first_index = c->first_index,
                                      .bytes = c->bytes,
        });
    }
    c->count = c->bytes = 0;
}

/* A record that cannot be read counts for the rate of its source all the same. */
struct unread {
    size_t bytes;
    const char *key;
    const struct err *err;
};

static void answer_unread(struct intake_http *door, const struct principal *principal,
                          const struct unread *u, struct intake_sink sink, size_t index)
{
    int64_t retry_after_us;
    const char *not_now = intake_admit_arrival(door->intake, principal, u->bytes, &retry_after_us);
    const Troth__V1__Receipt receipt = not_now
                                           ? intake_receipt_retry(u->key, not_now, retry_after_us)
                                           : intake_receipt_rejected(u->key, u->err);
    intake_answer_unread(door->intake, sink, index, &receipt);
}

/* The wire bytes of each record, or its receipt when it cannot be read. */
static void read_records(struct intake_http *door, const struct http_request *request,
                         const struct principal *principal, const struct intake_json_parts *parts,
                         struct intake_post *post, size_t ends[INTAKE_RECORDS_MAX])
{
    buffer_clear(&door->wire);
    for (size_t i = 0; i < parts->count; i++) {
        char key[INTAKE_KEY_MAX + 1];
        struct err err = ERR_NONE;
        const size_t before = door->wire.len;
        intake_trace_of_post(request, &door->wire);
        int rc = intake_json_record(&parts->records[i], door->scratch, &door->wire, key, &err);
        intake_post_set_key(post, i, key);
        if (rc < 0) {
            door->wire.len = before;
            answer_unread(door, principal, &(struct unread){parts->records[i].text.len, key, &err},
                          (struct intake_sink){intake_post_add, post}, i);
        }
        ends[i] = door->wire.len;
    }
}

static void take_records(struct intake_http *door, const struct http_request *request,
                         const struct principal *principal, const struct intake_json_parts *parts,
                         struct intake_post *post)
{
    size_t ends[INTAKE_RECORDS_MAX];
    size_t start = 0;
    struct chunk c = {.count = 0};
    read_records(door, request, principal, parts, post, ends);
    for (size_t i = 0; i < parts->count; i++) {
        size_t len = ends[i] - start;
        if (intake_post_has_receipt(post, i)) {
            hand_over(door, principal, post, &c);
            continue;
        }
        if (c.bytes + len > BUS_MESSAGE_MAX) {
            hand_over(door, principal, post, &c);
        }
        c.first_index = c.count == 0 ? i : c.first_index;
        c.records[c.count++] = (struct bytes){door->wire.data + start, len};
        c.bytes += len;
        start = ends[i];
    }
    hand_over(door, principal, post, &c);
}

static void on_post(void *ctx, const struct http_request *request, struct http_exchange *exchange)
{
    struct intake_http *door = ctx;
    struct intake_json_parts parts;
    struct principal principal;
    struct http_response response;
    struct err err = ERR_NONE;
    if (identify(door->intake, request, &principal, &response) < 0) {
        http_answer(exchange, &response);
        return;
    }
    if (intake_json_parts(request->body, &parts, &err) < 0) {
        refuse(door->intake, 400, &err, &response);
        http_answer(exchange, &response);
        return;
    }
    *door->intake->metrics.posts += 1;
    struct intake_post *post = intake_post_new(door->posts, exchange, parts.count);
    take_records(door, request, &principal, &parts, post);
    intake_post_end(post);
}

/* ---- life */

struct intake_http *intake_http_new(struct intake *in, struct err *err)
{
    struct intake_http *door = xcalloc(1, sizeof(*door));
    door->intake = in;
    door->scratch = arena_new(SCRATCH_BYTES);
    door->posts = intake_posts_new(in->service->loop, &in->settings->records_http_wait_us,
                                   &in->settings->retry_after_us);
    door->http =
        http_start_with(in->service->loop,
                        &(struct http_options){
                            .endpoint = in->settings->records_http,
                            .connections_max = (size_t)in->settings->records_http_connections,
                            .connection_memory = CONNECTION_MEMORY,
                            .bodies_max = BODIES_MAX,
                            .idle_us = IDLE_US,
                            .request_us = REQUEST_US,
                            .has_json_errors = true,
                        },
                        err);
    if (!door->http) {
        intake_http_free(door);
        return NULL;
    }
    http_measure(door->http, in->service->metrics, "records");
    http_route_later(door->http, &(struct http_later_route){
                                     .method = "POST",
                                     .path = "/v1/records",
                                     .content_type = "application/json",
                                     .admit = admit,
                                     .handler = on_post,
                                     .ctx = door,
                                 });
    log_info("records_http_open", LOG_TEXT("endpoint", http_endpoint(door->http)));
    return door;
}

void intake_http_free(struct intake_http *door)
{
    if (!door) {
        return;
    }
    http_stop(door->http);
    intake_posts_free(door->posts);
    arena_free(door->scratch);
    buffer_free(&door->wire);
    free(door);
}

bool intake_http_is_idle(const struct intake_http *door)
{
    return !door || http_busy_count(door->http) == 0;
}
