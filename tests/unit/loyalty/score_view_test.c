/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/score_view.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/loyalty/score_past.h"
#include "services/loyalty/score_reply.h"

#define CUSTOMER    0x10107
#define NOW_US      (INT64_C(1700000000) * 1000000)
#define MESSAGE_MAX ((size_t)64 * 1024)
#define STATE(name) TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name

static struct evidence thing(enum evidence_kind kind, int64_t subject, int64_t value, int days_ago)
{
    return (struct evidence){
        .customer = CUSTOMER,
        .kind = kind,
        .subject = subject,
        .version = 1,
        .value = value,
        .at_us = NOW_US - days_ago * DURATION_DAY,
        .stream = "intake.3",
        .seq = 100 - days_ago,
    };
}

/* Newest first, as they are read. */
static void make_things(struct evidence e[static 10])
{
    e[0] = thing(EVIDENCE_PROMISE, 0x20207, STATE(BROKEN), 1);
    e[1] = thing(EVIDENCE_WORD, 0x20207, -1, 2);
    e[2] = thing(EVIDENCE_PROMISE, 0x20307, STATE(KEPT), 3);
    e[3] = thing(EVIDENCE_PROMISE, 0x20407, STATE(OPEN), 4);
    e[4] = thing(EVIDENCE_CSAT, 0x30307, 5, 5);
    e[5] = thing(EVIDENCE_CSAT, 0x30407, 2, 6);
    e[5].service_case = 0x50507;
    e[6] = thing(EVIDENCE_NPS, 0x30507, 10, 7);
    e[6].is_void = true;
    e[7] = thing(EVIDENCE_SERVQUAL, 0x30607, 3, 8);
    e[7].expectation = 5;
    e[7].dimension = 2;
    e[8] = thing(EVIDENCE_COMPLAINT, 0x50507, 1, 9);
    e[9] = thing(EVIDENCE_PURCHASE, 0x60107, 9900, 10);
    e[9].label = "CNY";
}

/* One person with these things, and the view of it. */
struct shown {
    struct score_evidence evidence[64];
    struct score_found found;
    struct score_person person;
    const struct fit_set *fits; /* NULL: none */
    Troth__V1__ScoreReply *reply;
    const Troth__V1__Score *score;
};

static void show(struct shown *s, const struct evidence *things, size_t count)
{
    const struct evidence *list[64];
    const struct score_viewing viewing = {
        .found = &s->found,
        .policy = &score_policy_default,
        .fits = s->fits == NULL ? &fit_set_none : s->fits,
        .at_us = NOW_US,
        .evidence_max = SCORE_EVIDENCE_MAX,
    };

    for (size_t i = 0; i < count; i++) {
        list[i] = &things[i];
        s->evidence[i] = (struct score_evidence){.person = CUSTOMER, .thing = things[i]};
    }
    s->person.number = CUSTOMER;
    s->person.account = score_past_account(&score_policy_default, list, count);
    s->person.standing = standing_first;
    s->person.changed_us = s->person.evaluated_us = INT64_MIN;
    s->person.next_change_us = INT64_MAX;
    s->found.evidence = s->evidence;
    s->found.evidence_count = count;
    s->reply = score_reply_new("r-1", NULL, NULL);
    score_view_add(s->reply, &viewing, &s->person);
    s->score = s->reply->scores[0];
}

static void hide(struct shown *s)
{
    troth__v1__score_reply__free_unpacked(s->reply, NULL);
}

static void contributions_add_up_and_are_within_their_range(void **state)
{
    struct evidence things[10];
    struct shown s = {.reply = NULL};
    long sum = 0;

    make_things(things);
    show(&s, things, ARRAY_LEN(things));
    assert_int_equal(s.score->n_contributions, CONTRIBUTION_COUNT);
    for (size_t i = 0; i < s.score->n_contributions; i++) {
        const Troth__V1__Contribution *c = s.score->contributions[i];
        assert_true(c->points >= c->points_min && c->points <= c->points_max);
        assert_non_null(c->because);
        sum += lround(100 * c->points);
    }
    assert_int_equal(sum, lround(100 * s.score->index));
    assert_int_equal(s.score->as_of_us, NOW_US);
    assert_string_equal(s.score->currency, "CNY");
    assert_string_equal(s.score->churn_level, "raised");
    assert_false(s.score->has_alive || s.score->has_evaluated_us || s.score->has_next_change_us);
    hide(&s);
}

static void promises_stand_with_the_word_that_was_given_on_them(void **state)
{
    struct evidence things[10];
    struct shown s = {.reply = NULL};
    char promise[IDENTIFIER_TEXT_SIZE];

    make_things(things);
    show(&s, things, ARRAY_LEN(things));
    const Troth__V1__Contribution *trust = s.score->contributions[CONTRIBUTION_TRUST];
    assert_int_equal(trust->n_evidence, 3); /* not the open one */
    assert_string_equal(trust->evidence[0]->kind, "promise_broken");
    assert_string_equal(trust->evidence[0]->subject,
                        identifier_format(IDENTIFIER_PROMISE, 0x20207, promise));
    assert_string_equal(trust->evidence[0]->event, "intake.3/7/99");
    assert_true(trust->evidence[0]->value == -1);
    assert_true(trust->evidence[0]->weight > 4.4); /* 2.25 for the break, twice that for the word */
    assert_string_equal(trust->evidence[1]->kind, "disputed");
    assert_false(trust->evidence[1]->has_weight);
    assert_string_equal(trust->evidence[2]->kind, "promise_kept");
    assert_true(trust->evidence[2]->weight < 1 && trust->evidence[2]->weight > 0.99);
    hide(&s);
}

static void each_answer_stands_where_it_counts(void **state)
{
    static const struct {
        enum contribution c;
        const char *kind; /* NULL: nothing is behind it */
        double value;
    } cases[] = {
        {CONTRIBUTION_BASE,           NULL,       0   },
        {CONTRIBUTION_SATISFACTION,   "csat",     5   },
        {CONTRIBUTION_EXPERIENCE,     "csat",     2   },
        {CONTRIBUTION_RECOMMENDATION, NULL,       0   }, /* taken back */
        {CONTRIBUTION_EFFORT,         NULL,       0   },
        {CONTRIBUTION_SERVICE_GAP,    "servqual", -2  },
        {CONTRIBUTION_PURCHASES,      "purchase", 9900},
    };
    struct evidence things[10];
    struct shown s = {.reply = NULL};

    make_things(things);
    show(&s, things, ARRAY_LEN(things));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const Troth__V1__Contribution *c = s.score->contributions[cases[i].c];
        assert_int_equal(c->n_evidence, cases[i].kind != NULL);
        if (cases[i].kind != NULL) {
            assert_string_equal(c->evidence[0]->kind, cases[i].kind);
            assert_true(c->evidence[0]->value == cases[i].value);
        }
    }
    assert_int_equal(s.score->n_complaints, 1);
    assert_string_equal(s.score->complaints[0]->kind, "complaint");
    hide(&s);
}

static void at_most_the_newest_ten_are_named(void **state)
{
    static struct evidence things[60];
    struct shown s = {.reply = NULL};

    for (int i = 0; i < 60; i++) {
        things[i] = thing(EVIDENCE_PROMISE, 0x20007 + 256 * i, STATE(KEPT), i);
    }
    show(&s, things, ARRAY_LEN(things));
    const Troth__V1__Contribution *trust = s.score->contributions[CONTRIBUTION_TRUST];
    assert_int_equal(trust->n_evidence, SCORE_EVIDENCE_MAX);
    assert_int_equal(trust->evidence[9]->at_us, NOW_US - 9 * DURATION_DAY);
    assert_int_equal(s.score->promises_kept, 60);
    hide(&s);
}

static void without_evidence_nothing_is_invented(void **state)
{
    struct shown s = {.reply = NULL};

    show(&s, NULL, 0);
    assert_true(s.score->index == 50.0);
    assert_false(s.score->has_csat_mean || s.score->has_nps || s.score->has_changed_us);
    assert_false(s.score->has_servqual_gap || s.score->has_expected_value_minor);
    assert_null(s.score->rfm);
    assert_null(s.score->currency);
    assert_true(s.score->trust == 0.5);
    assert_true(s.score->trust_uncertainty == 1.0);
    hide(&s);
}

/* Money is all that was spent, as the cuts were fitted; nothing fits another currency. */
static void customers_are_put_into_the_quintiles_of_their_currency(void **state)
{
    static const struct {
        const char *currencies[3]; /* of purchases of 100 minor units, a day apart */
        const char *rfm;           /* NULL: none */
    } cases[] = {
        {{"CNY"},               "511"},
        {{"CNY", "CNY"},        "522"},
        {{"CNY", "CNY", "CNY"}, "533"},
        {{"USD", "USD"},        NULL },
        {{"CNY", "USD", "CNY"}, NULL },
        {{NULL},                NULL },
    };
    struct fit_set fits = fit_set_none;

    fits.has_rfm = true;
    (void)text_copy(fits.rfm_currency, sizeof(fits.rfm_currency), "CNY");
    for (int i = 0; i < 4; i++) {
        fits.rfm_cuts[0][i] = 10 * (i + 1);
        fits.rfm_cuts[1][i] = i + 1;
        fits.rfm_cuts[2][i] = 100.0 * (i + 1) + 1;
    }
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct shown s = {.fits = &fits};
        struct evidence things[3];
        size_t count = 0;
        for (; count < 3 && cases[i].currencies[count] != NULL; count++) {
            things[count] = thing(EVIDENCE_PURCHASE, 0x60107 + 256 * (int)count, 100, (int)count);
            things[count].label = cases[i].currencies[count];
        }
        show(&s, things, count);
        if (cases[i].rfm == NULL) {
            assert_null(s.score->rfm);
        } else {
            assert_string_equal(s.score->rfm, cases[i].rfm);
        }
        hide(&s);
    }
}

static void a_fall_is_what_happened_since(void **state)
{
    struct shown s = {.person.fall_hundredths = -1234};

    show(&s, NULL, 0);
    assert_true(s.score->has_index_before);
    assert_true(fabs(s.score->index_before - 62.34) < 1e-9);
    hide(&s);
}

/* ---- the reply */

static void a_reply_that_is_too_large_loses_evidence_then_sentences_then_scores(void **state)
{
    static struct evidence things[60];
    struct shown s = {.reply = NULL};
    const struct score_viewing viewing = {.found = &s.found,
                                          .policy = &score_policy_default,
                                          .fits = &fit_set_none,
                                          .at_us = NOW_US,
                                          .is_chinese = true,
                                          .evidence_max = 3};

    for (int i = 0; i < 60; i++) {
        things[i] = thing(i % 2 ? EVIDENCE_NPS : EVIDENCE_PROMISE, 0x20007 + 256 * i, 3, i);
    }
    show(&s, things, ARRAY_LEN(things));
    for (int i = 0; i < 99; i++) {
        score_view_add(s.reply, &viewing, &s.person);
    }
    assert_true(troth__v1__score_reply__get_packed_size(s.reply) > MESSAGE_MAX);
    score_reply_fit(s.reply, MESSAGE_MAX);
    assert_true(troth__v1__score_reply__get_packed_size(s.reply) <= MESSAGE_MAX);
    assert_int_equal(s.reply->n_scores, 100);
    assert_non_null(s.reply->text);
    const Troth__V1__Score *last = s.reply->scores[99];
    assert_non_null(last->contributions[CONTRIBUTION_TRUST]->because); /* the weightiest stays */
    assert_null(last->contributions[CONTRIBUTION_EFFORT]->because);
    score_reply_fit(s.reply, 8192);
    assert_true(troth__v1__score_reply__get_packed_size(s.reply) <= 8192);
    assert_in_range(s.reply->n_scores, 1, 99);
    assert_null(s.reply->scores[0]->contributions[CONTRIBUTION_TRUST]->because);
    hide(&s);
}

static void a_reply_that_fits_is_left_alone(void **state)
{
    struct evidence things[10];
    struct shown s = {.reply = NULL};

    make_things(things);
    show(&s, things, ARRAY_LEN(things));
    score_reply_fit(s.reply, MESSAGE_MAX);
    assert_null(s.reply->text);
    assert_int_equal(s.score->contributions[CONTRIBUTION_TRUST]->n_evidence, 3);
    hide(&s);
}

static void a_group_is_believed_as_far_as_its_promises_were_kept(void **state)
{
    Troth__V1__ScoreReply *reply = score_reply_new(NULL, NULL, NULL);
    static const int64_t counts[3] = {3, 1, 2};

    score_reply_add_group(reply, "north", 4, -2, counts);
    assert_true(fabs(reply->groups[0]->trust - 2.0 / 6) < 1e-12);
    assert_true(fabs(reply->groups[0]->trust_uncertainty - 2.0 / 6) < 1e-12);
    assert_int_equal(reply->groups[0]->kept, 3);
    assert_int_equal(reply->groups[0]->late, 1);
    assert_int_equal(reply->groups[0]->broken, 2);
    score_reply_say_missing(reply, 2, 1);
    assert_string_equal(reply->text, "2 of them are no customers; 1 of them are erased");
    troth__v1__score_reply__free_unpacked(reply, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contributions_add_up_and_are_within_their_range),
        cmocka_unit_test(promises_stand_with_the_word_that_was_given_on_them),
        cmocka_unit_test(each_answer_stands_where_it_counts),
        cmocka_unit_test(at_most_the_newest_ten_are_named),
        cmocka_unit_test(without_evidence_nothing_is_invented),
        cmocka_unit_test(customers_are_put_into_the_quintiles_of_their_currency),
        cmocka_unit_test(a_fall_is_what_happened_since),
        cmocka_unit_test(a_reply_that_is_too_large_loses_evidence_then_sentences_then_scores),
        cmocka_unit_test(a_reply_that_fits_is_left_alone),
        cmocka_unit_test(a_group_is_believed_as_far_as_its_promises_were_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
