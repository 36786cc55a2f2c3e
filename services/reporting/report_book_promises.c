/* SPDX-License-Identifier: Apache-2.0 */
/* report_book_promises.c - what was promised, and what became of it. */
#include "services/reporting/report_book_private.h"

#define MILLIONTH 1e-6

/* The columns are too wide for it. */
/* clang-format off */
static const struct report_column promises[] = {
    {"made", WORDS("Made", "作出"), WORDS("Promises made.", "作出的承诺数。"), UNIT(COUNT), COUNTS(MEASURE_PROMISES_MADE)},
    {"kept", WORDS("Kept", "按时兑现"), WORDS("Promises kept in time.", "按时兑现的承诺数。"), UNIT(COUNT), COUNTS(MEASURE_PROMISES_KEPT)},
    {"broken", WORDS("Broken", "未按时兑现"),
     WORDS("Promises not done when they were due, on that day; those done or renegotiated later included.", "到期未完成的承诺，计入到期日；含逾期兑现和逾期后重新约定的。"),
     UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_PROMISES_BROKEN)},
    {"kept_share", WORDS("Kept share", "兑现率"), WORDS("Kept in time, of those kept and broken.", "按时兑现占按时兑现与未按时兑现之和的比例。"),
     UNIT(SHARE), SHARE((MEASURE_PROMISES_KEPT), (MEASURE_PROMISES_KEPT, MEASURE_PROMISES_BROKEN))},
    {"kept_late", WORDS("Kept late", "逾期兑现"), WORDS("Done after they were due.", "到期之后才完成的承诺数。"),
     UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_PROMISES_KEPT_LATE)},
    {"renegotiated", WORDS("Renegotiated", "重新约定"), WORDS("The customer agreed to another date before they were due.", "到期之前客户同意改期的承诺数。"),
     UNIT(COUNT), COUNTS(MEASURE_PROMISES_RENEGOTIATED)},
    {"renegotiated_late", WORDS("Renegotiated late", "逾期后重新约定"), WORDS("The same after they were due.", "到期之后才改期的承诺数。"),
     UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_PROMISES_RENEGOTIATED_LATE)},
    {"waived", WORDS("Waived", "客户放弃"), WORDS("The customer did not insist.", "客户表示不再要求的承诺数。"),
     UNIT(COUNT), COUNTS(MEASURE_PROMISES_WAIVED)},
    {"at_risk", WORDS("At risk", "有风险"), WORDS("Not done when 80 % of the target had passed.", "目标时间过去 80% 时仍未完成的承诺数。"),
     UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_PROMISES_AT_RISK)},
    {"lateness_median", WORDS("Lateness, median", "逾期时间中位数"), WORDS("Half of those done late were late by this much, or less.", "逾期兑现的承诺中，一半逾期不超过此值。"),
     UNIT(DURATION), LESS_BETTER, QUANTILE(MEASURE_PROMISE_LATENESS, 0.5)},
    {"lateness_p90", WORDS("Lateness, 90 %", "逾期时间 90 分位"), WORDS("Nine of ten of those done late were late by this much, or less.", "逾期兑现的承诺中，九成逾期不超过此值。"),
     UNIT(DURATION), LESS_BETTER, QUANTILE(MEASURE_PROMISE_LATENESS, 0.9)},
    {"target_used_median", WORDS("Target used, median", "目标时间用去（中位数）"),
     WORDS("Counted time over the target, of those that were done: 1 is the whole target.", "已完成承诺所用时间与目标时间之比：1 表示恰好用完。"),
     UNIT(RATE), LESS_BETTER,
     .formula = {.kind = FORMULA_QUANTILE, .of = {MEASURE_TARGET_USED}, .quantile = 0.5, .scale = MILLIONTH}},
    {"compensations", WORDS("Compensations", "补偿"), WORDS("Compensations promised.", "承诺的补偿次数。"),
     UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_COMPENSATIONS)},
    {.name = NULL},
};

static const struct report_column forecast[] = {
    {"decided", WORDS("Decided", "已有结果"), WORDS("Decided promises that had a forecast.", "作过预测且已有结果的承诺数。"),
     UNIT(COUNT), COUNTS(MEASURE_PROMISE_FORECASTS)},
    {"forecast", WORDS("Forecast", "预测兑现率"), WORDS("Mean chance that was forecast when they were made.", "作出承诺时预测的平均兑现概率。"),
     UNIT(SHARE), .formula = {.kind = FORMULA_MEAN, .of = {MEASURE_PROMISE_FORECAST_CHANCE}, .scale = MILLIONTH}},
    {"kept_share", WORDS("Kept", "实际兑现率"), WORDS("Share of them that was kept in time.", "其中按时兑现的比例。"),
     UNIT(SHARE), SHARE_IN(MEASURE_PROMISE_FORECASTS)},
    {"difference", WORDS("Forecast less kept", "预测减实际"), WORDS("Above 0: promised too boldly. Below: too timidly.", "大于 0：承诺过于乐观；小于 0：过于保守。"),
     UNIT(SCORE), .formula = {.kind = FORMULA_CALIBRATION, .of = {MEASURE_PROMISE_FORECAST_CHANCE},
                              .by = {MEASURE_PROMISE_FORECASTS}, .scale = MILLIONTH}},
    {"brier", WORDS("Brier score", "布里尔评分"), WORDS("Mean squared distance of the chance from what came: 0 is perfect; who always says one half has 0.25.", "预测概率与结果之差的平方均值：0 为完全准确，总说一半则为 0.25。"),
     UNIT(SCORE), LESS_BETTER, .formula = {.kind = FORMULA_MEAN, .of = {MEASURE_PROMISE_FORECAST_ERROR}, .scale = MILLIONTH}},
    {.name = NULL},
};

static const struct report_column word[] = {
    {"kept", WORDS("Kept", "按时兑现"), WORDS("Promises that we call kept in time.", "我方记录为按时兑现的承诺数。"), UNIT(COUNT), COUNTS(MEASURE_PROMISES_KEPT)},
    {"confirmed", WORDS("Customer: kept", "客户确认"), WORDS("The customer says that it was kept.", "客户说已兑现的承诺数。"), UNIT(COUNT), COUNTS(MEASURE_WORD_CONFIRMED)},
    {"denied", WORDS("Customer: not kept", "客户否认"), WORDS("The customer says that it was not kept.", "客户说未兑现的承诺数。"),
     UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_WORD_DENIED)},
    {"denied_share", WORDS("Not kept, by their word", "客户否认率"), WORDS("Of the promises the customer spoke about, the share said to be not kept.", "客户表态的承诺中，说未兑现的比例。"),
     UNIT(SHARE), LESS_BETTER, SHARE((MEASURE_WORD_DENIED), (MEASURE_WORD_CONFIRMED, MEASURE_WORD_DENIED))},
    {"against_ours", WORDS("Against our word", "与我方记录相反"), WORDS("We say kept, the customer says not.", "我方记录已兑现而客户说未兑现的承诺数。"),
     UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_WORD_AGAINST_OURS)},
    {.name = NULL},
};

static const struct report_column compensations[] = {
    {"compensations", WORDS("Compensations", "补偿"), WORDS("Compensations promised.", "承诺的补偿次数。"), UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_COMPENSATIONS)},
    {"amount", WORDS("Amount", "金额"), WORDS("What they are worth.", "补偿的价值。"), UNIT(MONEY), LESS_BETTER, .is_money = true, SUM_OF(MEASURE_COMPENSATIONS)},
    {.name = NULL},
};
/* clang-format on */

const struct report_kind report_promises = {
    .name = "promises",
    .title = WORDS("Promises", "承诺"),
    .summary = WORDS("What was promised, and what became of it.", "作出了哪些承诺，兑现得如何。"),
    .columns = promises,
    .groups = BY_PROMISE | BIT(CAUSE),
    .has_time_groups = true,
    .usual = GROUP_DAY,
    .filters = BY_PROMISE | BIT(CAUSE),
    .cases = "broken",
};

const struct report_kind report_forecast = {
    .name = "forecast",
    .title = WORDS("Forecasts of promises", "承诺预测"),
    .summary = WORDS("Were the chances right that were forecast when promises were made?",
                     "作出承诺时预测的兑现概率准不准。"),
    .columns = forecast,
    .groups = BY_PROMISE | BIT(CHANCE),
    .has_time_groups = true,
    .usual = GROUP_DIMENSION,
    .usual_dimension = DIMENSION_CHANCE,
    .filters = BY_PROMISE | BIT(CHANCE),
};

const struct report_kind report_word = {
    .name = "word",
    .title = WORDS("The customer's word against ours", "客户说法与我方记录"),
    .summary = WORDS("What customers say about the promises that we call kept.",
                     "我方认为已兑现的承诺，客户怎么说。"),
    .columns = word,
    .groups = BY_PROMISE,
    .has_time_groups = true,
    .usual = GROUP_DIMENSION,
    .usual_dimension = DIMENSION_PROMISE_KIND,
    .filters = BY_PROMISE,
};

const struct report_kind report_compensations = {
    .name = "compensations",
    .title = WORDS("Compensations", "补偿"),
    .summary =
        WORDS("What was promised to make good, by currency.", "为补救而承诺的补偿，按币种。"),
    .columns = compensations,
    .groups = BY_CASE | BIT(CURRENCY),
    .has_time_groups = true,
    .usual = GROUP_DIMENSION,
    .usual_dimension = DIMENSION_CURRENCY,
    .filters = BY_CASE | BIT(CURRENCY),
};
