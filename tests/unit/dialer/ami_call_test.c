/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/ami_call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dialer.pb-c.h"

#define OUTCOME(name) ((int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_##name)

static char server[] = "pbx", user[] = "troth", password[] = "secret", channel[] = "PJSIP/agent",
            context[] = "customers", nobody[] = "";
static const struct dialer_asterisk_settings settings = {
    .server = server,
    .user = user,
    .password = password,
    .channel = channel,
    .context = context,
    .caller = nobody,
    .ring_us = 30000000,
};

static struct ami_call *make_call(void)
{
    struct ami_call *call = ami_call_new("F-1-5/1");
    (void)text_copy(call->order.phone, sizeof(call->order.phone), "+86 138");
    (void)text_copy(call->order.script, sizeof(call->order.script), "care");
    (void)text_copy(call->order.language, sizeof(call->order.language), "zh");
    call->order.items[0] =
        (struct dialer_item){.code = "csat", .instrument = 1, .low = 1, .high = 5};
    call->order.items[1] = (struct dialer_item){.code = "nps", .instrument = 2, .high = 10};
    call->order.item_count = 2;
    return call;
}

static void an_order_is_written_and_its_number_forgotten(void **state)
{
    struct ami_call *call = make_call();
    struct text out = {.data = NULL};
    assert_int_equal(ami_call_originate(call, &settings, &out), 0);
    assert_string_equal(out.data, "Action: Originate\r\n"
                                  "ActionID: F-1-5/1\r\n"
                                  "Channel: PJSIP/agent\r\n"
                                  "ChannelId: troth-F-1-5_1\r\n"
                                  "Context: customers\r\n"
                                  "Exten: +86138\r\n"
                                  "Priority: 1\r\n"
                                  "Timeout: 30000\r\n"
                                  "Async: true\r\n"
                                  "Variable: TROTH_ORDER=F-1-5/1\r\n"
                                  "Variable: TROTH_SCRIPT=care\r\n"
                                  "Variable: TROTH_LANGUAGE=zh\r\n"
                                  "Variable: TROTH_ITEMS=csat&nps\r\n"
                                  "\r\n");
    assert_string_equal(call->order.phone, "");
    text_free(&out);
    ami_call_free(call);
}

static void what_could_be_another_action_is_not_written(void **state)
{
    struct ami_call *call = make_call();
    struct text out = {.data = NULL};
    (void)text_copy(call->order.script, sizeof(call->order.script), "a\r\nAction: Logoff");
    assert_int_equal(ami_call_originate(call, &settings, &out), -1);
    text_clear(&out);
    (void)text_copy(call->order.script, sizeof(call->order.script), "a,TROTH_ORDER=F-2/1");
    assert_int_equal(ami_call_originate(call, &settings, &out), -1);
    text_free(&out);
    ami_call_free(call);
}

static void answers_are_those_of_the_order(void **state)
{
    static const struct {
        const char *code, *value;
        int want;
    } cases[] = {
        {"csat",                                    "4",   0 },
        {"csat",                                    "6",   -1},
        {"csat",                                    "0",   -1},
        {"csat",                                    "",    -1},
        {"csat",                                    "4.0", -1},
        {"ces",                                     "4",   -1},
        {"",                                        "4",   -1},
        {"a_code_that_is_longer_than_codes_may_be", "4",   -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct ami_call *call = make_call();
        const struct ami_message m = {
            .headers = {{"Code", cases[i].code}, {"Value", cases[i].value}},
            .count = 2,
        };
        assert_int_equal(ami_call_answer(call, &m), cases[i].want);
        assert_int_equal(call->result.answer_count, cases[i].want == 0 ? 1 : 0);
        ami_call_free(call);
    }
}

static void the_last_answer_counts(void **state)
{
    struct ami_call *call = make_call();
    struct ami_message m = {
        .headers = {{"Code", "csat"}, {"Value", "4"}},
          .count = 2
    };
    assert_int_equal(ami_call_answer(call, &m), 0);
    m.headers[1].value = "2";
    assert_int_equal(ami_call_answer(call, &m), 0);
    assert_int_equal(call->result.answer_count, 1);
    assert_int_equal(call->result.answers[0].value, 2);
    assert_int_equal(call->result.answers[0].instrument, 1);
    ami_call_free(call);
}

static void a_verdict_is_what_was_seen(void **state)
{
    static const struct {
        bool is_customer_up, has_leg;
        int32_t leg, reported, want;
    } cases[] = {
        {false, false, 0,             0,                  0                 },
        {true,  false, 0,             0,                  OUTCOME(ANSWERED) },
        {false, true,  OUTCOME(BUSY), 0,                  OUTCOME(BUSY)     },
        {true,  true,  OUTCOME(BUSY), 0,                  OUTCOME(ANSWERED) },
        {true,  false, 0,             OUTCOME(CALL_BACK), OUTCOME(CALL_BACK)},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct ami_call *call = make_call();
        call->is_customer_up = cases[i].is_customer_up;
        call->has_leg = cases[i].has_leg;
        call->leg = cases[i].leg;
        call->reported = cases[i].reported;
        assert_int_equal(ami_call_verdict(call), cases[i].want);
        ami_call_free(call);
    }
}

static void only_a_local_channel_without_n_is_lost_in_the_middle(void **state)
{
    (void)state;
    assert_true(ami_call_keeps_channel("PJSIP/agent"));
    assert_true(ami_call_keeps_channel("Local/agent@troth-agents/n"));
    assert_true(ami_call_keeps_channel("local/agent@troth-agents/jn"));
    assert_false(ami_call_keeps_channel("Local/agent@troth-agents"));
    assert_false(ami_call_keeps_channel("LOCAL/agent@troth-agents/j"));
}

/* Looks at it at a time, and says whether the PBX had it. */
static bool is_missed(struct ami_call *call, int64_t at_us, bool is_found)
{
    call->is_found = is_found;
    return ami_call_is_missed(call, at_us, 30);
}

static void a_call_that_is_not_there_twice_in_a_row_is_over(void **state)
{
    struct ami_call *call = make_call();
    (void)state;
    assert_false(is_missed(call, 10, false)); /* it waits for a connection */
    assert_false(is_missed(call, 100, false));
    call->is_sent = true;
    call->sent_us = 100;
    assert_false(is_missed(call, 120, false)); /* it has no channel yet */
    assert_false(is_missed(call, 129, false));
    assert_false(is_missed(call, 130, false));
    assert_false(is_missed(call, 140, true));
    assert_false(is_missed(call, 150, false));
    assert_true(is_missed(call, 160, false));
    ami_call_free(call);
}

static void a_call_of_an_earlier_connection_is_over_when_it_is_not_there(void **state)
{
    struct ami_call *call = make_call();
    (void)state;
    call->is_sent = call->is_old = true;
    call->sent_us = 100;
    assert_false(is_missed(call, 101, true));
    assert_true(is_missed(call, 102, false));
    ami_call_free(call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_is_written_and_its_number_forgotten),
        cmocka_unit_test(what_could_be_another_action_is_not_written),
        cmocka_unit_test(answers_are_those_of_the_order),
        cmocka_unit_test(the_last_answer_counts),
        cmocka_unit_test(a_verdict_is_what_was_seen),
        cmocka_unit_test(only_a_local_channel_without_n_is_lost_in_the_middle),
        cmocka_unit_test(a_call_that_is_not_there_twice_in_a_row_is_over),
        cmocka_unit_test(a_call_of_an_earlier_connection_is_over_when_it_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
