/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/erasure_redact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/audit/audit_redacted.h"
#include "event.pb-c.h"
#include "services/intake/borrowed.h"

#define HEX32 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define KEYS  "installation garage\nsalt " HEX32 "\nsign " HEX32 "\n"

static struct {
    struct arena *arena;
    struct audit_key *key;
    uint8_t packed[512];
} t;

static int begin(void **state)
{
    struct err err = ERR_NONE;
    t.arena = arena_new(1 << 16);
    t.key = audit_key_parse(KEYS, &err);
    assert_non_null(t.key);
    return 0;
}

static int end(void **state)
{
    arena_free(t.arena);
    audit_key_free(t.key);
    return 0;
}

static struct audit_event stored(const char *kind, const Troth__V1__Event *e)
{
    assert_true(troth__v1__event__get_packed_size(e) <= sizeof(t.packed));
    return (struct audit_event){
        .place = {.stream = "intake.0", .bucket = 1,              .seq = 9 },
        .at_us = 1700000000000000,
        .customer = 257,
        .version = 3,
        .kind = kind,
        .body = {t.packed,             troth__v1__event__pack(e, t.packed)},
    };
}

static struct audit_event changed(void)
{
    Troth__V1__Event e = TROTH__V1__EVENT__INIT;
    Troth__V1__CustomerChanged c = TROTH__V1__CUSTOMER_CHANGED__INIT;
    c.language = borrowed("zh-CN");
    c.has_birth_month = true;
    c.birth_month = 2;
    e.has_occurred_us = true;
    e.occurred_us = 42;
    e.trace = borrowed("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    e.body_case = TROTH__V1__EVENT__BODY_CUSTOMER_CHANGED;
    e.customer_changed = &c;
    return stored("customer_changed", &e);
}

static const Troth__V1__Event *read_body(struct bytes body)
{
    const Troth__V1__Event *e =
        troth__v1__event__unpack(arena_allocator(t.arena), body.len, body.data);
    assert_non_null(e);
    return e;
}

static void the_leaf_is_the_same_though_nothing_is_left(void **state)
{
    uint8_t nonce[AUDIT_NONCE_LEN];
    const struct audit_event before = changed();
    struct audit_event after = before;
    audit_nonce(t.key, &before.place, nonce);
    const struct merkle_hash leaf = audit_leaf(&before, nonce);
    after.body = erasure_redact(&before, t.key, t.arena);
    assert_non_null(after.body.data);
    const Troth__V1__Event *e = read_body(after.body);
    assert_null(e->customer_changed->language);
    assert_false(e->customer_changed->has_birth_month);
    assert_null(e->trace);
    assert_int_equal(e->occurred_us, 42);
    const struct merkle_hash without = audit_leaf(&after, nonce);
    assert_memory_not_equal(without.bytes, leaf.bytes, MERKLE_HASH_LEN);
    audit_redacted_find(&after);
    assert_non_null(after.commitment);
    const struct merkle_hash same = audit_leaf(&after, nonce);
    assert_memory_equal(same.bytes, leaf.bytes, MERKLE_HASH_LEN);
    after.place.seq++; /* its place is still proved */
    const struct merkle_hash moved = audit_leaf(&after, nonce);
    assert_memory_not_equal(moved.bytes, leaf.bytes, MERKLE_HASH_LEN);
}

static void a_device_loses_its_hash_and_keeps_what_it_measured(void **state)
{
    Troth__V1__Event e = TROTH__V1__EVENT__INIT;
    Troth__V1__DeviceSignalled d = TROTH__V1__DEVICE_SIGNALLED__INIT;
    uint8_t hash[16] = {1};
    d.has_device = d.has_mileage_km = true;
    d.device = (ProtobufCBinaryData){.len = sizeof(hash), .data = hash};
    d.mileage_km = 1000;
    e.body_case = TROTH__V1__EVENT__BODY_DEVICE_SIGNALLED;
    e.device_signalled = &d;
    const struct audit_event before = stored("device_signalled", &e);
    const Troth__V1__Event *left = read_body(erasure_redact(&before, t.key, t.arena));
    assert_false(left->device_signalled->has_device);
    assert_true(left->device_signalled->mileage_km == 1000);
    assert_int_equal(left->commitment.len, MERKLE_HASH_LEN);
    d.has_device = false;
    const struct audit_event nothing = stored("device_signalled", &e);
    assert_null(erasure_redact(&nothing, t.key, t.arena).data);
}

static void without_a_record_there_is_nothing_to_commit_to(void **state)
{
    const struct audit_event before = changed();
    assert_false(read_body(erasure_redact(&before, NULL, t.arena))->has_commitment);
}

static void what_was_taken_out_already_or_cannot_be_read_stays(void **state)
{
    struct audit_event e = changed();
    e.body = erasure_redact(&e, t.key, t.arena);
    assert_null(erasure_redact(&e, t.key, t.arena).data);
    e.body = bytes_of_text("\xff\xff");
    assert_null(erasure_redact(&e, t.key, t.arena).data);
}

static void a_commitment_is_found_in_its_kinds_and_its_form_alone(void **state)
{
    static const struct {
        const char *kind;
        uint8_t body[40];
        size_t len;
        bool is_found;
    } cases[] = {
        {"customer_changed", {0x5a, 32},           34, true },
        {"device_signalled", {0x08, 1, 0x5a, 32},  36, true },
        {"case_opened",      {0x5a, 32},           34, false}, /* of no kind that is redacted */
        {"customer_changed", {0x5a, 31},           33, false}, /* another length */
        {"customer_changed", {0x5a, 32},           20, false}, /* cut off */
        {"customer_changed", {0x62, 34, 0x5a, 32}, 36, false}, /* inside of another field */
        {"customer_changed", {0x5b},               34, false}, /* no such wire type */
        {"customer_changed", {0},                  0,  false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct audit_event e = {
            .kind = cases[i].kind, .body = {cases[i].body, cases[i].len}
        };
        audit_redacted_find(&e);
        assert_int_equal(e.commitment != NULL, cases[i].is_found);
    }
}

static void note_suspect(void *ctx, int64_t customer, int64_t events)
{
    int64_t *sum = ctx;
    *sum += 1000 * customer + events;
}

static void what_no_erasure_explains_is_suspicious(void **state)
{
    struct audit_redacted r = {.count = 0};
    int64_t sum = 0;
    audit_redacted_expect(&r, 1, 2); /* as many */
    audit_redacted_add(&r, 1);
    audit_redacted_add(&r, 2); /* never erased */
    audit_redacted_add(&r, 1);
    audit_redacted_expect(&r, 3, 1); /* one too many */
    audit_redacted_add(&r, 3);
    audit_redacted_add(&r, 3);
    audit_redacted_expect(&r, 4, 5); /* older ones may be gone */
    audit_redacted_suspects(&r, note_suspect, &sum);
    assert_int_equal(sum, 2001 + 3002);
    audit_redacted_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_leaf_is_the_same_though_nothing_is_left, begin, end),
        cmocka_unit_test_setup_teardown(a_device_loses_its_hash_and_keeps_what_it_measured, begin,
                                        end),
        cmocka_unit_test_setup_teardown(without_a_record_there_is_nothing_to_commit_to, begin, end),
        cmocka_unit_test_setup_teardown(what_was_taken_out_already_or_cannot_be_read_stays, begin,
                                        end),
        cmocka_unit_test(a_commitment_is_found_in_its_kinds_and_its_form_alone),
        cmocka_unit_test(what_no_erasure_explains_is_suspicious),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
