/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/cli_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "event.pb-c.h"
#include "services/cli/import_progress.h"
#include "services/cli/import_tally.h"
#include "services/cli/key_files.h"

/* What is printed between open and here. */
static void assert_output(FILE *out, char *const *memory, const char *want)
{
    assert_int_equal(fclose(out), 0);
    assert_string_equal(*memory, want);
    free(*memory);
}

static void columns_are_aligned_also_with_wide_characters(void **state)
{
    static const char *const titles[] = {"BRANCH", ">CASES", "NOTE"};
    struct cli_table table = {.titles = titles, .count = 3};
    char *memory;
    size_t len;
    FILE *out = open_memstream(&memory, &len);

    cli_table_add(&table, "%s", "北京");
    cli_table_add(&table, "%d", 5);
    cli_table_add(&table, "%s", "好");
    cli_table_add(&table, "%s", "Shanghai");
    cli_table_add(&table, "%d", 1234567);
    cli_table_add(&table, "%s", "");
    cli_table_print(&table, out);
    assert_output(out, &memory,
                  "BRANCH      CASES  NOTE\n"
                  "北京            5  好\n"
                  "Shanghai  1234567  \n");
}

static void empty_table_prints_nothing(void **state)
{
    static const char *const titles[] = {"A"};
    struct cli_table table = {.titles = titles, .count = 1};
    char *memory;
    size_t len;
    FILE *out = open_memstream(&memory, &len);

    cli_table_print(&table, out);
    assert_output(out, &memory, "");
}

static void values_have_their_usual_forms(void **state)
{
    char text[CLI_NAME_SIZE];

    assert_string_equal(cli_time_text(1, INT64_C(1795248959999999), text), "2026-11-21 08:15Z");
    assert_string_equal(cli_time_text(0, 5, text), "-");
    assert_string_equal(cli_text(NULL), "-");
    assert_string_equal(cli_text(""), "-");
    assert_string_equal(cli_enum_text(&troth__v1__case_state__descriptor, 3, text),
                        "waiting customer");
    assert_string_equal(cli_enum_text(&troth__v1__case_state__descriptor, 0, text), "-");
    assert_string_equal(cli_enum_text(&troth__v1__case_state__descriptor, 99, text), "-");
}

static void sum_of_an_import_is_one_line_after_the_reasons(void **state)
{
    struct import_tally t = {.rows = 4, .rows_empty = 1, .records = 3};
    Troth__V1__Receipt receipt = TROTH__V1__RECEIPT__INIT;
    char code[] = "text_too_long";
    char field[] = "contact.body";
    char *memory;
    size_t len;
    FILE *out = open_memstream(&memory, &len);

    receipt.has_status = 1;
    receipt.status = TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_ACCEPTED;
    import_tally_receipt(&t, &receipt);
    receipt.status = TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_REJECTED;
    receipt.code = code;
    receipt.field = field;
    import_tally_receipt(&t, &receipt);
    import_tally_receipt(&t, &receipt);
    import_tally_refuse_row(&t, "date_invalid", "occurred_us");
    import_tally_print(&t, 2 * DURATION_S, out);
    import_tally_free(&t);
    assert_output(out, &memory,
                  "REFUSED BECAUSE  FIELD         COUNT  OF\n"
                  "text_too_long    contact.body      2  records\n"
                  "date_invalid     occurred_us       1  rows\n"
                  "import: rows=4 rows_unmapped=1 rows_empty=1 records=3 accepted=1 duplicate=0 "
                  "rejected=2 seconds=2.0 rate=1 id=none\n");
}

static void progress_fits_a_line(void **state)
{
    const struct import_tally t = {.rows = 12345678, .accepted = 20000000, .rejected = 1234567};
    struct import_progress p = {.is_terminal = true, .start_us = 0, .bytes_total = 1000};
    struct text line = {0};

    import_progress_line(&p, 1000 * DURATION_S, 333, &t, &line);
    assert_string_equal(line.data, " 33% [######..............] rows 12345678  done 21234567  "
                                   "21234/s  refused 1234567");
    assert_true(text_columns(line.data) < 85);
    text_clear(&line);
    p.bytes_total = -1;
    import_progress_line(&p, 0, 333, &(const struct import_tally){.rows = 7}, &line);
    assert_string_equal(line.data, "rows 7  done 0  0/s");
    text_free(&line);
}

static void keys_are_printed_as_in_their_files(void **state)
{
    char text[BUS_KEY_TEXT_SIZE];
    uint8_t key[PRINCIPAL_KEY_LEN];
    struct bus_keys keys;
    struct err err = ERR_NONE;

    assert_int_equal(bus_keys_new(&keys, &err), 0);
    assert_int_equal(bus_key_decode(keys.public_key, key, &err), 0);
    key_text(key, text);
    assert_string_equal(text, keys.public_key);
}

static void names_of_keys_are_those_the_database_accepts(void **state)
{
    static const char longest[] = "a23456789012345678901234567890123456789012345678901234567890123";

    assert_true(key_name_is_valid("web-shop"));
    assert_true(key_name_is_valid("7.a_b"));
    assert_true(key_name_is_valid(longest));
    assert_false(
        key_name_is_valid("a234567890123456789012345678901234567890123456789012345678901234"));
    assert_false(key_name_is_valid(""));
    assert_false(key_name_is_valid("-a"));
    assert_false(key_name_is_valid("A"));
    assert_false(key_name_is_valid("a/b"));
}

static void public_half_stands_beside_the_pair(void **state)
{
    struct text path = {0};

    key_files_public_path("keys/garage.key", &path);
    assert_string_equal(path.data, "keys/garage.pub");
    text_clear(&path);
    key_files_public_path("garage", &path);
    assert_string_equal(path.data, "garage.pub");
    text_free(&path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_aligned_also_with_wide_characters),
        cmocka_unit_test(empty_table_prints_nothing),
        cmocka_unit_test(values_have_their_usual_forms),
        cmocka_unit_test(sum_of_an_import_is_one_line_after_the_reasons),
        cmocka_unit_test(progress_fits_a_line),
        cmocka_unit_test(keys_are_printed_as_in_their_files),
        cmocka_unit_test(names_of_keys_are_those_the_database_accepts),
        cmocka_unit_test(public_half_stands_beside_the_pair),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
