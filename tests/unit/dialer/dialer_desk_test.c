/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_desk.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "tests/support/temp_folder.h"

/* A dialer whose disk, telephone and scheduler all write into one story. */
struct stage {
    struct temp_folder folder;
    char path[TEMP_PATH_SIZE];
    struct dialer_journal *journal;
    struct dialer_desk *desk;
    struct text story;
    int syncs_until_crash; /* 0: never */
    bool cannot_send;
    bool tells_all;                      /* an exchange that can be asked and says more */
    int64_t sync_takes_us, sync_ages_us; /* by the real and by the monotonic clock */
};

static int64_t real_now_us; /* machine time, as the desk sees it before a dial */

static int64_t read_clock(void)
{
    return real_now_us;
}

static int64_t monotonic_us;

static int64_t read_monotonic_clock(void)
{
    return monotonic_us;
}

static ssize_t disk_write(void *ctx, int fd, const void *data, size_t len)
{
    (void)ctx;
    return write(fd, data, len);
}

static int disk_sync(void *ctx, int fd)
{
    struct stage *s = ctx;
    if (s->syncs_until_crash > 0 && --s->syncs_until_crash == 0) {
        errno = EIO;
        return -1;
    }
    real_now_us += s->sync_takes_us;
    monotonic_us += s->sync_ages_us;
    text_append(&s->story, "sync ");
    return fdatasync(fd);
}

static void dial(void *line, const struct dialer_order *order)
{
    struct stage *s = line;
    text_appendf(&s->story, "dial:%s ", order->key);
}

static void hang_up(void *line)
{
    (void)line;
}

static void resume(void *line, const char *key)
{
    struct stage *s = line;
    text_appendf(&s->story, "resume:%s ", key);
}

static void synced(void *line)
{
    struct stage *s = line;
    text_append(&s->story, "synced ");
}

static const struct dialer_driver telephone = {.name = "test", .dial = dial, .close = hang_up};
static const struct dialer_driver exchange = {
    .name = "test", .dial = dial, .resume = resume, .synced = synced, .close = hang_up};

static void tell_accepted(void *ctx, const struct dialer_entry *e)
{
    struct stage *s = ctx;
    text_appendf(&s->story, "accepted:%s ", e->key);
}

static void tell_fate(void *ctx, const struct dialer_entry *e, enum dialer_fate fate,
                      struct dialer_result *result, int link)
{
    static const char *const names[] = {
        [DIALER_FATE_BARRED] = "barred",
        [DIALER_FATE_PLACED] = "placed",
        [DIALER_FATE_FINISHED] = "finished",
        [DIALER_FATE_INTERRUPTED] = "interrupted",
    };
    struct stage *s = ctx;
    assert_int_equal(result != NULL, fate == DIALER_FATE_FINISHED);
    text_appendf(&s->story, "%s:%s@%d ", names[fate], e->key, link);
}

static bool tell_result(void *ctx, struct dialer_entry *e, struct dialer_result *result)
{
    struct stage *s = ctx;
    if (s->cannot_send) {
        return false;
    }
    text_appendf(&s->story, "result:%s=%d ", e->key, result->outcome);
    e->sent_us = 1000;
    return true;
}

static void open_desk(struct stage *s, int32_t lines)
{
    const struct dialer_journal_io io = {.ctx = s, .write = disk_write, .sync = disk_sync};
    const struct dialer_journal_options journal = {
        .path = s->path, .name = "desk", .keep_for_us = DURATION_DAY, .io = &io};
    s->journal = dialer_journal_open(&journal, NULL);
    assert_non_null(s->journal);
    const struct dialer_desk_options desk = {
        .journal = s->journal,
        .driver = s->tells_all ? &exchange : &telephone,
        .tell_accepted = s->tells_all ? tell_accepted : NULL,
        .driver_state = s,
        .lines = lines,
        .machine_now_us = read_clock,
        .monotonic_now_us = read_monotonic_clock,
        .tell_fate = tell_fate,
        .tell_result = tell_result,
        .ctx = s,
    };
    s->desk = dialer_desk_new(&desk);
    text_clear(&s->story);
    dialer_desk_resume(s->desk);
}

/* kill -9: memory is gone, the file stays. */
static void crash(struct stage *s)
{
    dialer_desk_free(s->desk);
    dialer_journal_close(s->journal);
    s->syncs_until_crash = 0;
    open_desk(s, 2);
}

static int set_up(void **state)
{
    static struct stage stage;
    real_now_us = 0;
    monotonic_us = 0;
    stage = (struct stage){.folder = temp_folder_new()};
    (void)temp_folder_name(&stage.folder, "", "journal", stage.path);
    open_desk(&stage, 2);
    *state = &stage;
    return 0;
}

static int tear_down(void **state)
{
    struct stage *s = *state;
    dialer_desk_free(s->desk);
    dialer_journal_close(s->journal);
    text_free(&s->story);
    temp_folder_remove(&s->folder);
    return 0;
}

static void order(struct stage *s, const char *key, int64_t start_by_us)
{
    struct dialer_order o = {.phone = "+1", .start_by_us = start_by_us, .link = 3};
    (void)text_copy(o.key, sizeof(o.key), key);
    assert_true(dialer_desk_order(s->desk, &o));
}

static void finish(struct stage *s, const char *key)
{
    const struct dialer_result r = {.outcome = 1};
    dialer_desk_finished(s->desk, key, &r);
}

/* Flushes at machine time 100 and compares what happened since the last look. */
static void expect(struct stage *s, const char *story)
{
    assert_int_equal(dialer_desk_flush(s->desk, 100, NULL), 0);
    assert_string_equal(text_or_empty(&s->story), story);
    text_clear(&s->story);
}

/* ---- */

static void an_order_is_on_the_disk_before_it_is_dialed(void **state)
{
    struct stage *s = *state;
    order(s, "F-1-0/1", 200);
    order(s, "F-2-0/1", 200);

    expect(s, "sync dial:F-1-0/1 dial:F-2-0/1 ");
    assert_int_equal(dialer_desk_free_lines(s->desk), 0);
    finish(s, "F-2-0/1");
    expect(s, "sync result:F-2-0/1=1 ");
    assert_int_equal(dialer_desk_free_lines(s->desk), 1);
}

static void the_same_order_is_never_dialed_twice(void **state)
{
    struct stage *s = *state;
    order(s, "F-1-0/1", 200);
    order(s, "F-1-0/1", 200);
    expect(s, "sync dial:F-1-0/1 placed:F-1-0/1@3 ");

    order(s, "F-1-0/1", 200);
    expect(s, "placed:F-1-0/1@3 ");
    finish(s, "F-1-0/1");
    expect(s, "sync result:F-1-0/1=1 ");
    order(s, "F-1-0/1", 200);
    expect(s, "finished:F-1-0/1@3 ");
    crash(s);
    order(s, "F-1-0/1", 200);
    expect(s, "finished:F-1-0/1@3 ");
}

static void a_call_held_up_past_its_start_fails_undialed(void **state)
{
    struct stage *s = *state;
    s->sync_takes_us = 201; /* a slow disk, or the process was stopped */
    order(s, "F-1-0/1", 200);

    expect(s, "sync ");
    s->sync_takes_us = 0;
    assert_true(dialer_desk_has_work(s->desk));
    expect(s, "sync result:F-1-0/1=7 ");
    assert_int_equal(dialer_desk_free_lines(s->desk), 2);
    order(s, "F-1-0/1", 300);
    expect(s, "finished:F-1-0/1@3 ");
}

static void an_order_past_its_start_is_barred(void **state)
{
    struct stage *s = *state;
    order(s, "F-1-0/1", 99);
    order(s, "F-2-0/1", 100);

    expect(s, "sync dial:F-2-0/1 barred:F-1-0/1@3 ");
}

static void asking_bars_a_key_that_was_never_seen(void **state)
{
    struct stage *s = *state;
    assert_true(dialer_desk_question(s->desk, "F-1-0/1", 0));
    expect(s, "sync barred:F-1-0/1@0 ");

    order(s, "F-1-0/1", 200);
    expect(s, "barred:F-1-0/1@3 ");
    crash(s);
    order(s, "F-1-0/1", 200);
    expect(s, "barred:F-1-0/1@3 ");
}

static void asking_together_with_the_order_bars_it(void **state)
{
    struct stage *s = *state;
    order(s, "F-1-0/1", 200);
    assert_true(dialer_desk_question(s->desk, "F-1-0/1", 0));

    expect(s, "sync barred:F-1-0/1@0 barred:F-1-0/1@3 ");
}

static void what_waits_for_a_line_is_refused_before_a_stop(void **state)
{
    struct stage *s = *state;
    order(s, "F-1-0/1", 200);
    order(s, "F-2-0/1", 200);
    order(s, "F-3-0/1", 200);
    expect(s, "sync dial:F-1-0/1 dial:F-2-0/1 ");

    dialer_desk_refuse_waiting(s->desk);
    assert_true(dialer_desk_has_work(s->desk));
    expect(s, "sync barred:F-3-0/1@3 barred:F-3-0/1@3 ");
    finish(s, "F-1-0/1");
    expect(s, "sync result:F-1-0/1=1 ");
    assert_false(dialer_desk_has_work(s->desk));
}

static void an_order_without_a_line_waits_until_it_is_too_late(void **state)
{
    struct stage *s = *state;
    order(s, "F-1-0/1", 200);
    order(s, "F-2-0/1", 200);
    order(s, "F-3-0/1", 200);
    order(s, "F-4-0/1", 150);
    expect(s, "sync dial:F-1-0/1 dial:F-2-0/1 ");

    finish(s, "F-1-0/1");
    expect(s, "sync dial:F-3-0/1 result:F-1-0/1=1 ");
    finish(s, "F-2-0/1");
    assert_int_equal(dialer_desk_flush(s->desk, 151, NULL), 0);
    assert_string_equal(s->story.data, "sync barred:F-4-0/1@3 result:F-2-0/1=1 ");
}

static void an_order_grows_old_while_the_clock_is_set_back(void **state)
{
    struct stage *s = *state;
    order(s, "F-1-0/1", 200);
    order(s, "F-2-0/1", 200);
    order(s, "F-3-0/1", 200);
    expect(s, "sync dial:F-1-0/1 dial:F-2-0/1 ");

    monotonic_us += DIALER_START_WITHIN_MAX_US;
    finish(s, "F-1-0/1");
    expect(s, "sync dial:F-3-0/1 result:F-1-0/1=1 ");

    order(s, "F-4-0/1", 200);
    monotonic_us += DIALER_START_WITHIN_MAX_US + 1;
    finish(s, "F-2-0/1");
    expect(s, "sync barred:F-4-0/1@3 result:F-2-0/1=1 ");
}

static void a_disk_that_takes_too_long_is_noticed_while_the_clock_is_set_back(void **state)
{
    struct stage *s = *state;
    s->sync_ages_us = DIALER_START_WITHIN_MAX_US + 1;
    order(s, "F-1-0/1", 200);
    expect(s, "sync ");
    s->sync_ages_us = 0;
    expect(s, "sync result:F-1-0/1=7 ");
}

/* Whatever point it dies at: asked or ordered again, at most one dial for the key. */
static void a_crash_at_any_point_leaves_at_most_one_dial(void **state)
{
    struct stage *s = *state;
    struct err err = ERR_NONE;

    order(s, "F-1-0/1", 200);
    crash(s); /* in memory only: nobody will ever know */
    assert_true(dialer_desk_question(s->desk, "F-1-0/1", 0));
    expect(s, "sync barred:F-1-0/1@0 ");

    order(s, "F-2-0/1", 200);
    s->syncs_until_crash = 1; /* written, the disk says no */
    assert_int_equal(dialer_desk_flush(s->desk, 100, &err), -1);
    assert_string_equal(text_or_empty(&s->story), ""); /* not dialed */
    crash(s);
    order(s, "F-2-0/1", 200);
    expect(s, "interrupted:F-2-0/1@3 "); /* nor ever again */

    order(s, "F-3-0/1", 200);
    expect(s, "sync dial:F-3-0/1 ");
    crash(s); /* in the middle of the call */
    assert_true(dialer_desk_question(s->desk, "F-3-0/1", 0));
    expect(s, "interrupted:F-3-0/1@0 ");

    order(s, "F-4-0/1", 200);
    expect(s, "sync dial:F-4-0/1 ");
    finish(s, "F-4-0/1");
    expect(s, "sync result:F-4-0/1=1 ");
    crash(s); /* before the receipt */
    assert_true(dialer_desk_tell_again(s->desk, 500));
    expect(s, "result:F-4-0/1=1 ");
}

static void results_are_repeated_until_their_receipt(void **state)
{
    struct stage *s = *state;
    order(s, "F-1-0/1", 200);
    expect(s, "sync dial:F-1-0/1 ");
    finish(s, "F-1-0/1");
    s->cannot_send = true;
    expect(s, "sync ");

    assert_false(dialer_desk_tell_again(s->desk, 500));
    s->cannot_send = false;
    assert_true(dialer_desk_tell_again(s->desk, 500));
    expect(s, "result:F-1-0/1=1 ");
    assert_true(dialer_desk_tell_again(s->desk, 500)); /* just sent */
    expect(s, "");
    assert_true(dialer_desk_tell_again(s->desk, 2000));
    expect(s, "result:F-1-0/1=1 ");
    dialer_desk_receipt(s->desk, "F-1-0/1");
    dialer_desk_receipt(s->desk, "F-1-0/1");
    dialer_desk_receipt(s->desk, "F-7-0/1");
    assert_true(dialer_desk_has_work(s->desk));
    expect(s, "sync ");
    assert_true(dialer_desk_tell_again(s->desk, 9000));
    expect(s, "");
    crash(s);
    assert_true(dialer_desk_tell_again(s->desk, 9000));
    expect(s, "");
}

static void disk_comes_before_dial_and_before_telling(void **state)
{
    struct stage *s = *state;
    s->tells_all = true;
    crash(s);
    order(s, "F-1-0/1", 200);
    expect(s, "sync dial:F-1-0/1 accepted:F-1-0/1 ");
    finish(s, "F-1-0/1");
    assert_int_equal(dialer_desk_state(s->desk, "F-1-0/1"), DIALER_FINISHED); /* at once */
    expect(s, "sync synced result:F-1-0/1=1 ");
    finish(s, "F-1-0/1"); /* the other side says it twice */
    expect(s, "");
    assert_int_equal(dialer_desk_free_lines(s->desk), 2);
}

static void a_driver_that_can_be_asked_is_asked_after_a_crash(void **state)
{
    struct stage *s = *state;
    s->tells_all = true;
    crash(s);
    order(s, "F-1-0/1", 200);
    assert_int_equal(dialer_desk_flush(s->desk, 100, NULL), 0);

    crash(s);

    assert_string_equal(s->story.data, "resume:F-1-0/1 ");
    text_clear(&s->story);
    assert_int_equal(dialer_desk_state(s->desk, "F-1-0/1"), DIALER_PLACED);
    assert_int_equal(dialer_desk_state(s->desk, "F-9-0/1"), 0);
    assert_true(dialer_desk_question(s->desk, "F-1-0/1", 0));
    expect(s, "placed:F-1-0/1@0 ");
    finish(s, "F-1-0/1");
    expect(s, "sync synced result:F-1-0/1=1 ");
    assert_int_equal(dialer_desk_free_lines(s->desk), 2); /* it had none since the crash */
}

static void a_call_that_is_given_up_frees_its_line_and_may_still_end(void **state)
{
    struct stage *s = *state;
    order(s, "F-1-0/1", 200);
    expect(s, "sync dial:F-1-0/1 ");
    dialer_desk_given_up(s->desk, "F-1-0/1");
    dialer_desk_given_up(s->desk, "F-1-0/1");
    dialer_desk_given_up(s->desk, "F-7-0/1");

    assert_int_equal(dialer_desk_free_lines(s->desk), 2);
    assert_true(dialer_desk_question(s->desk, "F-1-0/1", 0));
    expect(s, "interrupted:F-1-0/1@0 ");
    finish(s, "F-1-0/1");
    expect(s, "sync result:F-1-0/1=1 ");
    assert_int_equal(dialer_desk_free_lines(s->desk), 2);
}

static void what_a_driver_heard_from_strangers_is_cleaned(void **state)
{
    struct stage *s = *state;
    struct dialer_result r = {.outcome = 99, .answer_count = 1};
    (void)text_copy(r.answers[0].code, sizeof(r.answers[0].code), "a code\n");
    order(s, "F-1-0/1", 200);
    expect(s, "sync dial:F-1-0/1 ");

    dialer_desk_finished(s->desk, "F-1-0/1", &r);

    expect(s, "sync result:F-1-0/1=7 ");
    crash(s); /* and can be read again */
    assert_int_equal(dialer_journal_find(s->journal, "F-1-0/1")->outcome, 7);
}

static void what_cannot_stand_in_the_journal_is_dropped(void **state)
{
    struct stage *s = *state;
    const struct dialer_order o = {.key = "two words", .start_by_us = 200};

    assert_false(dialer_desk_order(s->desk, &o));
    assert_false(dialer_desk_question(s->desk, "", 0));
    expect(s, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_order_is_on_the_disk_before_it_is_dialed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_same_order_is_never_dialed_twice, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_call_held_up_past_its_start_fails_undialed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_order_past_its_start_is_barred, set_up, tear_down),
        cmocka_unit_test_setup_teardown(asking_bars_a_key_that_was_never_seen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(asking_together_with_the_order_bars_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_waits_for_a_line_is_refused_before_a_stop, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_order_without_a_line_waits_until_it_is_too_late, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_order_grows_old_while_the_clock_is_set_back, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            a_disk_that_takes_too_long_is_noticed_while_the_clock_is_set_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_crash_at_any_point_leaves_at_most_one_dial, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(results_are_repeated_until_their_receipt, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(disk_comes_before_dial_and_before_telling, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_driver_that_can_be_asked_is_asked_after_a_crash, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_call_that_is_given_up_frees_its_line_and_may_still_end,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_driver_heard_from_strangers_is_cleaned, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_stand_in_the_journal_is_dropped, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
