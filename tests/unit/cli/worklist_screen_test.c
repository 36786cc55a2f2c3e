/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/worklist_screen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "services/cli/worklist_words.h"

static char key[] = "F-1234-5/1", customer[] = "K-1", phone[] = "+8613800000000", zh[] = "zh-CN";
static char why[] = "outcome_unknown", no_call[] = "do_not_call", kind[] = "promise";
static char number[] = "P-77-1", what[] = "callback", broken[] = "broken", say[] = "你好";
static char code[] = "csat", question[] = "How satisfied?", only_if[] = "solved";

/* The caller frees it. */
static char *print(bool is_chinese, const Troth__V1__WorklistAgenda *a)
{
    char *text = NULL;
    size_t size = 0;
    const struct worklist_screen screen = {
        .staff = "li", .is_chinese = is_chinese, .now_us = 1000 * DURATION_S};
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    worklist_screen_print(&screen, a, out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static char *print_full(bool is_chinese)
{
    Troth__V1__WorklistAgenda a = TROTH__V1__WORKLIST_AGENDA__INIT;
    Troth__V1__DialOrder order = TROTH__V1__DIAL_ORDER__INIT;
    Troth__V1__DialItem item = TROTH__V1__DIAL_ITEM__INIT;
    Troth__V1__DialItem *items[] = {&item};
    Troth__V1__StoryLine line = TROTH__V1__STORY_LINE__INIT;
    Troth__V1__StoryLine *lines[] = {&line};
    order.key = key;
    order.phone = phone;
    order.language = zh;
    order.opening = say;
    order.items = items;
    order.n_items = 1;
    item.code = code;
    item.question = question;
    item.has_low = item.has_high = true;
    item.low = 1;
    item.high = 5;
    item.only_if = only_if;
    line.kind = kind;
    line.number = number;
    line.what = what;
    line.state = broken;
    line.has_due_us = true;
    a.order = &order;
    a.customer_number = customer;
    a.why_person = why;
    a.no_call = no_call;
    a.lease_until_us = 1300 * DURATION_S;
    a.story = lines;
    a.n_story = 1;
    return print(is_chinese, &a);
}

static void the_screen_has_all_in_both_languages(void **state)
{
    static const char *const english[] = {"F-1234-5/1",
                                          "K-1",
                                          "+8613800000000",
                                          "speaks zh-CN",
                                          "placed, and no result came",
                                          "the customer wants no call of any kind",
                                          "300 s",
                                          "What to say",
                                          "你好",
                                          "1. How satisfied?",
                                          "csat=1..5",
                                          "only if solved=0..0",
                                          "P-77-1",
                                          "call back",
                                          "broken",
                                          "1970-01-01 00:00Z",
                                          "troth worklist accept F-1234-5/1 --staff li"};
    static const char *const chinese[] = {"任务",
                                          "语言 zh-CN",
                                          "已拨打，但没有结果",
                                          "客户要求不再致电",
                                          "300 秒",
                                          "要说的话",
                                          "承诺",
                                          "回电",
                                          "未兑现",
                                          "troth worklist outcome F-1234-5/1"};
    char *in_english = print_full(false);
    char *in_chinese = print_full(true);
    for (size_t i = 0; i < ARRAY_LEN(english); i++) {
        if (!strstr(in_english, english[i])) {
            fail_msg("%s is not in:\n%s", english[i], in_english);
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(chinese); i++) {
        if (!strstr(in_chinese, chinese[i])) {
            fail_msg("%s is not in:\n%s", chinese[i], in_chinese);
        }
    }
    free(in_english);
    free(in_chinese);
}

static void without_an_order_there_is_nothing_to_do(void **state)
{
    const Troth__V1__WorklistAgenda a = TROTH__V1__WORKLIST_AGENDA__INIT;
    char *text = print(false, &a);
    assert_string_equal(text, "Nothing to do now.\n");
    free(text);
    text = print(true, &a);
    assert_string_equal(text, "现在没有待办。\n");
    free(text);
}

static void every_label_has_both_languages(void **state)
{
    for (int i = 0; i < WORKLIST_LABEL_COUNT; i++) {
        for (int chinese = 0; chinese < 2; chinese++) {
            const char *label = worklist_label((enum worklist_label)i, chinese == 1);
            assert_non_null(label);
            assert_true(label[0] != '\0');
        }
    }
}

static void chinese_is_known_by_its_tag(void **state)
{
    static const struct {
        const char *language;
        bool want;
    } cases[] = {
        {"zh",    true },
        {"zh-CN", true },
        {"ZH_tw", true },
        {"zha",   false},
        {"en",    false},
        {NULL,    false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(worklist_is_chinese(cases[i].language), cases[i].want);
    }
    assert_string_equal(worklist_word("something_new", true), "something_new");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_screen_has_all_in_both_languages),
        cmocka_unit_test(without_an_order_there_is_nothing_to_do),
        cmocka_unit_test(every_label_has_both_languages),
        cmocka_unit_test(chinese_is_known_by_its_tag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
