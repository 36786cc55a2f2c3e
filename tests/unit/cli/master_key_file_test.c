/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/master_key_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "tests/support/temp_folder.h"

#define CONTENT_SIZE 32768

struct fixture {
    struct temp_folder folder;
    char path[TEMP_PATH_SIZE];
    char beside[TEMP_PATH_SIZE];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    f->folder = temp_folder_new();
    (void)temp_folder_name(&f->folder, "", "master.keys", f->path);
    (void)temp_folder_name(&f->folder, "", "master.keys.new", f->beside);
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

static void read_file(const char *path, char content[CONTENT_SIZE])
{
    FILE *in = fopen(path, "re");

    assert_non_null(in);
    content[fread(content, 1, CONTENT_SIZE - 1, in)] = '\0';
    assert_int_equal(fclose(in), 0);
}

static void a_new_file_is_ours_alone_and_is_never_written_over(void **state)
{
    const struct fixture *f = *state;
    struct err err = ERR_NONE;
    struct stat about;
    char before[CONTENT_SIZE], after[CONTENT_SIZE];

    assert_int_equal(master_key_file_make(f->path, &err), 0);
    assert_int_equal(stat(f->path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    read_file(f->path, before);
    assert_non_null(strstr(before, "\nlookup "));
    assert_non_null(strstr(before, "\nmaster 1 "));

    assert_int_equal(master_key_file_make(f->path, &err), -1);
    assert_string_equal(err.code, "file_unwritable");
    read_file(f->path, after);
    assert_string_equal(after, before);
}

static void a_rotation_adds_a_generation_and_keeps_what_stands_there(void **state)
{
    const struct fixture *f = *state;
    struct err err = ERR_NONE;
    struct stat about;
    char before[CONTENT_SIZE], after[CONTENT_SIZE];
    int generation = 0;

    assert_int_equal(master_key_file_make(f->path, &err), 0);
    for (int wanted = 2; wanted < 5; wanted++) {
        read_file(f->path, before);
        assert_int_equal(master_key_file_rotate(f->path, &generation, &err), 0);
        assert_int_equal(generation, wanted);
        read_file(f->path, after);
        assert_memory_equal(after, before, strlen(before));
        assert_int_equal(strlen(after), strlen(before) + strlen("master 2 \n") + 64);
    }
    assert_int_equal(stat(f->path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(access(f->beside, F_OK), -1);
}

static void an_attempt_that_broke_off_keeps_nobody_from_rotating(void **state)
{
    const struct fixture *f = *state;
    struct err err = ERR_NONE;
    char after[CONTENT_SIZE];
    int generation = 0;

    assert_int_equal(master_key_file_make(f->path, &err), 0);
    temp_folder_write(f->beside, "half a fi", 0600);
    assert_int_equal(master_key_file_rotate(f->path, &generation, &err), 0);
    assert_int_equal(generation, 2);
    read_file(f->path, after);
    assert_non_null(strstr(after, "\nmaster 2 "));
    assert_int_equal(access(f->beside, F_OK), -1);
}

static void what_is_no_file_of_ours_or_too_long_stays_as_it_is(void **state)
{
    const struct fixture *f = *state;
    static char full[16 * 1024];
    static char longer[20 * 1024];
    static const char begin[] = "master 1 00\n";
    const char *const contents[] = {
        "",   "lookup 00\n", "# master 7\n", "master 32767 00\n", "master 9223372036854775807 00\n",
        full, longer,
    };

    memset(full, '#', sizeof(full) - 1);
    memcpy(full, begin, sizeof(begin) - 1);
    memset(longer, '#', sizeof(longer) - 1);
    memcpy(longer, begin, sizeof(begin) - 1);
    for (size_t i = 0; i < ARRAY_LEN(contents); i++) {
        struct err err = ERR_NONE;
        char after[CONTENT_SIZE];
        int generation = -1;

        temp_folder_write(f->path, contents[i], 0600);
        assert_int_equal(master_key_file_rotate(f->path, &generation, &err), -1);
        assert_string_equal(err.code, "file_invalid");
        assert_int_equal(generation, -1);
        read_file(f->path, after);
        assert_string_equal(after, contents[i]);
    }
}

static void a_file_that_is_not_there_cannot_be_rotated(void **state)
{
    const struct fixture *f = *state;
    struct err err = ERR_NONE;
    int generation = -1;

    assert_int_equal(master_key_file_rotate(f->path, &generation, &err), -1);
    assert_string_equal(err.code, "file_unreadable");
    assert_int_equal(access(f->path, F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_file_is_ours_alone_and_is_never_written_over, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_rotation_adds_a_generation_and_keeps_what_stands_there,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_attempt_that_broke_off_keeps_nobody_from_rotating,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_file_of_ours_or_too_long_stays_as_it_is, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_is_not_there_cannot_be_rotated, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
