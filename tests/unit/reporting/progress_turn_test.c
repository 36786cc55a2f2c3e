/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_turn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"

#define KEPT   3
#define BROKEN 5

/* promise: state of the promise to solve it; 0: there is none. */
static const struct row {
    const char *name;
    int state, reopened, promise, word;
    enum case_turn turn;
    enum progress_word why;
    bool is_late;
} rows[] = {
    {"new",                           1, 0, 1,      0, CASE_TURN_OURS,        WORD_WHY_NEW,         false},
    {"answered",                      2, 0, 1,      0, CASE_TURN_OURS,        WORD_WHY_OPEN,        false},
    {"open again",                    2, 1, 1,      0, CASE_TURN_OURS,        WORD_WHY_REOPENED,    false},
    {"we asked",                      3, 0, 1,      0, CASE_TURN_CUSTOMER,    WORD_WHY_ASKED,       false},
    {"asked after it was open again", 3, 1, 1,      0, CASE_TURN_CUSTOMER,    WORD_WHY_ASKED,       false},
    {"a part is missing",             4, 0, 1,      0, CASE_TURN_THIRD_PARTY, WORD_WHY_THIRD_PARTY, false},
    {"late",                          4, 0, BROKEN, 0, CASE_TURN_THIRD_PARTY, WORD_WHY_THIRD_PARTY, true },
    {"solved",                        5, 0, KEPT,   0, CASE_TURN_CUSTOMER,    WORD_WHY_RESOLVED,    false},
    {"solved, the customer agrees",   5, 0, KEPT,   1, CASE_TURN_NOBODY,      WORD_WHY_CONFIRMED,   false},
    {"solved, the customer does not", 5, 0, KEPT,   2, CASE_TURN_CUSTOMER,    WORD_WHY_RESOLVED,    false},
    {"solved without a promise",      5, 0, 0,      0, CASE_TURN_CUSTOMER,    WORD_WHY_RESOLVED,    false},
    {"a break is past when solved",   5, 0, BROKEN, 0, CASE_TURN_CUSTOMER,    WORD_WHY_RESOLVED,    false},
    {"closed",                        6, 0, KEPT,   0, CASE_TURN_NOBODY,      WORD_WHY_CLOSED,      false},
    {"taken back",                    7, 0, 0,      0, CASE_TURN_NOBODY,      WORD_WHY_VOID,        false},
    {"a state to come",               9, 0, 0,      0, CASE_TURN_OURS,        WORD_WHY_OPEN,        false},
};

static void whose_turn_it_is_follows_the_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct row *row = &rows[i];
        struct progress_case *c = xcalloc(1, sizeof(*c));
        c->state = (Troth__V1__CaseState)row->state;
        c->reopened_count = row->reopened;
        c->promise_count = row->promise ? 1 : 0;
        c->promises[0].state = row->promise;
        c->promises[0].customer_word = row->word;
        (void)text_copy(c->promises[0].kind, sizeof(c->promises[0].kind), "resolution");
        struct progress_turn_why t = progress_turn_of(c);
        if (t.turn != row->turn || t.why != row->why || t.is_late != row->is_late || !t.title) {
            fail_msg("%s", row->name);
        }
        progress_case_free(c);
    }
}

/* kind 4: praise; 6: a promise that was withdrawn. */
static void a_praise_waits_for_nobody_unless_something_was_promised(void **state)
{
    static const struct {
        const char *name;
        int kind, state, promise, reopened;
        enum case_turn turn;
        enum progress_word why;
    } cases[] = {
        {"a praise",                      4, 1, 0, 0, CASE_TURN_NOBODY,   WORD_WHY_PRAISE  },
        {"a praise that somebody read",   4, 2, 0, 0, CASE_TURN_NOBODY,   WORD_WHY_PRAISE  },
        {"its promise was withdrawn",     4, 1, 6, 0, CASE_TURN_NOBODY,   WORD_WHY_PRAISE  },
        {"a call was promised",           4, 1, 1, 0, CASE_TURN_OURS,     WORD_WHY_NEW     },
        {"opened again",                  4, 2, 0, 1, CASE_TURN_OURS,     WORD_WHY_REOPENED},
        {"a complaint without a promise", 2, 1, 0, 0, CASE_TURN_OURS,     WORD_WHY_NEW     },
        {"a praise that was resolved",    4, 5, 0, 0, CASE_TURN_CUSTOMER, WORD_WHY_RESOLVED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct progress_case *c = xcalloc(1, sizeof(*c));
        c->kind = (Troth__V1__ContactKind)cases[i].kind;
        c->state = (Troth__V1__CaseState)cases[i].state;
        c->reopened_count = cases[i].reopened;
        c->promise_count = cases[i].promise ? 1 : 0;
        c->promises[0].state = cases[i].promise;
        struct progress_turn_why t = progress_turn_of(c);
        if (t.turn != cases[i].turn || t.why != cases[i].why || t.is_late || !t.title) {
            fail_msg("%s", cases[i].name);
        }
        progress_case_free(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whose_turn_it_is_follows_the_case),
        cmocka_unit_test(a_praise_waits_for_nobody_unless_something_was_promised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
