/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_dialers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/text.h"

enum {
    CALL = 1, /* Channel */
    MAIL = 3,
};

static struct followup_dialer *say_hello(struct followup_dialers *d, const char *name,
                                         const char *peer, int32_t lines, int64_t now_us)
{
    const struct followup_dialer_hello hello = {
        .source = "pbx",
        .name = name,
        .journal = "abc",
        .free_lines = lines,
        .peer = bytes_of_text(peer),
    };
    return followup_dialers_hello(d, &hello, now_us, now_us, NULL);
}

static int32_t free_lines(const struct followup_dialers *d, int64_t now_us)
{
    const struct followup_dialers_when when = {.now_us = now_us};
    return followup_dialers_free_lines(d, &when);
}

static struct followup_dialer *book(struct followup_dialers *d, int64_t now_us)
{
    const struct followup_dialers_when when = {.now_us = now_us};
    return followup_dialers_book(d, CALL, &when);
}

static int set_up(void **state)
{
    *state = followup_dialers_new();
    return 0;
}

static int tear_down(void **state)
{
    followup_dialers_free(*state);
    return 0;
}

static void a_dialer_is_known_by_its_source_and_its_name(void **state)
{
    struct followup_dialer *one = say_hello(*state, "one", "p1", 4, 0);

    assert_string_equal(one->name, "pbx/one");
    assert_true(one->is_new);
    assert_ptr_equal(followup_dialers_by_name(*state, "pbx/one"), one);
    assert_ptr_equal(followup_dialers_by_peer(*state, bytes_of_text("p1")), one);
    assert_null(followup_dialers_by_name(*state, "other/one"));
    assert_null(followup_dialers_by_peer(*state, bytes_of_text("p2")));
}

static void a_dialer_is_new_again_when_it_comes_back(void **state)
{
    struct followup_dialer *one = say_hello(*state, "one", "p1", 4, 0);
    one->is_new = false;

    (void)say_hello(*state, "one", "p1", 4, DURATION_S);
    assert_false(one->is_new);
    (void)say_hello(*state, "one", "p2", 4, 2 * DURATION_S);
    assert_true(one->is_new);
    one->is_new = false;
    (void)say_hello(*state, "one", "p2", 4, 20 * DURATION_S);
    assert_true(one->is_new);
}

static void no_more_is_booked_than_is_free(void **state)
{
    (void)say_hello(*state, "one", "p1", 2, 0);
    (void)say_hello(*state, "two", "p2", 1, 0);

    assert_int_equal(free_lines(*state, 0), 3);
    for (int i = 0; i < 3; i++) {
        assert_non_null(book(*state, 0));
    }
    assert_null(book(*state, 0));
    assert_int_equal(free_lines(*state, 0), 0);
}

static void the_dialer_with_most_free_lines_comes_first(void **state)
{
    (void)say_hello(*state, "one", "p1", 2, 0);
    struct followup_dialer *two = say_hello(*state, "two", "p2", 5, 0);

    assert_ptr_equal(book(*state, 0), two);
}

static void a_silent_dialer_has_no_lines(void **state)
{
    const struct followup_dialer *one = say_hello(*state, "one", "p1", 2, 0);

    assert_true(followup_dialer_is_connected(one, FOLLOWUP_DIALER_GONE_US - 1));
    assert_false(followup_dialer_is_connected(one, FOLLOWUP_DIALER_GONE_US));
    assert_int_equal(free_lines(*state, FOLLOWUP_DIALER_GONE_US), 0);
    assert_null(book(*state, FOLLOWUP_DIALER_GONE_US));
}

/* A hello that crossed orders on the wire has not counted them. */
static void a_hello_does_not_free_what_it_cannot_know(void **state)
{
    struct followup_dialer *one = say_hello(*state, "one", "p1", 4, 0);
    for (int i = 0; i < 3; i++) {
        (void)book(*state, 0);
    }
    followup_dialers_sent(one);
    followup_dialers_sent(one);

    (void)say_hello(*state, "one", "p1", 4, 1);
    assert_int_equal(one->free_lines, 1); /* one booked, two sent */
    (void)say_hello(*state, "one", "p1", 2, 2);
    assert_int_equal(one->free_lines, 1); /* it has counted the two by now */
    followup_dialers_unbook(one);
    assert_int_equal(one->free_lines, 2);
}

static void results_before_a_hello_free_the_lines_with_it(void **state)
{
    struct followup_dialer *one = say_hello(*state, "one", "p1", 4, 0);
    for (int i = 0; i < 4; i++) {
        (void)book(*state, 0);
        followup_dialers_sent(one);
    }
    for (int i = 0; i < 5; i++) {
        followup_dialers_heard(one); /* one of them twice */
    }

    (void)say_hello(*state, "one", "p1", 4, 1);
    assert_int_equal(one->free_lines, 4);
}

static void a_hello_out_of_range_is_refused(void **state)
{
    char long_name[FOLLOWUP_DIALER_NAME_MAX + 2];
    memset(long_name, 'x', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    const struct {
        struct followup_dialer_hello hello;
        const char *field;
    } cases[] = {
        {{"pbx", NULL, "abc", 1, {NULL, 0}, {0}},        "dialer"    },
        {{"pbx", "", "abc", 1, {NULL, 0}, {0}},          "dialer"    },
        {{"pbx", long_name, "abc", 1, {NULL, 0}, {0}},   "dialer"    },
        {{"pbx", "one", NULL, 1, {NULL, 0}, {0}},        "journal"   },
        {{"pbx", "one", "abc", -1, {NULL, 0}, {0}},      "free_lines"},
        {{"pbx", "one", "abc", 1000000, {NULL, 0}, {0}}, "free_lines"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;

        assert_null(followup_dialers_hello(*state, &cases[i].hello, 0, 0, &err));
        assert_string_equal(err.code, "hello_invalid");
        assert_string_equal(err.field, cases[i].field);
    }
}

static void a_dialer_that_is_locked_out_gets_no_line_and_comes_back_as_a_new_one(void **state)
{
    struct followup_dialer *one = say_hello(*state, "one", "p1", 4, 0);
    one->is_new = false;

    followup_dialers_lock_out(*state, bytes_of_text("p2"));
    assert_true(followup_dialer_is_connected(one, 1));
    followup_dialers_lock_out(*state, bytes_of_text("p1"));
    assert_false(followup_dialer_is_connected(one, 1));
    assert_null(book(*state, 1));
    assert_int_equal(free_lines(*state, 1), 0);

    assert_ptr_equal(say_hello(*state, "one", "p1", 4, 2), one);
    assert_true(one->is_new);
    assert_int_equal(free_lines(*state, 2), 4);
}

static void one_too_many_is_refused_until_another_has_gone(void **state)
{
    for (int i = 0; i < FOLLOWUP_DIALERS_MAX; i++) {
        char name[16];
        (void)text_format(name, sizeof(name), "d%d", i);
        assert_non_null(say_hello(*state, name, name, 1, 0));
    }

    assert_null(say_hello(*state, "more", "more", 1, DURATION_S));
    assert_non_null(say_hello(*state, "more", "more", 1, 10 * DURATION_S));
}

static void a_line_is_booked_of_who_can_do_it_and_works_now(void **state)
{
    /* 2026-11-23 is a Monday. */
    const int64_t monday_us = INT64_C(1795392000) * DURATION_S;
    struct followup_dialer_hello hello = {
        .source = "post",
        .name = "mail",
        .journal = "abc",
        .free_lines = 5,
        .channels = 1U << MAIL,
        .hours = "Mon-Fri 09:00-18:00",
        .hours_zone = "Asia/Shanghai",
        .peer = bytes_of_text("p1"),
    };
    struct err err = ERR_NONE;
    struct followup_dialers *d = *state;
    struct followup_dialer *mail = followup_dialers_hello(d, &hello, 0, 0, &err);
    const struct followup_dialer *call = say_hello(d, "call", "p2", 1, 0);
    const struct followup_dialers_when morning = {.business_us = monday_us + 1 * DURATION_H};
    const struct followup_dialers_when evening = {.business_us = monday_us + 10 * DURATION_H};

    assert_non_null(mail);
    assert_ptr_equal(followup_dialers_book(d, MAIL, &morning), mail);
    assert_null(followup_dialers_book(d, MAIL, &evening));
    assert_null(followup_dialers_book(d, 2, &morning));
    assert_ptr_equal(followup_dialers_book(d, CALL, &evening), call);
    assert_int_equal(followup_dialers_free_lines(d, &morning), 4);
    assert_int_equal(followup_dialers_free_lines(d, &evening), 0);
    assert_int_equal(followup_dialers_free_channels(d, &morning), 1U << MAIL);
    assert_int_equal(followup_dialers_free_channels(d, &evening), 0);

    /* Whether it has a free line or not. */
    const struct followup_dialers_when later = {.now_us = DURATION_MIN,
                                                .business_us = evening.business_us};
    assert_int_equal(followup_dialers_state(d, MAIL, &morning), FOLLOWUP_DIALERS_WORKING);
    assert_int_equal(followup_dialers_state(d, MAIL, &evening), FOLLOWUP_DIALERS_RESTING);
    assert_int_equal(followup_dialers_state(d, CALL, &evening), FOLLOWUP_DIALERS_WORKING);
    assert_int_equal(followup_dialers_state(d, 2, &morning), FOLLOWUP_DIALERS_NONE);
    assert_int_equal(followup_dialers_state(d, MAIL, &later), FOLLOWUP_DIALERS_NONE);

    hello.hours = "whenever";
    assert_null(followup_dialers_hello(d, &hello, 0, 0, &err));
    assert_string_equal(err.code, "hours_invalid");
    hello.hours = "Sun 09:00-10:00";
    hello.hours_zone = "Mars/Olympus";
    assert_null(followup_dialers_hello(d, &hello, 0, 0, &err));
    assert_string_equal(err.code, "zone_unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_line_is_booked_of_who_can_do_it_and_works_now, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_dialer_is_known_by_its_source_and_its_name, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_dialer_is_new_again_when_it_comes_back, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(no_more_is_booked_than_is_free, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_dialer_with_most_free_lines_comes_first, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_silent_dialer_has_no_lines, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_hello_does_not_free_what_it_cannot_know, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(results_before_a_hello_free_the_lines_with_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_hello_out_of_range_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_dialer_that_is_locked_out_gets_no_line_and_comes_back_as_a_new_one, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(one_too_many_is_refused_until_another_has_gone, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
