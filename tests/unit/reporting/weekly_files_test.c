/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/weekly_files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/temp_folder.h"

/* What was asked for: 'f' a file, 'd' a folder. */
static char synced[8];

/* Instead of the one of libc, which the file under test calls by this name. */
int fsync(int fd)
{
    struct stat is;
    size_t len = strlen(synced);

    assert_int_equal(fstat(fd, &is), 0);
    assert_true(len + 1 < sizeof(synced));
    synced[len] = S_ISDIR(is.st_mode) ? 'd' : 'f';
    return 0;
}

static const struct weekly_page page = {
    .from_day = "2026-11-16",
    .to_day = "2026-11-22",
    .time_zone = "Asia/Shanghai",
};

static void a_page_and_its_name_are_on_disk_when_it_counts_as_written(void **state)
{
    struct temp_folder folder = temp_folder_new();
    char path[TEMP_PATH_SIZE];
    struct err err = ERR_NONE;
    (void)state;
    memset(synced, 0, sizeof(synced));
    assert_int_equal(weekly_files_write(folder.path, &page, &err), 0);
    assert_string_equal(synced, "fd");
    temp_folder_name(&folder, "", "troth-2026-11-16.en.html", path);
    assert_int_equal(access(path, R_OK), 0);
    temp_folder_remove(&folder);
}

static void a_folder_that_is_not_there_is_said(void **state)
{
    struct err err = ERR_NONE;
    (void)state;
    assert_int_equal(weekly_files_write("/nowhere/at-all", &page, &err), -1);
    assert_string_equal(err.code, "io_failed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_and_its_name_are_on_disk_when_it_counts_as_written),
        cmocka_unit_test(a_folder_that_is_not_there_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
