/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/runtime/message_check.h"
#include "services/intake/borrowed.h"

static struct intake_request_pool *pool;

static struct intake_request *new_request(void)
{
    const struct intake_sender sender = {.source_id = 7};
    return intake_request_new(pool, bytes_of_text("peer"), sender, 100);
}

static void append_part(struct buffer *b, uint8_t tag, const void *data, size_t len)
{
    uint8_t head[] = {tag, (uint8_t)(len & 0x7f) | 0x80, (uint8_t)(len >> 7)};
    assert_true(len < 1 << 14);
    buffer_append(b, head, sizeof(head));
    buffer_append(b, data, len);
}

/* A request of these records, as bytes. */
static struct bytes request_of(struct buffer *out, const struct bytes *records, size_t count)
{
    struct buffer batch = {0};
    for (size_t i = 0; i < count; i++) {
        append_part(&batch, 0x0a, records[i].data, records[i].len);
    }
    append_part(out, 0x0a, batch.data, batch.len);
    buffer_free(&batch);
    return (struct bytes){.data = out->data, .len = out->len};
}

static struct bytes pack_contact(struct buffer *out, const char *key)
{
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    Troth__V1__Contact contact = TROTH__V1__CONTACT__INIT;
    record.key = borrowed(key);
    record.has_occurred_us = true;
    record.occurred_us = 5;
    record.body_case = TROTH__V1__RECORD__BODY_CONTACT;
    record.contact = &contact;
    contact.customer_ref = borrowed("li");
    contact.has_kind = true;
    contact.kind = TROTH__V1__CONTACT_KIND__CONTACT_KIND_PRAISE;
    message_pack(&record.base, out);
    return (struct bytes){.data = out->data, .len = out->len};
}

static void a_bad_record_leaves_its_neighbours_alone(void **state)
{
    struct buffer a = {0}, b = {0}, whole = {0};
    struct intake_parts parts;
    struct err err = ERR_NONE;
    static const uint8_t broken[] = {0x0a, 0x03, 'b', 'a', 'd', 0xff};
    struct bytes records[] = {
        pack_contact(&a, "k-1"), {broken, sizeof(broken)},
          pack_contact(&b, "k-3")
    };
    assert_int_equal(intake_decode_parts(request_of(&whole, records, 3), &parts, &err), 0);
    assert_int_equal(parts.kind, INTAKE_RECORDS);
    assert_int_equal(parts.record_count, 3);

    struct intake_request *request = new_request();
    struct intake_record *first = intake_decode_record(request, parts.records[0], &err);
    assert_non_null(first);
    assert_string_equal(first->message->key, "k-1");
    assert_null(intake_decode_record(request, parts.records[1], &err));
    assert_string_equal(err.code, "malformed");
    char key[INTAKE_KEY_MAX + 1];
    intake_decode_key(parts.records[1], key);
    assert_string_equal(key, "bad");
    struct intake_record *third = intake_decode_record(request, parts.records[2], &err);
    assert_non_null(third);
    assert_string_equal(third->message->contact->customer_ref, "li");
    assert_int_equal(request->references, 3); /* the message's own and those of two records */

    intake_request_release(pool, request);
    intake_request_release(pool, request);
    intake_request_release(pool, request);
    buffer_free(&a);
    buffer_free(&b);
    buffer_free(&whole);
}

static void what_a_record_may_not_hold_is_named(void **state)
{
    static const struct {
        const char *name;
        const char *wire;
        size_t len;
        const char *code, *field;
    } cases[] = {
        {"not utf-8",         "\x0a\x02k1\x5a\x03\x0a\x01\xff", 9, "not_utf8",     "contact.customer_ref"},
        {"nul inside",        "\x0a\x02k\0",                    4, "not_utf8",     "key"                 },
        {"enum from nowhere", "\x5a\x02\x10\x63",               4, "enum_unknown", "contact.kind"        },
        {"cut off",           "\x0a\x09k1",                     4, "malformed",    ""                    },
    };
    struct intake_request *request = new_request();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;
        const struct bytes wire = {.data = (const uint8_t *)cases[i].wire, .len = cases[i].len};
        assert_null(intake_decode_record(request, wire, &err));
        if (strcmp(err.code, cases[i].code) != 0 ||
            (cases[i].field[0] && strcmp(err.field, cases[i].field) != 0)) {
            fail_msg("%s: got %s %s", cases[i].name, err.code, err.field);
        }
    }
    intake_request_release(pool, request);
}

static void a_request_is_refused_as_a_whole_before_any_record_is_looked_at(void **state)
{
    static const struct {
        const char *name;
        const char *wire;
        size_t len;
    } cases[] = {
        {"empty",           "",                                             0 },
        {"length too long", "\x0a\x7fx",                                    3 },
        {"record cut off",  "\x0a\x03\x0a\x05x",                            5 },
        {"group",           "\x0b",                                         1 },
        {"field number 0",  "\x02\x00",                                     2 },
        {"only unknown",    "\x78\x01",                                     2 },
        {"endless varint",  "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11},
    };
    struct intake_parts parts;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;
        const struct bytes wire = {.data = (const uint8_t *)cases[i].wire, .len = cases[i].len};
        if (intake_decode_parts(wire, &parts, &err) == 0 || strcmp(err.code, "malformed") != 0) {
            fail_msg("%s: %s", cases[i].name, err.code);
        }
    }
}

static void more_records_than_allowed_are_refused(void **state)
{
    struct buffer whole = {0}, one = {0};
    struct bytes records[INTAKE_RECORDS_MAX + 1];
    struct intake_parts parts;
    struct err err = ERR_NONE;
    for (size_t i = 0; i < ARRAY_LEN(records); i++) {
        records[i] = (struct bytes){.data = (const uint8_t *)"", .len = 0};
    }
    assert_int_equal(
        intake_decode_parts(request_of(&whole, records, INTAKE_RECORDS_MAX), &parts, &err), 0);
    assert_int_equal(parts.record_count, INTAKE_RECORDS_MAX);
    buffer_clear(&whole);
    assert_int_equal(
        intake_decode_parts(request_of(&whole, records, INTAKE_RECORDS_MAX + 1), &parts, &err), -1);
    assert_string_equal(err.code, "too_many_records");
    buffer_free(&whole);
    buffer_free(&one);
}

static void fields_of_newer_senders_are_skipped(void **state)
{
    struct buffer record = {0}, whole = {0};
    struct intake_parts parts;
    struct err err = ERR_NONE;
    static const uint8_t newer[] = {0xf8, 0x01, 0x07}; /* field 31: 7 */
    buffer_append(&whole, newer, sizeof(newer));
    pack_contact(&record, "k-1");
    buffer_append(&record, newer, sizeof(newer));
    const struct bytes one = {.data = record.data, .len = record.len};
    assert_int_equal(intake_decode_parts(request_of(&whole, &one, 1), &parts, &err), 0);
    assert_int_equal(parts.record_count, 1);
    struct intake_request *request = new_request();
    assert_non_null(intake_decode_record(request, parts.records[0], &err));
    intake_request_release(pool, request);
    intake_request_release(pool, request);
    buffer_free(&record);
    buffer_free(&whole);
}

static void a_disclosure_is_told_from_records(void **state)
{
    struct buffer whole = {0};
    struct intake_parts parts;
    struct err err = ERR_NONE;
    append_part(&whole, 0x12, "\x10\x01", 2);
    assert_int_equal(intake_decode_parts((struct bytes){whole.data, whole.len}, &parts, &err), 0);
    assert_int_equal(parts.kind, INTAKE_DISCLOSURE);
    assert_int_equal(parts.question.len, 2);
    buffer_free(&whole);
}

static void a_question_about_similar_cases_is_told_from_records(void **state)
{
    struct buffer whole = {0};
    struct intake_parts parts;
    struct err err = ERR_NONE;
    append_part(&whole, 0x22, "\x12\x01\x43", 3);
    assert_int_equal(intake_decode_parts((struct bytes){whole.data, whole.len}, &parts, &err), 0);
    assert_int_equal(parts.kind, INTAKE_SIMILAR);
    assert_int_equal(parts.question.len, 3);
    buffer_free(&whole);
}

static int make_pool(void **state)
{
    pool = intake_request_pool_new();
    return 0;
}

static int free_pool(void **state)
{
    intake_request_pool_free(pool);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_record_leaves_its_neighbours_alone),
        cmocka_unit_test(what_a_record_may_not_hold_is_named),
        cmocka_unit_test(a_request_is_refused_as_a_whole_before_any_record_is_looked_at),
        cmocka_unit_test(more_records_than_allowed_are_refused),
        cmocka_unit_test(fields_of_newer_senders_are_skipped),
        cmocka_unit_test(a_disclosure_is_told_from_records),
        cmocka_unit_test(a_question_about_similar_cases_is_told_from_records),
    };
    return cmocka_run_group_tests(tests, make_pool, free_pool);
}
