/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_simulation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "event.pb-c.h"

enum {
    CALLS = 20000
};

static const struct dialer_simulation usual = {
    .seed = 7,
    .no_answer = 0.12,
    .busy = 0.08,
    .voicemail = 0.04,
    .refused = 0.03,
    .wrong_number = 0.03,
};

static struct dialer_order order_of(int number, int32_t kept, int32_t broken)
{
    struct dialer_order o = {
        .attempt = 1,
        .promises_kept = kept,
        .promises_broken = broken,
        .now_us = 1000000,
    };
    (void)text_format(o.phone, sizeof(o.phone), "+86138%08d", number);
    (void)text_format(o.key, sizeof(o.key), "F-%d-0/1", number);
    return o;
}

static struct dialer_result call(const struct dialer_simulation *s, const struct dialer_order *o)
{
    struct dialer_result r;
    dialer_simulation_call(s, o, &r);
    return r;
}

static void the_same_call_ends_the_same_way(void **state)
{
    for (int i = 0; i < 200; i++) {
        struct dialer_order o = order_of(i, 1, 0);
        struct dialer_result first = call(&usual, &o);
        /* The key that processes happened to give does not matter. */
        (void)text_format(o.key, sizeof(o.key), "F-%d-1/1", i + 999);
        struct dialer_result second = call(&usual, &o);

        assert_memory_equal(&first, &second, sizeof(first));
    }
}

static void seed_number_attempt_and_time_each_change_the_call(void **state)
{
    struct dialer_simulation other_seed = usual;
    int differ[4] = {0};
    other_seed.seed = 8;
    for (int i = 0; i < 1000; i++) {
        struct dialer_order o = order_of(i, 1, 0);
        struct dialer_order other_number = order_of(i + 100000, 1, 0);
        struct dialer_order other_attempt = o;
        struct dialer_order other_time = o;
        other_attempt.attempt = 2;
        other_time.now_us = 2000000;
        int32_t outcome = call(&usual, &o).outcome;

        differ[0] += outcome != call(&other_seed, &o).outcome;
        differ[1] += outcome != call(&usual, &other_number).outcome;
        differ[2] += outcome != call(&usual, &other_attempt).outcome;
        differ[3] += outcome != call(&usual, &other_time).outcome;
    }
    for (size_t i = 0; i < ARRAY_LEN(differ); i++) {
        /* Two independent draws differ in 1 - (0.7^2 + 0.12^2 + ...) = 0.49 of all cases. */
        assert_in_range(differ[i], 420, 560);
    }
}

static void outcomes_have_the_shares_of_the_settings(void **state)
{
    static const struct {
        int32_t outcome;
        double share;
    } cases[] = {
        {TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_ANSWERED,     0.70},
        {TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_NO_ANSWER,    0.12},
        {TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_BUSY,         0.08},
        {TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_VOICEMAIL,    0.04},
        {TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_REFUSED,      0.03},
        {TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_WRONG_NUMBER, 0.03},
    };
    int counts[16] = {0};
    for (int i = 0; i < CALLS; i++) {
        struct dialer_order o = order_of(i, 1, 0);
        counts[call(&usual, &o).outcome & 15]++;
    }
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        double share = (double)counts[cases[i].outcome] / CALLS;
        if (share < cases[i].share - 0.012 || share > cases[i].share + 0.012) {
            fail_msg("outcome %d: %.3f", cases[i].outcome, share);
        }
    }
}

static void answers_are_in_range_and_only_of_who_answered(void **state)
{
    int nps_count = 0;
    int answered = 0;
    for (int i = 0; i < CALLS; i++) {
        struct dialer_order o = order_of(i, i % 3, i % 2);
        struct dialer_result r = call(&usual, &o);
        assert_int_equal(r.started_us, o.now_us);
        assert_int_equal(r.ended_us, o.now_us);
        if (r.outcome != (int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_ANSWERED) {
            assert_int_equal(r.answer_count, 0);
            continue;
        }
        answered++;
        assert_in_range(r.answer_count, 1, 2);
        assert_int_equal(r.answers[0].instrument,
                         TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CSAT);
        assert_in_range(r.answers[0].value, 1, 5);
        if (r.answer_count == 2) {
            nps_count++;
            assert_int_equal(r.answers[1].instrument,
                             TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_NPS);
            assert_in_range(r.answers[1].value, 0, 10);
        }
    }
    assert_in_range(nps_count * 100 / answered, 78, 82);
}

/* Mean of CSAT in hundredths. */
static int mean_csat(int32_t kept, int32_t broken)
{
    int64_t sum = 0;
    int64_t count = 0;
    for (int i = 0; i < CALLS; i++) {
        struct dialer_order o = order_of(i, kept, broken);
        struct dialer_result r = call(&usual, &o);
        if (r.answer_count > 0) {
            sum += r.answers[0].value;
            count++;
        }
    }
    return (int)(sum * 100 / count);
}

static void the_mood_follows_the_promises(void **state)
{
    int kept = mean_csat(2, 0);
    int none = mean_csat(0, 0);
    int broken = mean_csat(1, 1);

    assert_in_range(kept, 415, 430); /* 1 to 5 with 2, 3, 10, 40, 45 % */
    assert_in_range(none, 358, 372);
    assert_in_range(broken, 224, 236);
}

/* ---- everything else that can happen */

static const struct dialer_simulation varied = {
    .seed = 7,
    .no_answer = 0.05,
    .busy = 0.05,
    .voicemail = 0.05,
    .refused = 0.10,
    .wrong_number = 0.05,
    .machine = 0.05,
    .partly_answered = 0.10,
    .call_back = 0.10,
    .language = 0.05,
    .invalid_number = 0.05,
    .failed = 0.05,
    .refused_purpose = 0.3,
    .refused_everything = 0.2,
    .new_number = 0.1,
    .notes = 0.4,
};

/* code, instrument, low, high */
static const struct {
    const char *code;
    int32_t instrument, low, high;
} items[] = {
    {"solved",                 0, 0, 1  },
    {"csat",                   1, 1, 5  },
    {"why_low",                5, 0, 100},
    {"nps",                    2, 0, 10 },
    {"ces",                    3, 1, 7  },
    {"servqual_5_expectation", 4, 1, 7  },
    {"servqual_5_perception",  4, 1, 7  },
};

/* Only who is let down is asked why. */
static struct dialer_order questions_to(int number, int32_t kept, int32_t broken)
{
    struct dialer_order o = order_of(number, kept, broken);
    for (size_t i = 0; i < ARRAY_LEN(items); i++) {
        struct dialer_item *item = &o.items[o.item_count++];
        item->instrument = items[i].instrument;
        item->low = items[i].low;
        item->high = items[i].high;
        (void)text_copy(item->code, sizeof(item->code), items[i].code);
        if (strcmp(item->code, "why_low") == 0) {
            (void)text_copy(item->only_if, sizeof(item->only_if), "csat");
            item->only_min = 1;
            item->only_max = 2;
        }
    }
    return o;
}

static void every_outcome_comes_as_often_as_it_is_set(void **state)
{
    static const double shares[] = {0,    0.30, 0.05, 0.05, 0.05, 0.10, 0.05,
                                    0.05, 0.10, 0.05, 0.10, 0.05, 0.05, 0};
    int counts[16] = {0};
    for (int i = 0; i < CALLS; i++) {
        struct dialer_order o = order_of(i, 1, 0);
        counts[call(&varied, &o).outcome & 15]++;
    }
    for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
        double share = (double)counts[i] / CALLS;
        if (share < shares[i] - 0.012 || share > shares[i] + 0.012) {
            fail_msg("outcome %zu: %.3f", i, share);
        }
    }
}

static const char *code_of(const struct dialer_result *r, size_t i)
{
    return i < r->answer_count ? r->answers[i].code : "";
}

/* The value that was given to an item; -1: it was not asked. */
static int32_t value_of(const struct dialer_result *r, const char *code)
{
    for (size_t i = 0; i < r->answer_count; i++) {
        if (strcmp(r->answers[i].code, code) == 0) {
            return r->answers[i].value;
        }
    }
    return -1;
}

static void who_answers_answers_all_that_is_asked(void **state)
{
    static const struct dialer_simulation all = {.seed = 3};
    int skipped = 0;
    for (int i = 0; i < 2000; i++) {
        struct dialer_order o = questions_to(i, i % 2, i % 3 == 0);
        struct dialer_result r = call(&all, &o);
        int32_t csat = value_of(&r, "csat");

        assert_int_equal(r.outcome, 1);
        assert_string_equal(code_of(&r, 0), "solved");
        assert_int_equal(value_of(&r, "why_low") >= 0, csat <= 2);
        skipped += value_of(&r, "why_low") < 0;
        assert_int_equal(r.answer_count, ARRAY_LEN(items) - (csat <= 2 ? 0 : 1));
        for (size_t n = 0; n < ARRAY_LEN(items); n++) {
            int32_t value = value_of(&r, items[n].code);
            if (value >= 0) {
                assert_in_range(value, items[n].low, items[n].high);
            }
        }
    }
    assert_in_range(skipped, 1000, 1800);
}

/* Mean in hundredths. */
static int mean_of(const char *code, int32_t kept, int32_t broken)
{
    static const struct dialer_simulation all = {.seed = 3};
    int64_t sum = 0;
    for (int i = 0; i < 2000; i++) {
        struct dialer_order o = questions_to(i, kept, broken);
        struct dialer_result r = call(&all, &o);
        sum += value_of(&r, code);
    }
    return (int)(sum * 100 / 2000);
}

static void answers_to_all_questions_follow_the_promises(void **state)
{
    static const char *const codes[] = {"solved", "csat", "nps", "ces", "servqual_5_perception"};
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        int kept = mean_of(codes[i], 2, 0);
        int broken = mean_of(codes[i], 1, 1);
        if (kept <= broken + 20) {
            fail_msg("%s: %d with promises kept, %d with one broken", codes[i], kept, broken);
        }
    }
    /* What is expected does not depend on what was delivered. */
    assert_in_range(mean_of("servqual_5_expectation", 1, 1), 600, 680);
    assert_in_range(mean_of("servqual_5_expectation", 2, 0), 600, 680);
}

static void each_outcome_tells_what_belongs_to_it(void **state)
{
    int kinds[4] = {0};
    int notes = 0;
    for (int i = 0; i < CALLS; i++) {
        struct dialer_order o = questions_to(i, 1, 0);
        struct dialer_result r = call(&varied, &o);
        bool is_partly =
            r.outcome == (int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_PARTLY_ANSWERED;
        bool is_answered = r.outcome == (int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_ANSWERED;
        bool is_wish = r.outcome == (int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_CALL_BACK;
        bool is_language = r.outcome == (int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_LANGUAGE;
        bool is_refused = r.outcome == (int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_REFUSED;

        assert_int_equal(r.answer_count > 0, is_answered || is_partly);
        if (is_partly) {
            assert_int_equal(r.answer_count, (ARRAY_LEN(items) + 1) / 2);
        }
        assert_int_equal(r.call_back_us != 0, is_wish);
        if (is_wish) {
            assert_in_range(r.call_back_us, o.now_us, o.now_us + 25 * DURATION_H);
            assert_int_equal(r.call_back_us % DURATION_H, 0);
        }
        assert_int_equal(r.language[0] != '\0', is_language);
        assert_int_equal(r.refusal != 0, is_refused);
        kinds[r.refusal & 3]++;
        assert_true(is_answered || (!r.note[0] && !r.new_phone[0]));
        notes += r.note[0] != '\0';
    }
    assert_in_range(kinds[1], 900, 1100); /* half of a tenth of 20000 */
    assert_in_range(kinds[2], 520, 680);
    assert_in_range(kinds[3], 340, 460);
    assert_in_range(notes, 2250, 2550); /* 0.4 of 0.3 */
}

static void a_mail_is_sent_and_answered_by_itself(void **state)
{
    int counts[16] = {0};
    for (int i = 0; i < CALLS; i++) {
        struct dialer_order o = questions_to(i, 1, 0);
        o.channel = (int32_t)TROTH__V1__CHANNEL__CHANNEL_MAIL;
        o.phone[0] = '\0';
        (void)text_format(o.address, sizeof(o.address), "c%d@example.com", i);
        struct dialer_result r = call(&varied, &o);
        counts[r.outcome & 15]++;
        assert_int_equal(r.answer_count, 0);
    }
    assert_in_range(counts[TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_SENT], 17700, 18300);
    assert_in_range(counts[TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_INVALID_NUMBER], 850, 1150);
    assert_in_range(counts[TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_FAILED], 850, 1150);
}

static void shares_of_more_than_one_are_refused(void **state)
{
    struct dialer_simulation s = usual;
    struct err err = ERR_NONE;
    assert_int_equal(dialer_simulation_check(&s, &err), 0);

    s.busy = 0.9;

    assert_int_equal(dialer_simulation_check(&s, &err), -1);
    assert_string_equal(err.code, "setting_invalid");
    s = usual;
    s.refused_purpose = 0.6;
    s.refused_everything = 0.5;
    assert_int_equal(dialer_simulation_check(&s, &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_call_ends_the_same_way),
        cmocka_unit_test(seed_number_attempt_and_time_each_change_the_call),
        cmocka_unit_test(outcomes_have_the_shares_of_the_settings),
        cmocka_unit_test(answers_are_in_range_and_only_of_who_answered),
        cmocka_unit_test(the_mood_follows_the_promises),
        cmocka_unit_test(every_outcome_comes_as_often_as_it_is_set),
        cmocka_unit_test(who_answers_answers_all_that_is_asked),
        cmocka_unit_test(answers_to_all_questions_follow_the_promises),
        cmocka_unit_test(each_outcome_tells_what_belongs_to_it),
        cmocka_unit_test(a_mail_is_sent_and_answered_by_itself),
        cmocka_unit_test(shares_of_more_than_one_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
