/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_result.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "services/dialer/dialer_driver.h"

static struct seal_box new_box(void)
{
    struct bus_keys keys;
    struct seal_box box;
    assert_int_equal(bus_keys_new(&keys, NULL), 0);
    assert_int_equal(seal_box_init(&box, &keys, 1, NULL), 0);
    return box;
}

static void add_answer(struct dialer_result *r, const char *code, int32_t instrument, int32_t value)
{
    size_t i = r->answer_count++;
    (void)text_copy(r->answers[i].code, sizeof(r->answers[i].code), code);
    r->answers[i].instrument = instrument;
    r->answers[i].value = value;
}

static void results_read_back(void **state)
{
    struct seal_box box = new_box();
    struct dialer_result results[9] = {{.outcome = 3}};
    for (size_t i = 1; i < ARRAY_LEN(results); i++) {
        results[i].outcome = (int32_t)i;
    }
    results[1].started_us = -5;
    results[1].ended_us = INT64_MAX;
    add_answer(&results[2], "csat", 1, 5);
    add_answer(&results[2], "solved", 0, 0);
    add_answer(&results[2], "", 2, -1);
    add_answer(&results[2], "a.b-c_9", 5, 100);
    results[3].call_back_us = 1234567;
    results[4].refusal = 3;
    (void)text_copy(results[5].language, sizeof(results[5].language), "zh-Hans-CN");
    (void)text_copy(results[6].note, sizeof(results[6].note), "one line\nand = another, 二");
    (void)text_copy(results[7].new_phone, sizeof(results[7].new_phone), "+86 139 0000 0000");
    add_answer(&results[8], "nps", 2, 10);
    results[8].refusal = 2;
    (void)text_copy(results[8].note, sizeof(results[8].note), "n");
    (void)text_copy(results[8].new_phone, sizeof(results[8].new_phone), "p");
    for (size_t i = 0; i < ARRAY_LEN(results); i++) {
        struct text t = {.data = NULL};
        struct dialer_result got;
        dialer_result_write(&results[i], &box, &t);
        assert_true(strlen(t.data) < DIALER_RESULT_TEXT_SIZE);
        assert_null(strchr(t.data, '\n'));
        assert_int_equal(dialer_result_read(t.data, &box, &got), 0);
        assert_memory_equal(&got, &results[i], sizeof(got));
        text_free(&t);
    }
    seal_box_wipe(&box);
}

static void what_is_sealed_opens_with_its_key_alone(void **state)
{
    struct seal_box box = new_box();
    struct seal_box other = new_box();
    const struct dialer_result said = {.outcome = 1, .note = "n"};
    struct dialer_result got;
    struct text t = {.data = NULL};
    dialer_result_write(&said, &box, &t);

    assert_int_equal(dialer_result_read(t.data, &other, &got), -1);
    assert_int_equal(dialer_result_read(t.data, NULL, &got), 0);
    assert_string_equal(got.note, "");
    assert_int_equal(got.outcome, 1);
    text_free(&t);
    seal_box_wipe(&box);
    seal_box_wipe(&other);
}

static void the_longest_result_fits(void **state)
{
    struct seal_box box = new_box();
    struct dialer_result r = {.outcome = 1, .started_us = INT64_MIN + 1, .ended_us = INT64_MIN + 1};
    struct dialer_result got;
    struct text t = {.data = NULL};
    memset(r.note, 'n', sizeof(r.note) - 1);
    memset(r.new_phone, '9', sizeof(r.new_phone) - 1);
    memset(r.language, 'l', sizeof(r.language) - 1);
    r.call_back_us = INT64_MAX;
    r.refusal = 3;
    r.answer_count = DIALER_ANSWERS_MAX;
    for (size_t i = 0; i < r.answer_count; i++) {
        memset(r.answers[i].code, 'c', sizeof(r.answers[i].code) - 1);
        r.answers[i].instrument = INT32_MIN;
        r.answers[i].value = INT32_MIN;
    }

    dialer_result_write(&r, &box, &t);

    assert_true(t.len < DIALER_RESULT_TEXT_SIZE);
    assert_int_equal(dialer_result_read(t.data, &box, &got), 0);
    assert_memory_equal(&got, &r, sizeof(got));
    text_free(&t);
    seal_box_wipe(&box);
}

static void what_is_no_result_is_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "1",
        "1 2",
        "1 2 x",
        "x 2 3",
        "1 2 3 csat",
        "1 2 3 csat:1",
        "1 2 3 csat:=5",
        "1 2 3 cs/at:1=5",
        "1 2 3 :1=5",
        "1 2 3 csat:1=five",
        "1 2 3  csat:1=5",
        "1 2 3 call_back=soon",
        "1 2 3 refusal=",
        "1 2 3 sealed=0g",
        "1 2 3 sealed=012",
        "1 2 3 1=1 1=1 1=1 1=1 1=1 1=1 1=1 1=1 1=1 1=1 1=1 1=1 1=1 1=1 1=1 1=1 1=1",
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct dialer_result r;
        if (dialer_result_read(cases[i], NULL, &r) == 0) {
            fail_msg("\"%s\" was taken", cases[i]);
        }
    }
}

static void what_cannot_stand_is_cleaned_away(void **state)
{
    struct dialer_result good = {.outcome = 1, .language = "en-GB", .note = "fine", .refusal = 1};
    struct dialer_result bad = {.outcome = 77, .language = "en GB", .note = "\xff\xfe"};
    add_answer(&good, "csat", 1, 5);
    add_answer(&bad, "two words", 1, 5);
    add_answer(&bad, "nps", 2, 9);
    add_answer(&bad, "a\nb", 1, 1);
    (void)text_copy(bad.new_phone, sizeof(bad.new_phone), "+1");
    bad.refusal = 9;
    bad.call_back_us = -4;
    const struct dialer_result before = good;

    assert_int_equal(dialer_result_clean(&good), 0);
    assert_memory_equal(&good, &before, sizeof(good));
    assert_int_equal(dialer_result_clean(&bad), 7);
    assert_int_equal(bad.outcome, 7);
    assert_int_equal(bad.answer_count, 1);
    assert_string_equal(bad.answers[0].code, "nps");
    assert_string_equal(bad.language, "");
    assert_string_equal(bad.note, "");
    assert_string_equal(bad.new_phone, "+1");
    assert_int_equal(bad.refusal, 0);
    assert_int_equal(bad.call_back_us, 0);
}

/* ---- items */

static void an_item_is_asked_when_its_condition_holds(void **state)
{
    static const struct {
        const char *only_if;
        int32_t min, max;
        bool is_asked;
    } cases[] =
        {
            {"",       0, 0, true },
            {"csat",   1, 3, true },
            {"csat",   3, 3, true },
            {"csat",   4, 5, false},
            {"csat",   0, 2, false},
            {"solved", 0, 0, true },
            {"nps",    0, 9, false}, /* it was not answered */
    };
    struct dialer_result so_far = {.outcome = 1};
    add_answer(&so_far, "csat", 1, 3);
    add_answer(&so_far, "solved", 0, 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct dialer_item item = {.only_min = cases[i].min, .only_max = cases[i].max};
        (void)text_copy(item.only_if, sizeof(item.only_if), cases[i].only_if);
        assert_int_equal(dialer_item_is_asked(&item, &so_far), cases[i].is_asked);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_read_back),
        cmocka_unit_test(what_is_sealed_opens_with_its_key_alone),
        cmocka_unit_test(the_longest_result_fits),
        cmocka_unit_test(what_is_no_result_is_refused),
        cmocka_unit_test(what_cannot_stand_is_cleaned_away),
        cmocka_unit_test(an_item_is_asked_when_its_condition_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
