/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"

#define H DURATION_H

static void add_promise(struct progress_case *c, const char *kind, int64_t made_us)
{
    struct progress_promise *p = &c->promises[c->promise_count++];

    (void)text_copy(p->kind, sizeof(p->kind), kind);
    p->is_given = true;
    p->made_us = made_us;
}

static void waiting_for_the_customer_does_not_count(void **state)
{
    struct progress_case *c = xcalloc(1, sizeof(*c));

    (void)state;
    c->opened_us = 10 * H;
    c->now_us = 20 * H;
    assert_int_equal(progress_case_counted_us(c, NULL), 10 * H);
    c->waits[c->wait_count++] = (struct progress_wait){11 * H, 13 * H};
    assert_int_equal(progress_case_counted_us(c, NULL), 8 * H);
    c->waits[c->wait_count++] = (struct progress_wait){19 * H, PROGRESS_NO_TIME}; /* it lasts */
    assert_int_equal(progress_case_counted_us(c, NULL), 7 * H);
    add_promise(c, "resolution", 12 * H); /* the case was opened again then */
    assert_int_equal(progress_case_counted_us(c, NULL), 6 * H);
    progress_case_free(c);
}

static void words_belong_to_the_promise_that_was_made_then(void **state)
{
    struct progress_case *c = xcalloc(1, sizeof(*c));

    (void)state;
    add_promise(c, "custom", 1 * H);
    add_promise(c, "custom", 2 * H);
    add_promise(c, "callback", 2 * H);
    progress_case_take_words(c, 1 * H, "call 123456");
    progress_case_take_words(c, 1 * H, "again");
    progress_case_take_words(c, 2 * H, "which of the two?");
    progress_case_take_words(c, 3 * H, "nobody's");
    assert_string_equal(c->promises[0].words, "call •••");
    assert_null(c->promises[1].words);
    assert_null(c->promises[2].words);
    progress_case_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waiting_for_the_customer_does_not_count),
        cmocka_unit_test(words_belong_to_the_promise_that_was_made_then),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
