/* SPDX-License-Identifier: Apache-2.0 */
/* journal_world.h - a journal in a folder of its own. For the tests of it; include it last. */
#ifndef TROTH_TESTS_DIALER_JOURNAL_WORLD_H
#define TROTH_TESTS_DIALER_JOURNAL_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "services/dialer/dialer_journal.h"
#include "tests/support/temp_folder.h"

static struct temp_folder folder;
static char path[TEMP_PATH_SIZE];

static const struct dialer_result answered = {
    .outcome = 1,
    .started_us = 10,
    .ended_us = -20,
    .answers = {{"csat", 1, 5}, {"nps", 2, 10}},
    .answer_count = 2,
};

static inline int set_up(void **state)
{
    (void)state;
    folder = temp_folder_new();
    (void)temp_folder_name(&folder, "", "journal", path);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    temp_folder_remove(&folder);
    return 0;
}

/* io, box: as in dialer_journal_options. */
static inline struct dialer_journal *try_open(const struct dialer_journal_io *io,
                                              const struct seal_box *box, struct err *err)
{
    const struct dialer_journal_options options = {
        .path = path,
        .name = "desk",
        .keep_for_us = 90 * DURATION_DAY,
        .now_us = 1000 * DURATION_DAY,
        .io = io,
        .box = box,
    };
    return dialer_journal_open(&options, err);
}

static inline struct dialer_journal *open_with(const struct seal_box *box)
{
    struct dialer_journal *j = try_open(NULL, box, NULL);
    assert_non_null(j);
    return j;
}

static inline struct dialer_journal *open_journal(void)
{
    return open_with(NULL);
}

static inline void sync_journal(struct dialer_journal *j)
{
    assert_int_equal(dialer_journal_sync(j, NULL), 0);
}

static inline void append_to_file(const char *text)
{
    FILE *f = fopen(path, "a");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

#endif
