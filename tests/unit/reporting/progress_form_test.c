/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/xalloc.h"

#define OPEN     2
#define RESOLVED 5
#define CLOSED   6
#define GOOD     PROGRESS_POST_GOOD
#define EMPTY    PROGRESS_POST_EMPTY
#define STALE    PROGRESS_POST_STALE
#define KNOWN    PROGRESS_POST_KNOWN
#define WRONG    PROGRESS_POST_WRONG

/* The case was opened at 1000 s, reopened once; a date at 5000 s is expected and confirmed. */
static const struct row {
    const char *body;
    int state;
    enum progress_reading reading;
} rows[] = {
    {"",                                      OPEN,     WRONG},
    {"do=expect",                             OPEN,     WRONG},
    {"do=expect&v=",                          OPEN,     WRONG},
    {"do=expect&v=-1&at=9000000000",          OPEN,     WRONG},
    {"do=expel&v=0",                          OPEN,     WRONG},
    {"v=0&at=9000000000",                     OPEN,     WRONG},
    {"do=expect&v=77",                        OPEN,     EMPTY},
    {"do=expect&v=0&at=9000000000",           OPEN,     STALE}, /* made for what is not so any more, */
    {"do=expect&v=78&at=9000000000",          OPEN,     STALE}, /* or never was */
    {"do=expect&v=0&at=5000000000",           OPEN,     KNOWN},
    {"do=expect&v=77&at=9000000000",          OPEN,     GOOD },
    {"do=expect&v=77&at=5000000000",          OPEN,     KNOWN},
    {"do=expect&v=77&at=900000000",           OPEN,     WRONG}, /* before it was opened */
    {"do=expect&v=77&at=9223372036854775807", OPEN,     WRONG},
    {"do=expect&v=77&at=9000000000",          RESOLVED, STALE},
    {"do=expect&v=77&date=1970-01-02",        OPEN,     GOOD },
    {"do=expect&v=77&date=1970-02-30",        OPEN,     WRONG},
    {"do=expect&v=77&date=&at=9000000000",    OPEN,     GOOD },
    {"do=unsolved&v=1",                       RESOLVED, GOOD },
    {"do=unsolved&v=1&comment=leaks",         CLOSED,   GOOD },
    {"do=unsolved&v=0",                       OPEN,     KNOWN}, /* it was said, and is open again */
    {"do=unsolved&v=1",                       OPEN,     STALE},
    {"do=call&v=1&at=9000000000",             OPEN,     GOOD },
    {"do=call&v=1&at=9000000000",             RESOLVED, GOOD },
    {"do=call&v=1&at=9000000000",             CLOSED,   STALE},
    {"do=unsolved&v=0",                       RESOLVED, STALE},
    {"do=unsolved&v=2",                       RESOLVED, STALE},
    {"do=survey&v=0&q_csat=4",                RESOLVED, STALE},
    {"do=survey&v=2&q_csat=4",                RESOLVED, STALE},
    {"do=call&v=1",                           OPEN,     EMPTY},
    {"do=call&v=1&at=soon",                   OPEN,     EMPTY},
    {"do=survey&v=1&q_csat=4",                RESOLVED, GOOD },
    {"do=survey&v=1&q_csat=6",                RESOLVED, EMPTY},
    {"do=survey&v=1&q_nps=6",                 RESOLVED, EMPTY}, /* that was not asked */
    {"do=survey&v=1&comment=fine",            RESOLVED, GOOD },
    {"do=survey&v=1",                         RESOLVED, EMPTY},
    {"do=survey&v=1&q_csat=4",                OPEN,     STALE},
};

static struct progress_case *make_case(int state)
{
    struct progress_case *c = xcalloc(1, sizeof(*c));
    c->state = (Troth__V1__CaseState)state;
    c->opened_us = INT64_C(1000000000);
    c->now_us = INT64_C(2000000000);
    c->reopened_count = 1;
    c->expected_us = INT64_C(5000000000);
    c->is_expectation_confirmed = true;
    c->expectation = 77;
    c->has_phone = true;
    return c;
}

static void a_form_is_held_against_how_things_stand(void **state)
{
    static const struct answer_link survey = {
        .items = {{"csat", 1, 1, 5, 2364, "?"}},
        .item_count = 1,
    };
    struct progress_post *post = xcalloc(1, sizeof(*post));
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct progress_case *c = make_case(rows[i].state);
        enum progress_reading reading =
            progress_form_read(bytes_of_text(rows[i].body), c, NULL, &survey, post);
        if (reading != rows[i].reading) {
            fail_msg("%s in state %d: %d", rows[i].body, rows[i].state, (int)reading);
        }
        free(c);
    }
    free(post);
}

static void who_has_no_number_is_not_called_and_who_answered_all_is_not_asked(void **state)
{
    static const struct answer_link none = {.item_count = 0};
    struct progress_post *post = xcalloc(1, sizeof(*post));
    struct progress_case *c = make_case(RESOLVED);
    (void)state;
    c->has_phone = false;
    assert_int_equal(
        progress_form_read(bytes_of_text("do=call&v=1&at=9000000000"), c, NULL, &none, post),
        STALE);
    assert_int_equal(
        progress_form_read(bytes_of_text("do=survey&v=1&q_csat=4"), c, NULL, &none, post), KNOWN);
    free(c);
    free(post);
}

static void who_is_to_be_called_already_asks_for_no_second_call(void **state)
{
    static const struct answer_link none = {.item_count = 0};
    struct progress_post *post = xcalloc(1, sizeof(*post));
    struct progress_case *c = make_case(OPEN);
    const struct bytes body = bytes_of_text("do=call&v=1&at=9000000000");
    (void)state;
    c->promise_count = 1;
    c->promises[0] = (struct progress_promise){.kind = "callback", .is_given = true, .state = 1};
    assert_int_equal(progress_form_read(body, c, NULL, &none, post), KNOWN);
    c->promises[0].state = 3; /* kept */
    assert_int_equal(progress_form_read(body, c, NULL, &none, post), GOOD);
    free(c);
    free(post);
}

static void a_form_carries_what_it_was_made_for(void **state)
{
    struct progress_case *c = make_case(OPEN);
    (void)state;
    assert_int_equal(progress_form_basis(c, PROGRESS_EXPECT), 77);
    assert_int_equal(progress_form_basis(c, PROGRESS_UNSOLVED), 1);
    free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_form_is_held_against_how_things_stand),
        cmocka_unit_test(who_has_no_number_is_not_called_and_who_answered_all_is_not_asked),
        cmocka_unit_test(who_is_to_be_called_already_asks_for_no_second_call),
        cmocka_unit_test(a_form_carries_what_it_was_made_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
