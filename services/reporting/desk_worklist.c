/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_worklist.c - the worklist over HTTP: each request becomes one of the follow-up scheduler,
 * with the staff code of the account, never one that the page says.
 *
 * What is taken shows a customer's number and words: it is written down who saw them before they
 * are shown. If that fails the conversation is given back, for nobody could report it: its key was
 * never shown.
 */
#include <string.h>

#include "common/base/arena.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/runtime/message_field.h"
#include "common/runtime/message_json.h"
#include "dialer.pb-c.h"
#include "services/reporting/desk_visit.h"

enum {
    STATES_MAX = 16,
    LIMIT_MAX = 1000,
    KEY_SIZE = 64,
    REPORT_BUDGET = 256 * 1024,
};

#define LIST_WAIT_US (5 * DURATION_S)
/* The scheduler may look for 8 s; it knows a question by its id when it comes again. */
#define TAKE_WAIT_US (12 * DURATION_S)
#define RESEND_US    (2 * DURATION_S)

static const Troth__V1__DialerReply *reply_of(const ProtobufCMessage *message)
{
    return (const Troth__V1__DialerReply *)message;
}

/* What a person can do about it is in the text. */
static void fail_with(struct desk_visit *v, const char *code, const char *text)
{
    static const struct {
        const char *code;
        int status;
    } statuses[] = {
        {"in_hand",        409},
        {"lease_over",     409},
        {"call_under_way", 409},
        {"busy",           503},
        {"unavailable",    503},
        {"not_permitted",  500}, /* not the user's fault: our key */
        {"report_invalid", 400},
    };
    int status = 400;

    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        status = strcmp(statuses[i].code, code) == 0 ? statuses[i].status : status;
    }
    if (status == 500) {
        desk_visit_fail_as(v, status, "key_lacks_right",
                           "reporting's own key lacks the right 'worklist'");
    } else {
        desk_visit_fail_as(v, status, code, text);
    }
}

/* True when there is an answer of that kind; otherwise the visit has ended. */
static bool is_answered(struct desk_visit *v, const Troth__V1__DialerReply *reply,
                        Troth__V1__DialerReply__BodyCase body)
{
    if (!reply) {
        desk_visit_fail(v, "unavailable", v->trouble);
        return false;
    }
    if (reply->body_case == TROTH__V1__DIALER_REPLY__BODY_ERROR) {
        fail_with(v, reply->error->code ? reply->error->code : "",
                  reply->error->text ? reply->error->text : "");
        return false;
    }
    if (reply->body_case != body) {
        desk_visit_fail_as(v, 500, "internal", "the follow-up scheduler answered something else");
        return false;
    }
    return true;
}

/* The visit of somebody who may work on follow-ups; NULL: answered. */
static struct desk_visit *begin_with_staff(struct desk *d, const struct web_request *request,
                                           struct http_exchange *exchange)
{
    if (text_is_empty(request->user.staff)) {
        web_answer_json(exchange, 409,
                        json_pack("{ssss}", "code", "staff_missing", "text",
                                  "your account has no staff code: an admin sets one on the page "
                                  "Accounts, or with: troth user set NAME --staff CODE"));
        return NULL;
    }
    return desk_visit_begin(d, request, exchange);
}

/* ---- GET /v1/worklist?state=planned,listed&limit=100 */

static void got_list(struct desk_visit *v, const ProtobufCMessage *message)
{
    const Troth__V1__DialerReply *reply = reply_of(message);

    if (is_answered(v, reply, TROTH__V1__DIALER_REPLY__BODY_WORKLIST)) {
        json_t *json = message_to_json(&reply->worklist->base);

        (void)json_object_del(json, "request_id");
        if (!json_object_get(json, "entries")) {
            (void)json_object_set_new(json, "entries", json_array());
        }
        desk_visit_answer(v, json);
    }
}

/* "planned,listed"; false: a word is no state. */
static bool read_states(const char *text, Troth__V1__FollowUpState ret_states[STATES_MAX],
                        size_t *ret_count)
{
    size_t count = 0;

    while (text && *text) {
        char name[40];
        const size_t len = strcspn(text, ",");
        const ProtobufCEnumValue *value;

        if (len >= sizeof(name) || count == STATES_MAX) {
            return false;
        }
        (void)text_format(name, sizeof(name), "%.*s", (int)len, text);
        value = message_enum_find(&troth__v1__follow_up_state__descriptor, name);
        if (!value || value->value == 0) {
            return false;
        }
        ret_states[count++] = (Troth__V1__FollowUpState)value->value;
        text += text[len] ? len + 1 : len;
    }
    *ret_count = count;
    return true;
}

void desk_worklist(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    Troth__V1__FollowUpState states[STATES_MAX];
    Troth__V1__WorklistRequest body = TROTH__V1__WORKLIST_REQUEST__INIT;
    Troth__V1__DialerRequest message = TROTH__V1__DIALER_REQUEST__INIT;
    const char *limit_text = http_query(request->http, "limit");
    int64_t limit = 0;
    struct desk_visit *v;

    if (!read_states(http_query(request->http, "state"), states, &body.n_states) ||
        (limit_text && text_to_int64(limit_text, 1, LIMIT_MAX, &limit) < 0)) {
        web_answer_error(exchange, "request_invalid",
                         "state is planned, claimed, ordered, done, missed, suppressed, failed, "
                         "listed or merged, several parted by commas; limit is 1 to 1000");
        return;
    }
    v = desk_visit_begin(ctx, request, exchange);
    if (!v) {
        return;
    }
    body.request_id = desk_visit_id(v);
    body.states = states;
    body.has_limit = limit > 0;
    body.limit = (int32_t)limit;
    message.body_case = TROTH__V1__DIALER_REQUEST__BODY_WORKLIST;
    message.worklist = &body;
    desk_visit_ask(v,
                   &(struct desk_question){.peer = DESK_FOLLOWUP,
                                           .message = &message.base,
                                           .wait_us = LIST_WAIT_US,
                                           .resend_us = RESEND_US},
                   got_list);
}

/* ---- POST /v1/worklist/take */

static void got_nothing(void *ctx, const ProtobufCMessage *reply)
{
    (void)ctx;
    (void)reply; /* else its lease runs out */
}

static void give_back(struct desk_visit *v)
{
    struct desk_peer *peer = &v->desk->peers[DESK_FOLLOWUP];
    char id[REQUEST_CLIENT_ID_SIZE];
    char staff[sizeof(v->user.staff)];
    Troth__V1__WorklistReport body = TROTH__V1__WORKLIST_REPORT__INIT;
    Troth__V1__DialerRequest message = TROTH__V1__DIALER_REQUEST__INIT;

    request_client_make_id(id);
    (void)text_copy(staff, sizeof(staff), v->user.staff);
    body.request_id = id;
    body.staff = staff;
    body.key = v->data;
    body.has_action = true;
    body.action = TROTH__V1__WORKLIST_ACTION__WORKLIST_ACTION_RETURN;
    message.body_case = TROTH__V1__DIALER_REQUEST__BODY_WORKLIST_REPORT;
    message.worklist_report = &body;
    if (!request_client_ask(peer->client, &(struct request_question){.message = &message.base,
                                                                     .id = id,
                                                                     .wait_us = LIST_WAIT_US,
                                                                     .resend_us = RESEND_US,
                                                                     .done = got_nothing})) {
        return;
    }
}

static void show_agenda(struct desk_visit *v)
{
    json_t *json = v->json;

    v->json = NULL;
    desk_visit_answer(v, json);
}

static void got_agenda(struct desk_visit *v, const ProtobufCMessage *message)
{
    const Troth__V1__DialerReply *reply = reply_of(message);
    struct err err = ERR_NONE;

    if (!is_answered(v, reply, TROTH__V1__DIALER_REPLY__BODY_WORKLIST_AGENDA)) {
        return;
    }
    const Troth__V1__WorklistAgenda *agenda = reply->worklist_agenda;
    v->json = message_to_json(&agenda->base);
    (void)json_object_del(v->json, "request_id");
    if (!agenda->order || !agenda->order->key) {
        show_agenda(v); /* there is nothing to do now */
        return;
    }
    v->data = xstrdup(agenda->order->key);
    v->free_data = free;
    v->on_unwritten = give_back;
    v->service_case = agenda->order->service_case;
    if (!agenda->customer_number ||
        identifier_parse(IDENTIFIER_CUSTOMER, agenda->customer_number, &v->customer, &err) < 0) {
        give_back(v);
        desk_visit_fail_as(v, 500, "internal", "the agenda has no customer");
        return;
    }
    desk_visit_personal(v, "phone", "worklist", show_agenda);
}

/* Texts of the body, borrowed from it; false: it has one that is no text. */
static bool read_text(const json_t *json, const char *name, const char **ret_text)
{
    const json_t *value = json ? json_object_get(json, name) : NULL;

    *ret_text = json_is_string(value) ? json_string_value(value) : NULL;
    return !value || json_is_string(value) || json_is_null(value);
}

void desk_take(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    Troth__V1__WorklistTake body = TROTH__V1__WORKLIST_TAKE__INIT;
    Troth__V1__DialerRequest message = TROTH__V1__DIALER_REQUEST__INIT;
    char branch[80], language[40], staff[sizeof(request->user.staff)];
    const char *branch_text, *language_text;
    struct desk_visit *v;

    if (!read_text(request->json, "branch", &branch_text) ||
        !read_text(request->json, "language", &language_text) ||
        !text_copy(branch, sizeof(branch), branch_text ? branch_text : "") ||
        !text_copy(language, sizeof(language), language_text ? language_text : "")) {
        web_answer_error(exchange, "request_invalid", "branch and language are short texts");
        return;
    }
    v = begin_with_staff(ctx, request, exchange);
    if (!v) {
        return;
    }
    (void)text_copy(staff, sizeof(staff), v->user.staff);
    body.request_id = desk_visit_id(v);
    body.staff = staff;
    body.branch = branch[0] ? branch : NULL;
    body.language = language[0] ? language : NULL;
    message.body_case = TROTH__V1__DIALER_REQUEST__BODY_WORKLIST_TAKE;
    message.worklist_take = &body;
    desk_visit_ask(v,
                   &(struct desk_question){.peer = DESK_FOLLOWUP,
                                           .message = &message.base,
                                           .wait_us = TAKE_WAIT_US,
                                           .resend_us = RESEND_US},
                   got_agenda);
}

/* ---- POST /v1/worklist/report */

static void got_receipt(struct desk_visit *v, const ProtobufCMessage *message)
{
    const Troth__V1__DialerReply *reply = reply_of(message);

    if (!is_answered(v, reply, TROTH__V1__DIALER_REPLY__BODY_WORKLIST_RECEIPT)) {
        return;
    }
    const Troth__V1__WorklistReceipt *receipt = reply->worklist_receipt;
    if (!text_is_empty(receipt->code)) {
        fail_with(v, receipt->code, receipt->text ? receipt->text : "");
    } else {
        desk_visit_answer(v, json_pack("{ss}", "key", receipt->key ? receipt->key : ""));
    }
}

static void send_report(struct desk_visit *v, Troth__V1__WorklistReport *body)
{
    Troth__V1__DialerRequest message = TROTH__V1__DIALER_REQUEST__INIT;
    char staff[sizeof(v->user.staff)];

    (void)text_copy(staff, sizeof(staff), v->user.staff);
    body->request_id = desk_visit_id(v);
    body->staff = staff;
    message.body_case = TROTH__V1__DIALER_REQUEST__BODY_WORKLIST_REPORT;
    message.worklist_report = body;
    desk_visit_ask(v,
                   &(struct desk_question){.peer = DESK_FOLLOWUP,
                                           .message = &message.base,
                                           .wait_us = TAKE_WAIT_US,
                                           .resend_us = RESEND_US},
                   got_receipt);
}

void desk_report(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    struct arena *arena = arena_new(REPORT_BUDGET);
    struct err err = ERR_NONE;
    struct desk_visit *v;
    Troth__V1__WorklistReport *body = (Troth__V1__WorklistReport *)message_from_json(
        &troth__v1__worklist_report__descriptor, request->json, arena, &err);

    if (!body) {
        char text[sizeof(err.field) + sizeof(err.text) + 2];

        (void)text_format(text, sizeof(text), "%s: %s", err.field, err.text);
        web_answer_error(exchange, "request_invalid", text);
    } else if (body->staff || body->request_id) {
        web_answer_error(exchange, "request_invalid", "the staff code is that of the account");
    } else if (text_is_empty(body->key)) {
        web_answer_error(exchange, "request_invalid", "key is that of the order");
    } else {
        v = begin_with_staff(ctx, request, exchange);
        if (v) {
            send_report(v, body);
        }
    }
    arena_free(arena);
}
