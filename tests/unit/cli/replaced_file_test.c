/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/replaced_file.h"

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

#include "services/cli/audit_key_file.h"
#include "services/cli/master_key_file.h"
#include "tests/support/temp_folder.h"

enum {
    OWNER = 4711, /* anybody but root and us */
    GROUP = 4712,
    SOMEBODY = 4713,
    CONTENT_SIZE = 256,
};

struct fixture {
    struct temp_folder folder;
    char path[TEMP_PATH_SIZE];
    char beside[TEMP_PATH_SIZE];
    char public_path[TEMP_PATH_SIZE];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    f->folder = temp_folder_new();
    (void)temp_folder_name(&f->folder, "", "a.key", f->path);
    (void)temp_folder_name(&f->folder, "", "a.key.new", f->beside);
    (void)temp_folder_name(&f->folder, "", "a.pub", f->public_path);
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

static void need_root(void)
{
    if (geteuid() != 0) {
        print_message("only root may give a file away\n");
        skip();
    }
}

static void assert_content(const char *path, const char *expected)
{
    char content[CONTENT_SIZE];
    FILE *in = fopen(path, "re");

    assert_non_null(in);
    content[fread(content, 1, sizeof(content) - 1, in)] = '\0';
    assert_int_equal(fclose(in), 0);
    assert_string_equal(content, expected);
}

static void assert_belongs(const char *path, unsigned user, unsigned group, unsigned mode)
{
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_uid, user);
    assert_int_equal(st.st_gid, group);
    assert_int_equal(st.st_mode & 07777, mode);
}

static int write_text(const char *path, const char *content, struct err *err)
{
    struct text text = {0};

    text_append(&text, content);
    int rc = replaced_file_write(path, 0640, &text, err);
    text_free(&text);
    return rc;
}

static void who_could_read_a_file_still_can(void **state)
{
    const struct fixture *f = *state;
    struct err err = ERR_NONE;

    need_root();
    temp_folder_write(f->path, "old", 0400);
    assert_int_equal(chown(f->path, OWNER, GROUP), 0);
    assert_int_equal(write_text(f->path, "new", &err), 0);
    assert_content(f->path, "new");
    assert_belongs(f->path, OWNER, GROUP, 0400);
    assert_int_equal(access(f->beside, F_OK), -1);
}

static void a_file_that_we_may_not_give_back_stays(void **state)
{
    const struct fixture *f = *state;
    struct err err = ERR_NONE;

    need_root();
    temp_folder_write(f->path, "old", 0600);
    assert_int_equal(chown(f->path, OWNER, GROUP), 0);
    assert_int_equal(chmod(f->folder.path, 0777), 0);
    assert_int_equal(seteuid(SOMEBODY), 0);
    int rc = write_text(f->path, "new", &err);
    assert_int_equal(seteuid(0), 0);
    assert_int_equal(rc, -1);
    assert_string_equal(err.code, "file_unwritable");
    assert_non_null(strstr(err.text, "belongs to user 4711 and group 4712"));
    assert_content(f->path, "old");
    assert_belongs(f->path, OWNER, GROUP, 0600);
    assert_int_equal(access(f->beside, F_OK), -1);
}

static void a_file_that_was_not_there_gets_the_mode_that_is_asked_for(void **state)
{
    const struct fixture *f = *state;
    struct err err = ERR_NONE;
    mode_t before = umask(022);

    assert_int_equal(write_text(f->path, "new", &err), 0);
    (void)umask(before);
    assert_content(f->path, "new");
    assert_belongs(f->path, geteuid(), getegid(), 0640);
}

static void a_master_key_that_is_rotated_stays_the_services(void **state)
{
    const struct fixture *f = *state;
    struct err err = ERR_NONE;
    int generation = 0;

    need_root();
    assert_int_equal(master_key_file_make(f->path, &err), 0);
    assert_int_equal(chown(f->path, OWNER, GROUP), 0);
    assert_int_equal(master_key_file_rotate(f->path, &generation, &err), 0);
    assert_int_equal(generation, 2);
    assert_belongs(f->path, OWNER, GROUP, 0600);
}

static void an_audit_key_that_is_rotated_stays_the_services(void **state)
{
    const struct fixture *f = *state;
    struct err err = ERR_NONE;

    need_root();
    assert_int_equal(audit_key_file_make(f->path, f->public_path, "garage", &err), 0);
    assert_int_equal(chown(f->path, OWNER, GROUP), 0);
    assert_int_equal(audit_key_file_rotate(f->path, f->public_path, &err), 0);
    assert_belongs(f->path, OWNER, GROUP, 0600);
    assert_belongs(f->public_path, 0, getegid(), 0644);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_could_read_a_file_still_can, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_we_may_not_give_back_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_was_not_there_gets_the_mode_that_is_asked_for,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_master_key_that_is_rotated_stays_the_services, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_audit_key_that_is_rotated_stays_the_services, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
