/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/import_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "services/cli/row_counter.h"
#include "tests/support/temp_folder.h"

static const char mapping[] = "name = \"m\";\n"
                              "records = (\n"
                              "  { type = \"contact\"; kind = { column = \"kind\"; }; },\n"
                              "  { type = \"case_update\"; when = { column = \"done\"; }; }\n"
                              ");\n";

struct files {
    struct temp_folder folder;
    char csv[TEMP_PATH_SIZE];
    char mapping[TEMP_PATH_SIZE];
};

static struct files make_files(const char *csv)
{
    struct files f = {.folder = temp_folder_new()};

    temp_folder_write(temp_folder_name(&f.folder, "", "data.csv", f.csv), csv, 0600);
    temp_folder_write(temp_folder_name(&f.folder, "", "m.conf", f.mapping), mapping, 0600);
    return f;
}

/* All keys in order, each with the line of its row; rows that were refused with their code. */
static void read_keys(const char *csv, struct text *out)
{
    struct files f = make_files(csv);
    struct err err = ERR_NONE;
    struct import_rows *rows = import_rows_open(f.csv, f.mapping, &err);
    struct import_row row;

    assert_string_equal(err.text, "");
    assert_non_null(rows);
    assert_int_equal(import_rows_bytes_total(rows), strlen(csv));
    while (import_rows_next(rows, &row, &err) == 1) {
        for (size_t i = 0; i < row.record_count; i++) {
            assert_int_equal(strlen(row.records[i]->key), 32);
            assert_true(row.records[i]->is_permanent_key);
            text_appendf(out, "%zu %s\n", row.fields->line, row.records[i]->key);
        }
        if (row.refused.code[0]) {
            assert_int_equal(row.record_count, 0);
            text_appendf(out, "%zu %s\n", row.fields->line, row.refused.code);
        }
    }
    assert_string_equal(err.text, "");
    assert_int_equal(import_rows_bytes_read(rows), strlen(csv));
    import_rows_close(rows);
    temp_folder_remove(&f.folder);
}

/* Stored keys depend on them: an import of today must meet those of any other day. */
static void keys_are_the_same_for_ever(void **state)
{
    struct text got = {0};

    read_keys("id,kind,done\n1,praise,yes\n1,praise,yes\n2,praise,\n3,prise,\n", &got);
    assert_string_equal(text_or_empty(&got), "2 fd5bd41bb765fb39e8b1cdc3d317e0d1\n"
                                             "2 7c6263f46d7c59c731e4253ff288baca\n"
                                             "3 d1ae0388c6ce777bb261c99504fe602a\n"
                                             "3 60e7f0281924781b30836623b17c0ba6\n"
                                             "4 5c1343018cd81a7c06a9dca565ecd952\n"
                                             "5 enum_unknown\n");
    text_free(&got);
}

static void keys_differ_between_rows_and_records(void **state)
{
    struct text got = {0};
    struct text again = {0};

    read_keys("id,kind,done\n1,praise,yes\n1,praise,yes\n2,praise,yes\n", &got);
    read_keys("id,kind,done\r\n\r\n1,praise,yes\r\n1,praise,yes\r\n2,praise,yes\r\n", &again);
    assert_int_equal(got.len, 6 * 35);
    assert_int_equal(again.len, got.len);
    for (size_t i = 0; i < 6 && got.data && again.data; i++) {
        char *line = got.data + i * 35 + 2;

        for (size_t j = 0; j < 6; j++) {
            const char *other = got.data + j * 35 + 2;

            assert_int_equal(memcmp(line, other, 32) == 0, i == j);
        }
        assert_memory_equal(line, again.data + i * 35 + 2, 32);
    }
    text_free(&got);
    text_free(&again);
}

static void files_that_cannot_be_imported_are_refused_at_once(void **state)
{
    static const struct {
        const char *csv, *code;
    } cases[] = {
        {"",               "csv_empty"     },
        {"id,kind\n1,a\n", "column_missing"},
        {"\"id",           "csv_malformed" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct files f = make_files(cases[i].csv);
        struct err err = ERR_NONE;

        assert_null(import_rows_open(f.csv, f.mapping, &err));
        assert_string_equal(err.code, cases[i].code);
        assert_null(import_rows_open("/no/such/file", f.mapping, &err));
        assert_string_equal(err.code, "file_unreadable");
        temp_folder_remove(&f.folder);
    }
}

static void rows_are_counted_by_their_hash(void **state)
{
    struct row_counter counter = {0};

    for (uint32_t round = 0; round < 3; round++) {
        for (uint64_t i = 0; i < 5000; i++) {
            assert_int_equal(row_counter_add(&counter, i * 1024), round); /* all in one slot */
        }
    }
    assert_int_equal(row_counter_add(&counter, UINT64_MAX), 0);
    assert_int_equal(row_counter_add(&counter, UINT64_MAX), 1);
    row_counter_free(&counter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_the_same_for_ever),
        cmocka_unit_test(keys_differ_between_rows_and_records),
        cmocka_unit_test(files_that_cannot_be_imported_are_refused_at_once),
        cmocka_unit_test(rows_are_counted_by_their_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
