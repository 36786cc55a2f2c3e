/* SPDX-License-Identifier: Apache-2.0 */
/* report_book_calls.c - follow-ups, what moves customers, and what they buy. */
#include "services/reporting/report_book_private.h"

#define HUNDREDTH 1e-2

/* The columns are too wide for it. */
/* clang-format off */
static const struct report_column follow_ups[] = {
    {"planned", WORDS("Planned", "计划"), WORDS("Follow-ups planned.", "计划的回访数。"), UNIT(COUNT), COUNTS(MEASURE_FOLLOW_UPS_PLANNED)},
    {"due", WORDS("Due", "到期"), WORDS("Follow-ups due.", "到期的回访数。"), UNIT(COUNT), COUNTS(MEASURE_FOLLOW_UPS_DUE)},
    {"done", WORDS("Done", "完成"), WORDS("The customer was reached.", "已联系到客户的回访数。"), UNIT(COUNT), COUNTS(MEASURE_FOLLOW_UPS_DONE)},
    {"merged", WORDS("Merged", "合并"), WORDS("The call of another one covered it.", "由另一次回访涵盖的回访数。"), UNIT(COUNT), COUNTS(MEASURE_FOLLOW_UPS_MERGED)},
    {"suppressed", WORDS("Suppressed", "有意不做"), WORDS("Not made on purpose.", "有意不做的回访数。"), UNIT(COUNT), COUNTS(MEASURE_FOLLOW_UPS_SUPPRESSED)},
    {"missed", WORDS("Missed", "错过"), WORDS("The window passed.", "错过时限的回访数。"), UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_FOLLOW_UPS_MISSED)},
    {"failed", WORDS("Failed", "失败"), WORDS("All attempts were used up.", "用尽尝试次数的回访数。"), UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_FOLLOW_UPS_FAILED)},
    {"listed", WORDS("For a person", "待人工"), WORDS("Waits for a person to look.", "等待人工处理的回访数。"), UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_FOLLOW_UPS_LISTED)},
    {"done_share", WORDS("Done share", "完成率"), WORDS("Done or merged, of those due.", "完成或合并的占到期的比例。"), UNIT(SHARE),
     SHARE((MEASURE_FOLLOW_UPS_DONE, MEASURE_FOLLOW_UPS_MERGED), (MEASURE_FOLLOW_UPS_DUE))},
    {"placed", WORDS("Calls placed", "拨出"), WORDS("Attempts in which a telephone rang.", "拨通响铃的次数。"), UNIT(COUNT), COUNTS(MEASURE_CALLS_PLACED)},
    {"reached", WORDS("Calls reached", "接通"), WORDS("The customer was there.", "客户接听的次数。"), UNIT(COUNT), COUNTS(MEASURE_CALLS_REACHED)},
    {"reached_share", WORDS("Reached share", "接通率"), WORDS("Of the calls placed.", "接通占拨出的比例。"), UNIT(SHARE), SHARE((MEASURE_CALLS_REACHED), (MEASURE_CALLS_PLACED))},
    {"lateness_median", WORDS("Lateness, median", "延迟中位数"), WORDS("Half were first tried within this time after they were due.", "一半的回访在到期后此时间内首次尝试。"),
     UNIT(DURATION), LESS_BETTER, QUANTILE(MEASURE_FOLLOW_UP_LATENESS, 0.5)},
    {"lateness_p90", WORDS("Lateness, 90 %", "延迟 90 分位"), WORDS("Nine of ten were first tried within this time after they were due.", "九成的回访在到期后此时间内首次尝试。"),
     UNIT(DURATION), LESS_BETTER, QUANTILE(MEASURE_FOLLOW_UP_LATENESS, 0.9)},
    {"answers", WORDS("Answers", "评价"), WORDS("Answers that came from follow-ups.", "由回访得到的评价数。"), UNIT(COUNT), COUNTS(MEASURE_FOLLOW_UP_ANSWERS)},
    {.name = NULL},
};

static const struct report_column reasons[] = {
    {"ended", WORDS("Ended", "已结束"), WORDS("Follow-ups that ended for this reason.", "因此原因结束的回访数。"), UNIT(COUNT),
     COUNTS(MEASURE_FOLLOW_UPS_DONE, MEASURE_FOLLOW_UPS_SUPPRESSED, MEASURE_FOLLOW_UPS_MISSED, MEASURE_FOLLOW_UPS_FAILED, MEASURE_FOLLOW_UPS_LISTED)},
    {"share", WORDS("Share", "占比"), WORDS("Of all that ended.", "占全部已结束回访的比例。"), UNIT(SHARE), .formula = {.kind = FORMULA_PART,
     .of = {MEASURE_FOLLOW_UPS_DONE, MEASURE_FOLLOW_UPS_SUPPRESSED, MEASURE_FOLLOW_UPS_MISSED, MEASURE_FOLLOW_UPS_FAILED, MEASURE_FOLLOW_UPS_LISTED}}},
    {"done", WORDS("Done", "完成"), WORDS("The customer was reached.", "已联系到客户的回访数。"), UNIT(COUNT), COUNTS(MEASURE_FOLLOW_UPS_DONE)},
    {"merged", WORDS("Merged", "合并"), WORDS("The call of another one covered it; not among the ended.", "由另一次回访涵盖，不计入已结束。"), UNIT(COUNT), COUNTS(MEASURE_FOLLOW_UPS_MERGED)},
    {"suppressed", WORDS("Suppressed", "有意不做"), WORDS("Not made on purpose.", "有意不做的回访数。"), UNIT(COUNT), COUNTS(MEASURE_FOLLOW_UPS_SUPPRESSED)},
    {"missed", WORDS("Missed", "错过"), WORDS("The window passed.", "错过时限的回访数。"), UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_FOLLOW_UPS_MISSED)},
    {"failed", WORDS("Failed", "失败"), WORDS("All attempts were used up.", "用尽尝试次数的回访数。"), UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_FOLLOW_UPS_FAILED)},
    {"listed", WORDS("For a person", "待人工"), WORDS("Waits for a person to look.", "等待人工处理的回访数。"), UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_FOLLOW_UPS_LISTED)},
    {.name = NULL},
};

static const struct report_column movements[] = {
    {"fell", WORDS("Fell", "下降"), WORDS("Times that an event lowered a loyalty index.", "事件使忠诚度指数下降的次数。"), UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_INDEX_FELL)},
    {"fell_points", WORDS("Points lost", "失分"), WORDS("By how many points of 100, added up.", "下降的总分。"), UNIT(SCORE), LESS_BETTER,
     .formula = {.kind = FORMULA_SUM, .of = {MEASURE_INDEX_FELL}, .scale = HUNDREDTH}},
    {"rose", WORDS("Rose", "上升"), WORDS("Times that an event raised a loyalty index.", "事件使忠诚度指数上升的次数。"), UNIT(COUNT), COUNTS(MEASURE_INDEX_ROSE)},
    {"rose_points", WORDS("Points won", "得分"), WORDS("By how many points of 100, added up.", "上升的总分。"), UNIT(SCORE),
     .formula = {.kind = FORMULA_SUM, .of = {MEASURE_INDEX_ROSE}, .scale = HUNDREDTH}},
    {"tier_up", WORDS("To a higher tier", "升级"), WORDS("Customers who rose to a higher tier.", "升到更高等级的客户数。"), UNIT(COUNT), COUNTS(MEASURE_TIER_UP)},
    {"tier_down", WORDS("To a lower tier", "降级"), WORDS("Customers who fell to a lower tier.", "降到更低等级的客户数。"), UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_TIER_DOWN)},
    {"churn_raised", WORDS("More at risk", "流失风险上升"), WORDS("Customers whose risk to leave rose by a level.", "流失风险升高一级的客户数。"), UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_CHURN_RAISED)},
    {"trust_broken", WORDS("Trust broken", "信任破裂"), WORDS("Customers whose trust fell below what the settings call broken.", "信任度降到设定下限以下的客户数。"), UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_TRUST_BROKEN)},
    {.name = NULL},
};

static const struct report_column purchases[] = {
    {"purchases", WORDS("Purchases", "购买"), WORDS("Purchases.", "购买次数。"), UNIT(COUNT), COUNTS(MEASURE_PURCHASES)},
    {"paid", WORDS("With an amount", "有金额的购买"), WORDS("Purchases of which the amount is known.", "有金额记录的购买次数。"), UNIT(COUNT), COUNTS(MEASURE_REVENUE)},
    {"revenue", WORDS("Revenue", "销售额"), WORDS("What was paid.", "支付金额。"), UNIT(MONEY), .is_money = true, SUM_OF(MEASURE_REVENUE)},
    {"refunds", WORDS("Refunds", "退款"), WORDS("Refunds.", "退款次数。"), UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_REFUNDS)},
    {"refunded", WORDS("Refunded", "退款额"), WORDS("What was given back.", "退还金额。"), UNIT(MONEY), LESS_BETTER, .is_money = true, SUM_OF(MEASURE_REFUNDS)},
    {.name = NULL},
};
/* clang-format on */

const struct report_kind report_follow_ups = {
    .name = "follow_ups",
    .title = WORDS("Follow-ups", "回访"),
    .summary = WORDS("What was due, what became of it, and how many customers were reached.",
                     "到期回访的结果与接通情况。"),
    .columns = follow_ups,
    .groups = BY_FOLLOW_UP,
    .has_time_groups = true,
    .usual = GROUP_DAY,
    .filters = BY_FOLLOW_UP,
};

const struct report_kind report_reasons = {
    .name = "reasons",
    .title = WORDS("Why follow-ups ended", "回访结束原因"),
    .summary =
        WORDS("Follow-ups by the reason for which they ended as they did.", "回访按结束原因统计。"),
    .columns = reasons,
    .groups = BIT(REASON) | BY_FOLLOW_UP,
    .has_time_groups = true,
    .usual = GROUP_DIMENSION,
    .usual_dimension = DIMENSION_REASON,
    .filters = BIT(REASON) | BY_FOLLOW_UP,
};

const struct report_kind report_movements = {
    .name = "movements",
    .title = WORDS("Movements of loyalty", "忠诚度变动"),
    .summary = WORDS("Whose loyalty rose or fell, and what moved it.", "忠诚度升降及其原因。"),
    .columns = movements,
    .groups = BIT(REASON) | BIT(MOVE),
    .has_time_groups = true,
    .usual = GROUP_DIMENSION,
    .usual_dimension = DIMENSION_REASON,
    .filters = BIT(REASON) | BIT(MOVE),
};

const struct report_kind report_purchases = {
    .name = "purchases",
    .title = WORDS("Purchases", "购买"),
    .summary = WORDS("What customers bought and gave back.", "客户的购买与退款。"),
    .columns = purchases,
    .groups = BIT(BRANCH) | BIT(PRODUCT) | BIT(CURRENCY),
    .has_time_groups = true,
    .usual = GROUP_DAY,
    .filters = BIT(BRANCH) | BIT(PRODUCT) | BIT(CURRENCY),
};
