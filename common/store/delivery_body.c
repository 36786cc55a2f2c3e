/* SPDX-License-Identifier: Apache-2.0 */
#include "common/store/delivery_body.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/base/instant.h"
#include "common/domain/identifier.h"
#include "common/runtime/message_json.h"

static const struct {
    const char *name;
    enum identifier_kind kind;
} numbers[] = {
    {"customer",     IDENTIFIER_CUSTOMER },
    {"survivor",     IDENTIFIER_CUSTOMER },
    {"merged",       IDENTIFIER_CUSTOMER },
    {"service_case", IDENTIFIER_CASE     },
    {"promise",      IDENTIFIER_PROMISE  },
    {"replaces",     IDENTIFIER_PROMISE  },
    {"follow_up",    IDENTIFIER_FOLLOW_UP},
};

/* Which field of the event is set; NULL: none, or one that a newer program knows. */
static const ProtobufCFieldDescriptor *body_field(const Troth__V1__Event *event)
{
    return event->body_case > 0 ? protobuf_c_message_descriptor_get_field(
                                      &troth__v1__event__descriptor, (unsigned)event->body_case)
                                : NULL;
}

static const ProtobufCMessage *body_of(const Troth__V1__Event *event,
                                       const ProtobufCFieldDescriptor *field)
{
    const void *body;
    memcpy(&body, (const char *)event + field->offset, sizeof(body));
    return body;
}

static void put_number(json_t *data, const char *name, enum identifier_kind kind, int64_t number)
{
    char text[IDENTIFIER_TEXT_SIZE];
    if (number > 0) {
        json_object_set_new(data, name, json_string(identifier_format(kind, number, text)));
    }
}

static void put_instant(json_t *object, const char *name, int64_t us)
{
    char text[INSTANT_TEXT_SIZE];
    json_object_set_new(object, name, json_string(instant_format(us, text)));
}

/* message_to_json() writes integers that do not fit 53 bits as texts. */
static int64_t integer_of(const json_t *value)
{
    int64_t number = 0;
    if (json_is_string(value)) {
        return text_to_int64(json_string_value(value), INT64_MIN, INT64_MAX, &number) == 0 ? number
                                                                                           : 0;
    }
    return json_integer_value(value);
}

/* merged_into is a case or a follow-up, as the event is about. */
static enum identifier_kind merged_kind(const char *kind)
{
    return strncmp(kind, "follow_up", strlen("follow_up")) == 0 ? IDENTIFIER_FOLLOW_UP
                                                                : IDENTIFIER_CASE;
}

static void put_field(json_t *data, const char *kind, const ProtobufCFieldDescriptor *field,
                      json_t *value)
{
    size_t len = strlen(field->name);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        if (strcmp(numbers[i].name, field->name) == 0) {
            put_number(data, field->name, numbers[i].kind, integer_of(value));
            return;
        }
    }
    if (strcmp(field->name, "merged_into") == 0) {
        put_number(data, field->name, merged_kind(kind), integer_of(value));
    } else if (field->type == PROTOBUF_C_TYPE_INT64 && len > 3 &&
               strcmp(field->name + len - 3, "_us") == 0 && strcmp(field->name, "after_us") != 0) {
        char name[DELIVERY_WORD_SIZE];
        (void)text_format(name, sizeof(name), "%.*s", (int)(len - 3), field->name);
        put_instant(data, name, integer_of(value));
    } else {
        json_object_set(data, field->name, value);
    }
}

static void put_body(json_t *data, const char *kind, const ProtobufCMessage *body)
{
    json_t *fields = message_to_json(body);
    for (unsigned i = 0; i < body->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &body->descriptor->fields[i];
        json_t *value = json_object_get(fields, field->name);
        if (value && field->label != PROTOBUF_C_LABEL_REPEATED &&
            field->type != PROTOBUF_C_TYPE_BYTES && field->type != PROTOBUF_C_TYPE_MESSAGE) {
            put_field(data, kind, field, value);
        }
    }
    json_decref(fields);
}

static void take_word(const json_t *data, const char *name, char ret_word[DELIVERY_WORD_SIZE])
{
    const char *text = json_string_value(json_object_get(data, name));
    if (text && !ret_word[0]) {
        (void)text_copy(ret_word, DELIVERY_WORD_SIZE, text);
    }
}

void delivery_body_write(const Troth__V1__Event *event, struct delivery_event *ret_event,
                         struct text *out)
{
    struct delivery_event e = {.kind = NULL};
    const ProtobufCFieldDescriptor *field = body_field(event);
    json_t *data = json_object();
    put_number(data, "customer", IDENTIFIER_CUSTOMER, event->customer);
    json_object_set_new(data, "version", json_integer(event->version));
    if (event->is_reversal) {
        json_object_set_new(data, "is_reversal", json_true());
    }
    if (field) {
        e.kind = field->name;
        /* What is known of a customer, month and day of the birth among it, is not passed on. */
        if (event->body_case != TROTH__V1__EVENT__BODY_CUSTOMER_CHANGED) {
            put_body(data, field->name, body_of(event, field));
        }
    }
    take_word(data, "branch", e.branch);
    take_word(data, "tell", e.team);
    take_word(data, "owner_team", e.team);
    json_t *whole = json_object();
    json_object_set_new(whole, "type", json_string(e.kind ? e.kind : ""));
    put_instant(whole, "timestamp", event->occurred_us);
    json_object_set_new(whole, "data", data);
    char trace[TRACE_CONTEXT_SIZE];
    if (trace_context_read(event->trace, trace)) {
        json_object_set_new(whole, "traceparent", json_string(trace));
    }
    char *text = json_dumps(whole, JSON_COMPACT);
    text_append(out, text ? text : "");
    free(text);
    json_decref(whole);
    *ret_event = e;
}

bool delivery_body_trace(const char *body, char ret_trace[TRACE_CONTEXT_SIZE])
{
    json_t *whole = json_loads(body, 0, NULL);
    bool is_traced =
        trace_context_read(json_string_value(json_object_get(whole, "traceparent")), ret_trace);
    json_decref(whole);
    return is_traced;
}

bool delivery_list_has(const char *list, const char *word)
{
    size_t len = strlen(word);
    if (text_is_empty(list)) {
        return true;
    }
    for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        size_t word_len = strcspn(at, ",");
        if (len > 0 && word_len == len && strncmp(at, word, len) == 0) {
            return true;
        }
    }
    return false;
}

bool delivery_is_chosen(const struct delivery_choice *choice, const struct delivery_event *event)
{
    return delivery_list_has(choice->kinds, event->kind) &&
           delivery_list_has(choice->branches, event->branch) &&
           delivery_list_has(choice->teams, event->team);
}
