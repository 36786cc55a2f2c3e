/* SPDX-License-Identifier: Apache-2.0 */
/* Intake keeps a case's pauses as its state changes; everybody else derives them from its events.
 * The two must agree, whatever happens to a case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/domain/clock_timeline.h"
#include "services/intake/case_rules.h"
#include "services/intake/intake_work.h"
#include "tests/support/calendar_text.h"

enum {
    CASES = 4000,
    EVENTS = 20,
};

static uint64_t seed = 4;

static int64_t below(int64_t n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((seed >> 33) % (uint64_t)n);
}

static const char *const kinds[] = {"first_response", "next_update", "resolution", "callback"};

struct both {
    struct work_case *service_case;
    struct clock_timeline *timelines[ARRAY_LEN(kinds)];
    struct work_promise promises[ARRAY_LEN(kinds)];
};

static void begin_clocks(struct both *b, const struct standard_promise *terms, int64_t opened_us)
{
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        const struct clock_timeline_terms same = {
            .kind = clock_rules_kind(kinds[k], false),
            .started_us = opened_us,
            .target_us = 1 + below(3 * DURATION_DAY),
            .calendar = terms->calendar,
        };
        const struct clock_timeline_event opening = {.event = CLOCK_OPENED, .at_us = opened_us};

        b->promises[k] = (struct work_promise){
            .kind = kinds[k],
            .made_us = opened_us,
            .target_us = same.target_us,
            .terms = terms,
        };
        b->timelines[k] = clock_timeline_new(&same);
        (void)clock_timeline_feed(b->timelines[k], &opening);
    }
}

/* Of a clock that was stopped, what it had counted then: intake asks for no more. */
static void assert_agreement(const struct both *b, int64_t at_us)
{
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        const struct clock ours = work_clock(b->service_case, &b->promises[k]);
        const struct clock derived = clock_timeline_clock(b->timelines[k]);
        const int64_t stopped_us = clock_timeline_stopped_us(b->timelines[k]);
        const int64_t look_us = at_us < stopped_us ? at_us : stopped_us;

        assert_int_equal(clock_read(&ours, look_us).counted_us,
                         clock_read(&derived, look_us).counted_us);
        if (stopped_us == CLOCK_NEVER) {
            assert_int_equal(clock_read(&ours, at_us).is_paused,
                             clock_read(&derived, at_us).is_paused);
            assert_int_equal(clock_step_us(&ours, 80), clock_step_us(&derived, 80));
            assert_int_equal(clock_step_us(&ours, 100), clock_step_us(&derived, 100));
        }
    }
}

static void live(struct intake_work *w, struct both *b, int64_t at_us)
{
    Troth__V1__CaseState state = TROTH__V1__CASE_STATE__CASE_STATE_NEW;

    for (int64_t i = 1; i <= EVENTS; i++) {
        const Troth__V1__CaseAction action =
            (Troth__V1__CaseAction)(1 + below((int64_t)troth__v1__case_action__descriptor.n_values -
                                              1));
        const struct case_rule *rule = case_rules_find(state, action);
        const struct clock_timeline_event event = {
            .number = i,
            .event = clock_rules_event_of((int)action),
            .at_us = at_us,
        };

        if (!rule) {
            continue;
        }
        work_case_moved(w, b->service_case, rule->from, rule->to, at_us);
        state = rule->to;
        for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
            (void)clock_timeline_feed(b->timelines[k], &event);
        }
        assert_agreement(b, at_us + below(DURATION_DAY));
        at_us += below(5) > 0 ? below(DURATION_DAY) : -below(DURATION_DAY);
    }
}

static void pauses_by_state_and_pauses_by_events_are_the_same(void **state)
{
    struct calendar_book *book =
        calendar_text_one("Europe/Berlin", "mon-fri = (\"08:00-12:00\", \"13:00-17:00\");", "", "");
    struct intake_work *w = work_new();

    for (int64_t i = 1; i <= CASES; i++) {
        const int64_t opened_us = INT64_C(1767600000000000) + below(300 * DURATION_DAY);
        const struct standard_promise terms = {
            .calendar = i % 2 == 0 ? calendar_book_at(book, 0) : NULL,
        };
        struct both b = {.service_case = work_add_case(w, i)};

        begin_clocks(&b, &terms, opened_us);
        live(w, &b, opened_us + below(DURATION_DAY));
        for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
            clock_timeline_free(b.timelines[k]);
        }
        work_clear(w);
    }
    work_free(w);
    calendar_book_free(book);
}

/* The date of a person: neither pause nor calendar. */
static void a_date_has_neither_pauses_nor_hours(void **state)
{
    struct intake_work *w = work_new();
    struct work_case *c = work_add_case(w, 1);
    const struct work_promise p = {
        .kind = "callback", .is_due_fixed = true, .made_us = 100, .target_us = 1000};

    work_case_moved(w, c, TROTH__V1__CASE_STATE__CASE_STATE_OPEN,
                    TROTH__V1__CASE_STATE__CASE_STATE_WAITING_CUSTOMER, 200);
    const struct clock clock = work_clock(c, &p);
    assert_null(clock.calendar);
    assert_int_equal(clock_step_us(&clock, 100), 1100);
    work_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pauses_by_state_and_pauses_by_events_are_the_same),
        cmocka_unit_test(a_date_has_neither_pauses_nor_hours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
