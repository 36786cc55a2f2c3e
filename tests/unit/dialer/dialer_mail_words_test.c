/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_mail_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "event.pb-c.h"

static void the_subject_says_what_it_is_about(void **state)
{
    static const struct {
        const char *language;
        int32_t trigger; /* 0: no reason at all */
        size_t questions;
        const char *subject;
    } cases[] = {
        {"en",    0,  0, "A message for you"          },
        {"en",    0,  2, "How did we do?"             },
        {"en",    1,  2, "How did we do?"             },
        {"en",    3,  1, "We owe you an apology"      },
        {"en",    7,  0, "Happy birthday"             },
        {"en",    99, 0, "A message for you"          },
        {"de",    11, 0, "What we have improved"      },
        {"zh-CN", 7,  0, "生日快乐"               },
        {"zh",    1,  1, "请您评价我们的服务"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct dialer_order order = {.item_count = cases[i].questions};
        struct text plain = {.data = NULL}, html = {.data = NULL};
        (void)text_copy(order.language, sizeof(order.language), cases[i].language);
        order.reason_count = cases[i].trigger > 0 ? 1 : 0;
        order.agenda[0].trigger = cases[i].trigger;
        assert_string_equal(dialer_mail_words(&order, "", &plain, &html), cases[i].subject);
        text_free(&plain);
        text_free(&html);
    }
}

static void every_trigger_has_a_subject_in_both_languages(void **state)
{
    (void)state;
    for (int32_t trigger = 2; trigger < (int32_t)troth__v1__follow_up_trigger__descriptor.n_values;
         trigger++) {
        struct dialer_order order = {.reason_count = 1, .agenda = {{.trigger = trigger}}};
        for (size_t i = 0; i < 2; i++) {
            struct text plain = {.data = NULL}, html = {.data = NULL};
            (void)text_copy(order.language, sizeof(order.language), i == 0 ? "en" : "zh");
            const char *subject = dialer_mail_words(&order, "", &plain, &html);
            assert_string_not_equal(subject, i == 0 ? "A message for you" : "给您的消息");
            text_free(&plain);
            text_free(&html);
        }
    }
}

static void words_are_in_both_forms_and_nothing_in_them_is_markup(void **state)
{
    const struct dialer_order order = {.language = "en",
                                       .opening = "Hello <b>",
                                       .closing = "Bye",
                                       .reason_count = 1,
                                       .agenda = {{.say = "It is \"done\"."}}};
    struct text plain = {.data = NULL}, html = {.data = NULL};
    (void)state;
    (void)dialer_mail_words(&order, "https://x/?a=1&b=2", &plain, &html);
    assert_non_null(strstr(plain.data, "Hello <b>\n\nIt is \"done\".\n\n"));
    assert_non_null(strstr(plain.data, "https://x/?a=1&b=2\n"));
    assert_non_null(strstr(html.data, "<p>Hello &lt;b&gt;</p>\n<p>It is &quot;done&quot;.</p>\n"));
    assert_non_null(strstr(html.data, "href=\"https://x/?a=1&amp;b=2\""));
    text_free(&plain);
    text_free(&html);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_subject_says_what_it_is_about),
        cmocka_unit_test(every_trigger_has_a_subject_in_both_languages),
        cmocka_unit_test(words_are_in_both_forms_and_nothing_in_them_is_markup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
