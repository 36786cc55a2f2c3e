/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/score_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/model/decay.h"
#include "services/loyalty/score_words_table.h"

#define NOW_US (DECAY_LANDMARK_US + 2000 * DURATION_DAY)

/* An account with something of everything. */
static struct account full_account(void)
{
    struct account a = account_empty;

    a.sums[MEASURE_TRUST] = (struct measure_sum){.count = 4, .weight = 5.25, .value = -1.25};
    a.sums[MEASURE_LATE] = (struct measure_sum){.count = 1, .weight = 1, .value = 0.5};
    a.sums[MEASURE_BROKEN] = (struct measure_sum){.count = 2, .weight = 2, .value = 2};
    a.sums[MEASURE_SATISFACTION] = (struct measure_sum){.count = 3, .weight = 2, .value = 8};
    a.sums[MEASURE_EXPERIENCE] = (struct measure_sum){.count = 1, .weight = 1, .value = -0.5};
    a.sums[MEASURE_RECOMMENDATION] = (struct measure_sum){.count = 4, .weight = 4, .value = 1};
    a.sums[MEASURE_PROMOTERS] = (struct measure_sum){.count = 2, .weight = 2, .value = 2};
    a.sums[MEASURE_DETRACTORS] = (struct measure_sum){.count = 1, .weight = 1, .value = 1};
    a.sums[MEASURE_EFFORT] = (struct measure_sum){.count = 2, .weight = 2, .value = 11};
    a.sums[MEASURE_GAP_TANGIBLES] = (struct measure_sum){.count = 1, .weight = 1, .value = 0};
    a.sums[MEASURE_GAP_RELIABILITY] = (struct measure_sum){.count = 2, .weight = 2, .value = -6};
    a.sums[MEASURE_COMPLAINTS] = (struct measure_sum){.count = 2, .weight = 4096, .value = 4096};
    a.sums[MEASURE_RECENT] = (struct measure_sum){.count = 3, .weight = 2, .value = 4};
    a.sums[MEASURE_PURCHASES] = (struct measure_sum){.count = 5, .weight = 1, .value = 99};
    a.first_purchase_us = NOW_US - 400 * DURATION_DAY;
    a.last_purchase_us = a.seen_us = NOW_US - 100 * DURATION_DAY;
    a.purchase_days = 5;
    return a;
}

static const struct score full_score = {
    .trust = 0.372,
    .trust_uncertainty = 0.276,
    .churn = 0.344,
    .is_churn_by_rule = true,
    .has_alive = true,
    .alive = 0.87,
    .expected_purchases = 2.34,
};

static struct score_explained explained(const struct account *a, const struct score *s,
                                        bool is_chinese)
{
    return (struct score_explained){
        .account = a,
        .score = s,
        .policy = &score_policy_default,
        .fits = &fit_set_none,
        .at_us = NOW_US,
        .is_chinese = is_chinese,
    };
}

static void assert_because(const struct score_explained *x, enum contribution c, const char *want)
{
    struct text text = {.data = NULL};

    score_words_because(x, c, &text);
    assert_string_equal(text_or_empty(&text), want);
    text_free(&text);
}

/* The formatter of version 14 breaks down here. */
/* clang-format off */
static void with_figures_every_contribution_names_them(void **state)
{
    static const struct {
        enum contribution c;
        const char *english, *chinese;
    } cases[] = {
        {CONTRIBUTION_BASE, "where every customer starts", "每位客户的起点"},
        {CONTRIBUTION_TRUST,
         "4 promises ended: 1 kept, 1 kept late, 2 broken; chance that the next is kept 37 %, "
         "uncertainty 0.28", "4 项承诺已到期：按时兑现 1 项，逾期兑现 1 项，未兑现 2 项；预计下一项的兑现率为 37%，不确定度 0.28"},
        {CONTRIBUTION_SATISFACTION,
         "3 answers on the company as a whole, 4.00 of 5 on average; newer ones count more",
         "3 次总体满意度评价，平均 4.00 分（满分 5 分，越近的权重越高）"},
        {CONTRIBUTION_EXPERIENCE,
         "answers about 1 case: at peak and end it felt -0.50 (-1 very bad, 1 very good)",
         "1 起个案有评价：按高峰与结尾计，感受为 -0.50（-1 很差，1 很好）"},
        {CONTRIBUTION_RECOMMENDATION,
         "4 answers on recommending us: promoters 2, passives 1, detractors 1; NPS +25",
         "4 次推荐意愿评价：推荐者 2，中立者 1，贬损者 1；NPS +25"},
        {CONTRIBUTION_EFFORT, "2 answers on effort, 5.50 of 7 on average (7 is easy)",
         "2 次省力度评价，平均 5.50 分（7 分表示最省力）"},
        {CONTRIBUTION_SERVICE_GAP,
         "in 3 questions the service felt 1.50 below what was expected, most in reliability "
         "(-3.00)", "3 个问项中，实际感受比期望低 1.50 分，差距最大的是可靠性（-3.00）"},
        {CONTRIBUTION_PURCHASES,
         "5 purchases so far; 2.3 more expected in the next year, chance of still being a "
         "customer 87 %",
         "至今购买 5 次；预计未来一年再购买 2.3 次，仍是活跃客户的概率为 87%"},
    };
    struct account a = full_account();

    assert_int_equal(ARRAY_LEN(cases), CONTRIBUTION_COUNT);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct score_explained english = explained(&a, &full_score, false);
        struct score_explained chinese = explained(&a, &full_score, true);
        assert_because(&english, cases[i].c, cases[i].english);
        assert_because(&chinese, cases[i].c, cases[i].chinese);
    }
}
/* clang-format on */

static void without_figures_every_contribution_says_none_yet(void **state)
{
    for (int c = CONTRIBUTION_TRUST; c < CONTRIBUTION_COUNT; c++) {
        for (int is_chinese = 0; is_chinese <= 1; is_chinese++) {
            const struct score none = {.is_churn_by_rule = true};
            struct score_explained x = explained(&account_empty, &none, is_chinese != 0);
            struct text text = {.data = NULL};
            score_words_because(&x, (enum contribution)c, &text);
            assert_non_null(strstr(text.data, is_chinese ? "还没有" : "yet"));
            text_free(&text);
        }
    }
}

static void above_what_was_expected_is_said_as_such(void **state)
{
    struct account a = account_empty;
    const struct score none = {.is_churn_by_rule = true};
    struct score_explained x = explained(&a, &none, false);

    a.sums[MEASURE_GAP_EMPATHY] = (struct measure_sum){.count = 1, .weight = 1, .value = 2};
    assert_because(&x, CONTRIBUTION_SERVICE_GAP,
                   "in 1 question the service felt 2.00 above what was expected, least in empathy "
                   "(+2.00)");
}

static void without_a_purchase_model_the_sentence_says_so(void **state)
{
    struct account a = full_account();
    struct score s = full_score;
    struct score_explained x = explained(&a, &s, false);

    s.has_alive = false;
    a.sums[MEASURE_PURCHASES].weight =
        decay_forward_weight(score_policy_default.half_life_us[MEASURE_PURCHASES], NOW_US);
    assert_because(&x, CONTRIBUTION_PURCHASES,
                   "5 purchases so far, counting as 1.0 now; no purchase model is fitted yet");
}

static void assert_churn(const struct score_explained *x, const char *const *parts)
{
    struct text text = {.data = NULL};

    score_words_churn(x, &text);
    for (; *parts != NULL; parts++) {
        assert_non_null(strstr(text.data, *parts));
    }
    text_free(&text);
}

static void the_risk_names_the_rule_and_what_weighs_most(void **state)
{
    static const char *const english[] = {"34 % chance to leave", "documented rule",
                                          "most: ", "2 complaints", NULL};
    static const char *const chinese[] = {"34%", "既定规则", "主要原因：", "2 次投诉", NULL};
    struct account a = full_account();
    struct score_explained x = explained(&a, &full_score, false);

    for (int m = 1; m < MEASURE_END; m++) { /* as new as can be */
        double now = decay_forward_weight(score_policy_default.half_life_us[m], NOW_US);
        a.sums[m].weight *= now;
        a.sums[m].value *= now;
    }
    assert_churn(&x, english);
    x.is_chinese = true;
    assert_churn(&x, chinese);
}

static void the_risk_names_the_model_when_one_is_trained(void **state)
{
    static const char *const english[] = {"by the model trained", "only 87 % chance", NULL};
    static const char *const chinese[] = {"训练的模型", "概率只有 87%", NULL};
    struct fit_set fits = fit_set_none;
    struct account a = full_account();
    struct score s = full_score;
    struct score_explained x = explained(&a, &s, false);

    s.is_churn_by_rule = false;
    fits.has_churn = true;
    fits.churn_calibration[1] = 1;
    for (size_t i = 0; i <= CHURN_FEATURE_COUNT; i++) {
        fits.churn_coefficients[i] = i == 4 ? 5 : 0; /* gone alone */
    }
    x.fits = &fits;
    assert_churn(&x, english);
    x.is_chinese = true;
    assert_churn(&x, chinese);
}

static void without_a_sign_the_risk_says_so(void **state)
{
    static const char *const english[] = {"nothing in particular", NULL};
    const struct score none = {.is_churn_by_rule = true, .churn = 0.1, .trust = 0.5};
    struct score_explained x = explained(&account_empty, &none, false);

    assert_churn(&x, english);
}

static size_t places_in(const char *text)
{
    size_t places = 0;

    for (; (text = strchr(text, '{')) != NULL; text++) {
        places++;
    }
    return places;
}

static void every_phrase_has_the_same_places_in_both_languages(void **state)
{
    for (int i = 0; i < PHRASE_COUNT; i++) {
        const char *english = phrase_text((enum phrase)i, false);
        const char *chinese = phrase_text((enum phrase)i, true);
        assert_non_null(english);
        assert_non_null(chinese);
        assert_int_equal(places_in(english), places_in(chinese));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_figures_every_contribution_names_them),
        cmocka_unit_test(without_figures_every_contribution_says_none_yet),
        cmocka_unit_test(above_what_was_expected_is_said_as_such),
        cmocka_unit_test(without_a_purchase_model_the_sentence_says_so),
        cmocka_unit_test(the_risk_names_the_rule_and_what_weighs_most),
        cmocka_unit_test(the_risk_names_the_model_when_one_is_trained),
        cmocka_unit_test(without_a_sign_the_risk_says_so),
        cmocka_unit_test(every_phrase_has_the_same_places_in_both_languages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
