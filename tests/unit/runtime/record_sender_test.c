/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record_sender_test.c - against a ROUTER that answers as each case wants it: in time, late, twice,
 * with a retry.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/runtime/message_check.h"
#include "common/runtime/record_sender.h"

#define DEADLINE_US (10 * DURATION_S)

struct fixture {
    char folder[32];
    struct loop *loop;
    struct principal_table *principals;
    struct bus *server;
    struct bus *client;
    struct bus_socket *router;
    struct bus_socket *dealer;
    struct record_sender *sender;
    struct arena *arena;
    /* how intake behaves */
    int requests_to_ignore;
    const char *first_answer_code; /* for key "b": what its first copy gets; NULL: accepted */
    Troth__V1__ReceiptStatus first_answer_status;
    /* what it saw, what the sender's user saw */
    char arrived[256];  /* keys in order */
    char receipts[256]; /* "a=2 " : key and status */
    bool was_repeated;  /* at the last receipt */
};

static void answer(struct fixture *f, struct bytes peer, const Troth__V1__RecordBatch *batch)
{
    Troth__V1__Receipt receipts[16];
    Troth__V1__Receipt *list[16];
    for (size_t i = 0; i < batch->n_records; i++) {
        receipts[i] = (Troth__V1__Receipt)TROTH__V1__RECEIPT__INIT;
        list[i] = &receipts[i];
        receipts[i].key = batch->records[i]->key;
        receipts[i].has_status = 1;
        receipts[i].status = TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_ACCEPTED;
        if (f->first_answer_code != NULL && strcmp(receipts[i].key, "b") == 0) {
            static char code[32];
            (void)text_copy(code, sizeof code, f->first_answer_code);
            receipts[i].status = f->first_answer_status;
            receipts[i].code = code;
            f->first_answer_code = NULL;
        }
    }
    Troth__V1__ReceiptBatch reply_batch = TROTH__V1__RECEIPT_BATCH__INIT;
    reply_batch.n_receipts = batch->n_records;
    reply_batch.receipts = list;
    Troth__V1__IntakeReply reply = TROTH__V1__INTAKE_REPLY__INIT;
    reply.body_case = TROTH__V1__INTAKE_REPLY__BODY_RECEIPTS;
    reply.receipts = &reply_batch;
    struct buffer b = {0};
    message_pack(&reply.base, &b);
    (void)bus_reply(f->router, peer, (struct bytes){.data = b.data, .len = b.len});
    buffer_free(&b);
}

static void on_request(void *ctx, struct bus_socket *s, const struct bus_message *m)
{
    (void)s;
    struct fixture *f = ctx;
    struct err err = ERR_NONE;
    arena_reset(f->arena);
    const Troth__V1__IntakeRequest *request = (const Troth__V1__IntakeRequest *)message_unpack(
        &troth__v1__intake_request__descriptor, m->body, f->arena, &err);
    assert_non_null(request);
    assert_int_equal(request->body_case, TROTH__V1__INTAKE_REQUEST__BODY_RECORDS);
    for (size_t i = 0; i < request->records->n_records; i++) {
        size_t len = strlen(f->arrived);
        (void)text_format(f->arrived + len, sizeof f->arrived - len, "%s ",
                          request->records->records[i]->key);
    }
    if (f->requests_to_ignore > 0) {
        f->requests_to_ignore--;
        return;
    }
    answer(f, m->peer, request->records);
}

static void on_reply(void *ctx, struct bus_socket *s, const struct bus_message *m)
{
    (void)s;
    struct fixture *f = ctx;
    struct err err = ERR_NONE;
    struct arena *arena = arena_new(1 << 20);
    const Troth__V1__IntakeReply *reply = (const Troth__V1__IntakeReply *)message_unpack(
        &troth__v1__intake_reply__descriptor, m->body, arena, &err);
    assert_non_null(reply);
    record_sender_on_reply(f->sender, reply);
    arena_free(arena);
}

static void on_receipt(void *ctx, uint64_t tag, const Troth__V1__Receipt *receipt)
{
    struct fixture *f = ctx;
    size_t len = strlen(f->receipts);
    f->was_repeated = record_sender_is_repeated(f->sender);
    (void)text_format(f->receipts + len, sizeof f->receipts - len, "%s/%d=%d ", receipt->key,
                      (int)tag, (int)receipt->status);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    struct err err = ERR_NONE;
    (void)text_copy(f->folder, sizeof f->folder, "/tmp/troth-sender-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    f->loop = loop_new();
    f->principals = principal_table_new();
    f->arena = arena_new(1 << 20);
    struct bus_keys server;
    struct bus_keys client;
    assert_int_equal(bus_keys_new(&server, &err), 0);
    assert_int_equal(bus_keys_new(&client, &err), 0);
    struct principal p = {.id = 7, .name = "garage", .rights = RIGHT_RECORDS};
    assert_int_equal(bus_key_decode(client.public_key, p.key, &err), 0);
    principal_table_replace(f->principals, &p, 1);
    f->server = bus_new(f->loop, &server, f->principals, &err);
    assert_non_null(f->server);
    char endpoint[64];
    (void)text_format(endpoint, sizeof endpoint, "ipc://%s/intake", f->folder);
    f->router = bus_bind_router(f->server, endpoint, on_request, f, &err);
    assert_non_null(f->router);
    f->client = bus_new(f->loop, &client, NULL, &err);
    assert_non_null(f->client);
    f->dealer = bus_connect_dealer(f->client, endpoint, server.public_key, on_reply, f, &err);
    assert_non_null(f->dealer);
    f->sender = record_sender_new(&(struct record_sender_options){.loop = f->loop,
                                                                  .window = 3,
                                                                  .resend_us = 200 * DURATION_MS,
                                                                  .on_receipt = on_receipt,
                                                                  .ctx = f});
    record_sender_use(f->sender, f->dealer);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    record_sender_free(f->sender);
    bus_free(f->client);
    bus_free(f->server);
    principal_table_free(f->principals);
    arena_free(f->arena);
    loop_free(f->loop);
    char path[64];
    (void)text_format(path, sizeof path, "%s/intake", f->folder);
    (void)unlink(path);
    (void)rmdir(f->folder);
    free(f);
    return 0;
}

static void add(struct fixture *f, const char *key, uint64_t tag)
{
    char copy[16];
    (void)text_copy(copy, sizeof copy, key);
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    record.key = copy;
    struct buffer b = {0};
    message_pack(&record.base, &b);
    assert_true(
        record_sender_add(f->sender, (struct bytes){.data = b.data, .len = b.len}, key, tag));
    buffer_free(&b);
}

static void turn_until_empty(struct fixture *f)
{
    int64_t deadline_us = instant_monotonic_us() + DEADLINE_US;
    while (record_sender_waiting(f->sender) > 0) {
        assert_true(instant_monotonic_us() < deadline_us);
        loop_turn(f->loop, 10 * DURATION_MS);
    }
}

static void records_leave_in_order_and_each_gets_its_receipt(void **state)
{
    struct fixture *f = *state;
    add(f, "a", 1);
    add(f, "b", 2);
    add(f, "c", 3);
    assert_false(record_sender_has_room(f->sender));
    turn_until_empty(f);
    assert_string_equal(f->arrived, "a b c ");
    assert_string_equal(f->receipts, "a/1=1 b/2=1 c/3=1 ");
    assert_true(record_sender_has_room(f->sender));
    assert_int_equal(record_sender_resent(f->sender), 0);
}

static void silence_is_answered_by_sending_all_again_in_order(void **state)
{
    struct fixture *f = *state;
    f->requests_to_ignore = 1;
    add(f, "a", 1);
    add(f, "b", 2);
    turn_until_empty(f);
    assert_string_equal(f->arrived, "a b a b ");
    assert_string_equal(f->receipts, "a/1=1 b/2=1 ");
    assert_int_equal(record_sender_resent(f->sender), 2);
}

static void a_key_that_waits_is_not_taken_twice(void **state)
{
    struct fixture *f = *state;
    add(f, "a", 1);
    assert_false(record_sender_add(f->sender, (struct bytes){0}, "a", 2));
    turn_until_empty(f);
    assert_string_equal(f->receipts, "a/1=1 ");
}

static void a_retry_receipt_is_obeyed(void **state)
{
    struct fixture *f = *state;
    f->first_answer_code = "busy";
    f->first_answer_status = TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_RETRY;
    add(f, "b", 1);
    turn_until_empty(f);
    assert_string_equal(f->arrived, "b b ");
    assert_string_equal(f->receipts, "b/1=1 ");
}

static void case_unknown_is_believed_only_when_nothing_older_waits(void **state)
{
    struct fixture *f = *state;
    f->first_answer_code = "case_unknown";
    f->first_answer_status = TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_REJECTED;
    add(f, "b", 1); /* the oldest: nothing it could wait for */
    turn_until_empty(f);
    assert_string_equal(f->receipts, "b/1=3 ");
}

static void case_unknown_is_asked_again_when_something_older_was_on_its_way(void **state)
{
    struct fixture *f = *state;
    f->first_answer_code = "case_unknown";
    f->first_answer_status = TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_REJECTED;
    add(f, "a", 1); /* accepted by the very reply that does not know b's case yet */
    add(f, "b", 2);
    turn_until_empty(f);
    assert_string_equal(f->arrived, "a b b ");
    assert_string_equal(f->receipts, "a/1=1 b/2=1 ");
}

static void a_lost_receipt_is_asked_for_while_others_keep_coming(void **state)
{
    struct fixture *f = *state;
    add(f, "z", 3); /* connected: from here on a record leaves at once */
    turn_until_empty(f);
    f->requests_to_ignore = 1;
    add(f, "a", 1);
    int64_t end_us = instant_monotonic_us() + 3 * DURATION_S;
    int64_t next_us = instant_monotonic_us() + 40 * DURATION_MS;
    for (int i = 0; strstr(f->receipts, "a/1=1 ") == NULL; i++) {
        assert_true(instant_monotonic_us() < end_us);
        while (!record_sender_has_room(f->sender) || instant_monotonic_us() < next_us) {
            loop_turn(f->loop, 10 * DURATION_MS);
        }
        char key[8];
        (void)text_format(key, sizeof key, "n%d", i);
        add(f, key, 2);
        next_us = instant_monotonic_us() + 40 * DURATION_MS;
    }
    turn_until_empty(f);
}

static void another_dealer_gets_all_that_has_no_receipt_in_order(void **state)
{
    struct fixture *f = *state;
    f->requests_to_ignore = 1;
    add(f, "a", 1);
    add(f, "b", 2);
    while (strcmp(f->arrived, "a b ") != 0) {
        loop_turn(f->loop, 10 * DURATION_MS);
    }
    record_sender_use(f->sender, NULL);
    assert_int_equal(record_sender_waiting(f->sender), 2);
    record_sender_use(f->sender, f->dealer);
    turn_until_empty(f);
    assert_string_equal(f->arrived, "a b a b ");
    assert_string_equal(f->receipts, "a/1=1 b/2=1 ");
    assert_true(f->was_repeated);
}

static void a_forgotten_record_has_no_receipt(void **state)
{
    struct fixture *f = *state;
    add(f, "a", 1);
    add(f, "b", 2);
    record_sender_forget(f->sender, "a");
    record_sender_forget(f->sender, "never added");
    turn_until_empty(f);
    assert_string_equal(f->receipts, "b/2=1 ");
}

static void a_record_is_repeated_when_an_earlier_copy_may_have_been_stored(void **state)
{
    struct fixture *f = *state;
    f->first_answer_code = "busy";
    f->first_answer_status = TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_RETRY;
    add(f, "b", 1);
    turn_until_empty(f);
    assert_false(f->was_repeated);
    f->first_answer_code = "unavailable";
    f->first_answer_status = TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_RETRY;
    add(f, "b", 2);
    turn_until_empty(f);
    assert_true(f->was_repeated);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(records_leave_in_order_and_each_gets_its_receipt, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(silence_is_answered_by_sending_all_again_in_order, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_key_that_waits_is_not_taken_twice, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_retry_receipt_is_obeyed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            case_unknown_is_asked_again_when_something_older_was_on_its_way, set_up, tear_down),
        cmocka_unit_test_setup_teardown(case_unknown_is_believed_only_when_nothing_older_waits,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_lost_receipt_is_asked_for_while_others_keep_coming,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_dealer_gets_all_that_has_no_receipt_in_order,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_forgotten_record_has_no_receipt, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_record_is_repeated_when_an_earlier_copy_may_have_been_stored, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
