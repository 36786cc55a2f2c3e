/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_simulation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
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

static void shares_of_more_than_one_are_refused(void **state)
{
    struct dialer_simulation s = usual;
    struct err err = ERR_NONE;
    assert_int_equal(dialer_simulation_check(&s, &err), 0);

    s.busy = 0.9;

    assert_int_equal(dialer_simulation_check(&s, &err), -1);
    assert_string_equal(err.code, "setting_invalid");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_call_ends_the_same_way),
        cmocka_unit_test(seed_number_attempt_and_time_each_change_the_call),
        cmocka_unit_test(outcomes_have_the_shares_of_the_settings),
        cmocka_unit_test(answers_are_in_range_and_only_of_who_answered),
        cmocka_unit_test(the_mood_follows_the_promises),
        cmocka_unit_test(shares_of_more_than_one_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
