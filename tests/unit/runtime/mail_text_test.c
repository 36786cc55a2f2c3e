/* SPDX-License-Identifier: Apache-2.0 */
/* What a mail looks like on the wire; that mail programs read it is tested in tests/system. */
#include "common/runtime/mail_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/duration.h"

static char *write_mail(const struct mail_text *mail, struct buffer *out)
{
    mail_text_write(mail, out);
    buffer_append(out, "", 1);
    return (char *)out->data;
}

static void a_plain_mail_is_ascii_with_lines_that_fit(void **state)
{
    const struct mail_text mail = {
        .from = "a@x",
        .to = "b@y",
        .from_name = "Garage \"North\"",
        .subject = "很长的主题很长的主题很长的主题很长的主题很长的主题很长的主题很长的主题",
        .message_id = "F-1.1@x",
        .language = "zh",
        .plain = ".\nWort: 你好\n",
        .html = "<p>你好</p>",
        .at_us = INT64_C(1614265330) * DURATION_S,
    };
    struct buffer out = {.data = NULL};
    const char *text = write_mail(&mail, &out);
    size_t line = 0;
    for (const char *p = text; *p; p++) {
        assert_true((*p >= ' ' && *p < 0x7f) || *p == '\r' || *p == '\n');
        assert_int_equal(*p == '\n', p > text && p[-1] == '\r');
        line = *p == '\n' ? 0 : line + 1;
        assert_true(line <= 78 + 20);
    }
    assert_non_null(strstr(text, "Date: Thu, 25 Feb 2021 15:02:10 +0000\r\n"));
    assert_non_null(strstr(text, "Message-ID: <F-1.1@x>\r\n"));
    assert_non_null(strstr(text, "From: =?UTF-8?B?R2FyYWdlICJOb3J0aCI=?= <a@x>\r\n"));
    buffer_free(&out);
}

static void nothing_in_a_subject_begins_another_header(void **state)
{
    const struct mail_text mail = {.from = "a@x",
                                   .to = "b@y",
                                   .subject = "Hello\r\nBcc: c@z",
                                   .language = "en\r\nBcc: d@z",
                                   .message_id = "1@x",
                                   .plain = ""};
    struct buffer out = {.data = NULL};
    assert_null(strstr(write_mail(&mail, &out), "\nBcc"));
    buffer_free(&out);
}

static void what_means_something_in_html_is_escaped(void **state)
{
    struct text out = {.data = NULL};
    html_append_text("<a href=\"x\">'&'</a> 你", &out);
    assert_string_equal(out.data, "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt; 你");
    text_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_mail_is_ascii_with_lines_that_fit),
        cmocka_unit_test(nothing_in_a_subject_begins_another_header),
        cmocka_unit_test(what_means_something_in_html_is_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
