/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/import_journal.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "services/cli/import_journal_line.h"
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

/* ---- lines */

static void a_chain_is_the_same_written_and_read(void **state)
{
    static const char *const lines[] = {"# run", "+a", "end"};
    struct import_chain written = {.has_sums = false}, read = written;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct text out = {0};
        import_line_write(&written, lines[i], &out);
        out.data[out.len - 1] = '\0';
        assert_int_equal(import_line_read(&read, out.data), 0);
        assert_string_equal(out.data, lines[i]);
        assert_memory_equal(&written, &read, sizeof(read));
        text_free(&out);
    }
}

/* Of an older program, so without sums. */
static void what_lines_tell(void **state)
{
    static const struct {
        const char *content;
        size_t beyond; /* characters behind the content's end */
        const char *keys;
        int64_t undo_us;
        bool is_undone, is_ended;
    } cases[] = {
        {"",                            0, "",   0, false, false},
        {"# undone\n+a\n",              0, "a",  0, false, false},
        {"+a\nend\n",                   0, "a",  0, false, true },
        {"+a\nend\n+b\n",               0, "ab", 0, false, false},
        {"+a\nend\n# again\n-0\n",      0, ".",  0, false, true },
        {"+a\n+b\n-2\n--1\n-x\n-\n",    0, "ab", 0, false, false},
        {"-0\n+a\n+b\n-1\n",            0, "a.", 0, false, false},
        {"+a\nundo 1\n",                0, "a",  1, false, false},
        {"+a\nundo 5\nundo 7\n",        0, "a",  5, false, false},
        {"+a\nundo 0\nundo \nundo 7\n", 0, "a",  7, false, false},
        {"+a\nundo x\n",                0, "a",  0, false, false},
        {"+a\nundo 5\nundone\n",        0, "a",  5, true,  false},
        {"+a\nundone\n+b\n",            0, "ab", 0, false, false},
        {"+a\n+b\n",                    1, "a",  0, false, false},
        {"+a\n+b\n+c\n",                3, "ab", 0, false, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char content[64], got[8] = "";
        char *keys[8] = {NULL};
        const size_t len = strlen(cases[i].content) - cases[i].beyond;
        struct err err = ERR_NONE;
        (void)text_copy(content, sizeof(content), cases[i].content);
        const struct import_summary s = import_lines_read(content, len, keys);
        for (int64_t k = 0; k < s.count; k++) {
            got[k] = (char)(keys[k] ? keys[k][0] : '.');
        }
        if (strcmp(got, cases[i].keys) != 0 || s.undo_us != cases[i].undo_us ||
            s.is_undone != cases[i].is_undone || s.is_ended != cases[i].is_ended ||
            s.damaged_line != 0) {
            fail_msg("%s: keys %s, undo %" PRId64 ", undone %d, ended %d", cases[i].content, got,
                     s.undo_us, s.is_undone, s.is_ended);
        }
        /* What was torn cannot be cut off there; where nothing was, nobody tries. */
        assert_int_equal(import_lines_check(&s, len, -1, "here", &err), s.whole_len < len ? -1 : 0);
    }
}

static void the_first_damaged_line_is_named(void **state)
{
    static const struct {
        const char *content;
        size_t len;
        int64_t line;
    } cases[] = {
        {"+a\n+b\n+c\n",                     9,  0},
        {"+\0\n+b\n",                        6,  1},
        {"+a\n+\0\n+\0\n",                   9,  2},
        {"+a\n+b\t0123456789abcdef\n+\0\n",  26, 2},
        {"+a\n+b\t0123456789abcde\n+c\t0\n", 27, 0}, /* no sum, so part of the key */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char content[64], want[32];
        struct err err = ERR_NONE;
        memcpy(content, cases[i].content, cases[i].len);
        const struct import_summary s = import_lines_read(content, cases[i].len, NULL);
        assert_int_equal(s.whole_len, cases[i].len);
        assert_int_equal(s.damaged_line, cases[i].line);
        const int rc = import_lines_check(&s, cases[i].len, -1, "here", &err);
        assert_int_equal(rc, cases[i].line > 0 ? -1 : 0);
        (void)text_format(want, sizeof(want), "here, line %" PRId64 ":", cases[i].line);
        assert_true(rc == 0 || strstr(err.text, want));
    }
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
        cmocka_unit_test(a_chain_is_the_same_written_and_read),
        cmocka_unit_test(what_lines_tell),
        cmocka_unit_test(the_first_damaged_line_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
