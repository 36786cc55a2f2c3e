/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/secret_file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "tests/support/temp_folder.h"

enum {
    US = 4711, /* root may write everywhere: it becomes somebody else */
    GROUP = 4712,
    SOMEBODY = 4713
};

static bool is_root;

/* As a service that is not root sees the file. */
static bool is_private(uid_t owner, unsigned mode)
{
    struct temp_folder folder = temp_folder_new();
    char path[TEMP_PATH_SIZE];

    temp_folder_write(temp_folder_name(&folder, "", "secret", path), "secret", mode);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    if (is_root) {
        assert_int_equal(chmod(folder.path, 0755), 0);
        assert_int_equal(chown(path, owner, GROUP), 0);
        assert_int_equal(setresuid(US, US, 0), 0);
    }
    bool is = secret_file_is_private(fd, path);
    if (is_root) {
        assert_int_equal(setresuid(0, 0, 0), 0);
    }
    assert_int_equal(close(fd), 0);
    temp_folder_remove(&folder);
    return is;
}

static void our_own_file_is_private_when_nobody_else_may_read_it(void **state)
{
    static const unsigned open_modes[] = {0640, 0604, 0660, 0644};

    (void)state;
    assert_true(is_private(US, 0600));
    assert_true(is_private(US, 0400));
    for (size_t i = 0; i < ARRAY_LEN(open_modes); i++) {
        assert_false(is_private(US, open_modes[i]));
    }
}

/* As on a disk that is mounted read-only: ProtectSystem=strict. */
static void our_own_file_that_we_cannot_write_is_no_exception(void **state)
{
    (void)state;
    assert_false(is_private(US, 0444));
    assert_false(is_private(US, 0440));
}

static void a_file_that_is_lent_to_us_has_the_mode_of_its_mount(void **state)
{
    (void)state;
    if (!is_root) {
        print_message("only root may give a file away\n");
        skip();
    }
    assert_true(is_private(0, 0440));
    assert_true(is_private(0, 0444));
    assert_true(is_private(SOMEBODY, 0640));
    assert_false(is_private(SOMEBODY, 0666));
}

static void what_is_no_open_file_is_not_private(void **state)
{
    (void)state;
    assert_false(secret_file_is_private(-1, "/nowhere"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_own_file_is_private_when_nobody_else_may_read_it),
        cmocka_unit_test(our_own_file_that_we_cannot_write_is_no_exception),
        cmocka_unit_test(a_file_that_is_lent_to_us_has_the_mode_of_its_mount),
        cmocka_unit_test(what_is_no_open_file_is_not_private),
    };

    is_root = geteuid() == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
