/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_journal.h"

#include <errno.h>
#include <fcntl.h>
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
#include "common/base/text.h"
#include "services/dialer/dialer_journal_line.h"
#include "tests/unit/dialer/journal_world.h"

static off_t size_of_file(void)
{
    struct stat s;
    assert_int_equal(stat(path, &s), 0);
    return s.st_size;
}

/* ---- */

static void what_was_synced_is_there_after_a_crash(void **state)
{
    char id[DIALER_JOURNAL_ID_SIZE];
    struct dialer_journal *j = open_journal();
    (void)text_copy(id, sizeof(id), dialer_journal_id(j));
    (void)dialer_journal_bar(j, "F-1-2/1", 100);
    (void)dialer_journal_place(j, "F-2-4/1", 200);
    dialer_journal_finish(j, dialer_journal_place(j, "F-3-6/1", 300), &answered, 400);
    struct dialer_entry *taken = dialer_journal_place(j, "F-4-8/2", 500);
    dialer_journal_finish(j, taken, &answered, 600);
    dialer_journal_take(j, taken, 700);
    assert_true(taken->is_taken);
    assert_ptr_equal(dialer_journal_untaken(j), dialer_journal_find(j, "F-3-6/1"));
    assert_null(dialer_journal_untaken(j)->next);
    sync_journal(j);
    (void)dialer_journal_place(j, "F-5-1/1", 800); /* never synced */
    dialer_journal_close(j);

    j = open_journal();

    assert_string_equal(dialer_journal_id(j), id);
    assert_int_equal(dialer_journal_count(j), 4);
    assert_int_equal(dialer_journal_find(j, "F-1-2/1")->state, DIALER_BARRED);
    assert_int_equal(dialer_journal_find(j, "F-2-4/1")->state, DIALER_PLACED);
    const struct dialer_entry *e = dialer_journal_find(j, "F-3-6/1");
    assert_int_equal(e->state, DIALER_FINISHED);
    assert_int_equal(e->at_us, 400);
    struct dialer_result result;
    assert_int_equal(dialer_journal_result(j, e, &result), 0);
    assert_memory_equal(&result, &answered, sizeof(answered));
    assert_int_equal(e->outcome, 1);
    assert_ptr_equal(dialer_journal_untaken(j), e);
    assert_null(e->next);
    assert_true(dialer_journal_find(j, "F-4-8/2")->is_taken);
    assert_null(dialer_journal_find(j, "F-5-1/1"));
    dialer_journal_close(j);
}

static int count_sync(void *ctx, int fd)
{
    int *count = ctx;
    ++*count;
    return fdatasync(fd);
}

static ssize_t write_through(void *ctx, int fd, const void *data, size_t len)
{
    (void)ctx;
    return write(fd, data, len);
}

static void what_is_read_at_the_start_is_forced_to_the_disk_first(void **state)
{
    int syncs = 0;
    const struct dialer_journal_io io = {.ctx = &syncs, .write = write_through, .sync = count_sync};
    dialer_journal_close(open_journal());

    struct dialer_journal *j = try_open(&io, NULL, NULL);

    assert_non_null(j);
    assert_int_equal(syncs, 1);
    dialer_journal_close(j);
}

static void a_torn_last_line_is_cut_off(void **state)
{
    static const char *const tails[] = {
        "0123456789abcdef placed F-9-9/1 5",
        "0123456789abcdef",
        "x",
    };
    for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
        struct dialer_journal *j = open_journal();
        char key[DIALER_KEY_SIZE];
        (void)text_format(key, sizeof(key), "F-%zu-0/1", i);
        (void)dialer_journal_place(j, key, 100);
        sync_journal(j);
        dialer_journal_close(j);
        off_t size = size_of_file();
        append_to_file(tails[i]);

        j = open_journal();

        assert_int_equal(size_of_file(), size);
        assert_int_equal(dialer_journal_count(j), i + 1);
        assert_null(dialer_journal_find(j, "F-9-9/1"));
        dialer_journal_close(j);
    }
}

/* Killed while writing: whatever length reached the disk, whole lines count and the rest does not.
 */
static void every_length_of_the_file_can_be_opened(void **state)
{
    struct dialer_journal *j = open_journal();
    off_t header = size_of_file();
    for (int i = 0; i < 3; i++) {
        char key[DIALER_KEY_SIZE];
        (void)text_format(key, sizeof(key), "F-%d-0/1", i);
        dialer_journal_finish(j, dialer_journal_place(j, key, 100), &answered, 200);
    }
    sync_journal(j);
    char id[DIALER_JOURNAL_ID_SIZE];
    (void)text_copy(id, sizeof(id), dialer_journal_id(j));
    dialer_journal_close(j);

    for (off_t size = size_of_file(); size > 0; size--) {
        assert_int_equal(truncate(path, size), 0);
        j = open_journal();
        assert_int_equal(strcmp(dialer_journal_id(j), id) == 0, size >= header);
        dialer_journal_close(j);
        assert_true(size_of_file() <= size || size < header);
        if (size < header) {
            break;
        }
    }
}

static void damage_in_the_middle_ends_the_start(void **state)
{
    struct dialer_journal *j = open_journal();
    (void)dialer_journal_place(j, "F-1-0/1", 100);
    (void)dialer_journal_place(j, "F-2-0/1", 100);
    sync_journal(j);
    dialer_journal_close(j);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "9", 1, size_of_file() / 2), 1);
    assert_int_equal(close(fd), 0);

    struct err err = ERR_NONE;
    assert_null(try_open(NULL, NULL, &err));
    assert_string_equal(err.code, "journal_damaged");
}

/* Only a write that was not finished may be forgotten: an order that is would be dialed twice. */
static void no_bit_of_a_whole_line_can_change(void **state)
{
    struct dialer_journal *j = open_journal();
    (void)dialer_journal_place(j, "F-1-0/1", 100);
    (void)dialer_journal_place(j, "F-2-0/1", 100);
    sync_journal(j);
    dialer_journal_close(j);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);

    for (off_t bit = 0; bit < 8 * size_of_file(); bit++) {
        char good, bad;
        struct err err = ERR_NONE;
        assert_int_equal(pread(fd, &good, 1, bit / 8), 1);
        bad = (char)(good ^ (1 << (bit % 8)));
        assert_int_equal(pwrite(fd, &bad, 1, bit / 8), 1);
        assert_null(try_open(NULL, NULL, &err));
        assert_string_equal(err.code, "journal_damaged");
        assert_int_equal(pwrite(fd, &good, 1, bit / 8), 1);
    }
    assert_int_equal(close(fd), 0);
    dialer_journal_close(open_journal());
}

static void a_whole_bad_line_at_the_end_is_damage(void **state)
{
    static const char *const tails[] = {
        "0123456789abcdef placed F-9-9/1 5\n", /* the checksum is of something else */
        "\n",
        "garbage\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
        struct err err = ERR_NONE;
        assert_true(unlink(path) == 0 || errno == ENOENT);
        dialer_journal_close(open_journal());
        append_to_file(tails[i]);
        off_t size = size_of_file();

        assert_null(try_open(NULL, NULL, &err));
        assert_string_equal(err.code, "journal_damaged");
        assert_int_equal(size_of_file(), size);
    }
}

static void a_file_that_is_no_journal_is_left_alone(void **state)
{
    struct err err = ERR_NONE;
    append_to_file("a single line of somebody else\n");
    off_t size = size_of_file();

    assert_null(try_open(NULL, NULL, &err));
    assert_string_equal(err.code, "journal_damaged");
    assert_int_equal(size_of_file(), size);
}

static void an_impossible_story_is_damage(void **state)
{
    static const enum dialer_line_verb stories[][2] = {
        {DIALER_LINE_PLACED, DIALER_LINE_PLACED  },
        {DIALER_LINE_PLACED, DIALER_LINE_TAKEN   },
        {DIALER_LINE_BARRED, DIALER_LINE_PLACED  },
        {DIALER_LINE_BARRED, DIALER_LINE_FINISHED},
        {DIALER_LINE_PLACED, DIALER_LINE_HEADER  },
    };
    for (size_t i = 0; i < ARRAY_LEN(stories); i++) {
        struct buffer b = {.data = NULL};
        struct err err = ERR_NONE;
        assert_true(unlink(path) == 0 || errno == ENOENT);
        dialer_journal_close(open_journal());
        for (size_t n = 0; n < 2; n++) {
            const struct dialer_line line = {
                .verb = stories[i][n], .key = "F-1-0/1", .id = "x", .result = "1 10 20"};
            dialer_journal_line_write(&line, &b);
        }
        buffer_append(&b, "", 1);
        append_to_file((const char *)b.data);
        buffer_free(&b);

        assert_null(try_open(NULL, NULL, &err));
        assert_string_equal(err.code, "journal_damaged");
        assert_non_null(strstr(err.text, "line 3 of "));
    }
}

static void a_new_file_has_a_new_id(void **state)
{
    char id[DIALER_JOURNAL_ID_SIZE];
    struct dialer_journal *j = open_journal();
    (void)text_copy(id, sizeof(id), dialer_journal_id(j));
    dialer_journal_close(j);
    assert_int_equal(unlink(path), 0);

    j = open_journal();

    assert_string_not_equal(dialer_journal_id(j), id);
    assert_int_equal(strlen(id), DIALER_JOURNAL_ID_SIZE - 1);
    dialer_journal_close(j);
}

static void one_dialer_at_a_time(void **state)
{
    struct err err = ERR_NONE;
    struct dialer_journal *j = open_journal();

    assert_null(try_open(NULL, NULL, &err));
    assert_string_equal(err.code, "journal_in_use");

    dialer_journal_close(j);
    dialer_journal_close(open_journal());
}

static void the_journal_of_another_dialer_is_refused(void **state)
{
    struct err err = ERR_NONE;
    struct dialer_journal_options options = {.path = path, .name = "other"};
    dialer_journal_close(open_journal());

    assert_null(dialer_journal_open(&options, &err));
    assert_string_equal(err.code, "journal_of_another");
    options.name = "two words";
    assert_null(dialer_journal_open(&options, &err));
    assert_string_equal(err.code, "setting_invalid");
    assert_non_null(strstr(err.text, " 1 to 63 letters"));
}

static void what_is_old_and_over_is_left_out(void **state)
{
    const int64_t old_us = 1 * DURATION_DAY;
    struct dialer_journal *j = open_journal();
    char key[DIALER_KEY_SIZE];
    for (int i = 0; i < 1500; i++) {
        (void)text_format(key, sizeof(key), "F-%d-0/1", i);
        struct dialer_entry *e = dialer_journal_place(j, key, old_us);
        dialer_journal_finish(j, e, &answered, old_us);
        dialer_journal_take(j, e, old_us);
    }
    (void)dialer_journal_place(j, "F-1-0/2", old_us);
    (void)dialer_journal_bar(j, "F-1-0/3", 999 * DURATION_DAY);
    dialer_journal_finish(j, dialer_journal_place(j, "F-1-0/4", old_us), &answered, old_us);
    sync_journal(j);
    char id[DIALER_JOURNAL_ID_SIZE];
    (void)text_copy(id, sizeof(id), dialer_journal_id(j));
    dialer_journal_close(j);
    off_t size = size_of_file();

    dialer_journal_close(open_journal()); /* writes the file again */
    j = open_journal();

    assert_true(size_of_file() < size / 100);
    assert_string_equal(dialer_journal_id(j), id);
    assert_int_equal(dialer_journal_count(j), 3);
    assert_int_equal(dialer_journal_find(j, "F-1-0/2")->state, DIALER_PLACED);
    assert_int_equal(dialer_journal_find(j, "F-1-0/3")->state, DIALER_BARRED);
    assert_ptr_equal(dialer_journal_untaken(j), dialer_journal_find(j, "F-1-0/4"));
    (void)dialer_journal_place(j, "F-1-0/5", old_us);
    sync_journal(j);
    dialer_journal_close(j);
    j = open_journal();
    assert_int_equal(dialer_journal_count(j), 4);
    dialer_journal_close(j);
}

/* ---- a disk that we watch */

struct disk {
    char story[256]; /* "w" per write, "s" per sync */
    int write_errno, sync_errno;
    size_t short_writes; /* the first ones take one byte */
};

static ssize_t disk_write(void *ctx, int fd, const void *data, size_t len)
{
    struct disk *d = ctx;
    if (d->write_errno) {
        errno = d->write_errno;
        return -1;
    }
    if (d->short_writes > 0) {
        d->short_writes--;
        return write(fd, data, 1);
    }
    (void)text_copy(d->story + strlen(d->story), 2, "w");
    return write(fd, data, len);
}

static int disk_sync(void *ctx, int fd)
{
    struct disk *d = ctx;
    if (d->sync_errno) {
        errno = d->sync_errno;
        return -1;
    }
    (void)text_copy(d->story + strlen(d->story), 2, "s");
    return fdatasync(fd);
}

static void one_sync_serves_many_entries_and_comes_after_them(void **state)
{
    struct disk disk = {.short_writes = 0};
    const struct dialer_journal_io io = {.ctx = &disk, .write = disk_write, .sync = disk_sync};
    struct dialer_journal *j = try_open(&io, NULL, NULL);
    assert_non_null(j);
    assert_string_equal(disk.story, "ws");

    (void)dialer_journal_place(j, "F-1-0/1", 1);
    (void)dialer_journal_place(j, "F-2-0/1", 1);
    assert_string_equal(disk.story, "ws");
    sync_journal(j);
    assert_string_equal(disk.story, "wsws");
    sync_journal(j); /* nothing new */
    assert_string_equal(disk.story, "wsws");
    dialer_journal_close(j);
}

static void short_writes_are_continued(void **state)
{
    struct disk disk = {.short_writes = 30};
    const struct dialer_journal_io io = {.ctx = &disk, .write = disk_write, .sync = disk_sync};
    struct dialer_journal *j = try_open(&io, NULL, NULL);
    assert_non_null(j);
    (void)dialer_journal_place(j, "F-1-0/1", 1);
    sync_journal(j);
    dialer_journal_close(j);

    j = open_journal();
    assert_int_equal(dialer_journal_count(j), 1);
    dialer_journal_close(j);
}

static void a_disk_that_fails_is_told(void **state)
{
    struct disk disk = {.short_writes = 0};
    const struct dialer_journal_io io = {.ctx = &disk, .write = disk_write, .sync = disk_sync};
    struct err err = ERR_NONE;
    struct dialer_journal *j = try_open(&io, NULL, NULL);
    assert_non_null(j);

    (void)dialer_journal_place(j, "F-1-0/1", 1);
    disk.write_errno = ENOSPC;
    assert_int_equal(dialer_journal_sync(j, &err), -1);
    assert_string_equal(err.code, "journal_unusable");
    disk.write_errno = 0;
    disk.sync_errno = EIO;
    assert_int_equal(dialer_journal_sync(j, &err), -1);
    dialer_journal_close(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_synced_is_there_after_a_crash, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_read_at_the_start_is_forced_to_the_disk_first,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_torn_last_line_is_cut_off, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_length_of_the_file_can_be_opened, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damage_in_the_middle_ends_the_start, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_bit_of_a_whole_line_can_change, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_whole_bad_line_at_the_end_is_damage, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_is_no_journal_is_left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_impossible_story_is_damage, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_new_file_has_a_new_id, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_dialer_at_a_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_journal_of_another_dialer_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_old_and_over_is_left_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_sync_serves_many_entries_and_comes_after_them, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(short_writes_are_continued, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_disk_that_fails_is_told, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
