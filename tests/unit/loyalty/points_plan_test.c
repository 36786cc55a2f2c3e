/* SPDX-License-Identifier: Apache-2.0 */
/* What events do to a points ledger: stories in days, and the statement that they leave. */
#include "services/loyalty/points_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/text.h"

#define STEPS_MAX 8

static const struct points_policy policy = {.per_unit = 1.0, .last_us = 100 * DURATION_DAY};

struct step {
    char what; /* p purchase, a answer, r refund, s redemption; upper case: its reversal; 0: end */
    int64_t subject;
    int64_t points;
    int day;      /* when it occurred */
    int told_day; /* when it was recorded; 0: on that day */
};

static enum points_subject subject_of(char what)
{
    switch (what) {
    case 'p':
    case 'P':
        return POINTS_OF_PURCHASE;
    case 'a':
    case 'A':
        return POINTS_OF_ANSWER;
    case 'r':
    case 'R':
        return POINTS_OF_REFUND;
    default:
        return POINTS_OF_REDEMPTION;
    }
}

static void apply(struct points_ledger *l, const struct points_policy *p, const struct step *step)
{
    const int64_t told = step->told_day ? step->told_day : step->day;
    const struct points_fact fact = {
        .customer = 0x107,
        .of = subject_of(step->what),
        .subject = step->subject,
        .points = step->points,
        .is_reversal = step->what < 'a',
        .at_us = step->day * DURATION_DAY,
        .recorded_us = told * DURATION_DAY,
        .stream = "intake.0",
        .seq = 7,
    };
    points_plan_apply(l, p, &fact);
}

/* "earned 1 +100 =100 (60 left)", ... */
static void print(const struct points_ledger *l, struct text *statement)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct points_entry *e = &l->entries[i];
        text_appendf(statement, "%s%s %lld %+lld =%lld", i ? ", " : "", points_kind_name(e->kind),
                     (long long)e->subject, (long long)e->points, (long long)e->balance);
        if (e->left > 0) {
            text_appendf(statement, " (%lld left)", (long long)e->left);
        }
    }
}

/* Whatever happened. */
static void expect_sound(const struct points_ledger *l)
{
    int64_t balance = 0, left = 0;

    for (size_t i = 0; i < l->count; i++) {
        const struct points_entry *e = &l->entries[i];
        balance += e->points;
        assert_int_equal(e->number, i + 1);
        assert_int_equal(e->balance, balance);
        assert_true(e->left >= 0 && e->owed >= 0);
        left += e->kind == POINTS_REFUSED ? 0 : e->left;
        for (size_t k = 0; k < i; k++) {
            assert_false(l->entries[k].subject == e->subject && l->entries[k].kind == e->kind);
        }
    }
    assert_int_equal(l->balance, balance);
    assert_int_equal(left - l->owed, balance);
}

struct story {
    const char *name;
    struct step steps[STEPS_MAX];
    int now_day; /* looked at then; 0: not at all */
    const char *statement;
};

static void tell(const struct story *stories, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct points_ledger l = {.customer = 0x107};
        struct text statement = {0};
        for (size_t k = 0; k < STEPS_MAX && stories[i].steps[k].what; k++) {
            apply(&l, &policy, &stories[i].steps[k]);
        }
        if (stories[i].now_day) {
            points_plan_expire(&l, stories[i].now_day * DURATION_DAY);
        }
        print(&l, &statement);
        if (strcmp(text_or_empty(&statement), stories[i].statement) != 0) {
            fail_msg("%s:\n  %s\nbut\n  %s", stories[i].name, stories[i].statement,
                     text_or_empty(&statement));
        }
        expect_sound(&l);
        text_free(&statement);
        points_ledger_free(&l);
    }
}

/* Sentences do not stand well in columns. */
/* clang-format off */
static void points_come_in_and_go_out(void **state)
{
    static const struct story stories[] = {
        {"a purchase and an answer", {{'p', 1, 100, 1, 0}, {'a', 2, 5, 2, 0}}, 0,
         "earned 1 +100 =100 (100 left), earned 2 +5 =105 (5 left)"},
        {"the oldest first", {{'p', 1, 100, 1, 0}, {'p', 2, 100, 2, 0}, {'s', 3, 120, 3, 0}}, 0,
         "earned 1 +100 =100, earned 2 +100 =200 (80 left), spent 3 -120 =80"},
        {"to the last", {{'p', 1, 100, 1, 0}, {'s', 2, 100, 1, 0}}, 0,
         "earned 1 +100 =100, spent 2 -100 =0"},
        {"one too many", {{'p', 1, 100, 1, 0}, {'s', 2, 101, 1, 0}, {'s', 3, 100, 1, 0}}, 0,
         "earned 1 +100 =100, refused 2 +0 =100 (101 left), spent 3 -100 =0"},
        {"of who has none", {{'s', 1, 1, 1, 0}}, 0, "refused 1 +0 =0 (1 left)"},
        {"a refund", {{'p', 1, 100, 1, 0}, {'r', 2, 40, 2, 0}}, 0,
         "earned 1 +100 =100 (60 left), taken_back 2 -40 =60"},
        {"spent, then given back: owed, and paid by what comes",
         {{'p', 1, 100, 1, 0}, {'s', 2, 80, 2, 0}, {'r', 3, 100, 3, 0}, {'p', 4, 50, 4, 0}, {'p', 5, 50, 5, 0}}, 0,
         "earned 1 +100 =100, spent 2 -80 =20, taken_back 3 -100 =-80, earned 4 +50 =-30, earned 5 +50 =20 (20 left)"},
        {"nothing is spent while points are owed",
         {{'p', 1, 10, 1, 0}, {'s', 2, 10, 1, 0}, {'r', 3, 10, 2, 0}, {'s', 4, 1, 3, 0}}, 0,
         "earned 1 +10 =10, spent 2 -10 =0, taken_back 3 -10 =-10, refused 4 +0 =-10 (1 left)"},
    };
    tell(stories, ARRAY_LEN(stories));
}

static void everything_counts_once_and_is_reversed_once(void **state)
{
    static const struct story stories[] = {
        {"told again", {{'p', 1, 100, 1, 0}, {'p', 1, 100, 1, 0}, {'s', 2, 30, 2, 0}, {'s', 2, 30, 2, 0},
                        {'r', 3, 10, 3, 0}, {'r', 3, 10, 3, 0}}, 0,
         "earned 1 +100 =100 (60 left), spent 2 -30 =70, taken_back 3 -10 =60"},
        {"a purchase is void, twice", {{'p', 1, 100, 1, 0}, {'P', 1, 100, 1, 2}, {'P', 1, 100, 1, 3}}, 0,
         "earned 1 +100 =100, taken_back 1 -100 =0"},
        {"its own points go first", {{'p', 1, 100, 1, 0}, {'p', 2, 50, 2, 0}, {'P', 2, 50, 2, 3}}, 0,
         "earned 1 +100 =100 (100 left), earned 2 +50 =150, taken_back 2 -50 =100"},
        {"then others", {{'p', 1, 100, 1, 0}, {'p', 2, 50, 2, 0}, {'s', 3, 80, 3, 0}, {'P', 1, 100, 1, 4}}, 0,
         "earned 1 +100 =100, earned 2 +50 =150, spent 3 -80 =70, taken_back 1 -100 =-30"},
        {"a refund is void", {{'p', 1, 100, 1, 0}, {'r', 2, 40, 2, 0}, {'R', 2, 40, 2, 3}, {'R', 2, 40, 2, 3}}, 0,
         "earned 1 +100 =100 (60 left), taken_back 2 -40 =60, given_back 2 +40 =100 (40 left)"},
        {"a redemption is void", {{'p', 1, 100, 1, 0}, {'s', 2, 40, 2, 0}, {'S', 2, 40, 2, 3}, {'S', 2, 40, 2, 3}}, 0,
         "earned 1 +100 =100 (60 left), spent 2 -40 =60, given_back 2 +40 =100 (40 left)"},
        {"a refused one is void: never asked for again", {{'s', 1, 40, 2, 0}, {'S', 1, 40, 2, 3}, {'p', 2, 90, 1, 4}}, 0,
         "refused 1 +0 =0, given_back 1 +0 =0, earned 2 +90 =90 (90 left)"},
        {"voids come first", {{'P', 1, 9, 1, 0}, {'p', 1, 9, 1, 0}, {'S', 2, 9, 1, 0}, {'s', 2, 9, 1, 0},
                              {'R', 3, 9, 1, 0}, {'r', 3, 9, 1, 0}}, 0,
         "taken_back 1 +0 =0, earned 1 +0 =0, given_back 2 +0 =0, refused 2 +0 =0, given_back 3 +0 =0,"
         " taken_back 3 +0 =0"},
        {"voids of what would earn nothing now", {{'p', 1, 9, 1, 0}, {'a', 2, 9, 1, 0}, {'r', 3, 4, 1, 0},
                                                  {'P', 1, 0, 1, 2}, {'A', 2, 0, 1, 2}, {'R', 3, 0, 1, 2}}, 0,
         "earned 1 +9 =9, earned 2 +9 =18, taken_back 3 -4 =14, taken_back 1 -9 =5, taken_back 2 -9 =-4,"
         " given_back 3 +4 =0"},
        {"and never earned any", {{'P', 1, 0, 1, 0}, {'A', 2, 0, 1, 0}, {'R', 3, 0, 1, 0}}, 0, ""},
    };
    tell(stories, ARRAY_LEN(stories));
}

static void a_refused_redemption_is_judged_again_when_older_points_come(void **state)
{
    static const struct story stories[] = {
        {"the purchase is told later", {{'s', 1, 60, 2, 0}, {'p', 2, 100, 1, 3}}, 0,
         "refused 1 +0 =0, earned 2 +100 =100 (40 left), spent 1 -60 =40"},
        {"in the same instant", {{'s', 1, 60, 2, 0}, {'p', 2, 100, 2, 0}}, 0,
         "refused 1 +0 =0, earned 2 +100 =100 (40 left), spent 1 -60 =40"},
        {"a later purchase does not pay", {{'s', 1, 60, 2, 0}, {'p', 2, 100, 3, 0}}, 0,
         "refused 1 +0 =0 (60 left), earned 2 +100 =100 (100 left)"},
        {"nor one that is known already", {{'p', 1, 100, 3, 0}, {'s', 2, 60, 2, 4}}, 0,
         "earned 1 +100 =100 (100 left), refused 2 +0 =100 (60 left)"},
        {"bit by bit", {{'s', 1, 60, 9, 0}, {'p', 2, 30, 1, 9}, {'p', 3, 30, 2, 9}}, 0,
         "refused 1 +0 =0, earned 2 +30 =30, earned 3 +30 =60, spent 1 -60 =0"},
        {"first come, first served", {{'s', 1, 60, 9, 0}, {'s', 2, 30, 9, 0}, {'s', 3, 60, 9, 0}, {'p', 4, 100, 1, 9}}, 0,
         "refused 1 +0 =0, refused 2 +0 =0, refused 3 +0 =0 (60 left), earned 4 +100 =100 (10 left), spent 1 -60 =40,"
         " spent 2 -30 =10"},
        {"paid by what a void gives back", {{'p', 1, 50, 1, 0}, {'s', 2, 50, 2, 0}, {'s', 3, 50, 3, 0}, {'S', 2, 50, 2, 4}}, 0,
         "earned 1 +50 =50, spent 2 -50 =0, refused 3 +0 =0, given_back 2 +50 =50, spent 3 -50 =0"},
        {"and void after that", {{'s', 1, 60, 2, 0}, {'p', 2, 60, 1, 3}, {'S', 1, 60, 2, 4}}, 0,
         "refused 1 +0 =0, earned 2 +60 =60, spent 1 -60 =0, given_back 1 +60 =60 (60 left)"},
    };
    tell(stories, ARRAY_LEN(stories));
}

static void points_run_out(void **state)
{
    static const struct story stories[] = {
        {"written off a day later", {{'p', 1, 100, 1, 0}}, 102, "earned 1 +100 =100, expired 1 -100 =0"},
        {"not before", {{'p', 1, 100, 1, 0}}, 101, "earned 1 +100 =100 (100 left)"},
        {"what is left of them", {{'p', 1, 100, 1, 0}, {'s', 2, 30, 5, 0}}, 102,
         "earned 1 +100 =100, spent 2 -30 =70, expired 1 -70 =0"},
        {"each at its time", {{'p', 1, 100, 5, 0}, {'p', 2, 10, 1, 0}}, 110,
         "earned 1 +100 =100, earned 2 +10 =110, expired 2 -10 =100, expired 1 -100 =0"},
        {"they pay to the last instant before it", {{'p', 1, 100, 1, 0}, {'s', 2, 50, 100, 0}, {'s', 3, 50, 101, 0}}, 0,
         "earned 1 +100 =100 (50 left), spent 2 -50 =50, refused 3 +0 =50 (50 left)"},
        {"also if it is told late", {{'p', 1, 100, 1, 0}, {'s', 2, 50, 100, 101}}, 0,
         "earned 1 +100 =100 (50 left), spent 2 -50 =50"},
        {"less what is owed", {{'p', 1, 100, 1, 0}, {'r', 2, 60, 101, 0}, {'s', 3, 50, 100, 101}, {'s', 4, 40, 100, 101}}, 0,
         "earned 1 +100 =100 (60 left), taken_back 2 -60 =40, refused 3 +0 =40 (50 left), spent 4 -40 =0"},
        {"but not too late", {{'p', 1, 100, 1, 0}, {'s', 2, 50, 100, 102}}, 0,
         "earned 1 +100 =100, expired 1 -100 =0, refused 2 +0 =0 (50 left)"},
        {"the next event sees to it as well", {{'p', 1, 100, 1, 0}, {'p', 2, 7, 102, 0}}, 0,
         "earned 1 +100 =100, expired 1 -100 =0, earned 2 +7 =7 (7 left)"},
        {"a void takes back what did not run out", {{'p', 1, 100, 1, 0}, {'s', 2, 40, 2, 0}, {'P', 1, 100, 1, 200}}, 0,
         "earned 1 +100 =100, spent 2 -40 =60, expired 1 -60 =0, taken_back 1 -40 =-40"},
        {"given back, they last from when it was spent", {{'p', 1, 100, 1, 0}, {'s', 2, 40, 50, 0}, {'S', 2, 40, 50, 60}}, 151,
         "earned 1 +100 =100, spent 2 -40 =60, given_back 2 +40 =100, expired 1 -60 =40, expired 2 -40 =0"},
        {"history that ran out long ago", {{'p', 1, 100, 1, 900}, {'p', 2, 1, 900, 0}}, 0,
         "earned 1 +100 =100, expired 1 -100 =0, earned 2 +1 =1 (1 left)"},
    };
    tell(stories, ARRAY_LEN(stories));
}
/* clang-format on */

static void points_may_last_for_ever(void **state)
{
    const struct points_policy for_ever = {.per_unit = 1.0};
    struct points_ledger l = {.customer = 0x107};
    apply(&l, &for_ever, &(struct step){'p', 1, 100, 1, 0});
    points_plan_expire(&l, INT64_MAX);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.entries[0].expires_us, POINTS_NEVER);
    apply(&l, &for_ever, &(struct step){'s', 2, 100, 90000, 0});
    assert_int_equal(l.balance, 0);
    points_ledger_free(&l);
}

/* ---- facts */

static void whole_units_earn_points(void **state)
{
    static const struct {
        int64_t amount_minor;
        const char *currency;
        double per_unit;
        int64_t points; /* 0: no fact */
    } cases[] = {
        {128000,           "CNY", 1.0,    1280      },
        {99,               "CNY", 1.0,    0         },
        {199,              "CNY", 1.0,    1         },
        {500,              "JPY", 1.0,    500       },
        {1999,             "KWD", 1.0,    1         },
        {1000,             "CNY", 0.1,    1         },
        {29,               "CNY", 100.0,  29        },
        {57,               "CNY", 100.0,  57        },
        {1000,             "CNY", 0.0,    0         },
        {-5000,            "CNY", 1.0,    0         },
        {5000,             NULL,  1.0,    0         },
        {1000000000000000, "JPY", 1000.0, POINTS_MAX},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct points_policy p = {.per_unit = cases[i].per_unit};
        Troth__V1__Event event = TROTH__V1__EVENT__INIT;
        Troth__V1__PurchaseMade body = TROTH__V1__PURCHASE_MADE__INIT;
        struct points_fact fact = {.points = 0};
        char currency[4];
        event.customer = 0x107;
        event.body_case = TROTH__V1__EVENT__BODY_PURCHASE_MADE;
        event.purchase_made = &body;
        body.purchase = 0x207;
        body.amount_minor = cases[i].amount_minor;
        if (cases[i].currency) {
            (void)text_copy(currency, sizeof(currency), cases[i].currency);
            body.currency = currency;
        }
        assert_int_equal(points_fact_of(&event, &p, &fact), cases[i].points > 0);
        assert_int_equal(fact.points, cases[i].points);
    }
}

static void other_events_say_what_they_say(void **state)
{
    const struct points_policy p = {.per_unit = 1.0, .per_answer = 5};
    Troth__V1__Event event = TROTH__V1__EVENT__INIT;
    Troth__V1__SurveyAnswered answer = TROTH__V1__SURVEY_ANSWERED__INIT;
    Troth__V1__PointsSpent spent = TROTH__V1__POINTS_SPENT__INIT;
    struct points_fact fact;

    assert_false(points_fact_of(&event, &p, &fact));
    event.customer = 0x107;
    event.is_reversal = true;
    event.occurred_us = 4;
    event.body_case = TROTH__V1__EVENT__BODY_SURVEY_ANSWERED;
    event.survey_answered = &answer;
    assert_false(points_fact_of(&event, &p, &fact)); /* of no answer */
    answer.answer = 0x207;
    assert_true(points_fact_of(&event, &p, &fact));
    assert_int_equal(fact.points, 5);
    assert_true(fact.is_reversal);
    assert_int_equal(fact.recorded_us, 4); /* nobody said */
    event.body_case = TROTH__V1__EVENT__BODY_POINTS_SPENT;
    event.points_spent = &spent;
    spent.redemption = 0x307;
    event.is_reversal = false;
    assert_false(points_fact_of(&event, &p, &fact)); /* of 0 points */
    spent.points = POINTS_MAX + 1;
    assert_false(points_fact_of(&event, &p, &fact));
    spent.points = 12;
    assert_true(points_fact_of(&event, &p, &fact));
    assert_int_equal(fact.of, POINTS_OF_REDEMPTION);
    assert_int_equal(fact.points, 12);
    event.customer = 0;
    assert_false(points_fact_of(&event, &p, &fact));
}

/* Of a purchase, or of its void. */
static bool is_fact(const struct points_policy *p, const char *currency, bool is_void,
                    int64_t *ret_points)
{
    Troth__V1__Event event = TROTH__V1__EVENT__INIT;
    Troth__V1__PurchaseMade body = TROTH__V1__PURCHASE_MADE__INIT;
    struct points_fact fact = {.points = -1};
    char text[4];

    (void)text_copy(text, sizeof(text), currency);
    event.customer = 0x107;
    event.is_reversal = is_void;
    event.body_case = TROTH__V1__EVENT__BODY_PURCHASE_MADE;
    event.purchase_made = &body;
    body.purchase = 0x207;
    body.amount_minor = 10000;
    body.currency = text;
    bool is = points_fact_of(&event, p, &fact);
    *ret_points = fact.points;
    return is;
}

static void currencies_are_never_added_up_when_one_is_named(void **state)
{
    const struct points_policy any = {.per_unit = 1.0};
    const struct points_policy yuan = {.per_unit = 1.0, .currency = "CNY"};
    int64_t points;

    assert_true(is_fact(&any, "JPY", false, &points));
    assert_int_equal(points, 10000);
    assert_true(is_fact(&yuan, "CNY", false, &points));
    assert_int_equal(points, 100);
    assert_false(is_fact(&yuan, "JPY", false, &points));
}

/* What was earned is known by the ledger: the rule of then may have been another one. */
static void a_void_says_so_whatever_the_rule_gives_now(void **state)
{
    const struct points_policy none = {.per_unit = 0.0};
    const struct points_policy yuan = {.per_unit = 1.0, .currency = "CNY"};
    int64_t points;

    assert_false(is_fact(&none, "CNY", false, &points));
    assert_true(is_fact(&none, "CNY", true, &points));
    assert_int_equal(points, 0);
    assert_true(is_fact(&yuan, "JPY", true, &points));
    assert_int_equal(points, 0);
}

static void names_are_those_that_are_stored(void **state)
{
    for (int s = 1; s < POINTS_SUBJECT_END; s++) {
        assert_int_equal(points_subject_named(points_subject_name((enum points_subject)s)), s);
    }
    assert_int_equal(points_subject_named("gift"), POINTS_SUBJECT_END);
}

/* ---- any order */

/* What pays for one redemption does not depend on the order in which it is told. */
static void the_order_of_telling_does_not_matter_for_one_redemption(void **state)
{
    static const struct step told[] = {
        {'p', 1, 50, 1, 9},
        {'p', 2, 50, 2, 9},
        {'s', 3, 90, 3, 9},
        {'p', 4, 10, 4, 9},
        {'a', 5, 3,  5, 9},
    };
    for (unsigned order = 0; order < 120; order++) {
        struct points_ledger l = {.customer = 0x107};
        size_t list[] = {0, 1, 2, 3, 4};
        unsigned rest = order;
        for (size_t n = ARRAY_LEN(list); n > 0; n--) {
            size_t pick = rest % n;
            rest /= (unsigned)n;
            apply(&l, &policy, &told[list[pick]]);
            list[pick] = list[n - 1];
        }
        expect_sound(&l);
        assert_int_equal(l.balance, 23);
        points_ledger_free(&l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_come_in_and_go_out),
        cmocka_unit_test(everything_counts_once_and_is_reversed_once),
        cmocka_unit_test(a_refused_redemption_is_judged_again_when_older_points_come),
        cmocka_unit_test(points_run_out),
        cmocka_unit_test(points_may_last_for_ever),
        cmocka_unit_test(whole_units_earn_points),
        cmocka_unit_test(other_events_say_what_they_say),
        cmocka_unit_test(currencies_are_never_added_up_when_one_is_named),
        cmocka_unit_test(a_void_says_so_whatever_the_rule_gives_now),
        cmocka_unit_test(names_are_those_that_are_stored),
        cmocka_unit_test(the_order_of_telling_does_not_matter_for_one_redemption),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
