/* SPDX-License-Identifier: Apache-2.0 */
/* dialer_journal_file_test.c - when the journal's file is written again, and what is left of it
 * when that fails. */
#include "services/dialer/dialer_journal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "services/dialer/dialer_journal.h"
#include "tests/unit/dialer/journal_world.h"

static void bar(struct dialer_journal *j, int first, int count, int64_t at_us)
{
    for (int n = first; n < first + count; n++) {
        char key[DIALER_KEY_SIZE];
        (void)text_format(key, sizeof(key), "F-%d-0/1", n);
        (void)dialer_journal_bar(j, key, at_us);
    }
    sync_journal(j);
}

static void write_journal(int old, int64_t old_us, int young)
{
    struct dialer_journal *j = open_journal();
    bar(j, 0, old, old_us);
    bar(j, old, young, 999 * DURATION_DAY);
    dialer_journal_close(j);
}

static struct stat file(void)
{
    struct stat s;
    assert_int_equal(stat(path, &s), 0);
    return s;
}

static int open_files(void)
{
    int count = 0;
    for (int fd = 0; fd < 64; fd++) {
        count += fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
    }
    return count;
}

static void more_than_a_thousand_old_entries_are_left_out_of_a_new_file(void **state)
{
    static const struct {
        int old;
        int64_t old_us;
        size_t want;
        bool is_new_file;
    } cases[] = {
        {1000, 1 * DURATION_DAY,       1300, false},
        {1001, 1 * DURATION_DAY,       300,  true },
        {1001, 910 * DURATION_DAY - 1, 300,  true },
        {1001, 910 * DURATION_DAY,     1301, false}, /* not older than it may be */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_true(unlink(path) == 0 || errno == ENOENT);
        write_journal(cases[i].old, cases[i].old_us, 300);
        const struct stat before = file();
        const int files = open_files();
        struct err err = ERR_NONE;

        struct dialer_journal *j = try_open(NULL, NULL, &err);

        assert_non_null(j);
        assert_string_equal(err.text, "");
        assert_int_equal(dialer_journal_count(j), cases[i].want);
        assert_int_equal(dialer_journal_find(j, "F-0-0/1") == NULL, cases[i].is_new_file);
        assert_int_equal(file().st_ino != before.st_ino, cases[i].is_new_file);
        assert_int_equal(file().st_mode & 07777, 0600);
        bar(j, 5000, 1, 999 * DURATION_DAY);
        assert_null(try_open(NULL, NULL, NULL)); /* the new file is locked, too */
        dialer_journal_close(j);
        assert_int_equal(open_files(), files);
        j = open_journal();
        assert_int_equal(dialer_journal_count(j), cases[i].want + 1);
        dialer_journal_close(j);
    }
}

static void what_was_taken_is_not_offered_again_from_a_new_file(void **state)
{
    const int64_t now_us = 999 * DURATION_DAY;
    write_journal(1001, 1, 0);
    struct dialer_journal *j = open_journal(); /* without the old ones */
    struct dialer_entry *e = dialer_journal_place(j, "taken", now_us);
    dialer_journal_finish(j, e, &answered, now_us);
    dialer_journal_take(j, e, now_us);
    bar(j, 0, 1001, 1);
    dialer_journal_close(j);

    dialer_journal_close(open_journal()); /* writes the file again */
    j = open_journal();

    assert_int_equal(dialer_journal_count(j), 1);
    assert_true(dialer_journal_find(j, "taken")->is_taken);
    assert_null(dialer_journal_untaken(j));
    dialer_journal_close(j);
}

/* ---- a disk that fails */

struct disk {
    int write_errno; /* of the next write; when is_full, of each */
    bool is_full;
};

static ssize_t disk_write(void *ctx, int fd, const void *data, size_t len)
{
    struct disk *d = ctx;
    if (d->write_errno) {
        errno = d->write_errno;
        d->write_errno = d->is_full ? d->write_errno : 0;
        return -1;
    }
    return write(fd, data, len);
}

static int disk_sync(void *ctx, int fd)
{
    return fdatasync(fd);
}

static void what_a_signal_interrupts_is_written_whole(void **state)
{
    struct disk disk = {.write_errno = EINTR};
    const struct dialer_journal_io io = {.ctx = &disk, .write = disk_write, .sync = disk_sync};
    struct dialer_journal *j = try_open(&io, NULL, NULL);
    assert_non_null(j);
    disk.write_errno = EINTR;
    bar(j, 0, 1, 1);
    dialer_journal_close(j);

    j = open_journal();
    assert_int_equal(dialer_journal_count(j), 1);
    dialer_journal_close(j);
}

static void the_old_file_stays_when_there_is_no_room_for_the_new_one(void **state)
{
    struct disk disk = {.write_errno = ENOSPC, .is_full = true};
    const struct dialer_journal_io io = {.ctx = &disk, .write = disk_write, .sync = disk_sync};
    struct err err = ERR_NONE;
    write_journal(1001, 1, 1);
    const struct stat before = file();
    const int files = open_files();

    assert_null(try_open(&io, NULL, &err));

    assert_string_equal(err.code, "journal_unusable");
    assert_non_null(strstr(err.text, strerror(ENOSPC)));
    assert_int_equal(open_files(), files);
    assert_int_equal(file().st_ino, before.st_ino);
    assert_int_equal(file().st_size, before.st_size);
    struct dialer_journal *j = open_journal();
    assert_int_equal(dialer_journal_count(j), 1);
    dialer_journal_close(j);
}

static void a_file_that_cannot_be_begun_is_told(void **state)
{
    static const int errnos[] = {ENOSPC, EIO};
    for (size_t i = 0; i < ARRAY_LEN(errnos); i++) {
        struct disk disk = {.write_errno = errnos[i], .is_full = true};
        const struct dialer_journal_io io = {.ctx = &disk, .write = disk_write, .sync = disk_sync};
        struct err err = ERR_NONE;
        assert_null(try_open(&io, NULL, &err));
        assert_string_equal(err.code, "journal_unusable");
        assert_non_null(strstr(err.text, strerror(errnos[i])));
    }
    struct dialer_journal *j = open_journal(); /* nothing is in it that would be in the way */
    assert_int_equal(dialer_journal_count(j), 0);
    dialer_journal_close(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(more_than_a_thousand_old_entries_are_left_out_of_a_new_file,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_taken_is_not_offered_again_from_a_new_file, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_a_signal_interrupts_is_written_whole, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_cannot_be_begun_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_old_file_stays_when_there_is_no_room_for_the_new_one,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
