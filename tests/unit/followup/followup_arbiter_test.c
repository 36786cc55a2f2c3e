/* SPDX-License-Identifier: Apache-2.0 */
/* Who leads, who joins, who waits, and what that leaves in rows, steps and events. */
#include "services/followup/followup_arbiter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "services/followup/followup_dialers.h"

enum {
    SERVICE = 1,
    SURVEY = 2,
    GREETING = 3,
    CALL_BACK = 10, /* CallOutcome */
    CALL = 1,
    MAIL = 3,
    DUE_MAX = 8,
};

#define NOW_US (500000 * DURATION_H)

static const struct rulebook_limits limits = {.days = 0x7f, .per_week = 3};
static const struct rulebook_rule by_call = {.channels = {CALL}, .channel_count = 1};
static const struct rulebook_rule by_call_or_mail = {
    .channels = {CALL, MAIL},
      .channel_count = 2
};

/* Lines of one dialer, by channel. */
struct lines {
    struct followup_dialer dialer;
    int free[8];
};

static struct followup_dialer *book(void *ctx, const struct followup_due *due, int32_t channel)
{
    struct lines *l = ctx;
    return l->free[channel]-- > 0 ? &l->dialer : NULL;
}

static void unbook(void *ctx, struct followup_dialer *dialer)
{
    (void)ctx;
    (void)dialer;
}

static struct followup_arbiter *set_up_arbiter(struct lines *l)
{
    static struct followup_arbiter a;
    static struct followup_step_list steps;
    followup_step_list_clear(&steps);
    event_batch_free(a.events);
    a = (struct followup_arbiter){
        .limits = &limits,
        .now_us = NOW_US,
        .book = book,
        .unbook = unbook,
        .ctx = l,
        .steps = &steps,
        .events = event_batch_new(),
    };
    return &a;
}

static int tear_down(void **state)
{
    struct followup_arbiter *a = set_up_arbiter(NULL);
    event_batch_free(a->events);
    a->events = NULL;
    followup_step_list_free(a->steps);
    return 0;
}

/* Due an hour ago, of person 1, permitted. */
static struct followup_due due(int64_t number)
{
    struct followup_due d = {
        .follow_up =
            {
                        .number = number,
                        .version = 1,
                        .stored_version = 1,
                        .customer = 1,
                        .purpose = SURVEY,
                        .priority = 3,
                        .channel = CALL,
                        .state = FOLLOW_UP_PLANNED,
                        .due_us = NOW_US - DURATION_H,
                        .window_end_us = NOW_US + DURATION_DAY,
                        .next_attempt_us = NOW_US - DURATION_H,
                        .settled_us = FOLLOW_UP_NEVER,
                        },
        .facts = {.person = 1,
                        .has_phone = true,
                        .has_email = true,
                        .last_refusal_us = INT64_MIN,
                        .last_contact_us = INT64_MIN},
        .rule = &by_call,
    };
    (void)text_copy(d.follow_up.rule, sizeof(d.follow_up.rule), "rule");
    return d;
}

static const struct followup_due *find(const struct followup_due *list, size_t count,
                                       int64_t number)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i].follow_up.number == number) {
            return &list[i];
        }
    }
    fail_msg("%lld is gone", (long long)number);
    return list;
}

static void assert_state(const struct followup_due *list, size_t count, int64_t number,
                         enum follow_up_state state, const char *reason)
{
    const struct follow_up *f = &find(list, count, number)->follow_up;
    if (f->state != state || strcmp(f->reason, reason) != 0) {
        fail_msg("%lld is %s: %s", (long long)number, followup_state_name(f->state), f->reason);
    }
}

/* ---- who leads */

static void assert_leader_or_merged(const char *name, const struct followup_due *d, int64_t leader)
{
    bool is_leader = d->follow_up.number == leader;
    if ((d->dialer != NULL) != is_leader) {
        fail_msg("%s: %lld", name, (long long)d->follow_up.number);
    }
    assert_int_equal(d->follow_up.state, is_leader ? FOLLOW_UP_CLAIMED : FOLLOW_UP_MERGED);
    assert_int_equal(d->follow_up.merged_into, is_leader ? 0 : leader);
}

static void the_most_urgent_leads_and_covers_the_others(void **state)
{
    /* clang-format off */
    static const struct {
        const char *name;
        int64_t leader;
        int priority[3]; /* of follow-ups 1, 2, 3 */
        int64_t due_us[3], customer[3];
        int followers; /* of which one; 0: none */
    } rows[] = {
        {"by priority", 2, {3, 1, 2}, {1, 2, 3}, {1, 1, 1}, 0},
        {"by age", 3, {3, 3, 3}, {2, 3, 1}, {1, 1, 1}, 0},
        {"the survivor of two numbers", 2, {3, 3, 3}, {1, 2, 3}, {9, 1, 8}, 0},
        {"priority before the survivor", 1, {2, 3, 3}, {1, 2, 3}, {9, 1, 8}, 0},
        {"one with an agenda", 3, {1, 2, 3}, {1, 2, 3}, {1, 1, 1}, 3},
        {"by number", 1, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, 0},
    };
    /* clang-format on */
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct lines l = {.free = {[CALL] = 5}};
        struct followup_arbiter *a = set_up_arbiter(&l);
        struct followup_due list[3];
        for (size_t k = 0; k < ARRAY_LEN(list); k++) {
            list[k] = due((int64_t)k + 1);
            list[k].follow_up.priority = rows[i].priority[k];
            list[k].follow_up.due_us = NOW_US - DURATION_DAY + rows[i].due_us[k];
            list[k].follow_up.customer = rows[i].customer[k];
            list[k].facts.has_followers = rows[i].followers == (int)k + 1;
        }
        followup_arbiter_decide(a, list, ARRAY_LEN(list));

        assert_int_equal(l.free[CALL], 4);
        for (int64_t number = 1; number <= 3; number++) {
            assert_leader_or_merged(rows[i].name, find(list, 3, number), rows[i].leader);
        }
        assert_int_equal(a->merged, 2);
        assert_int_equal(a->steps->count, 2);
        assert_int_equal(event_batch_count(a->events), 2);
    }
}

static void who_may_not_be_called_neither_leads_nor_joins(void **state)
{
    struct lines l = {.free = {[CALL] = 5}};
    struct followup_arbiter *a = set_up_arbiter(&l);
    struct followup_due list[] = {due(1), due(2), due(3)};
    list[0].follow_up.priority = 1;
    list[0].facts.has_open_complaint = true;
    list[1].facts.has_open_complaint = list[2].facts.has_open_complaint = true;
    list[1].follow_up.purpose = list[2].follow_up.purpose = SERVICE;

    followup_arbiter_decide(a, list, ARRAY_LEN(list));

    assert_state(list, 3, 1, FOLLOW_UP_SUPPRESSED, "open_complaint");
    assert_state(list, 3, 2, FOLLOW_UP_CLAIMED, "");
    assert_state(list, 3, 3, FOLLOW_UP_MERGED, "agenda");
}

static void what_is_due_soon_joins_or_leads_but_is_not_ended_early(void **state)
{
    struct lines l = {.free = {[CALL] = 5}};
    struct followup_arbiter *a = set_up_arbiter(&l);
    struct followup_due list[] = {due(1), due(2), due(3), due(4)};
    for (size_t i = 1; i < ARRAY_LEN(list); i++) {
        list[i].follow_up.next_attempt_us = NOW_US + DURATION_H;
    }
    list[2].follow_up.priority = 1; /* was tried an hour ago */
    list[2].follow_up.attempts = 1;
    list[3].facts.is_erased = true;

    followup_arbiter_decide(a, list, ARRAY_LEN(list));

    assert_state(list, 4, 1, FOLLOW_UP_CLAIMED, "");
    assert_state(list, 4, 2, FOLLOW_UP_MERGED, "agenda");
    assert_state(list, 4, 3, FOLLOW_UP_MERGED, "agenda");
    assert_state(list, 4, 4, FOLLOW_UP_PLANNED, "");
    assert_int_equal(find(list, 4, 4)->follow_up.version, 1);
}

static void a_greeting_waits_for_its_day(void **state)
{
    struct lines l = {.free = {[CALL] = 5}};
    struct followup_arbiter *a = set_up_arbiter(&l);
    struct followup_due list[] = {due(1), due(2), due(3)};
    list[1].follow_up.purpose = list[2].follow_up.purpose = GREETING;
    list[1].follow_up.next_attempt_us = NOW_US + DURATION_H;
    list[1].follow_up.priority = 1;

    followup_arbiter_decide(a, list, ARRAY_LEN(list));

    assert_state(list, 3, 1, FOLLOW_UP_CLAIMED, "");
    assert_state(list, 3, 2, FOLLOW_UP_PLANNED, "");
    assert_int_equal(find(list, 3, 2)->follow_up.version, 1);
    assert_state(list, 3, 3, FOLLOW_UP_MERGED, "agenda");
}

static void waiting_for_another_call_is_said_once(void **state)
{
    struct lines l = {.free = {[CALL] = 5}};
    struct followup_arbiter *a = set_up_arbiter(&l);
    struct followup_due d = due(1);
    d.facts.is_under_way = true;
    for (int i = 0; i < 10; i++) {
        followup_arbiter_decide(a, &d, 1);
        a->now_us = d.follow_up.next_attempt_us;
    }

    assert_state(&d, 1, 1, FOLLOW_UP_PLANNED, "call_under_way");
    assert_int_equal(d.follow_up.next_attempt_us, NOW_US + 10 * ARBITRATION_LOOK_AGAIN_US);
    assert_int_equal(a->steps->count, 1);
    assert_int_equal(event_batch_count(a->events), 1);
}

static void no_budget_stands_against_what_the_customer_asked_for(void **state)
{
    struct lines l = {.free = {[CALL] = 5}};
    struct followup_arbiter *a = set_up_arbiter(&l);
    struct followup_due d = due(1);
    d.facts.orders_week = 3;
    d.facts.first_week_us = NOW_US - DURATION_DAY;
    d.follow_up.last_outcome = CALL_BACK;

    followup_arbiter_decide(a, &d, 1);

    assert_state(&d, 1, 1, FOLLOW_UP_CLAIMED, "");
}

static void whoever_has_an_agenda_of_its_own_waits_for_the_other_call(void **state)
{
    struct lines l = {.free = {[CALL] = 5}};
    struct followup_arbiter *a = set_up_arbiter(&l);
    struct followup_due list[] = {due(1), due(2)};
    list[0].facts.has_followers = list[1].facts.has_followers = true;

    followup_arbiter_decide(a, list, ARRAY_LEN(list));

    assert_state(list, 2, 1, FOLLOW_UP_CLAIMED, "");
    assert_state(list, 2, 2, FOLLOW_UP_PLANNED, "call_under_way");
    assert_true(find(list, 2, 2)->follow_up.next_attempt_us > NOW_US);
}

/* ---- lines */

static void lines_go_by_priority_then_by_age_over_all_persons(void **state)
{
    struct lines l = {.free = {[CALL] = 2}};
    struct followup_arbiter *a = set_up_arbiter(&l);
    struct followup_due list[] = {due(1), due(2), due(3), due(4)};
    static const int priorities[] = {3, 1, 2, 2};
    for (size_t i = 0; i < ARRAY_LEN(list); i++) {
        list[i].facts.person = list[i].follow_up.customer = 10 - (int64_t)i;
        list[i].follow_up.priority = priorities[i];
    }
    list[3].follow_up.next_attempt_us -= DURATION_H;

    followup_arbiter_decide(a, list, ARRAY_LEN(list));

    assert_state(list, 4, 2, FOLLOW_UP_CLAIMED, "");
    assert_state(list, 4, 4, FOLLOW_UP_CLAIMED, "");
    assert_state(list, 4, 1, FOLLOW_UP_PLANNED, "");
    assert_state(list, 4, 3, FOLLOW_UP_PLANNED, "");
    assert_true(a->is_starved);
    assert_int_equal(find(list, 4, 1)->follow_up.version, 1);
}

static void it_waits_for_a_line_of_the_channel_that_it_may_use(void **state)
{
    struct lines l = {.free = {[CALL] = 5}};
    struct followup_arbiter *a = set_up_arbiter(&l);
    struct followup_due list[] = {due(1)};
    list[0].rule = &by_call_or_mail;
    list[0].facts.do_not_call = true;

    followup_arbiter_decide(a, list, 1);

    assert_state(list, 1, 1, FOLLOW_UP_PLANNED, "");
    assert_int_equal(list[0].follow_up.channel, MAIL);
    assert_int_equal(list[0].follow_up.version, 2);
    assert_int_equal(l.free[CALL], 5);
}

/* ---- verdicts */

static void each_verdict_leaves_its_row_step_and_event(void **state)
{
    struct lines l = {.free = {[CALL] = 5}};
    struct followup_arbiter *a = set_up_arbiter(&l);
    struct followup_due list[] = {due(1), due(2), due(3), due(4), due(5)};
    for (size_t i = 0; i < ARRAY_LEN(list); i++) {
        list[i].facts.person = list[i].follow_up.customer = (int64_t)i + 1;
    }
    list[0].facts.orders_week = 3;
    list[0].facts.first_week_us = NOW_US - 6 * DURATION_DAY - DURATION_H;
    list[1].facts.is_erased = true;
    list[2].follow_up.window_end_us = NOW_US;
    list[3].facts.orders_week = 3;
    list[3].facts.first_week_us = NOW_US;
    list[4].facts.has_phone = false;

    followup_arbiter_decide(a, list, ARRAY_LEN(list));

    assert_state(list, 5, 1, FOLLOW_UP_PLANNED, "budget_week");
    assert_int_equal(find(list, 5, 1)->follow_up.next_attempt_us, NOW_US + 23 * DURATION_H);
    assert_state(list, 5, 2, FOLLOW_UP_SUPPRESSED, "customer_erased");
    assert_state(list, 5, 3, FOLLOW_UP_MISSED, "window_passed");
    assert_state(list, 5, 4, FOLLOW_UP_MISSED, "nothing_permitted");
    assert_state(list, 5, 5, FOLLOW_UP_LISTED, "no_channel");
    assert_int_equal(a->steps->count, 1);
    assert_string_equal(a->steps->items[0].step, "deferred");
    assert_string_equal(a->steps->items[0].reason, "budget_week");
    assert_int_equal(a->steps->items[0].until_us, NOW_US + 23 * DURATION_H);
    assert_int_equal(event_batch_count(a->events), 5);
    assert_int_equal(a->deferred + a->suppressed + a->listed, 3);
    assert_int_equal(a->missed_window, 1);
    assert_int_equal(a->missed_nothing_permitted, 1);
}

static void a_claim_that_ran_out_is_asked_anew(void **state)
{
    struct lines l = {.free = {[CALL] = 0}};
    struct followup_arbiter *a = set_up_arbiter(&l);
    struct followup_due list[] = {due(1)};
    list[0].follow_up.state = FOLLOW_UP_CLAIMED;

    followup_arbiter_decide(a, list, 1);

    assert_state(list, 1, 1, FOLLOW_UP_PLANNED, "");
    assert_true(list[0].follow_up.version > list[0].follow_up.stored_version);
}

static void what_is_not_known_yet_is_left_for_the_next_round(void **state)
{
    struct lines l = {.free = {[CALL] = 5}};
    struct followup_arbiter *a = set_up_arbiter(&l);
    struct followup_due list[] = {due(1)};
    list[0].is_kept = true;

    followup_arbiter_decide(a, list, 1);

    assert_int_equal(list[0].follow_up.version, 1);
    assert_null(list[0].dialer);
}

static void merged_ones_are_planned_again_while_their_window_lasts(void **state)
{
    struct lines l = {.free = {[CALL] = 5}};
    struct followup_arbiter *a = set_up_arbiter(&l);
    struct follow_up f = due(2).follow_up;
    f.state = FOLLOW_UP_MERGED;
    f.merged_into = 1;
    struct follow_up late = f;
    late.number = 3;
    late.window_end_us = NOW_US;

    followup_arbiter_plan_again(a, &f);
    assert_int_equal(f.state, FOLLOW_UP_PLANNED);
    assert_int_equal(f.merged_into, 0);
    assert_int_equal(f.next_attempt_us, NOW_US);
    assert_string_equal(a->steps->items[0].step, "planned_again");
    assert_int_equal(a->steps->items[0].other, 1);

    followup_arbiter_plan_again(a, &late);
    assert_int_equal(late.state, FOLLOW_UP_MISSED);
    assert_string_equal(late.reason, "window_passed");
    assert_int_equal(a->missed_window, 1);
}

/* ---- a number that two persons share */

static void of_two_who_share_a_number_one_gets_its_last_call(void **state)
{
    static const struct rulebook_limits four_a_week = {.days = 0x7f, .per_number_week = 4};
    static const struct {
        const char *name;
        int64_t other_handle;
        int32_t other_orders;
        enum follow_up_state want;
        const char *reason;
    } cases[] = {
        {"the same number",           9, 3, FOLLOW_UP_PLANNED, "budget_number"},
        {"the same with calls left",  9, 2, FOLLOW_UP_CLAIMED, ""             },
        {"another number",            8, 3, FOLLOW_UP_CLAIMED, ""             },
        {"nobody knows which number", 0, 3, FOLLOW_UP_CLAIMED, ""             },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct lines l = {.free = {[CALL] = 5}};
        struct followup_arbiter *a = set_up_arbiter(&l);
        struct followup_due list[] = {due(11), due(12)};
        a->limits = &four_a_week;
        list[0].facts.phone_handle = cases[i].other_handle;
        list[0].facts.orders_number_week = cases[i].other_orders;
        list[0].facts.first_number_us = NOW_US - DURATION_DAY;
        list[1].facts.phone_handle = cases[i].other_handle ? 9 : 0;
        list[1].facts.orders_number_week = 3;
        list[1].facts.person = list[1].follow_up.customer = 2;
        list[0].follow_up.window_end_us = NOW_US + 30 * DURATION_DAY;
        list[1].follow_up.priority = 1; /* goes first */
        followup_arbiter_decide(a, list, ARRAY_LEN(list));
        assert_state(list, ARRAY_LEN(list), 12, FOLLOW_UP_CLAIMED, "");
        assert_state(list, ARRAY_LEN(list), 11, cases[i].want, cases[i].reason);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_most_urgent_leads_and_covers_the_others),
        cmocka_unit_test(who_may_not_be_called_neither_leads_nor_joins),
        cmocka_unit_test(what_is_due_soon_joins_or_leads_but_is_not_ended_early),
        cmocka_unit_test(a_greeting_waits_for_its_day),
        cmocka_unit_test(waiting_for_another_call_is_said_once),
        cmocka_unit_test(no_budget_stands_against_what_the_customer_asked_for),
        cmocka_unit_test(whoever_has_an_agenda_of_its_own_waits_for_the_other_call),
        cmocka_unit_test(lines_go_by_priority_then_by_age_over_all_persons),
        cmocka_unit_test(it_waits_for_a_line_of_the_channel_that_it_may_use),
        cmocka_unit_test(each_verdict_leaves_its_row_step_and_event),
        cmocka_unit_test(a_claim_that_ran_out_is_asked_anew),
        cmocka_unit_test(what_is_not_known_yet_is_left_for_the_next_round),
        cmocka_unit_test(merged_ones_are_planned_again_while_their_window_lasts),
        cmocka_unit_test(of_two_who_share_a_number_one_gets_its_last_call),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
