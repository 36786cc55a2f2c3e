/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/web_answer.h"

#include <stdlib.h>
#include <string.h>

#include "common/runtime/message_json.h"
#include "services/reporting/web_door.h"

#define JSON_TYPE "application/json"

struct code_status {
    const char *code;
    int status;
};

/* Codes whose ends would say something else, or nothing. */
static const struct code_status codes[] = {
    {"login_needed",      401},
    {"login_failed",      401},
    {"token_invalid",     401},
    {"not_permitted",     403},
    {"csrf_invalid",      403},
    {"cross_site",        403},
    {"changed_meanwhile", 409},
    {"key_reused",        409},
    {"too_many",          429},
    {"internal",          500},
    {"unavailable",       503},
    {"stopping",          503},
};

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text);
    size_t end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

int web_status_of(const char *code)
{
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (strcmp(codes[i].code, code) == 0) {
            return codes[i].status;
        }
    }
    if (strncmp(code, "db_", 3) == 0) {
        return 503;
    }
    if (ends_with(code, "_unknown")) {
        return 404;
    }
    if (ends_with(code, "_taken")) {
        return 409;
    }
    return ends_with(code, "_too_large") ? 413 : 400;
}

void web_error_response(const char *code, const char *text, struct http_response *ret_r)
{
    *ret_r = (struct http_response){.status = web_status_of(code), .content_type = JSON_TYPE};
    if (ret_r->status == 429 || ret_r->status == 503) {
        ret_r->retry_after_s = 1;
    }
    text_append(&ret_r->body, "{\"code\":");
    json_append_text(code, &ret_r->body);
    text_append(&ret_r->body, ",\"text\":");
    json_append_text(text, &ret_r->body);
    text_append(&ret_r->body, "}\n");
}

void web_answer_error(struct http_exchange *exchange, const char *code, const char *text)
{
    struct http_response r;
    web_error_response(code, text, &r);
    http_answer(exchange, &r);
}

static int add_json(const char *data, size_t len, void *ctx)
{
    text_append_len(ctx, data, len);
    return 0;
}

void web_json_response(int status, json_t *json, struct http_response *ret_r)
{
    *ret_r = (struct http_response){.status = status, .content_type = JSON_TYPE};
    (void)json_dump_callback(json, add_json, &ret_r->body, JSON_COMPACT | JSON_ENCODE_ANY);
    text_append(&ret_r->body, "\n");
    json_decref(json);
}

void web_answer_json(struct http_exchange *exchange, int status, json_t *json)
{
    struct http_response r;
    web_json_response(status, json, &r);
    http_answer(exchange, &r);
}

void web_answer_message(struct http_exchange *exchange, const ProtobufCMessage *message)
{
    web_answer_json(exchange, 200, message_to_json(message));
}

/* Only what needs no quoting. */
static void put_download(struct http_response *r, const char *file_name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    char value[160];
    char name[100];
    (void)text_copy(name, sizeof(name), file_name);
    for (char *c = name; *c; c++) {
        if (!strchr(allowed, *c)) {
            *c = '_';
        }
    }
    (void)text_format(value, sizeof(value), "attachment; filename=\"%s\"", name);
    http_response_header(r, "Content-Disposition", value);
}

void web_answer_body(struct http_exchange *exchange, const char *content_type,
                     const char *file_name, struct text body)
{
    struct http_response r = {.content_type = content_type, .body = body};
    if (file_name) {
        put_download(&r, file_name);
    }
    http_answer(exchange, &r);
}
