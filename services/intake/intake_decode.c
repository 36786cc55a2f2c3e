/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_decode.h"

#include <string.h>

#include "common/base/text.h"
#include "common/runtime/message_check.h"

/* ---- the wire format of protobuf: as much of it as is needed to find the parts */

enum {
    WIRE_VARINT = 0,
    WIRE_64BIT = 1,
    WIRE_LENGTH = 2,
    WIRE_32BIT = 5
};

struct wire_field {
    uint64_t number;
    unsigned type;
    struct bytes value; /* of WIRE_LENGTH */
};

static int take_varint(struct bytes *in, uint64_t *ret_value)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && in->len > 0; shift += 7) {
        uint8_t byte = *in->data++;
        in->len--;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            *ret_value = value;
            return 0;
        }
    }
    return -1;
}

static int take_bytes(struct bytes *in, uint64_t len, struct bytes *ret_value)
{
    if (len > in->len) {
        return -1;
    }
    *ret_value = (struct bytes){.data = in->data, .len = (size_t)len};
    in->data += len;
    in->len -= (size_t)len;
    return 0;
}

static int take_field(struct bytes *in, struct wire_field *ret_field)
{
    uint64_t tag, number;
    if (take_varint(in, &tag) < 0 || tag >> 3 == 0) {
        return -1;
    }
    *ret_field = (struct wire_field){.number = tag >> 3, .type = (unsigned)(tag & 7)};
    switch (ret_field->type) {
    case WIRE_VARINT:
        return take_varint(in, &number);
    case WIRE_64BIT:
        return take_bytes(in, 8, &ret_field->value);
    case WIRE_LENGTH:
        return take_varint(in, &number) < 0 ? -1 : take_bytes(in, number, &ret_field->value);
    case WIRE_32BIT:
        return take_bytes(in, 4, &ret_field->value);
    default:
        return -1;
    }
}

/* ---- the parts of a request: field numbers of proto/intake.proto */

enum {
    REQUEST_RECORDS = 1,
    REQUEST_DISCLOSURE = 2,
    REQUEST_SIMILAR = 4,
    REQUEST_DISCLOSURES = 5,
    REQUEST_ERASURE_RECEIPT = 6,
    BATCH_RECORDS = 1,
    RECORD_KEY = 1
};

static int malformed(struct err *err)
{
    return err_set(err, "malformed", "the bytes are not an IntakeRequest");
}

static int add_records(struct bytes batch, struct intake_parts *parts, struct err *err)
{
    struct wire_field field;
    while (batch.len > 0) {
        if (take_field(&batch, &field) < 0) {
            return malformed(err);
        }
        if (field.number != BATCH_RECORDS || field.type != WIRE_LENGTH) {
            continue; /* from a newer sender */
        }
        if (parts->record_count == INTAKE_RECORDS_MAX) {
            return err_set_field(err, "too_many_records", "records", "at most %d in one message",
                                 INTAKE_RECORDS_MAX);
        }
        parts->records[parts->record_count++] = field.value;
    }
    return 0;
}

int intake_decode_parts(struct bytes body, struct intake_parts *ret_parts, struct err *err)
{
    struct wire_field field;
    ret_parts->kind = INTAKE_RECORDS;
    ret_parts->record_count = 0;
    bool is_found = false;
    while (body.len > 0) {
        if (take_field(&body, &field) < 0) {
            return malformed(err);
        }
        if (field.type != WIRE_LENGTH) {
            continue;
        }
        if (field.number == REQUEST_RECORDS) {
            /* Repeated, an embedded message is merged: its records add up. */
            if (add_records(field.value, ret_parts, err) < 0) {
                return -1;
            }
            ret_parts->kind = INTAKE_RECORDS;
            is_found = true;
        } else if (field.number == REQUEST_DISCLOSURE) {
            ret_parts->kind = INTAKE_DISCLOSURE;
            ret_parts->question = field.value;
            is_found = true;
        } else if (field.number == REQUEST_DISCLOSURES) {
            ret_parts->kind = INTAKE_DISCLOSURES;
            ret_parts->question = field.value;
            is_found = true;
        } else if (field.number == REQUEST_SIMILAR) {
            ret_parts->kind = INTAKE_SIMILAR;
            ret_parts->question = field.value;
            is_found = true;
        } else if (field.number == REQUEST_ERASURE_RECEIPT) {
            ret_parts->kind = INTAKE_ERASURE_RECEIPT;
            ret_parts->question = field.value;
            is_found = true;
        }
    }
    return is_found ? 0 : err_set(err, "malformed", "the request asks for nothing known here");
}

/* ---- one record */

struct intake_record *intake_decode_record(struct intake_request *r, struct bytes wire,
                                           struct err *err)
{
    ProtobufCMessage *m = message_unpack(&troth__v1__record__descriptor, wire, r->arena, err);
    if (!m) {
        return NULL;
    }
    struct intake_record *record = intake_record_new(r);
    if (!record) {
        err_set(err, "too_large", "the records of this message need too much memory");
        return NULL;
    }
    record->message = (const Troth__V1__Record *)m;
    return record;
}

void intake_decode_key(struct bytes wire, char ret_key[INTAKE_KEY_MAX + 1])
{
    struct wire_field field;
    ret_key[0] = '\0';
    while (wire.len > 0 && take_field(&wire, &field) == 0) {
        if (field.number == RECORD_KEY && field.type == WIRE_LENGTH && field.value.len > 0 &&
            field.value.len <= INTAKE_KEY_MAX && text_is_utf8(field.value)) {
            memcpy(ret_key, field.value.data, field.value.len);
            ret_key[field.value.len] = '\0';
        }
    }
}
