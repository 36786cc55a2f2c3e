/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/ami_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"

#define GREETING "Asterisk Call Manager/9.0.0\r\n"

/* All messages as "Name=value,Name=value;" each. Returns what the last call returned. */
static int read_all(struct ami_reader *r, struct text *out)
{
    struct ami_message m;
    struct err err = ERR_NONE;
    int rc;
    while ((rc = ami_reader_next(r, &m, &err)) > 0) {
        for (size_t i = 0; i < m.count; i++) {
            text_appendf(out, "%s%s=%s", i > 0 ? "," : "", m.headers[i].name, m.headers[i].value);
        }
        text_append(out, ";");
    }
    assert_string_equal(err.code, rc < 0 ? "ami_unreadable" : "");
    return rc;
}

static const struct {
    const char *bytes, *want;
    int rc;
} streams[] = {
    {"",                                                  "",                             0 },
    {GREETING,                                            "",                             0 },
    {GREETING "Response: Success\r\nMessage: Hi\r\n\r\n", "Response=Success,Message=Hi;", 0 },
    {GREETING "A: 1\r\n\r\nB: 2\r\n\r\n",                 "A=1;B=2;",                     0 },
    {GREETING "A: 1\r\n",                                 "",                             0 },
    {GREETING "A: 1\r\n\r\nB: 2",                         "A=1;",                         0 },
    {GREETING "A: 1\n\n",                                 "A=1;",                         0 },
    {GREETING "A:\r\nB:2\r\nC:  x: y \r\n\r\n",           "A=,B=2,C=x: y ;",              0 },
    {GREETING "no colon here\r\nA: 1\r\n\r\n",            "A=1;",                         0 },
    {GREETING "\r\n",                                     ";",                            0 },
    {"Asterisk",                                          "",                             0 },
    {"220 smtp.example ESMTP\r\n",                        "",                             -1},
};

static void streams_become_messages_however_they_are_cut(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(streams); i++) {
        size_t len = strlen(streams[i].bytes);
        for (size_t step = 1; step <= len + 1; step++) {
            struct ami_reader reader = {.taken = 0};
            struct text out = {.data = NULL};
            int rc = 0;
            for (size_t at = 0; at < len && rc == 0; at += step) {
                ami_reader_feed(&reader, streams[i].bytes + at, at + step < len ? step : len - at);
                rc = read_all(&reader, &out);
            }
            assert_int_equal(rc, streams[i].rc);
            assert_string_equal(text_or_empty(&out), streams[i].want);
            text_free(&out);
            ami_reader_free(&reader);
        }
    }
}

static void headers_are_found_without_case(void **state)
{
    const struct ami_message m = {
        .headers = {{"Event", "Hangup"}, {"event", "other"}, {"Cause", ""}},
        .count = 3,
    };
    assert_string_equal(ami_message_get(&m, "EVENT"), "Hangup");
    assert_string_equal(ami_message_get(&m, "Cause"), "");
    assert_string_equal(ami_message_get(&m, "Absent"), "");
}

static void more_headers_than_there_is_room_for_are_left_out(void **state)
{
    struct ami_reader reader = {.taken = 0};
    struct ami_message m;
    struct err err = ERR_NONE;
    ami_reader_feed(&reader, GREETING, strlen(GREETING));
    for (int i = 0; i < AMI_HEADERS_MAX + 5; i++) {
        ami_reader_feed(&reader, "A: 1\r\n", 6);
    }
    ami_reader_feed(&reader, "\r\n", 2);
    assert_int_equal(ami_reader_next(&reader, &m, &err), 1);
    assert_int_equal(m.count, AMI_HEADERS_MAX);
    ami_reader_free(&reader);
}

static void a_stream_without_an_end_is_refused(void **state)
{
    static char line[1000];
    struct ami_reader reader = {.taken = 0};
    struct ami_message m;
    struct err err = ERR_NONE;
    int rc = 0;
    memset(line, 'x', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\n';
    ami_reader_feed(&reader, GREETING, strlen(GREETING));
    for (int i = 0; i < 1000 && rc == 0; i++) {
        ami_reader_feed(&reader, line, sizeof(line));
        rc = ami_reader_next(&reader, &m, &err);
        assert_true(reader.buffer.len <= AMI_MESSAGE_MAX + 2 * sizeof(line));
    }
    assert_int_equal(rc, -1);
    ami_reader_free(&reader);
}

static void an_endless_greeting_is_refused(void **state)
{
    struct ami_reader reader = {.taken = 0};
    struct ami_message m;
    struct err err = ERR_NONE;
    int rc = 0;
    for (int i = 0; i < 1000 && rc == 0; i++) {
        ami_reader_feed(&reader, "Asterisk", 8);
        rc = ami_reader_next(&reader, &m, &err);
    }
    assert_int_equal(rc, -1);
    ami_reader_free(&reader);
}

static void actions_hold_no_other_action(void **state)
{
    struct text out = {.data = NULL};
    ami_action_begin(&out, "Originate", "F-1/1");
    assert_int_equal(ami_action_add(&out, "Exten", "123"), 0);
    assert_int_equal(ami_action_add(&out, "Exten", "1\r\nAction: Logoff"), -1);
    assert_int_equal(ami_action_add(&out, "Exten", "1\n"), -1);
    assert_int_equal(ami_action_add(&out, "Exten", "\x7f"), -1);
    ami_action_end(&out);
    assert_string_equal(out.data, "Action: Originate\r\nActionID: F-1/1\r\nExten: 123\r\n\r\n");
    text_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_become_messages_however_they_are_cut),
        cmocka_unit_test(headers_are_found_without_case),
        cmocka_unit_test(more_headers_than_there_is_room_for_are_left_out),
        cmocka_unit_test(a_stream_without_an_end_is_refused),
        cmocka_unit_test(an_endless_greeting_is_refused),
        cmocka_unit_test(actions_hold_no_other_action),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
