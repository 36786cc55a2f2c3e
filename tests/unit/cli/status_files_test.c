/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/status_files.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/runtime/service.h"
#include "services/cli/status_findings.h"

#define HOUR DURATION_H

/* ---- what is seen */

struct place {
    char folder[32], conf[64], copy[64];
};

static int set_up(void **state)
{
    struct place *p = calloc(1, sizeof(*p));
    assert_non_null(p);
    (void)text_copy(p->folder, sizeof(p->folder), "/tmp/troth-files-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    (void)text_format(p->conf, sizeof(p->conf), "%s/intake.conf", p->folder);
    (void)text_format(p->copy, sizeof(p->copy), "%s/heads", p->folder);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    struct place *p = *state;
    (void)unlink(p->conf);
    (void)unlink(p->copy);
    (void)rmdir(p->folder);
    free(p);
    return 0;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    (void)fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void copies_of_heads_are_as_old_as_their_files(void **state)
{
    const struct place *p = *state;
    const struct timespec long_ago[] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    struct status_facts f = {.is_connected = false};
    char text[200];
    (void)text_format(text, sizeof(text), "audit_copy = \"%s::%s/none\";\n", p->copy, p->folder);
    write_file(p->conf, text);
    write_file(p->copy, "{}\n");
    assert_int_equal(utimensat(AT_FDCWD, p->copy, long_ago, 0), 0);
    status_files_read(p->folder, &f);
    assert_int_equal(f.copy_count, 2);
    assert_string_equal(f.copies[0].path, p->copy);
    assert_true(f.copies[0].age_us > INT64_C(700000000) * DURATION_S);
    assert_true(f.copies[1].age_us == STATUS_NEVER);
    assert_true(f.disk_count >= 1);
}

static void without_settings_and_with_broken_ones_no_copy_is_known(void **state)
{
    const struct place *p = *state;
    struct status_facts f = {.is_connected = false};
    status_files_read(p->folder, &f);
    write_file(p->conf, "audit_copy = ");
    status_files_read(p->folder, &f);
    assert_int_equal(f.copy_count, 0);
}

static void a_disk_is_told_once_however_many_folders_are_on_it(void **state)
{
    const struct place *p = *state;
    struct status_facts f = {.is_connected = true, .server = {.is_here = true}};
    char text[200];
    (void)text_copy(f.server.data_folder, sizeof(f.server.data_folder), p->folder);
    (void)text_format(text, sizeof(text), "audit_copy = \"%s\";\n", p->copy);
    write_file(p->conf, text);
    status_files_read(p->folder, &f);
    assert_true(f.disk_count >= 1);
    assert_string_equal(f.disks[0].folder, p->folder);
    assert_in_range(f.disks[0].free_percent, 0, 100);
    for (size_t i = 1; i < f.disk_count; i++) {
        assert_true(f.disks[i].device != f.disks[0].device);
    }
}

static void a_folder_that_is_not_there_has_no_room(void **state)
{
    int64_t percent, bytes;
    (void)state;
    assert_int_equal(status_files_free("/nowhere/at/all", &percent, &bytes), -1);
    assert_int_equal(status_files_free("/proc", &percent, &bytes), -1);
}

/* ---- what is said about it */

static const struct {
    const char *name;
    struct status_server server;
    struct status_disk disk;
    struct status_copy copy;
    struct status_job job;
    int64_t head;
    enum finding_state want;
    const char *part, *text;
} cases[] = {
    {.name = "half of the disk is free",         .disk = {.folder = "/x", .free_percent = 50}},
    {.name = "little is free",
     .disk = {.folder = "/x", .free_percent = 9},
     .want = FINDING_ATTENTION,
     .part = "disk",
     .text = "9 %"},
    {.name = "nearly nothing is free",
     .disk = {.folder = "/x", .free_percent = 1},
     .want = FINDING_BROKEN,
     .part = "disk",
     .text = "/x"},
    {.name = "a fresh copy",           .copy = {.path = "/c", .age_us = DURATION_MIN},                                              .head = 7},
    {.name = "a copy as old as the head",                             .copy = {.path = "/c", .age_us = HOUR + 1},                                                                             .head = 7},
    {.name = "a copy that stands still",
     .copy = {.path = "/c", .age_us = 2 * HOUR},
     .head = 7,
     .want = FINDING_BROKEN,
     .part = "audit",
     .text = "/c"},
    {.name = "a copy that is gone",
     .copy = {.path = "/c", .age_us = STATUS_NEVER},
     .head = 7,
     .want = FINDING_ATTENTION,
     .part = "audit",
     .text = "/c"},
    {.name = "no head yet",                                 .copy = {.path = "/c", .age_us = STATUS_NEVER}},
    {.name = "an archive that stands still",
     .server = {.is_archived = true, .up_us = 9 * HOUR, .archive_age_us = 2 * HOUR},
     .want = FINDING_ATTENTION,
     .part = "backup",
     .text = "archived for 2"},
    {.name = "an archive that never began",
     .server = {.is_archived = true, .up_us = 9 * HOUR, .archive_age_us = STATUS_NEVER},
     .want = FINDING_ATTENTION,
     .part = "backup",
     .text = "archived for 9"},
    {.name = "a server that was just started",
     .server = {.is_archived = true, .up_us = 1, .archive_age_us = STATUS_NEVER}                                          },
    {.name = "no archive is wanted",                  .server = {.up_us = 9 * HOUR, .archive_age_us = STATUS_NEVER}                                                                         },
    {.name = "a job that never ran",
     .job = {.name = "fit", .age_us = 9 * HOUR, .overdue_us = HOUR},
     .want = FINDING_ATTENTION,
     .part = "jobs",
     .text = "fit has never run"},
    {.name = "a job whose first time comes",                                          .job = {.name = "fit", .age_us = 1, .overdue_us = 9}                                                },
};

static struct status_facts facts_of(size_t i)
{
    struct status_facts f = {.is_connected = true,
                             .schema_version = SCHEMA_VERSION,
                             .schema_expansion = SCHEMA_EXPANSION,
                             .server = cases[i].server,
                             .audit_head = cases[i].head,
                             .audit_age_us = HOUR};
    f.server.connections_max = 100;
    f.server.archive_failed_age_us = STATUS_NEVER;
    f.disks[0] = cases[i].disk;
    f.disk_count = cases[i].disk.folder[0] ? 1 : 0;
    f.copies[0] = cases[i].copy;
    f.copy_count = cases[i].copy.path[0] ? 1 : 0;
    f.jobs[0] = cases[i].job;
    f.job_count = cases[i].job.name[0] ? 1 : 0;
    return f;
}

static void each_thing_that_is_wrong_with_the_machine_is_found_alone(void **state)
{
    struct finding_list list = {.items = NULL};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct status_facts f = facts_of(i);
        print_message("%s\n", cases[i].name);
        status_findings(&f, &list);
        assert_int_equal(list.count, cases[i].part ? 1 : 0);
        assert_int_equal(finding_list_worst(&list), cases[i].want);
        if (cases[i].part) {
            assert_string_equal(list.items[0].part, cases[i].part);
            assert_non_null(strstr(list.items[0].text, cases[i].text));
            assert_true(list.items[0].mend[0] != '\0');
        }
    }
    finding_list_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(copies_of_heads_are_as_old_as_their_files, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(without_settings_and_with_broken_ones_no_copy_is_known,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_disk_is_told_once_however_many_folders_are_on_it, set_up,
                                        tear_down),
        cmocka_unit_test(a_folder_that_is_not_there_has_no_room),
        cmocka_unit_test(each_thing_that_is_wrong_with_the_machine_is_found_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
