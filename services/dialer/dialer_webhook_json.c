/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_webhook_json.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/base/instant.h"
#include "common/base/text.h"
#include "dialer.pb-c.h"

enum {
    NAME_SIZE = 48
};

/* ---- names of enum values: without their prefix, in lower case */

/* "CALL_OUTCOME_" and "busy" make CALL_OUTCOME_BUSY. -1: there is none, or it is the unset one. */
static int32_t enum_number(const ProtobufCEnumDescriptor *type, const char *prefix,
                           const char *name)
{
    char full[NAME_SIZE];
    if (!text_format(full, sizeof(full), "%s%s", prefix, name)) {
        return -1;
    }
    for (char *c = full; *c; c++) {
        *c = (char)toupper((unsigned char)*c);
    }
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value_by_name(type, full);
    return value && value->value > 0 ? value->value : -1;
}

static const char *channel_name(int32_t channel)
{
    switch (channel) {
    case TROTH__V1__CHANNEL__CHANNEL_MESSAGE:
        return "message";
    case TROTH__V1__CHANNEL__CHANNEL_MAIL:
        return "mail";
    default:
        return "call";
    }
}

/* ---- writing */

static void add_text(json_t *object, const char *name, const char *text)
{
    if (!text_is_empty(text)) {
        json_object_set_new(object, name, json_string(text));
    }
}

static json_t *items_of(const struct dialer_order *o)
{
    json_t *list = json_array();
    for (size_t i = 0; i < o->item_count; i++) {
        const struct dialer_item *item = &o->items[i];
        json_t *one = json_pack("{s:s, s:s, s:i, s:i}", "code", item->code, "question",
                                item->question, "low", (int)item->low, "high", (int)item->high);
        if (one && item->only_if[0]) {
            add_text(one, "only_if", item->only_if);
            json_object_set_new(one, "only_min", json_integer(item->only_min));
            json_object_set_new(one, "only_max", json_integer(item->only_max));
        }
        json_array_append_new(list, one);
    }
    return list;
}

/* Why, in words for the customer; numbers of cases and promises stay here. */
static json_t *agenda_of(const struct dialer_order *o)
{
    json_t *list = json_array();
    for (size_t i = 0; i < o->reason_count; i++) {
        json_t *one = json_object();
        add_text(one, "rule", o->agenda[i].rule);
        add_text(one, "say", o->agenda[i].say);
        json_array_append_new(list, one);
    }
    return list;
}

void dialer_webhook_write(const struct dialer_order *o, const char *callback, struct buffer *out)
{
    char start_by[INSTANT_TEXT_SIZE];
    json_t *order = json_object();
    json_object_set_new(order, "type", json_string("call.ordered"));
    add_text(order, "key", o->key);
    add_text(order, "channel", channel_name(o->channel));
    add_text(order, "start_by", instant_format(o->start_by_us, start_by));
    add_text(order, "phone", o->phone);
    add_text(order, "address", o->address);
    add_text(order, "language", o->language);
    add_text(order, "script", o->script);
    add_text(order, "opening", o->opening);
    add_text(order, "closing", o->closing);
    json_object_set_new(order, "items", items_of(o));
    json_object_set_new(order, "agenda", agenda_of(o));
    add_text(order, "callback", callback);
    char *text = json_dumps(order, JSON_COMPACT);
    if (text) {
        size_t len = strlen(text);
        buffer_append(out, text, len);
        explicit_bzero(text, len);
        free(text);
    }
    json_decref(order);
}

/* ---- reading */

/* Absent or null is fine. */
static int get_text(const json_t *object, const char *name, size_t size, char *ret, struct err *err)
{
    const json_t *value = json_object_get(object, name);
    if (!value || json_is_null(value)) {
        return 0;
    }
    if (!json_is_string(value)) {
        return err_set_field(err, "wrong_type", name, "a text is expected");
    }
    (void)text_copy(ret, size, json_string_value(value));
    return 0;
}

static int get_instant(const json_t *object, const char *name, int64_t *ret_us, struct err *err)
{
    char text[INSTANT_TEXT_SIZE + 8] = "";
    if (get_text(object, name, sizeof(text), text, err) < 0) {
        return -1;
    }
    if (text[0] && instant_parse(text, ret_us) < 0) {
        return err_set_field(err, "wrong_type", name, "RFC 3339 is expected");
    }
    return 0;
}

/* The item is not at hand after a restart, so its code tells the instrument. */
static int32_t instrument_of(const char *code)
{
    static const struct {
        const char *code;
        int32_t instrument;
    } known[] = {
        {"solved", 0                                                   },
        {"csat",   TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CSAT},
        {"nps",    TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_NPS },
        {"ces",    TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CES },
    };
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (strcmp(known[i].code, code) == 0) {
            return known[i].instrument;
        }
    }
    return strncmp(code, "servqual_", strlen("servqual_")) == 0
               ? (int32_t)TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_SERVQUAL
               : (int32_t)TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_OWN;
}

static int get_answers(const json_t *object, struct dialer_result *r, struct err *err)
{
    const json_t *list = json_object_get(object, "answers");
    size_t count = list ? json_array_size(list) : 0;
    if (list && !json_is_array(list)) {
        return err_set_field(err, "wrong_type", "answers", "a list is expected");
    }
    for (size_t i = 0; i < count && r->answer_count < DIALER_ANSWERS_MAX; i++) {
        const json_t *one = json_array_get(list, i);
        const json_t *value = json_object_get(one, "value");
        char code[DIALER_CODE_SIZE] = "";
        if (get_text(one, "code", sizeof(code), code, err) < 0 || !code[0] ||
            !json_is_integer(value) || json_integer_value(value) < INT32_MIN ||
            json_integer_value(value) > INT32_MAX) {
            return err_set_field(err, "wrong_type", "answers", "{code, value} is expected");
        }
        (void)text_copy(r->answers[r->answer_count].code, DIALER_CODE_SIZE, code);
        r->answers[r->answer_count].instrument = instrument_of(code);
        r->answers[r->answer_count].value = (int32_t)json_integer_value(value);
        r->answer_count++;
    }
    return 0;
}

static int get_enum(const json_t *object, const char *name, const ProtobufCEnumDescriptor *type,
                    const char *prefix, int32_t *ret)
{
    const char *text = json_string_value(json_object_get(object, name));
    *ret = text ? enum_number(type, prefix, text) : 0;
    return *ret < 0 ? -1 : 0;
}

static int get_result(const json_t *object, struct dialer_result *r, struct err *err)
{
    if (get_enum(object, "outcome", &troth__v1__call_outcome__descriptor, "CALL_OUTCOME_",
                 &r->outcome) < 0 ||
        r->outcome == 0) {
        return err_set_field(err, "outcome_unknown", "outcome", "this is no outcome of a call");
    }
    if (get_enum(object, "refusal", &troth__v1__dial_refusal__descriptor, "DIAL_REFUSAL_",
                 &r->refusal) < 0) {
        return err_set_field(err, "outcome_unknown", "refusal", "this is no refusal");
    }
    if (get_instant(object, "started", &r->started_us, err) < 0 ||
        get_instant(object, "ended", &r->ended_us, err) < 0 ||
        get_instant(object, "call_back", &r->call_back_us, err) < 0 ||
        get_text(object, "language", sizeof(r->language), r->language, err) < 0 ||
        get_text(object, "note", sizeof(r->note), r->note, err) < 0 ||
        get_text(object, "new_phone", sizeof(r->new_phone), r->new_phone, err) < 0) {
        return -1;
    }
    return get_answers(object, r, err);
}

static int get_word(const json_t *object, struct dialer_webhook_word *w, struct err *err)
{
    if (!json_is_object(object)) {
        return err_set(err, "wrong_type", "an object is expected");
    }
    if (get_text(object, "key", sizeof(w->key), w->key, err) < 0) {
        return -1;
    }
    if (w->key[0] && !dialer_journal_is_key(w->key)) {
        return err_set_field(err, "key_invalid", "key", "this is no key of an order");
    }
    if (json_object_get(object, "outcome")) {
        w->kind = DIALER_WEBHOOK_FINISHED;
        return get_result(object, &w->result, err);
    }
    if (!json_object_get(object, "stage")) {
        return 0;
    }
    w->kind = DIALER_WEBHOOK_PROGRESS;
    if (get_enum(object, "stage", &troth__v1__dial_stage__descriptor, "DIAL_STAGE_", &w->stage) <
            0 ||
        w->stage == 0) {
        return err_set_field(err, "stage_unknown", "stage", "this is no stage of a call");
    }
    return 0;
}

int dialer_webhook_read(struct bytes body, struct dialer_webhook_word *ret, struct err *err)
{
    struct dialer_webhook_word w = {.kind = DIALER_WEBHOOK_PENDING};
    if (body.len == 0) {
        *ret = w;
        return 0;
    }
    json_t *object = json_loadb((const char *)body.data, body.len, JSON_REJECT_DUPLICATES, NULL);
    if (!object) {
        return err_set(err, "json_invalid", "the body is no JSON");
    }
    int rc = get_word(object, &w, err);
    json_decref(object);
    if (rc == 0) {
        *ret = w;
    }
    explicit_bzero(&w, sizeof(w));
    return rc;
}
