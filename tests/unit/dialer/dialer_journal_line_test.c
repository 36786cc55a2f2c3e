/* SPDX-License-Identifier: Apache-2.0 */
/* dialer_journal_line_test.c - how the journal is written down: its lines, those of before, and
 * what nobody else can read. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "common/runtime/seal_box.h"
#include "services/dialer/dialer_journal.h"
#include "services/dialer/dialer_journal_line.h"
#include "tests/unit/dialer/journal_world.h"

/* ---- forms */

/* As the version before wrote it, byte for byte. */
static void a_journal_of_the_old_form_opens_and_goes_on(void **state)
{
    struct buffer b = {.data = NULL};
    static const char *const texts[] = {
        "troth-dialer-journal 1 0123456789abcdef0123456789abcdef desk",
        "placed F-1-0/1 100",
        "finished F-1-0/1 200 1 10 20 1=5 2=10",
        "placed F-2-0/1 300",
        "finished F-2-0/1 400 3 10 20",
        "taken F-2-0/1 400",
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        char line[256];
        (void)text_format(line, sizeof(line), "%016" PRIx64 " %s\n",
                          bytes_hash64(bytes_of_text(texts[i])), texts[i]);
        buffer_append(&b, line, strlen(line));
    }
    buffer_append(&b, "", 1);
    append_to_file((const char *)b.data);
    buffer_free(&b);

    struct dialer_result result;
    struct dialer_journal *j = open_journal();
    assert_string_equal(dialer_journal_id(j), "0123456789abcdef0123456789abcdef");
    assert_int_equal(dialer_journal_result(j, dialer_journal_find(j, "F-1-0/1"), &result), 0);
    assert_int_equal(result.answer_count, 2);
    assert_string_equal(result.answers[1].code, "");
    assert_int_equal(result.answers[1].instrument, 2);
    assert_int_equal(result.answers[1].value, 10);
    assert_true(dialer_journal_find(j, "F-2-0/1")->is_taken);
    dialer_journal_finish(j, dialer_journal_place(j, "F-3-0/1", 500), &answered, 600);
    sync_journal(j);
    dialer_journal_close(j);

    j = open_journal();
    assert_int_equal(dialer_journal_result(j, dialer_journal_find(j, "F-3-0/1"), &result), 0);
    assert_memory_equal(&result, &answered, sizeof(answered));
    dialer_journal_close(j);
}

static bool file_contains(const char *text)
{
    char content[8192];
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    size_t len = fread(content, 1, sizeof(content), f);
    assert_int_equal(fclose(f), 0);
    return memmem(content, len, text, strlen(text)) != NULL;
}

static void what_is_personal_is_kept_and_cannot_be_read_without_the_key(void **state)
{
    struct bus_keys keys;
    struct bus_keys other_keys;
    struct seal_box box;
    struct seal_box other;
    struct dialer_result said = {.outcome = 10, .call_back_us = 77, .refusal = 2};
    struct dialer_result got;
    (void)text_copy(said.note, sizeof(said.note), "Frau Li wartet. 等。");
    (void)text_copy(said.new_phone, sizeof(said.new_phone), "+8613912345678");
    (void)text_copy(said.language, sizeof(said.language), "zh-CN");
    assert_int_equal(bus_keys_new(&keys, NULL), 0);
    assert_int_equal(bus_keys_new(&other_keys, NULL), 0);
    assert_int_equal(seal_box_init(&box, &keys, 1, NULL), 0);
    assert_int_equal(seal_box_init(&other, &other_keys, 1, NULL), 0);

    struct dialer_journal *j = open_with(&box);
    dialer_journal_finish(j, dialer_journal_place(j, "F-1-0/1", 1), &said, 2);
    sync_journal(j);
    dialer_journal_close(j);

    assert_false(file_contains("Li"));
    assert_false(file_contains("12345678"));
    assert_true(file_contains("language=zh-CN"));
    j = open_with(&box);
    assert_int_equal(dialer_journal_result(j, dialer_journal_find(j, "F-1-0/1"), &got), 0);
    assert_memory_equal(&got, &said, sizeof(said));
    dialer_journal_close(j);
    j = open_with(&other);
    assert_int_equal(dialer_journal_result(j, dialer_journal_find(j, "F-1-0/1"), &got), -1);
    dialer_journal_close(j);
    seal_box_wipe(&box);
    seal_box_wipe(&other);
}

/* ---- lines */

static void lines_read_back(void **state)
{
    const struct dialer_line lines[] = {
        {.verb = DIALER_LINE_HEADER,   .key = "desk.1",  .id = "0a"           },
        {.verb = DIALER_LINE_BARRED,   .key = "F-1-0/1", .at_us = 5           },
        {.verb = DIALER_LINE_PLACED,   .key = "F-1-0/1", .at_us = INT64_MAX   },
        {.verb = DIALER_LINE_FINISHED,
         .key = "k",
         .at_us = 5,
         .result = "1 10 -20 csat:1=5 nps:2=10"},
        {.verb = DIALER_LINE_FINISHED,                            .key = "k",                 .at_us = 5, .result = "3 0 0"},
        {.verb = DIALER_LINE_TAKEN,           .key = "F-1-0/1",                           .at_us = 5                       },
    };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct buffer b = {.data = NULL};
        struct dialer_line got;
        dialer_journal_line_write(&lines[i], &b);
        assert_int_equal(b.data[b.len - 1], '\n');

        struct bytes text = {.data = b.data, .len = b.len - 1};
        assert_int_equal(dialer_journal_line_read(text, &got), 0);
        assert_memory_equal(&got, &lines[i], sizeof(got));
        /* Any other bit makes it another line. */
        for (size_t at = 0; at < text.len; at++) {
            b.data[at] ^= 1;
            assert_int_equal(dialer_journal_line_read(text, &got), -1);
            b.data[at] ^= 1;
        }
        buffer_free(&b);
    }
}

#define DIGITS_60 "123456789012345678901234567890123456789012345678901234567890"

/* With the right checksum: whoever wrote it had another idea of the form. */
static bool is_read(struct bytes text)
{
    struct buffer b = {.data = NULL};
    struct dialer_line line;
    char checksum[18];
    (void)text_format(checksum, sizeof(checksum), "%016" PRIx64 " ", bytes_hash64(text));
    buffer_append(&b, checksum, 17);
    buffer_append(&b, text.data, text.len);
    const bool rc = dialer_journal_line_read((struct bytes){b.data, b.len}, &line) == 0;
    buffer_free(&b);
    return rc;
}

static void lines_of_another_form_are_refused(void **state)
{
    static const struct {
        const char *text;
        bool is_read;
    } cases[] = {
        {"troth-dialer-journal 1 0a desk.1",            true },
        {"troth-dialer-journal 2 0a desk.1",            true },
        {"troth-dialer-journal 3 0a desk.1",            false},
        {"troth-dialer-journal 2 0a",                   false},
        {"troth-dialer-journal 2 " DIGITS_60 " desk.1", false},
        {"troth-dialer-journal 2 0a " DIGITS_60 "123",  true },
        {"troth-dialer-journal 2 0a " DIGITS_60 "1234", false},
        {"placed F-1-0/1 5",                            true },
        {"placed F-1-0/1 9223372036854775807",          true },
        {"placed F-1-0/1 -9223372036854775807",         true },
        {"placed F-1-0/1 -9223372036854775808",         false},
        {"placed F-1-0/1 x",                            false},
        {"placed F-1-0/1",                              false},
        {"placed F-1-0/1 5 6",                          false},
        {"placed F-1-0/1 5 ",                           false},
        {"placed  F-1-0/1 5",                           false},
        {"placed F.1 5",                                false},
        {"placed " DIGITS_60 "123 5",                   true },
        {"placed " DIGITS_60 "1234 5",                  false},
        {"finished k 5 3 0 0",                          true },
        {"finished k 5 3",                              false},
        {"finished k 5",                                false},
        {"finished k",                                  false},
        {"taken k 5",                                   true },
        {"seen k 5",                                    false},
        {"placed",                                      false},
        {"p",                                           false},
        {" ",                                           false},
        {"",                                            false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (is_read(bytes_of_text(cases[i].text)) != cases[i].is_read) {
            fail_msg("'%s'", cases[i].text);
        }
    }
    assert_false(is_read((struct bytes){(const uint8_t *)"placed k 5\0", 11}));
    uint8_t huge[2 * DIALER_RESULT_TEXT_SIZE];
    memset(huge, 'x', sizeof(huge));
    assert_false(is_read((struct bytes){huge, sizeof(huge)}));
}

static void keys_are_plain(void **state)
{
    assert_true(dialer_journal_is_key("F-1234-5/1"));
    assert_false(dialer_journal_is_key(""));
    assert_false(dialer_journal_is_key(NULL));
    assert_false(dialer_journal_is_key("F 1"));
    assert_false(dialer_journal_is_key("F-1\n"));
    assert_false(
        dialer_journal_is_key("1234567890123456789012345678901234567890123456789012345678901234"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_journal_of_the_old_form_opens_and_goes_on, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_personal_is_kept_and_cannot_be_read_without_the_key,
                                        set_up, tear_down),
        cmocka_unit_test(lines_read_back),
        cmocka_unit_test(lines_of_another_form_are_refused),
        cmocka_unit_test(keys_are_plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
