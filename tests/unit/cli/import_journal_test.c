/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/import_journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/temp_folder.h"

#define ID "00112233445566ff"

struct fixture {
    struct cli cli;
    struct temp_folder folder;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    f->folder = temp_folder_new();
    f->cli.settings.imports = f->folder.path;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    temp_folder_remove(&f->folder);
    free(f);
    return 0;
}

static struct import_journal *open_journal(struct fixture *f)
{
    struct err err = ERR_NONE;
    struct import_journal *j = import_journal_open(&f->cli, ID, "shop.csv", &err);

    assert_string_equal(err.text, "");
    assert_non_null(j);
    return j;
}

/* The keys that an undo would void, parted by blanks. */
static void check_stored(struct fixture *f, const char *expected)
{
    struct import_stored stored;
    struct err err = ERR_NONE;
    char keys[256] = "";

    assert_int_equal(import_journal_load(&f->cli, ID, &stored, &err), 0);
    for (size_t i = 0; i < stored.count; i++) {
        const size_t len = strlen(keys);

        (void)snprintf(keys + len, sizeof(keys) - len, "%s%s", i ? " " : "", stored.keys[i]);
    }
    assert_string_equal(keys, expected);
    import_stored_free(&stored);
}

static void entries_are_ours_until_something_else_is_known(void **state)
{
    struct fixture *f = *state;
    struct import_journal *j = open_journal(f);
    struct err err = ERR_NONE;

    assert_int_equal(import_journal_add(j, "a"), 0);
    assert_int_equal(import_journal_add(j, "b"), 1);
    assert_int_equal(import_journal_add(j, "c"), 2);
    import_journal_not_ours(j, 1);
    assert_int_equal(import_journal_end(j, &err), 0);
    import_journal_free(j);
    check_stored(f, "a c");
}

static void second_run_goes_on_counting_and_leaves_the_first_one_s_entries(void **state)
{
    struct fixture *f = *state;
    struct err err = ERR_NONE;

    for (int run = 0; run < 2; run++) {
        struct import_journal *j = open_journal(f);
        const int64_t number = import_journal_add(j, "a");

        assert_int_equal(number, run);
        if (run == 1) { /* intake says duplicate: the first run stored it */
            import_journal_not_ours(j, number);
        }
        assert_int_equal(import_journal_end(j, &err), 0);
        import_journal_free(j);
    }
    check_stored(f, "a");
}

static void what_was_not_flushed_was_not_sent(void **state)
{
    struct fixture *f = *state;
    struct import_journal *j = open_journal(f);
    struct err err = ERR_NONE;

    (void)import_journal_add(j, "a");
    assert_int_equal(import_journal_flush(j, &err), 0);
    (void)import_journal_add(j, "b");
    import_journal_free(j); /* as a kill */
    check_stored(f, "a");
}

static void line_that_was_cut_short_harms_no_other(void **state)
{
    struct fixture *f = *state;
    struct import_journal *j = open_journal(f);
    struct err err = ERR_NONE;
    char path[TEMP_PATH_SIZE];
    FILE *out;

    (void)import_journal_add(j, "a");
    assert_int_equal(import_journal_end(j, &err), 0);
    import_journal_free(j);
    (void)temp_folder_name(&f->folder, "", ID ".import", path);
    out = fopen(path, "ae");
    assert_non_null(out);
    assert_true(fputs("+half", out) >= 0);
    assert_int_equal(fclose(out), 0);
    j = open_journal(f);
    assert_int_equal(import_journal_add(j, "b"), 1); /* what was torn was not sent */
    assert_int_equal(import_journal_end(j, &err), 0);
    import_journal_free(j);
    check_stored(f, "a b");
}

/* The whole file. */
static size_t read_file(const struct fixture *f, char *ret, size_t size)
{
    char path[TEMP_PATH_SIZE];
    FILE *in = fopen(temp_folder_name(&f->folder, "", ID ".import", path), "re");
    size_t len;

    assert_non_null(in);
    len = fread(ret, 1, size, in);
    assert_int_equal(fclose(in), 0);
    return len;
}

static void write_file(const struct fixture *f, const char *data, size_t len)
{
    char path[TEMP_PATH_SIZE];
    FILE *out = fopen(temp_folder_name(&f->folder, "", ID ".import", path), "we");

    assert_non_null(out);
    assert_int_equal(fwrite(data, 1, len, out), len);
    assert_int_equal(fclose(out), 0);
}

/* The journal is refused, or it tells of these keys alone and says that its end is missing. */
static void check_told(struct fixture *f, const char *allowed)
{
    struct import_stored stored;
    struct err err = ERR_NONE;

    if (import_journal_load(&f->cli, ID, &stored, &err) < 0) {
        assert_string_equal(err.code, "import_damaged");
        return;
    }
    for (size_t i = 0; i < stored.count; i++) {
        assert_int_equal(strlen(stored.keys[i]), 1);
        assert_true(allowed[i] == stored.keys[i][0]);
    }
    assert_true(!stored.is_ended);
    import_stored_free(&stored);
}

static size_t write_three(struct fixture *f, char *ret, size_t size)
{
    struct import_journal *j = open_journal(f);
    struct err err = ERR_NONE;

    (void)import_journal_add(j, "a");
    (void)import_journal_add(j, "b");
    (void)import_journal_add(j, "c");
    import_journal_not_ours(j, 1);
    assert_int_equal(import_journal_end(j, &err), 0);
    import_journal_free(j);
    return read_file(f, ret, size);
}

static void no_bit_that_flips_takes_back_what_was_not_sent(void **state)
{
    struct fixture *f = *state;
    char data[1024] = "";
    const size_t len = write_three(f, data, sizeof(data));

    for (size_t bit = 0; bit < len * 8; bit++) {
        data[bit / 8] = (char)(data[bit / 8] ^ (1 << bit % 8));
        write_file(f, data, len);
        check_told(f, bit / 8 < len - 1 ? "" : "ac");
        data[bit / 8] = (char)(data[bit / 8] ^ (1 << bit % 8));
    }
}

static void file_that_was_cut_is_told(void **state)
{
    struct fixture *f = *state;
    char data[1024] = "";
    const size_t len = write_three(f, data, sizeof(data));

    const char *refusal = memmem(data, len, "\n-1\t", 4);
    size_t told;

    assert_non_null(refusal);
    told = (size_t)(strchr(refusal + 1, '\n') + 1 - data);
    for (size_t cut = 0; cut < len; cut++) {
        write_file(f, data, cut);
        check_told(f, cut >= told ? "ac" : "abc");
    }
}

static void journal_of_an_older_program_is_read_and_gone_on_with(void **state)
{
    static const char old[] = "# 2026-01-02T03:04:05Z shop.csv\n+a\n+b\n-1\n+ha\n";
    struct fixture *f = *state;
    struct import_journal *j;
    struct err err = ERR_NONE;
    char data[1024] = "";
    size_t len;

    write_file(f, old, strlen(old));
    check_stored(f, "a ha");
    write_file(f, old, strlen(old));
    j = open_journal(f);
    assert_int_equal(import_journal_add(j, "c"), 3);
    assert_int_equal(import_journal_end(j, &err), 0);
    import_journal_free(j);
    check_stored(f, "a ha c");
    len = read_file(f, data, sizeof(data));
    *(char *)memmem(data, len, "+b", 2) = '*'; /* without a sum of its own */
    write_file(f, data, len);
    check_told(f, "");
}

static void first_undo_gives_its_time_to_all_that_follow(void **state)
{
    struct fixture *f = *state;
    struct import_stored first;
    struct import_stored second;
    struct err err = ERR_NONE;
    struct import_journal *j = open_journal(f);

    assert_false(import_journal_was_undone(j));
    (void)import_journal_add(j, "a");
    assert_int_equal(import_journal_end(j, &err), 0);
    import_journal_free(j);
    assert_int_equal(import_journal_load(&f->cli, ID, &first, &err), 0);
    assert_int_equal(import_journal_mark_undone(&first, &err), 0);
    assert_int_equal(import_journal_load(&f->cli, ID, &second, &err), 0);
    assert_true(first.undo_us > 0);
    assert_int_equal(first.undo_us, second.undo_us);
    import_stored_free(&first);
    import_stored_free(&second);
    j = open_journal(f);
    assert_true(import_journal_was_undone(j));
    import_journal_free(j);
}

static void journal_that_is_being_written_is_not_opened_twice(void **state)
{
    struct fixture *f = *state;
    struct import_journal *j = open_journal(f);
    struct import_stored stored;
    struct err err = ERR_NONE;

    assert_null(import_journal_open(&f->cli, ID, "shop.csv", &err));
    assert_string_equal(err.code, "import_running");
    err = ERR_NONE;
    assert_int_equal(import_journal_load(&f->cli, ID, &stored, &err), -1);
    assert_string_equal(err.code, "import_running");
    import_journal_free(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(entries_are_ours_until_something_else_is_known, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            second_run_goes_on_counting_and_leaves_the_first_one_s_entries, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_not_flushed_was_not_sent, set_up, tear_down),
        cmocka_unit_test_setup_teardown(line_that_was_cut_short_harms_no_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_bit_that_flips_takes_back_what_was_not_sent, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(file_that_was_cut_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(journal_of_an_older_program_is_read_and_gone_on_with,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(first_undo_gives_its_time_to_all_that_follow, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(journal_that_is_being_written_is_not_opened_twice, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
