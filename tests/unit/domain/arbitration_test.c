/* SPDX-License-Identifier: Apache-2.0 */
/* Every question of the table, each against the rows before and after it. */
#include "common/domain/arbitration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/instant.h"

enum {
    SERVICE = 1,
    SURVEY,
    GREETING,
    MARKETING,
    PURPOSES,
};

enum {
    CALL = 1,
    MESSAGE,
    MAIL,
    PERSON,
};

#define REFUSED(purpose, channel) (INT64_C(1) << ((purpose) + 8 * (channel)))

static struct zone *shanghai;

static int set_up(void **state)
{
    shanghai = zone_open("Asia/Shanghai", NULL);
    return shanghai ? 0 : -1;
}

static int tear_down(void **state)
{
    zone_free(shanghai);
    return 0;
}

static int64_t at(const char *text)
{
    int64_t us;
    if (instant_parse(text, &us) < 0) {
        fail_msg("%s is no instant", text);
    }
    return us;
}

static struct rulebook_limits usual_limits(void)
{
    return (struct rulebook_limits){
        .quiet_from_minute = 21 * 60,
        .quiet_until_minute = 8 * 60,
        .days = 0x3f, /* not on Sundays */
        .safest_from_minute = 12 * 60,
        .safest_until_minute = 13 * 60,
        .per_day = 1,
        .per_week = 2,
        .per_month = 4,
        .per_number_week = 3,
        .attempts_per_day = 2,
        .refusal_pause_us = 30 * DURATION_DAY,
    };
}

static const int32_t call_then_mail[] = {CALL, MAIL};

/* Wednesday noon in China, nothing stands against a call. */
static struct arbitration_question usual_question(void)
{
    int64_t now_us = at("2026-11-18T12:00:00+08:00");
    return (struct arbitration_question){
        .now_us = now_us,
        .due_us = now_us - DURATION_H,
        .window_end_us = now_us + 48 * DURATION_H,
        .purpose = SURVEY,
        .priority = 3,
        .channels = call_then_mail,
        .channel_count = ARRAY_LEN(call_then_mail),
        .has_phone = true,
        .has_email = true,
        .zone = shanghai,
        .last_refusal_us = INT64_MIN,
        .budget_frees_day_us = now_us + 5 * DURATION_H,
        .budget_frees_week_us = now_us + 6 * DURATION_H,
        .budget_frees_month_us = now_us + 7 * DURATION_H,
        .budget_frees_number_us = now_us + 8 * DURATION_H,
    };
}

static struct arbitration_verdict decide(const struct arbitration_question *q)
{
    struct rulebook_limits limits = usual_limits();
    struct arbitration_verdict v;
    arbitrate(&limits, q, &v);
    return v;
}

static void assert_verdict(const struct arbitration_verdict *v, const char *name,
                           enum arbitration_step step, const char *reason)
{
    if (v->step != step || (reason == NULL) != (v->reason == NULL) ||
        (reason && strcmp(reason, v->reason) != 0)) {
        fail_msg("%s: step %d %s, not %d %s", name, (int)v->step, v->reason ? v->reason : "-",
                 (int)step, reason ? reason : "-");
    }
}

/* ---- one "no" at a time: each row, and that it goes before all rows after it */

static void make_historical(struct arbitration_question *q)
{
    q->is_historical = true;
}
static void make_erased(struct arbitration_question *q)
{
    q->is_erased = true;
}
static void forbid_calls(struct arbitration_question *q)
{
    q->do_not_call = true;
    q->has_email = false;
}
static void refuse(struct arbitration_question *q)
{
    q->refusals = REFUSED(q->purpose, 0);
}
static void reopen(struct arbitration_question *q)
{
    q->is_reopened = true;
}
static void settle(struct arbitration_question *q)
{
    q->is_settled = true;
}
static void complain(struct arbitration_question *q)
{
    q->has_open_complaint = true;
}
static void break_promise(struct arbitration_question *q)
{
    q->has_broken_promise = true;
}
static void refuse_lately(struct arbitration_question *q)
{
    q->last_refusal_us = q->now_us - DURATION_DAY;
}
static void make_untrue(struct arbitration_question *q)
{
    q->is_untrue = true;
}
static void pass_window(struct arbitration_question *q)
{
    q->window_end_us = q->now_us;
}
static void cover(struct arbitration_question *q)
{
    q->agenda_leader = 77;
    q->agenda_channel = CALL;
}
static void lose_numbers(struct arbitration_question *q)
{
    q->has_phone = q->has_email = false;
}
static void refuse_ending_soon(struct arbitration_question *q)
{
    q->last_refusal_us = q->now_us - 30 * DURATION_DAY + DURATION_H;
}
static void make_night(struct arbitration_question *q)
{
    q->now_us += 12 * DURATION_H;
}
static void spend_day(struct arbitration_question *q)
{
    q->orders_day = 1;
}
static void spend_week(struct arbitration_question *q)
{
    q->orders_week = 2;
}
static void spend_month(struct arbitration_question *q)
{
    q->orders_month = 4;
}
static void spend_number(struct arbitration_question *q)
{
    q->orders_number_week = 3;
}
static void spend_attempts(struct arbitration_question *q)
{
    q->attempts_today = 2;
}
static void begin_call(struct arbitration_question *q)
{
    q->is_under_way = true;
}

static void change_nothing(struct arbitration_question *q)
{
    (void)q;
}

static const struct cell {
    const char *name;
    void (*make)(struct arbitration_question *q);
    enum arbitration_step step;
    const char *reason;
    bool is_for_service_too; /* it also counts for a service call */
} cells[] = {
    {"an old record",               make_historical,    ARBITRATION_MISS,     "history",         true },
    {"an erased customer",          make_erased,        ARBITRATION_SUPPRESS, "customer_erased", true },
    {"do not call",                 forbid_calls,       ARBITRATION_SUPPRESS, "do_not_call",     true },
    {"the purpose is refused",      refuse,             ARBITRATION_SUPPRESS, "consent_refused", true },
    {"the case goes on",            reopen,             ARBITRATION_SUPPRESS, "case_reopened",   true },
    {"the promise is settled",      settle,             ARBITRATION_SUPPRESS, "promise_settled", true },
    {"a complaint is open",         complain,           ARBITRATION_SUPPRESS, "open_complaint",  false},
    {"a promise is broken",         break_promise,      ARBITRATION_SUPPRESS, "broken_promise",  false},
    {"refused yesterday",           refuse_lately,      ARBITRATION_SUPPRESS, "refused_lately",  false},
    {"not true any more",           make_untrue,        ARBITRATION_SUPPRESS, "no_longer_true",  true },
    {"too late",                    pass_window,        ARBITRATION_MISS,     "window_passed",   true },
    {"another call covers it",      cover,              ARBITRATION_MERGE,    "agenda",          true },
    {"no number and no address",    lose_numbers,       ARBITRATION_LIST,     "no_channel",      true },
    {"a refusal's pause ends soon", refuse_ending_soon, ARBITRATION_DEFER,    "refused_lately",  false},
    {"it is night",                 make_night,         ARBITRATION_DEFER,    "quiet_hours",     true },
    {"the day's orders are used",   spend_day,          ARBITRATION_DEFER,    "budget_day",      true },
    {"the week's",                  spend_week,         ARBITRATION_DEFER,    "budget_week",     true },
    {"the month's",                 spend_month,        ARBITRATION_DEFER,    "budget_month",    true },
    {"those to the number",         spend_number,       ARBITRATION_DEFER,    "budget_number",   true },
    {"its attempts of today",       spend_attempts,     ARBITRATION_DEFER,    "attempts_day",    true },
    {"an order stands",             begin_call,         ARBITRATION_DEFER,    "call_under_way",  true },
    {"nothing",                     change_nothing,     ARBITRATION_CALL,     NULL,              true },
};

static void each_question_has_its_verdict_for_each_purpose(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
        for (int32_t purpose = SERVICE; purpose < PURPOSES; purpose++) {
            const struct cell *c = &cells[i];
            bool counts = purpose != SERVICE || c->is_for_service_too;
            struct arbitration_question q = usual_question();
            q.purpose = purpose;
            c->make(&q);
            struct arbitration_verdict v = decide(&q);
            assert_verdict(&v, c->name, counts ? c->step : ARBITRATION_CALL,
                           counts ? c->reason : NULL);
        }
    }
}

/* Cells that change the same field in two ways cannot stand together. */
static bool can_be_both(const struct cell *a, const struct cell *b)
{
    return !((a->make == refuse_lately && b->make == refuse_ending_soon) ||
             (a->make == cover && b->make == refuse_ending_soon) || /* joins nothing in its pause */
             (a->make == pass_window && (b->make == make_night || b->make == refuse_ending_soon)));
}

static void the_first_no_of_the_table_decides(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(cells) - 1; i++) {
        for (size_t k = i + 1; k < ARRAY_LEN(cells); k++) {
            struct arbitration_question q = usual_question();
            if (!can_be_both(&cells[i], &cells[k])) {
                continue;
            }
            cells[k].make(&q);
            cells[i].make(&q);
            struct arbitration_verdict v = decide(&q);
            assert_verdict(&v, cells[i].name, cells[i].step, cells[i].reason);
        }
    }
}

static void a_refusal_is_not_talked_round_in_another_call(void **state)
{
    struct arbitration_question q = usual_question();
    refuse_ending_soon(&q);
    cover(&q);
    struct arbitration_verdict v = decide(&q);
    assert_verdict(&v, "a survey", ARBITRATION_DEFER, "refused_lately");
    q.purpose = SERVICE;
    v = decide(&q);
    assert_verdict(&v, "a service call", ARBITRATION_MERGE, "agenda");
}

static void what_the_customer_asked_for_waits_for_hours_alone(void **state)
{
    static const struct {
        void (*make)(struct arbitration_question *q);
        enum arbitration_step step;
        const char *reason;
    } rows[] = {
        {spend_day,      ARBITRATION_CALL,     NULL            },
        {spend_week,     ARBITRATION_CALL,     NULL            },
        {spend_month,    ARBITRATION_CALL,     NULL            },
        {spend_number,   ARBITRATION_CALL,     NULL            },
        {spend_attempts, ARBITRATION_CALL,     NULL            },
        {make_night,     ARBITRATION_DEFER,    "quiet_hours"   },
        {begin_call,     ARBITRATION_DEFER,    "call_under_way"},
        {forbid_calls,   ARBITRATION_SUPPRESS, "do_not_call"   },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arbitration_question q = usual_question();
        q.is_asked_for = true;
        rows[i].make(&q);
        struct arbitration_verdict v = decide(&q);
        assert_verdict(&v, rows[i].reason ? rows[i].reason : "a budget", rows[i].step,
                       rows[i].reason);
    }
}

static void numbers_and_addresses_have_budgets_of_their_own(void **state)
{
    static const int32_t mail[] = {MAIL};
    struct arbitration_question q = usual_question();
    q.orders_address_week = 3;
    q.budget_frees_address_us = q.now_us + 9 * DURATION_H;
    struct arbitration_verdict v = decide(&q);
    assert_verdict(&v, "a call, the address is full", ARBITRATION_CALL, NULL);
    q.channels = mail;
    q.channel_count = 1;
    v = decide(&q);
    assert_verdict(&v, "a mail, the address is full", ARBITRATION_DEFER, "budget_number");
    assert_int_equal(v.until_us, at("2026-11-19T08:00:00+08:00")); /* it frees in quiet hours */
    q.orders_address_week = 0;
    spend_number(&q);
    v = decide(&q);
    assert_verdict(&v, "a mail, the number is full", ARBITRATION_CALL, NULL);
}

/* ---- channels */

static void assert_channel(const struct arbitration_verdict *v, const char *name, int32_t channel,
                           const char *reason)
{
    if (v->channel != channel) {
        fail_msg("%s: channel %d, not %d", name, v->channel, channel);
    }
    if (reason) {
        assert_string_equal(v->reason, reason);
    }
}

static void the_next_channel_of_the_rule_is_taken_when_one_is_barred(void **state)
{
    static const int32_t first[] = {CALL, MAIL, PERSON};
    static const int32_t second[] = {MESSAGE, CALL, MAIL};
    static const int32_t third[] = {PERSON, MAIL, MESSAGE};
    static const int32_t *const orders[] = {first, second, third};
    /* clang-format off */
    static const struct {
        const char *name;
        bool do_not_call, has_phone, has_email;
        int64_t refusals;
        int32_t want_first, want_second, want_third; /* of the orders; 0: none */
        const char *reason;
    } rows[] = {
        {"all",                    false, true,  true,  0,                       CALL, MESSAGE, PERSON, NULL             },
        {"no phone",               false, false, true,  0,                       MAIL, MAIL, MAIL,      NULL             },
        {"do not call",            true,  true,  true,  0,                       MAIL, MAIL, MAIL,      NULL             },
        {"no survey by call",      false, true,  true,  REFUSED(SURVEY, CALL),   MAIL, MESSAGE, PERSON, NULL             },
        {"no survey by message",   false, true,  true,  REFUSED(SURVEY, MESSAGE), CALL, CALL, PERSON,   NULL             },
        {"another purpose",        false, true,  true,  REFUSED(GREETING, 0),    CALL, MESSAGE, PERSON, NULL             },
        {"no survey at all",       false, true,  true,  REFUSED(SURVEY, 0),      0, 0, 0,               "consent_refused"},
        {"do not call, no mail",   true,  true,  true,  REFUSED(SURVEY, MAIL),   0, 0, 0,               "do_not_call"    },
        {"do not call, no address", true, true,  false, 0,                       0, 0, 0,               "do_not_call"    },
        {"no mail, no phone",      false, false, true,  REFUSED(SURVEY, MAIL),   0, 0, 0,               "no_channel"     },
        {"nothing",                false, false, false, 0,                       0, 0, 0,               "no_channel"     },
    };
    /* clang-format on */
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t k = 0; k < ARRAY_LEN(orders); k++) {
            struct arbitration_question q = usual_question();
            q.channels = orders[k];
            q.channel_count = ARRAY_LEN(first);
            q.do_not_call = rows[i].do_not_call;
            q.has_phone = rows[i].has_phone;
            q.has_email = rows[i].has_email;
            q.refusals = rows[i].refusals;
            struct arbitration_verdict v = decide(&q);
            const int32_t want[] = {rows[i].want_first, rows[i].want_second, rows[i].want_third};
            assert_channel(&v, rows[i].name, want[k], rows[i].reason);
            assert_true(rows[i].reason || orders[k][v.channel_index] == v.channel);
        }
    }
}

static void channels_that_were_tried_are_not_looked_at_again(void **state)
{
    struct arbitration_question q = usual_question();
    q.first_channel = 1;
    assert_int_equal(decide(&q).channel, MAIL);
    assert_int_equal(decide(&q).channel_index, 1);
    q.first_channel = 2;
    struct arbitration_verdict v = decide(&q);
    assert_verdict(&v, "none is left", ARBITRATION_LIST, "no_channel");
}

/* ---- agenda */

static void an_agenda_takes_what_its_channel_can_carry(void **state)
{
    static const int32_t calls[] = {CALL};
    static const int32_t mails[] = {MAIL};
    /* clang-format off */
    static const struct {
        const char *name;
        const int32_t *channels;
        int32_t leader_channel;
        int64_t refusals;
        enum arbitration_step step;
    } rows[] = {
        {"a call joins a call",            calls, CALL,    0,                     ARBITRATION_MERGE},
        {"a mail joins a call",            mails, CALL,    0,                     ARBITRATION_MERGE},
        {"a mail joins a person's call",   mails, PERSON,  0,                     ARBITRATION_MERGE},
        {"a mail joins a mail",            mails, MAIL,    0,                     ARBITRATION_MERGE},
        {"a call does not join a mail",    calls, MAIL,    0,                     ARBITRATION_CALL },
        {"a call does not join a message", calls, MESSAGE, 0,                     ARBITRATION_CALL },
        {"not on a refused channel",       mails, CALL,    REFUSED(SURVEY, CALL), ARBITRATION_CALL },
    };
    /* clang-format on */
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arbitration_question q = usual_question();
        q.channels = rows[i].channels;
        q.channel_count = 1;
        q.refusals = rows[i].refusals;
        q.agenda_leader = 77;
        q.agenda_channel = rows[i].leader_channel;
        struct arbitration_verdict v = decide(&q);
        if (v.step != rows[i].step) {
            fail_msg("%s: step %d", rows[i].name, (int)v.step);
        }
        assert_int_equal(v.into, v.step == ARBITRATION_MERGE ? 77 : 0);
        q.is_joined = true;
        v = decide(&q);
        assert_true(v.step != ARBITRATION_MERGE || strcmp(v.reason, "joined") == 0);
    }
}

/* ---- until when */

static void it_waits_until_nothing_stands_against_it(void **state)
{
    /* clang-format off */
    static const struct {
        const char *name, *now;
        void (*make)(struct arbitration_question *q);
        void (*make_too)(struct arbitration_question *q);
        const char *until, *reason;
    } rows[] = {
        {"night",                   "2026-11-18T22:10:00+08:00", NULL, NULL,                 "2026-11-19T08:00:00+08:00", "quiet_hours"      },
        {"early morning",           "2026-11-18T05:00:00+08:00", NULL, NULL,                 "2026-11-18T08:00:00+08:00", "quiet_hours"      },
        {"Sunday",                  "2026-11-22T12:00:00+08:00", NULL, NULL,                 "2026-11-23T08:00:00+08:00", "day_not_permitted"},
        {"Saturday night",          "2026-11-21T21:00:00+08:00", NULL, NULL,                 "2026-11-23T08:00:00+08:00", "quiet_hours"      },
        {"budget until the night",  "2026-11-18T17:00:00+08:00", spend_day, NULL,            "2026-11-19T08:00:00+08:00", "budget_day"       },
        {"budget frees by day",     "2026-11-18T12:00:00+08:00", spend_day, NULL,            "2026-11-18T17:00:00+08:00", "budget_day"       },
        {"the longest one counts",  "2026-11-18T09:00:00+08:00", spend_day, spend_number,    "2026-11-18T17:00:00+08:00", "budget_day"       },
        {"attempts of today",       "2026-11-18T09:00:00+08:00", spend_attempts, NULL,       "2026-11-19T08:00:00+08:00", "attempts_day"     },
        {"another call",            "2026-11-18T09:00:00+08:00", begin_call, NULL,           "2026-11-18T09:05:00+08:00", "call_under_way"   },
    };
    /* clang-format on */
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arbitration_question q = usual_question();
        q.now_us = at(rows[i].now);
        q.window_end_us = q.now_us + 72 * DURATION_H;
        q.budget_frees_day_us = q.now_us + 5 * DURATION_H;
        q.budget_frees_number_us = q.now_us + 8 * DURATION_H;
        if (rows[i].make) {
            rows[i].make(&q);
        }
        if (rows[i].make_too) {
            rows[i].make_too(&q);
        }
        struct arbitration_verdict v = decide(&q);
        assert_verdict(&v, rows[i].name, ARBITRATION_DEFER, rows[i].reason);
        if (v.until_us != at(rows[i].until)) {
            char text[INSTANT_TEXT_SIZE];
            fail_msg("%s: until %s", rows[i].name, instant_format(v.until_us, text));
        }
    }
}

static void a_window_that_ends_before_is_missed(void **state)
{
    struct arbitration_question q = usual_question();
    q.now_us = at("2026-11-18T22:00:00+08:00");
    q.window_end_us = at("2026-11-19T08:00:00+08:00");
    struct arbitration_verdict v = decide(&q);
    assert_verdict(&v, "the night takes it all", ARBITRATION_MISS, "nothing_permitted");

    q.window_end_us++;
    v = decide(&q);
    assert_verdict(&v, "one microsecond is left", ARBITRATION_DEFER, "quiet_hours");

    q = usual_question();
    spend_week(&q);
    q.window_end_us = q.budget_frees_week_us;
    v = decide(&q);
    assert_verdict(&v, "the budget takes it all", ARBITRATION_MISS, "nothing_permitted");
}

static void limits_of_nothing_are_no_limits(void **state)
{
    struct rulebook_limits limits = {.days = 0x7f};
    struct arbitration_question q = usual_question();
    struct arbitration_verdict v;
    make_night(&q);
    q.orders_day = q.orders_week = q.orders_month = q.orders_number_week = q.attempts_today = 1000;
    q.last_refusal_us = q.now_us;
    arbitrate(&limits, &q, &v);
    assert_verdict(&v, "no limits", ARBITRATION_CALL, NULL);
    limits.days = 0;
    arbitrate(&limits, &q, &v);
    assert_verdict(&v, "no day", ARBITRATION_MISS, "nothing_permitted");
}

static void an_unknown_zone_waits_for_the_safest_hours(void **state)
{
    struct arbitration_question q = usual_question();
    q.zone = NULL;
    q.now_us = at("2026-11-18T11:59:59Z");
    q.window_end_us = q.now_us + 72 * DURATION_H;
    struct arbitration_verdict v = decide(&q);
    assert_verdict(&v, "before", ARBITRATION_DEFER, "zone_unknown");
    assert_true(v.until_us == at("2026-11-18T12:00:00Z"));

    q.now_us = v.until_us;
    v = decide(&q);
    assert_verdict(&v, "in them", ARBITRATION_CALL, NULL);

    q.now_us = at("2026-11-21T13:00:00Z"); /* Saturday */
    q.window_end_us = q.now_us + 72 * DURATION_H;
    v = decide(&q);
    assert_verdict(&v, "after", ARBITRATION_DEFER, "zone_unknown");
    assert_true(v.until_us == at("2026-11-23T12:00:00Z"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_question_has_its_verdict_for_each_purpose),
        cmocka_unit_test(the_first_no_of_the_table_decides),
        cmocka_unit_test(numbers_and_addresses_have_budgets_of_their_own),
        cmocka_unit_test(a_refusal_is_not_talked_round_in_another_call),
        cmocka_unit_test(what_the_customer_asked_for_waits_for_hours_alone),
        cmocka_unit_test(the_next_channel_of_the_rule_is_taken_when_one_is_barred),
        cmocka_unit_test(channels_that_were_tried_are_not_looked_at_again),
        cmocka_unit_test(an_agenda_takes_what_its_channel_can_carry),
        cmocka_unit_test(it_waits_until_nothing_stands_against_it),
        cmocka_unit_test(a_window_that_ends_before_is_missed),
        cmocka_unit_test(limits_of_nothing_are_no_limits),
        cmocka_unit_test(an_unknown_zone_waits_for_the_safest_hours),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
