/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_webhook_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "dialer.pb-c.h"

static void an_order_holds_what_is_said_and_asked_and_no_numbers_of_ours(void **state)
{
    struct dialer_order order = {
        .key = "F-1-2/1",
        .channel = TROTH__V1__CHANNEL__CHANNEL_MESSAGE,
        .phone = "+86138",
        .language = "zh",
        .script = "after_resolution",
        .opening = "\"您好\"",
        .items = {{.code = "csat", .instrument = 1, .question = "?", .low = 1, .high = 5},
                  {.code = "solved",
                   .question = "!",
                   .high = 1,
                   .only_if = "csat",
                   .only_min = 1,
                   .only_max = 2}},
        .item_count = 2,
        .agenda =
            {{.follow_up = 4711, .service_case = 815, .promise = 99, .rule = "r", .say = "s"}                                                                      },
        .reason_count = 1,
        .service_case = 815,
        .start_by_us = INT64_C(1614265330) * DURATION_S,
    };
    struct buffer out = {.data = NULL};
    dialer_webhook_write(&order, "https://x/cb", &out);
    buffer_append(&out, "", 1);
    assert_string_equal(
        (const char *)out.data,
        "{\"type\":\"call.ordered\",\"key\":\"F-1-2/1\",\"channel\":\"message\","
        "\"start_by\":\"2021-02-25T15:02:10.000Z\",\"phone\":\"+86138\",\"language\":\"zh\","
        "\"script\":\"after_resolution\",\"opening\":\"\\\"您好\\\"\",\"items\":["
        "{\"code\":\"csat\",\"question\":\"?\",\"low\":1,\"high\":5},"
        "{\"code\":\"solved\",\"question\":\"!\",\"low\":0,\"high\":1,\"only_if\":\"csat\","
        "\"only_min\":1,\"only_max\":2}],\"agenda\":[{\"rule\":\"r\",\"say\":\"s\"}],"
        "\"callback\":\"https://x/cb\"}");
    buffer_free(&out);
}

static void what_the_service_says_is_read_or_named_as_wrong(void **state)
{
    static const struct {
        const char *body;
        const char *code; /* "": read */
        int kind;         /* enum dialer_webhook_kind; 0: refused */
        int32_t outcome;
    } cases[] = {
        {"",                                                                              "",                DIALER_WEBHOOK_PENDING,  0 },
        {"{}",                                                                            "",                DIALER_WEBHOOK_PENDING,  0 },
        {"{\"accepted\":true,\"key\":null}",                                              "",                DIALER_WEBHOOK_PENDING,  0 },
        {"{\"stage\":\"ringing\"}",                                                       "",                DIALER_WEBHOOK_PROGRESS, 0 },
        {"{\"outcome\":\"answered\"}",                                                    "",                DIALER_WEBHOOK_FINISHED, 1 },
        {"{\"outcome\":\"sent\",\"answers\":[]}",                                         "",                DIALER_WEBHOOK_FINISHED, 13},
        {"{\"outcome\":\"refused\",\"refusal\":\"everything\"}",                          "",                DIALER_WEBHOOK_FINISHED, 5 },
        {"{\"outcome\":\"unspecified\"}",                                                 "outcome_unknown", 0,                       0 },
        {"{\"outcome\":\"\"}",                                                            "outcome_unknown", 0,                       0 },
        {"{\"outcome\":7}",                                                               "outcome_unknown", 0,                       0 },
        {"{\"outcome\":\"a name that is much longer than any of the names there are\"}",
         "outcome_unknown",                                                                                  0,                       0 },
        {"{\"outcome\":\"refused\",\"refusal\":\"maybe\"}",                               "outcome_unknown", 0,                       0 },
        {"{\"stage\":\"flying\"}",                                                        "stage_unknown",   0,                       0 },
        {"{\"key\":5}",                                                                   "wrong_type",      0,                       0 },
        {"{\"key\":\"a b\"}",                                                             "key_invalid",     0,                       0 },
        {"{\"outcome\":\"busy\",\"ended\":\"soon\"}",                                     "wrong_type",      0,                       0 },
        {"{\"outcome\":\"busy\",\"answers\":{}}",                                         "wrong_type",      0,                       0 },
        {"{\"outcome\":\"busy\",\"answers\":[5]}",                                        "wrong_type",      0,                       0 },
        {"{\"outcome\":\"busy\",\"answers\":[{\"code\":\"csat\",\"value\":\"5\"}]}",      "wrong_type",
         0,                                                                                                                           0 },
        {"{\"outcome\":\"busy\",\"answers\":[{\"code\":\"csat\",\"value\":4294967296}]}",
         "wrong_type",                                                                                       0,                       0 },
        {"[]",                                                                            "wrong_type",      0,                       0 },
        {"{\"key\":\"a\",\"key\":\"b\"}",                                                 "json_invalid",    0,                       0 },
        {"{",                                                                             "json_invalid",    0,                       0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct dialer_webhook_word w = {.kind = DIALER_WEBHOOK_PENDING};
        struct err err = ERR_NONE;
        int rc = dialer_webhook_read(bytes_of_text(cases[i].body), &w, &err);
        assert_string_equal(err.code, cases[i].code);
        assert_int_equal(rc, cases[i].code[0] ? -1 : 0);
        if (rc == 0) {
            assert_int_equal(w.kind, cases[i].kind);
            assert_int_equal(w.result.outcome, cases[i].outcome);
        }
    }
}

static void a_result_has_all_that_was_said(void **state)
{
    static const char body[] =
        "{\"key\":\"F-1-2/1\",\"outcome\":\"answered\",\"started\":\"2021-02-25T15:02:10Z\","
        "\"ended\":\"2021-02-25T15:03:10+00:00\",\"answers\":["
        "{\"code\":\"csat\",\"value\":4},{\"code\":\"solved\",\"value\":1},"
        "{\"code\":\"servqual_5_perception\",\"value\":7},{\"code\":\"parking\",\"value\":2}],"
        "\"note\":\"n\",\"new_phone\":\"+1\",\"language\":\"de\"}";
    static const int32_t instruments[] = {1, 0, 4, 5};
    struct dialer_webhook_word w;
    struct err err = ERR_NONE;
    assert_int_equal(dialer_webhook_read(bytes_of_text(body), &w, &err), 0);
    assert_string_equal(w.key, "F-1-2/1");
    assert_int_equal(w.result.ended_us - w.result.started_us, DURATION_MIN);
    assert_int_equal(w.result.answer_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(w.result.answers[i].instrument, instruments[i]);
    }
    assert_int_equal(w.result.answers[3].value, 2);
    assert_string_equal(w.result.note, "n");
    assert_string_equal(w.result.new_phone, "+1");
    assert_string_equal(w.result.language, "de");
}

static void more_answers_than_there_is_room_for_are_cut_off(void **state)
{
    struct text body = {.data = NULL};
    struct dialer_webhook_word w;
    struct err err = ERR_NONE;
    text_append(&body, "{\"outcome\":\"answered\",\"answers\":[");
    for (int i = 0; i < 1000; i++) {
        text_appendf(&body, "%s{\"code\":\"q%d\",\"value\":%d}", i > 0 ? "," : "", i, i);
    }
    text_append(&body, "]}");
    assert_int_equal(dialer_webhook_read(bytes_of_text(body.data), &w, &err), 0);
    assert_int_equal(w.result.answer_count, DIALER_ANSWERS_MAX);
    text_free(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_holds_what_is_said_and_asked_and_no_numbers_of_ours),
        cmocka_unit_test(what_the_service_says_is_read_or_named_as_wrong),
        cmocka_unit_test(a_result_has_all_that_was_said),
        cmocka_unit_test(more_answers_than_there_is_room_for_are_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
