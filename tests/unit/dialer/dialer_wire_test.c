/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/text.h"

/* A call that may be dialed; texts are the test's own. */
struct message {
    Troth__V1__DialOrder order;
    char key[64], phone[300], address[64], code[64];
};

static void fill(struct message *m)
{
    troth__v1__dial_order__init(&m->order);
    (void)text_copy(m->key, sizeof(m->key), "F-1-0/1");
    (void)text_copy(m->phone, sizeof(m->phone), "+8613800000000");
    (void)text_copy(m->address, sizeof(m->address), "li@example.com");
    m->order.key = m->key;
    m->order.phone = m->phone;
    m->order.has_start_by_us = m->order.has_now_us = true;
    m->order.start_by_us = 5;
    m->order.now_us = 6;
}

static void a_call_without_a_channel_is_a_call(void **state)
{
    struct message m;
    struct dialer_order o;
    fill(&m);

    assert_int_equal(dialer_wire_read_order(&m.order, &o), 0);

    assert_int_equal(o.channel, TROTH__V1__CHANNEL__CHANNEL_CALL);
    assert_string_equal(o.phone, "+8613800000000");
    assert_int_equal(o.window_end_us, INT64_MAX);
}

static void what_cannot_be_dialed_is_refused_with_its_key(void **state)
{
    struct dialer_order o;
    for (int i = 0; i < 6; i++) {
        struct message m;
        fill(&m);
        m.order.key = i == 0 ? NULL : m.key;
        m.order.phone = i == 1 ? NULL : m.phone;
        m.order.has_start_by_us = i != 2;
        m.order.has_now_us = i != 3;
        if (i == 4) {
            m.order.has_channel = true;
            m.order.channel = TROTH__V1__CHANNEL__CHANNEL_MAIL; /* and no address */
        }
        if (i == 5) {
            memset(m.phone, '9', sizeof(m.phone) - 1);
            m.phone[sizeof(m.phone) - 1] = '\0';
        }
        assert_int_equal(dialer_wire_read_order(&m.order, &o), -1);
        assert_string_equal(o.key, i == 0 ? "" : "F-1-0/1");
    }
}

static void a_mail_needs_an_address_and_no_number(void **state)
{
    struct message m;
    struct dialer_order o;
    fill(&m);
    m.order.phone = NULL;
    m.order.address = m.address;
    m.order.has_channel = true;
    m.order.channel = TROTH__V1__CHANNEL__CHANNEL_MAIL;

    assert_int_equal(dialer_wire_read_order(&m.order, &o), 0);

    assert_string_equal(o.address, "li@example.com");
}

static void a_question_that_would_be_cut_is_left_out(void **state)
{
    struct message m;
    struct dialer_order o;
    Troth__V1__DialItem items[20];
    Troth__V1__DialItem *pointers[ARRAY_LEN(items)];
    char codes[ARRAY_LEN(items)][64];
    fill(&m);
    for (size_t i = 0; i < ARRAY_LEN(items); i++) {
        troth__v1__dial_item__init(&items[i]);
        (void)text_format(codes[i], sizeof(codes[i]), "q%zu", i);
        items[i].code = codes[i];
        items[i].high = 5;
        pointers[i] = &items[i];
    }
    (void)text_copy(codes[1], sizeof(codes[1]), "a_code_that_is_longer_than_any_code_may_be");
    items[2].code = NULL;
    items[3].low = 9;
    m.order.n_items = ARRAY_LEN(items);
    m.order.items = pointers;

    assert_int_equal(dialer_wire_read_order(&m.order, &o), 0);

    assert_int_equal(o.item_count, DIALER_ITEMS_MAX);
    assert_string_equal(o.items[0].code, "q0");
    assert_string_equal(o.items[1].code, "q4");
}

static void a_result_is_told_with_all_that_was_said(void **state)
{
    struct dialer_result r = {.outcome = 1, .call_back_us = 9, .refusal = 2, .note = "n"};
    r.answer_count = 2;
    (void)text_copy(r.answers[0].code, sizeof(r.answers[0].code), "solved");
    (void)text_copy(r.answers[1].code, sizeof(r.answers[1].code), "csat");
    r.answers[1].instrument = 1;
    char key[] = "F-1-0/1";
    struct dialer_wire_result w;

    dialer_wire_fill_result(key, &r, &w);

    assert_string_equal(w.result.key, "F-1-0/1");
    assert_int_equal(w.result.n_answers, 2);
    assert_false(w.result.answers[0]->has_instrument);
    assert_string_equal(w.result.answers[1]->code, "csat");
    assert_true(w.result.answers[1]->has_instrument);
    assert_int_equal(w.result.call_back_us, 9);
    assert_int_equal(w.result.refusal, 2);
    assert_string_equal(w.result.note, "n");
    assert_null(w.result.new_phone);
    assert_true(protobuf_c_message_check(&w.result.base));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_without_a_channel_is_a_call),
        cmocka_unit_test(what_cannot_be_dialed_is_refused_with_its_key),
        cmocka_unit_test(a_mail_needs_an_address_and_no_number),
        cmocka_unit_test(a_question_that_would_be_cut_is_left_out),
        cmocka_unit_test(a_result_is_told_with_all_that_was_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
