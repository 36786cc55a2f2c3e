/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_turn.h"

#define CASE(name)    TROTH__V1__CASE_STATE__CASE_STATE_##name
#define PROMISE(name) TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name

static const struct progress_turn_why turns[] = {
    [CASE(NEW)] = {CASE_TURN_OURS,        WORD_TURN_OURS,        WORD_WHY_NEW,      false},
    [CASE(OPEN)] = {CASE_TURN_OURS,        WORD_TURN_OURS,        WORD_WHY_OPEN,     false},
    [CASE(WAITING_CUSTOMER)] = {CASE_TURN_CUSTOMER,    WORD_TURN_YOURS,       WORD_WHY_ASKED,    false},
    [CASE(WAITING_THIRD_PARTY)] = {CASE_TURN_THIRD_PARTY, WORD_TURN_THIRD_PARTY,
                   WORD_WHY_THIRD_PARTY,                                            false},
    [CASE(RESOLVED)] = {CASE_TURN_CUSTOMER,    WORD_TURN_DONE,        WORD_WHY_RESOLVED, false},
    [CASE(CLOSED)] = {CASE_TURN_NOBODY,      WORD_TURN_CLOSED,      WORD_WHY_CLOSED,   false},
    [CASE(VOID)] = {CASE_TURN_NOBODY,      WORD_TURN_CLOSED,      WORD_WHY_VOID,     false},
};

static bool asks(const struct progress_case *c)
{
    bool is_promised = false;

    for (size_t i = 0; i < c->promise_count; i++) {
        is_promised |= c->promises[i].state != (int)PROMISE(WITHDRAWN);
    }
    return case_turn_asks(c->kind, is_promised, c->reopened_count > 0);
}

/* What was broken and is still to be done: a promise that another took the place of, or that was
 * done late, has another state. */
static bool is_late(const struct progress_case *c)
{
    for (size_t i = 0; i < c->promise_count; i++) {
        if (c->promises[i].state == (int)PROMISE(BROKEN) && progress_case_is_open(c)) {
            return true;
        }
    }
    return false;
}

struct progress_turn_why progress_turn_of(const struct progress_case *c)
{
    bool is_known = (size_t)c->state < ARRAY_LEN(turns) && turns[c->state].turn;
    struct progress_turn_why t = turns[is_known ? c->state : CASE(OPEN)];

    t.is_late = is_late(c);
    if (progress_case_is_open(c)) {
        t.turn = case_turn_of(c->state, asks(c));
        if (t.turn == CASE_TURN_NOBODY) {
            t.title = WORD_TURN_NOBODY;
            t.why = WORD_WHY_PRAISE;
            return t;
        }
    }
    if (c->state == CASE(OPEN) && c->reopened_count > 0) {
        t.why = WORD_WHY_REOPENED;
    } else if (c->state == CASE(RESOLVED)) {
        const struct progress_promise *p = progress_case_resolution(c);
        if (p && p->customer_word == 1) {
            t = (struct progress_turn_why){CASE_TURN_NOBODY, WORD_TURN_DONE, WORD_WHY_CONFIRMED,
                                           false};
        }
    }
    return t;
}
