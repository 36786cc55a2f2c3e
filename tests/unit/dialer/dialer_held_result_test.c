/* SPDX-License-Identifier: Apache-2.0 */
/* dialer_held_result_test.c - results whose key pair is missing from key_file, until it is there
 * again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/runtime/seal_box.h"
#include "services/dialer/dialer_desk.h"
#include "tests/unit/dialer/journal_world.h"

static struct seal_box old_box, new_box;
static struct seal_box box; /* the journal's */
static struct dialer_journal *journal;
static struct dialer_desk *desk;
static struct text story;

static int64_t read_clock(void)
{
    return 0;
}

static void dial(void *line, const struct dialer_order *order)
{
    (void)line;
    (void)order;
}

static void tell_fate(void *ctx, const struct dialer_entry *e, enum dialer_fate fate,
                      struct dialer_result *result, int link)
{
    (void)ctx;
    (void)link;
    assert_int_equal(fate, DIALER_FATE_FINISHED);
    text_appendf(&story, "%s:%s ", e->key, result ? result->note : "still to come");
}

static bool tell_result(void *ctx, struct dialer_entry *e, struct dialer_result *result)
{
    (void)ctx;
    text_appendf(&story, "%s=%s ", e->key, result->note);
    e->sent_us = 1000;
    return true;
}

static void new_keys(struct seal_box *ret_box)
{
    struct bus_keys keys;
    assert_int_equal(bus_keys_new(&keys, NULL), 0);
    assert_int_equal(seal_box_init(ret_box, &keys, 1, NULL), 0);
}

static void open_desk(void)
{
    static const struct dialer_driver driver = {.name = "test", .dial = dial};
    journal = open_with(&box);
    const struct dialer_desk_options options = {
        .journal = journal,
        .driver = &driver,
        .lines = 2,
        .machine_now_us = read_clock,
        .tell_fate = tell_fate,
        .tell_result = tell_result,
    };
    desk = dialer_desk_new(&options);
}

static void close_desk(void)
{
    dialer_desk_free(desk);
    dialer_journal_close(journal);
}

static int begin(void **state)
{
    new_keys(&old_box);
    new_keys(&new_box);
    box = old_box;
    text_clear(&story);
    (void)set_up(state);
    open_desk();
    return 0;
}

static int end(void **state)
{
    close_desk();
    text_free(&story);
    return tear_down(state);
}

static void call(const char *key, const char *note)
{
    struct dialer_order order = {.phone = "+1", .start_by_us = 200};
    struct dialer_result result = {.outcome = 1};
    (void)text_copy(order.key, sizeof(order.key), key);
    (void)text_copy(result.note, sizeof(result.note), note);
    assert_true(dialer_desk_order(desk, &order));
    assert_int_equal(dialer_desk_flush(desk, 100, NULL), 0);
    dialer_desk_finished(desk, key, &result);
    assert_int_equal(dialer_desk_flush(desk, 100, NULL), 0);
    text_clear(&story);
}

static void take_keys(const struct seal_box *keys)
{
    box = *keys;
    dialer_desk_keys_changed(desk);
}

/* Everything that was told since the last look. */
static void expect(const char *want)
{
    assert_true(dialer_desk_tell_again(desk, 2000));
    assert_string_equal(text_or_empty(&story), want);
    text_clear(&story);
}

static size_t waiting(void)
{
    size_t count = 0;
    for (const struct dialer_entry *e = dialer_journal_untaken(journal); e; e = e->next) {
        count++;
    }
    return count;
}

static void it_waits_for_its_key_and_goes_out_whole(void **state)
{
    call("F-1-0/1", "wants a taxi");
    call("F-2-0/1", "");
    take_keys(&new_box);

    expect("F-2-0/1= ");
    assert_int_equal(waiting(), 2);
    assert_true(dialer_desk_question(desk, "F-1-0/1", 0));
    assert_int_equal(dialer_desk_flush(desk, 100, NULL), 0);
    expect("F-1-0/1:still to come F-2-0/1= ");
    dialer_desk_receipt(desk, "F-2-0/1");
    call("F-3-0/1", "of the new key");
    expect("F-3-0/1=of the new key ");
    assert_int_equal(waiting(), 2);

    take_keys(&old_box);
    expect("F-1-0/1=wants a taxi ");
    dialer_desk_receipt(desk, "F-1-0/1");
    assert_int_equal(waiting(), 1);
}

static void a_start_without_its_key_holds_it_too(void **state)
{
    call("F-1-0/1", "wants a taxi");
    close_desk();
    box = new_box;
    open_desk();

    expect("");
    assert_int_equal(waiting(), 1);
    take_keys(&old_box);
    expect("F-1-0/1=wants a taxi ");
}

/* What is written to standard error while the results are told three times. */
static void tell_thrice(char *ret_text, size_t size)
{
    int file = memfd_create("held_result_test", 0);
    int saved = dup(STDERR_FILENO);
    assert_true(file >= 0 && saved >= 0);
    assert_int_equal(dup2(file, STDERR_FILENO), STDERR_FILENO);
    for (int i = 0; i < 3; i++) {
        (void)dialer_desk_tell_again(desk, 2000);
    }
    assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
    ssize_t len = pread(file, ret_text, size - 1, 0);
    assert_true(len >= 0);
    ret_text[len] = '\0';
    assert_int_equal(close(saved), 0);
    assert_int_equal(close(file), 0);
}

static void it_is_logged_once_for_each_reading_of_the_keys(void **state)
{
    static const char want[] = "level=warning service=dialer event=result_held_back order=F-1-0/1 "
                               "code=sealed_with_another_key\n";
    char text[1024];
    call("F-1-0/1", "wants a taxi");
    for (int reading = 0; reading < 2; reading++) {
        take_keys(&new_box);
        tell_thrice(text, sizeof(text));
        const char *first = strstr(text, "level=");
        assert_non_null(first);
        assert_string_equal(first, want);
    }
    take_keys(&old_box);
    tell_thrice(text, sizeof(text));
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_waits_for_its_key_and_goes_out_whole, begin, end),
        cmocka_unit_test_setup_teardown(a_start_without_its_key_holds_it_too, begin, end),
        cmocka_unit_test_setup_teardown(it_is_logged_once_for_each_reading_of_the_keys, begin, end),
    };
    log_set_service("dialer");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
