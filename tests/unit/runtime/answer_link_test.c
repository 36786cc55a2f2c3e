/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/answer_link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/duration.h"

#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define OTHER  "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define UNTIL  (INT64_C(1614265330) * DURATION_S)

static const struct answer_link link_of_two = {
    .key = "F-1234-5/1",
    .until_us = UNTIL,
    .language = "zh-CN",
    .items = {{"csat", 1, 1, 5, 0, "满意吗？"}, {"solved", 0, 0, 1, 4711, "\"Really\"?"}},
    .item_count = 2,
};

static struct webhook_secrets secrets_of(const char *text)
{
    struct webhook_secrets s;
    struct err err = ERR_NONE;
    assert_int_equal(webhook_secrets_parse(text, &s, &err), 0);
    return s;
}

static void a_link_says_what_was_written(void **state)
{
    struct webhook_secrets writer = secrets_of(SECRET), reader = secrets_of(OTHER " " SECRET);
    struct answer_link got;
    struct err err = ERR_NONE;
    struct text token = {.data = NULL};
    answer_link_write(&writer, &link_of_two, &token);
    assert_int_equal(
        strspn(token.data, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."),
        token.len);
    assert_int_equal(answer_link_read(&reader, token.data, UNTIL - 1, &got, &err), 0);
    assert_string_equal(got.key, link_of_two.key);
    assert_string_equal(got.language, "zh-CN");
    assert_int_equal(got.until_us, UNTIL);
    assert_int_equal(got.item_count, 2);
    assert_memory_equal(got.items, link_of_two.items, sizeof(got.items[0]) * 2);
    assert_int_equal(answer_link_read(&reader, token.data, UNTIL, &got, &err), -1);
    assert_string_equal(err.code, "link_expired");
    text_free(&token);
}

static void every_changed_character_makes_it_invalid(void **state)
{
    struct webhook_secrets s = secrets_of(SECRET);
    struct answer_link got;
    struct text token = {.data = NULL};
    answer_link_write(&s, &link_of_two, &token);
    for (size_t i = 0; i + 1 < token.len; i++) {
        struct err err = ERR_NONE;
        char kept = token.data[i];
        token.data[i] = kept == 'A' ? 'B' : 'A';
        assert_int_equal(answer_link_read(&s, token.data, 0, &got, &err), -1);
        assert_string_equal(err.code, "link_invalid");
        token.data[i] = kept;
    }
    text_free(&token);
}

static void what_is_no_link_of_ours_is_refused(void **state)
{
    static const char *const tokens[] = {NULL, "", ".", "..", "abc", "e30.", "e30.AAAA"};
    struct webhook_secrets s = secrets_of(SECRET), other = secrets_of(OTHER);
    struct answer_link got;
    struct text token = {.data = NULL};
    struct err err = ERR_NONE;
    for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
        assert_int_equal(answer_link_read(&s, tokens[i], 0, &got, &err), -1);
        assert_string_equal(err.code, "link_invalid");
    }
    answer_link_write(&other, &link_of_two, &token);
    assert_int_equal(answer_link_read(&s, token.data, 0, &got, &err), -1);
    text_free(&token);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_says_what_was_written),
        cmocka_unit_test(every_changed_character_makes_it_invalid),
        cmocka_unit_test(what_is_no_link_of_ours_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
