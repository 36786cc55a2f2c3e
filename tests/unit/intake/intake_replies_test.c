/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_replies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "common/runtime/message_check.h"
#include "services/intake/borrowed.h"
#include "tests/support/turn_until.h"

/* A bus that takes messages or does not, and remembers what it took. */
static struct {
    struct loop *loop;
    struct intake_replies *replies;
    bool is_closed;
    size_t messages, largest;
    size_t receipts_of_a, receipts_of_b;
    int64_t sent, dropped, waiting;
    int64_t waiting_max, wait_us;
} t;

static int take(void *ctx, struct bytes peer, struct bytes body)
{
    if (t.is_closed) {
        return -1;
    }
    Troth__V1__IntakeReply *m = troth__v1__intake_reply__unpack(NULL, body.len, body.data);
    assert_non_null(m);
    assert_int_equal(m->body_case, TROTH__V1__INTAKE_REPLY__BODY_RECEIPTS);
    *(peer.data[0] == 'a' ? &t.receipts_of_a : &t.receipts_of_b) += m->receipts->n_receipts;
    t.messages++;
    t.largest = body.len > t.largest ? body.len : t.largest;
    troth__v1__intake_reply__free_unpacked(m, NULL);
    return 0;
}

static int begin(void **state)
{
    memset(&t, 0, sizeof(t));
    t.loop = loop_new();
    t.waiting_max = 10;
    t.wait_us = DURATION_MIN;
    t.replies = intake_replies_new(&(struct intake_replies_options){
        .loop = t.loop,
        .send = take,
        .waiting_max = &t.waiting_max,
        .wait_us = &t.wait_us,
        .sent_counter = &t.sent,
        .dropped_counter = &t.dropped,
        .waiting_gauge = &t.waiting,
    });
    return 0;
}

static int end(void **state)
{
    intake_replies_free(t.replies);
    loop_free(t.loop);
    return 0;
}

static void add(const char *peer, const char *text)
{
    Troth__V1__Receipt receipt = TROTH__V1__RECEIPT__INIT;
    receipt.key = borrowed("k");
    receipt.text = borrowed(text);
    struct buffer packed = {0};
    message_pack(&receipt.base, &packed);
    intake_replies_add(t.replies, bytes_of_text(peer), (struct bytes){packed.data, packed.len});
    buffer_free(&packed);
}

static void receipts_of_one_sender_share_a_message(void **state)
{
    add("a", "1");
    add("b", "1");
    add("a", "2");
    assert_int_equal(t.messages, 0);
    intake_replies_flush(t.replies);
    assert_int_equal(t.messages, 2);
    assert_int_equal(t.receipts_of_a, 2);
    assert_int_equal(t.receipts_of_b, 1);
    assert_int_equal(t.sent, 3);
    intake_replies_flush(t.replies);
    assert_int_equal(t.messages, 2);
}

static void no_message_is_larger_than_the_bus_takes(void **state)
{
    char text[1000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    for (int i = 0; i < 500; i++) {
        add("a", text);
    }
    intake_replies_flush(t.replies);
    assert_int_equal(t.receipts_of_a, 500);
    assert_in_range(t.messages, 8, 9);
    assert_in_range(t.largest, 60000, BUS_MESSAGE_MAX);
}

static bool is_all_sent(void *ctx)
{
    return intake_replies_waiting(t.replies) == 0;
}

static void what_is_not_taken_waits_and_is_sent_later(void **state)
{
    t.is_closed = true;
    add("a", "1");
    intake_replies_flush(t.replies);
    add("a", "2");
    add("b", "1");
    intake_replies_flush(t.replies);
    assert_int_equal(intake_replies_waiting(t.replies), 3);
    assert_int_equal(t.waiting, 3);
    t.is_closed = false;
    assert_true(turn_until(t.loop, is_all_sent, NULL));
    assert_int_equal(t.receipts_of_a, 2);
    assert_int_equal(t.receipts_of_b, 1);
    assert_int_equal(t.dropped, 0);
    assert_int_equal(t.waiting, 0);
}

static void what_is_too_much_or_too_old_is_dropped_and_counted(void **state)
{
    t.is_closed = true;
    for (int i = 0; i < 12; i++) {
        add("a", "1");
        intake_replies_flush(t.replies);
    }
    assert_int_equal(intake_replies_waiting(t.replies), 10);
    assert_int_equal(t.dropped, 2);
    t.wait_us = 0;
    assert_true(turn_until(t.loop, is_all_sent, NULL));
    assert_int_equal(t.dropped, 12);
    assert_int_equal(t.sent, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(receipts_of_one_sender_share_a_message),
        TEST(no_message_is_larger_than_the_bus_takes),
        TEST(what_is_not_taken_waits_and_is_sent_later),
        TEST(what_is_too_much_or_too_old_is_dropped_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
