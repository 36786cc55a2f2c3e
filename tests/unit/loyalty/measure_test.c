/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/measure.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/model/beta_reputation.h"
#include "services/loyalty/score_policy.h"

#define STATE(name) TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name
#define MADE_US     INT64_C(1767225600000000) /* 2026-01-01 */
#define GIVEN_US    (4 * DURATION_DAY)
#define NONE        0
#define CONFIRMED   1
#define DISPUTED    (-1)

static const struct score_policy *const policy = &score_policy_default;

static struct evidence promise_of(int promise_state, double late_by)
{
    return (struct evidence){
        .customer = 1,
        .kind = EVIDENCE_PROMISE,
        .subject = 5,
        .version = 2,
        .value = promise_state,
        .at_us = MADE_US + GIVEN_US,
        .made_us = MADE_US,
        .due_us = MADE_US + GIVEN_US,
        .done_us = MADE_US + GIVEN_US + (int64_t)(late_by * (double)GIVEN_US),
    };
}

static size_t shares_of(int promise_state, double late_by, int said, int why,
                        struct share ret[static SHARES_MAX])
{
    struct evidence promise = promise_of(promise_state, late_by);
    struct evidence word = {.kind = EVIDENCE_WORD, .version = said != NONE, .value = said};
    struct evidence cause = {.kind = EVIDENCE_CAUSE, .version = 1, .value = why};

    return shares_of_promise(policy, &promise, &word, &cause, ret);
}

static void a_promise_says_what_became_of_it(void **state)
{
    static const struct {
        int state;
        double late_by;
        int word, cause;
        int second; /* 0: TRUST alone */
        double weight, grade;
    } cases[] = {
        {STATE(KEPT),              -0.5, NONE,      0, 0,              1,     1   },
        {STATE(KEPT_LATE),         0.25, NONE,      0, MEASURE_LATE,   1,     0.75},
        {STATE(KEPT_LATE),         1,    NONE,      0, MEASURE_LATE,   1,     0   },
        {STATE(KEPT_LATE),         1.5,  NONE,      0, MEASURE_LATE,   1,     -0.5},
        {STATE(KEPT_LATE),         9,    NONE,      0, MEASURE_LATE,   1,     -1  },
        {STATE(BROKEN),            0,    NONE,      0, MEASURE_BROKEN, 2.25,  -1  },
        {STATE(BROKEN),            0,    NONE,      1, MEASURE_BROKEN, 2.25,  -1  },
        {STATE(BROKEN),            0,    NONE,      2, MEASURE_BROKEN, 1.125, -1  },
        {STATE(RENEGOTIATED_LATE), 0,    NONE,      0, MEASURE_BROKEN, 2.25,  -1  },
        {STATE(KEPT),              0,    CONFIRMED, 0, 0,              2,     1   },
        {STATE(KEPT_LATE),         0.25, CONFIRMED, 0, MEASURE_LATE,   2,     0.75},
        {STATE(KEPT_LATE),         9,    CONFIRMED, 0, MEASURE_LATE,   2,     0   },
        {STATE(BROKEN),            0,    CONFIRMED, 2, 0,              2,     1   },
        {STATE(KEPT),              0,    DISPUTED,  0, MEASURE_BROKEN, 4.5,   -1  },
        {STATE(KEPT_LATE),         0.25, DISPUTED,  2, MEASURE_BROKEN, 2.25,  -1  },
        {STATE(BROKEN),            0,    DISPUTED,  0, MEASURE_BROKEN, 4.5,   -1  },
    };
    struct share shares[SHARES_MAX];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t count =
            shares_of(cases[i].state, cases[i].late_by, cases[i].word, cases[i].cause, shares);
        if (count != (cases[i].second ? 2 : 1) || shares[0].measure != MEASURE_TRUST ||
            shares[0].weight != cases[i].weight || shares[0].value != cases[i].grade ||
            (count == 2 && ((int)shares[1].measure != cases[i].second || shares[1].weight != 1))) {
            fail_msg("case %zu: weight %g, grade %g", i, shares[0].weight, shares[0].value);
        }
    }
}

static void promises_that_have_not_ended_say_nothing_whatever_the_customer_says(void **state)
{
    static const int silent[] = {STATE(UNSPECIFIED), STATE(OPEN),   STATE(AT_RISK),
                                 STATE(WITHDRAWN),   STATE(WAIVED), STATE(RENEGOTIATED)};
    struct share shares[SHARES_MAX];

    for (size_t i = 0; i < ARRAY_LEN(silent); i++) {
        assert_int_equal(shares_of(silent[i], 0, NONE, 0, shares), 0);
        assert_int_equal(shares_of(silent[i], 0, DISPUTED, 0, shares), 0);
    }
    assert_int_equal(shares_of_promise(policy, NULL, NULL, NULL, shares), 0);
}

static void without_times_late_is_half_kept_and_half_broken(void **state)
{
    struct evidence promise = promise_of(STATE(KEPT_LATE), 3);
    struct share shares[SHARES_MAX];

    promise.due_us = 0;
    assert_int_equal(shares_of_promise(policy, &promise, NULL, NULL, shares), 2);
    assert_true(shares[0].value == 0 && shares[1].value == 0);
    promise.due_us = INT64_MIN;
    promise.made_us = INT64_MAX;
    assert_int_equal(shares_of_promise(policy, &promise, NULL, NULL, shares), 2);
    assert_true(shares[0].value == 0);
}

static double expectation_after(int promise_state, double late_by)
{
    struct share shares[SHARES_MAX];

    (void)shares_of(promise_state, late_by, NONE, 0, shares);
    return reputation_expectation(
        reputation_of_sums(shares[0].weight, shares[0].weight * shares[0].value));
}

static void the_later_a_promise_is_kept_the_less_the_next_is_believed(void **state)
{
    double before = expectation_after(STATE(KEPT), -1);

    assert_true(expectation_after(STATE(KEPT), 0) <= before);
    for (int days = 1; days <= 12; days++) {
        double after = expectation_after(STATE(KEPT_LATE), (double)days / 4);
        assert_true(after < before || (days > 8 && after == before));
        before = after;
    }
    assert_true(expectation_after(STATE(BROKEN), 0) < before);
}

static void answers_count_where_they_belong(void **state)
{
    static const struct {
        struct evidence e;
        int first, second;
        double value;
    } cases[] = {
        {{.kind = EVIDENCE_CSAT, .value = 4},                                       MEASURE_RECENT,         MEASURE_SATISFACTION, 4  },
        {{.kind = EVIDENCE_CSAT, .value = 4, .service_case = 9},                    MEASURE_RECENT,         0,                    4  },
        {{.kind = EVIDENCE_CES, .value = 6, .service_case = 9},                     MEASURE_EFFORT,         0,                    6  },
        {{.kind = EVIDENCE_NPS, .value = 9},                                        MEASURE_RECOMMENDATION, MEASURE_PROMOTERS,    1  },
        {{.kind = EVIDENCE_NPS, .value = 8},                                        MEASURE_RECOMMENDATION, 0,                    0  },
        {{.kind = EVIDENCE_NPS, .value = 7},                                        MEASURE_RECOMMENDATION, 0,                    0  },
        {{.kind = EVIDENCE_NPS, .value = 6},                                        MEASURE_RECOMMENDATION, MEASURE_DETRACTORS,   -1 },
        {{.kind = EVIDENCE_SERVQUAL, .dimension = 1, .value = 2, .expectation = 7},
         MEASURE_GAP_TANGIBLES,                                                                             0,
         -5                                                                                                                          },
        {{.kind = EVIDENCE_SERVQUAL, .dimension = 5, .value = 7, .expectation = 6},
         MEASURE_GAP_EMPATHY,                                                                               0,
         1                                                                                                                           },
        {{.kind = EVIDENCE_SERVQUAL, .dimension = 5, .value = 7},                   0,                      0,                    0  },
        {{.kind = EVIDENCE_SERVQUAL, .dimension = 5, .expectation = 7},             0,                      0,                    0  },
        {{.kind = EVIDENCE_COMPLAINT, .value = 1},                                  MEASURE_COMPLAINTS,     0,                    1  },
        {{.kind = EVIDENCE_COMPLAINT, .value = 0},                                  0,                      0,                    0  },
        {{.kind = EVIDENCE_PURCHASE, .value = 500},                                 MEASURE_PURCHASES,      0,                    500},
        {{.kind = EVIDENCE_REFUND, .value = 500},                                   MEASURE_REFUNDS,        0,                    500},
        {{.kind = EVIDENCE_WORD, .value = 1},                                       0,                      0,                    0  },
        {{.kind = EVIDENCE_NPS, .value = 9, .is_void = true},                       0,                      0,                    0  },
    };
    struct share shares[SHARES_MAX];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct evidence e = cases[i].e;
        e.version = 1;
        size_t count = shares_of_thing(&e, shares);
        size_t want = (cases[i].first != 0) + (size_t)(cases[i].second != 0);
        if (count != want ||
            (count > 0 &&
             ((int)shares[0].measure != cases[i].first || shares[0].value != cases[i].value)) ||
            (count > 1 && (int)shares[1].measure != cases[i].second)) {
            fail_msg("case %zu", i);
        }
    }
}

static void a_case_is_remembered_by_its_peak_and_its_end(void **state)
{
    static const struct evidence answers[] = {
        {.kind = EVIDENCE_CSAT, .value = 5, .at_us = 10, .subject = 1}, /* 1 */
        {.kind = EVIDENCE_CES,  .value = 1, .at_us = 30, .subject = 2}, /* -1: as far, and later */
        {.kind = EVIDENCE_CSAT, .value = 4, .at_us = 40, .subject = 3}, /* 0.5: the end */
    };
    const struct evidence *orders[][3] = {
        {&answers[0], &answers[1], &answers[2]},
        {&answers[2], &answers[1], &answers[0]},
        {&answers[1], &answers[2], &answers[0]},
    };
    struct share shares[SHARES_MAX];

    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        assert_int_equal(shares_of_case(orders[i], 3, shares), 1);
        assert_int_equal(shares[0].measure, MEASURE_EXPERIENCE);
        assert_true(shares[0].value == -0.25);
        assert_int_equal(shares[0].at_us, 40);
    }
    assert_int_equal(shares_of_case(orders[0], 1, shares), 1);
    assert_true(shares[0].value == 1);
    assert_int_equal(shares_of_case(orders[0], 0, shares), 0);
}

/* ---- accounts */

#define SHARE_COUNT 400

static void random_shares(struct share *list, unsigned seed)
{
    struct random_data data = {.state = NULL};
    char memory[64];
    int32_t r[3];

    (void)initstate_r(seed, memory, sizeof(memory), &data);
    for (size_t i = 0; i < SHARE_COUNT; i++) {
        for (size_t k = 0; k < ARRAY_LEN(r); k++) {
            (void)random_r(&data, &r[k]);
        }
        list[i] = (struct share){
            .measure = (enum measure)(1 + r[0] % (MEASURE_END - 1)),
            .at_us = MADE_US - (int64_t)(r[1] % 4000) * DURATION_DAY,
            .weight = 1 + r[2] % 3,
            .value = r[2] % 1000 - 500,
        };
    }
}

static void what_was_taken_back_leaves_no_trace_in_any_order(void **state)
{
    struct share shares[SHARE_COUNT];

    for (unsigned seed = 1; seed <= 20; seed++) {
        struct account a = account_empty;
        random_shares(shares, seed);
        account_apply(&a, policy, shares, SHARE_COUNT, 1);
        for (size_t i = 0; i < SHARE_COUNT; i++) {
            account_apply(&a, policy, &shares[i * 7 % SHARE_COUNT], 1, -1);
        }
        for (size_t m = 1; m < MEASURE_END; m++) {
            assert_int_equal(a.sums[m].count, 0);
            assert_true(a.sums[m].weight == 0 && a.sums[m].value == 0);
        }
    }
}

static void near(double x, double y)
{
    assert_true(fabs(x - y) <= 1e-9 * fmax(1, fabs(y)));
}

static void several_who_are_one_have_what_one_with_all_has(void **state)
{
    struct share shares[SHARE_COUNT];
    struct account whole = account_empty, merged = account_empty, parts[3];

    random_shares(shares, 99);
    account_apply(&whole, policy, shares, SHARE_COUNT, 1);
    for (size_t p = 0; p < ARRAY_LEN(parts); p++) {
        parts[p] = account_empty;
        for (size_t i = p; i < SHARE_COUNT; i += ARRAY_LEN(parts)) {
            account_apply(&parts[p], policy, &shares[i], 1, 1);
        }
    }
    parts[1].first_purchase_us = 20;
    parts[1].last_purchase_us = 40;
    parts[2].first_purchase_us = 10;
    parts[2].last_purchase_us = 30;
    parts[1].purchase_days = parts[2].purchase_days = 2;
    parts[0].seen_us = 50;
    account_add_currency(&parts[1], "CNY");
    for (size_t p = 0; p < ARRAY_LEN(parts); p++) {
        account_merge(&merged, &parts[p]);
    }
    for (size_t m = 1; m < MEASURE_END; m++) {
        assert_int_equal(merged.sums[m].count, whole.sums[m].count);
        near(merged.sums[m].weight, whole.sums[m].weight);
        near(merged.sums[m].value, whole.sums[m].value);
    }
    assert_int_equal(merged.first_purchase_us, 10);
    assert_int_equal(merged.last_purchase_us, 40);
    assert_int_equal(merged.purchase_days, 4);
    assert_int_equal(merged.seen_us, 50);
    assert_string_equal(merged.currency, "CNY");
    account_add_currency(&parts[2], "EUR");
    account_merge(&merged, &parts[2]);
    assert_string_equal(merged.currency, "***");
}

static void every_measure_has_a_name_of_its_own(void **state)
{
    for (int m = 1; m < MEASURE_END; m++) {
        for (int other = 1; other < m; other++) {
            assert_string_not_equal(measure_name((enum measure)m),
                                    measure_name((enum measure)other));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_promise_says_what_became_of_it),
        cmocka_unit_test(promises_that_have_not_ended_say_nothing_whatever_the_customer_says),
        cmocka_unit_test(without_times_late_is_half_kept_and_half_broken),
        cmocka_unit_test(the_later_a_promise_is_kept_the_less_the_next_is_believed),
        cmocka_unit_test(answers_count_where_they_belong),
        cmocka_unit_test(a_case_is_remembered_by_its_peak_and_its_end),
        cmocka_unit_test(what_was_taken_back_leaves_no_trace_in_any_order),
        cmocka_unit_test(several_who_are_one_have_what_one_with_all_has),
        cmocka_unit_test(every_measure_has_a_name_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
