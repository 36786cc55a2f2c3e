/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/export_texts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "intake.pb-c.h"

#define KIND(name) TROTH__V1__DISCLOSURE_KIND__DISCLOSURE_KIND_##name

enum {
    NUMBER_SIZE = 24,
    PAGES_MAX = 100000 /* of one question: intake goes on and on, which it does not */
};

/* ---- one answer */

static bool is_answer(void *ctx, const ProtobufCMessage *m)
{
    const Troth__V1__IntakeReply *reply = (const Troth__V1__IntakeReply *)m;
    return reply->body_case == TROTH__V1__INTAKE_REPLY__BODY_ERROR ||
           (reply->body_case == TROTH__V1__INTAKE_REPLY__BODY_DISCLOSURE &&
            reply->disclosure->request_id && strcmp(reply->disclosure->request_id, ctx) == 0);
}

/* What was read is there, if anything was; whatever else is said ends the export. */
static int judge(const Troth__V1__DisclosureReply *reply, struct err *err)
{
    if (text_is_empty(reply->code) || strcmp(reply->code, "unknown") == 0 ||
        strcmp(reply->code, "damaged") == 0) {
        return 0;
    }
    return err_set(err, reply->code,
                   strcmp(reply->code, "unavailable") == 0
                       ? "intake could not read it now: try again"
                       : "intake does not let us: the key needs the right 'disclosure' for every "
                         "kind");
}

static const Troth__V1__DisclosureReply *ask(struct export_texts *t,
                                             Troth__V1__DisclosureRequest *body, struct err *err)
{
    char id[CLI_REQUEST_ID_SIZE];
    Troth__V1__IntakeRequest request = TROTH__V1__INTAKE_REQUEST__INIT;
    cli_client_request_id(id);
    body->request_id = id;
    body->purpose = cli_client_text(EXPORT_PURPOSE);
    body->on_behalf_of = cli_client_text(t->on_behalf_of);
    /* cppcheck-suppress unreadVariable ; by way of its base */
    request.body_case = TROTH__V1__INTAKE_REQUEST__BODY_DISCLOSURE;
    /* cppcheck-suppress unreadVariable ; by way of its base */
    request.disclosure = body;
    const Troth__V1__IntakeReply *reply = (const Troth__V1__IntakeReply *)cli_client_ask(
        t->intake, &request.base, &troth__v1__intake_reply__descriptor, is_answer, id, err);
    if (!reply) {
        return NULL;
    }
    if (reply->body_case == TROTH__V1__INTAKE_REPLY__BODY_ERROR) {
        (void)err_set(err, reply->error->code ? reply->error->code : "refused", "%s",
                      reply->error->text ? reply->error->text : "intake refused the question");
        return NULL;
    }
    return judge(reply->disclosure, err) < 0 ? NULL : reply->disclosure;
}

static void note_damage(struct export_texts *t, const Troth__V1__DisclosureReply *reply,
                        const char *of)
{
    char text[CLI_REQUEST_ID_SIZE + 64];
    if (reply->code && strcmp(reply->code, "damaged") == 0) {
        (void)snprintf(text, sizeof(text), "texts of %s: some could not be opened", of);
        (void)json_array_append_new(t->missing, json_string(text));
    }
}

/* ---- texts */

static void keep_text(struct export_texts *t, const Troth__V1__DisclosedText *text)
{
    char number[NUMBER_SIZE], at[INSTANT_TEXT_SIZE];
    (void)snprintf(number, sizeof(number), "%" PRId64, text->number);
    json_t *list = json_object_get(t->by_number, number);
    if (!list) {
        list = json_array();
        (void)json_object_set_new(t->by_number, number, list);
    }
    json_t *one = json_pack("{ssss}", "field", text->field ? text->field : "", "text",
                            text->text ? text->text : "");
    if (one && text->has_at_us) {
        (void)json_object_set_new(one, "at", json_string(instant_format(text->at_us, at)));
    }
    (void)json_array_append_new(list, one);
}

static int read_pages(struct export_texts *t, Troth__V1__DisclosureRequest *body, const char *of,
                      struct err *err)
{
    body->has_with_void = body->with_void = true;
    for (int page = 0; page < PAGES_MAX; page++) {
        const Troth__V1__DisclosureReply *reply = ask(t, body, err);
        if (!reply) {
            return -1;
        }
        for (size_t i = 0; i < reply->n_texts; i++) {
            keep_text(t, reply->texts[i]);
        }
        note_damage(t, reply, of);
        if (!reply->is_cut) {
            return 0;
        }
        if (!reply->has_next_us) {
            break;
        }
        body->has_after_us = body->has_after_number = true;
        body->after_us = reply->next_us;
        body->after_number = reply->next_number;
    }
    return err_set(err, "too_large", "intake of an older version cannot go on where it cut");
}

int export_texts_read_case(struct export_texts *t, int64_t customer, int64_t service_case,
                           struct err *err)
{
    char of[IDENTIFIER_TEXT_SIZE];
    Troth__V1__DisclosureRequest body = TROTH__V1__DISCLOSURE_REQUEST__INIT;
    body.has_kind = body.has_customer = body.has_service_case = true;
    body.kind = KIND(CASE_TEXTS);
    body.customer = customer;
    body.service_case = service_case;
    return read_pages(t, &body, identifier_format(IDENTIFIER_CASE, service_case, of), err);
}

/* ---- the person */

static void keep_profile(struct export_texts *t, const char *of,
                         const Troth__V1__DisclosureReply *reply)
{
    json_t *row = json_pack("{ss}", "customer_number", of);
    for (size_t i = 0; i < reply->n_texts; i++) {
        const Troth__V1__DisclosedText *text = reply->texts[i];
        (void)json_object_set_new(row, text->field ? text->field : "",
                                  json_string(text->text ? text->text : ""));
    }
    (void)json_array_append_new(t->profiles, row);
}

int export_texts_read_customer(struct export_texts *t, int64_t customer, struct err *err)
{
    char of[IDENTIFIER_TEXT_SIZE];
    Troth__V1__DisclosureRequest body = TROTH__V1__DISCLOSURE_REQUEST__INIT;
    (void)identifier_format(IDENTIFIER_CUSTOMER, customer, of);
    body.has_kind = body.has_customer = true;
    body.kind = KIND(PERSON);
    body.customer = customer;
    const Troth__V1__DisclosureReply *reply = ask(t, &body, err);
    if (!reply) {
        return -1;
    }
    keep_profile(t, of, reply);
    note_damage(t, reply, of);
    body.kind = KIND(CUSTOMER_TEXTS);
    return read_pages(t, &body, of, err);
}

/* ---- to their rows */

void export_texts_attach(struct export_texts *t, json_t *row)
{
    char number[NUMBER_SIZE];
    const json_t *value = json_object_get(row, "number");
    if (!json_is_integer(value)) {
        return;
    }
    (void)snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    json_t *texts = json_object_get(t->by_number, number);
    if (texts) {
        (void)json_object_set(row, "texts", texts);
        (void)json_object_del(t->by_number, number);
    }
}

void export_texts_rest(const struct export_texts *t, void (*fn)(void *ctx, json_t *row), void *ctx)
{
    const char *number;
    json_t *texts;
    json_object_foreach(t->by_number, number, texts)
    {
        json_t *row = json_pack("{sssO}", "number", number, "texts", texts);
        fn(ctx, row);
        json_decref(row);
    }
}
