/* SPDX-License-Identifier: Apache-2.0 */
/* report_book_cases.c - whether problems are solved, what they come from, and who solves them. */
#include "services/reporting/report_book_private.h"
#include "services/reporting/report_factors.h"

#define QUIETLY  (MEASURE_SOLVED_QUIETLY + REPORT_SETTLED)
#define SETTLED  (MEASURE_RESOLUTION + REPORT_SETTLED)
#define AT_FIRST (MEASURE_SOLVED_AT_FIRST + REPORT_SETTLED)

/* The columns are too wide for it. */
/* clang-format off */
#define FIRST_CONTACT \
    {"first_contact", WORDS("Solved at the first contact", "一次解决率"), \
     WORDS("Of resolved cases: one contact, never opened again, and the customer confirmed it or did not return within the window. " \
           "Days whose window has not passed for all are not told yet.", \
           "已解决个案中，一次来访即解决、未重新打开，且客户确认或在观察期内未再来访的比例；观察期未全部结束的日子暂不计。"), \
     UNIT(SHARE), SHARE((AT_FIRST, QUIETLY), (SETTLED))}

static const struct report_column solving[] = {
    {"resolved", WORDS("Resolved", "已解决"), WORDS("Cases resolved, and not open again since.", "已解决且至今未重新打开的个案数。"), UNIT(COUNT), COUNTS(MEASURE_RESOLUTION)},
    FIRST_CONTACT,
    {"confirmed", WORDS("Confirmed", "客户确认"), WORDS("Solved at the first contact, and the customer confirmed it.", "一次解决且客户确认的个案数。"), UNIT(COUNT), COUNTS(MEASURE_SOLVED_AT_FIRST)},
    {"quiet", WORDS("Did not return", "未再来访"), WORDS("Solved at the first contact, and the customer did not return within the window.", "一次解决且客户在观察期内未再来访的个案数。"), UNIT(COUNT), COUNTS(QUIETLY)},
    {"reopenings", WORDS("Opened again", "重新打开"), WORDS("Cases that were resolved and opened again, on the day of that.", "解决后又重新打开的次数，计入当天。"), UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_REOPENINGS)},
    {"false_solved", WORDS("Falsely solved", "误报解决"), WORDS("We said resolved, the customer says not.", "我方称已解决而客户说没有的次数。"), UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_FALSE_SOLVED)},
    {"escalations", WORDS("Escalations", "升级"), WORDS("Steps of the ladder taken after a promise was broken.", "承诺未兑现后的升级步数。"), UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_ESCALATIONS)},
    {"expectations", WORDS("Expectations", "期望"), WORDS("Expectations with a time, of resolved cases.", "已解决个案中带时间的期望数。"), UNIT(COUNT), COUNTS(MEASURE_EXPECTATIONS)},
    {"expectations_met", WORDS("Expectations met", "期望达成率"), WORDS("Share of them that the resolution met in time.", "按期望时间解决的比例。"), UNIT(SHARE), SHARE_IN(MEASURE_EXPECTATIONS)},
    {.name = NULL},
};

static const struct report_column complaints[] = {
    {"complaints", WORDS("Complaints", "投诉"), WORDS("Complaints opened, as they are classified now.", "新开的投诉数（按目前分类）。"), UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_COMPLAINTS)},
    {"cases", WORDS("Cases", "个案"), WORDS("All cases opened.", "全部新开个案数。"), UNIT(COUNT), COUNTS(MEASURE_CASES)},
    {"share", WORDS("Share of the cases", "投诉占比"), WORDS("Complaints, of all cases opened.", "投诉占全部新开个案的比例。"), UNIT(SHARE), LESS_BETTER, SHARE((MEASURE_COMPLAINTS), (MEASURE_CASES))},
    {"purchases", WORDS("Purchases", "购买"), WORDS("Purchases in the same time.", "同期购买次数。"), UNIT(COUNT), COUNTS(MEASURE_PURCHASES)},
    {"rate", WORDS("Complaints per 1,000 purchases", "每千次购买投诉数"), WORDS("Complaints per 1,000 purchases of the same time.", "同期每千次购买的投诉数。"),
     UNIT(RATE), LESS_BETTER, .formula = {.kind = FORMULA_RATE, .of = {MEASURE_COMPLAINTS}, .by = {MEASURE_PURCHASES}}},
    {.name = NULL},
};

static const struct report_column causes[] = {
    {"cases", WORDS("Cases", "个案"), WORDS("Cases opened.", "新开个案数。"), UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_CASES)},
    {"share", WORDS("Share", "占比"), WORDS("Of all cases opened.", "占全部新开个案的比例。"), UNIT(SHARE), .formula = {.kind = FORMULA_PART, .of = {MEASURE_CASES}}},
    {"running", WORDS("Added up", "累计占比"), WORDS("This row and all before it: Pareto's few that make most.", "本行及之前各行合计占比（帕累托）。"), UNIT(SHARE), .formula = {.kind = FORMULA_RUNNING}},
    {"complaints", WORDS("Complaints", "投诉"), WORDS("Of them complaints.", "其中投诉数。"), UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_COMPLAINTS)},
    {"broken", WORDS("Promises broken", "未兑现承诺"), WORDS("Promises not done when they were due.", "到期未完成的承诺数。"), UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_PROMISES_BROKEN)},
    {"reopenings", WORDS("Opened again", "重新打开"), WORDS("Cases that were resolved and opened again.", "解决后又重新打开的次数。"), UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_REOPENINGS)},
    {"low_answers", WORDS("Low answers", "低分评价"), WORDS("Answers of CSAT 2, NPS 6, CES 3 or less.", "满意度 2 分、推荐意愿 6 分、省力度 3 分及以下的评价数。"), UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_LOW_ANSWERS)},
    {.name = NULL},
};

static const struct report_column teams[] = {
    {"cases", WORDS("Cases", "个案"), WORDS("Cases opened.", "新开个案数。"), UNIT(COUNT), COUNTS(MEASURE_CASES)},
    {"resolved", WORDS("Resolved", "已解决"), WORDS("Cases resolved, and not open again since.", "已解决且至今未重新打开的个案数。"), UNIT(COUNT), COUNTS(MEASURE_RESOLUTION)},
    {"first_response_median", WORDS("First answer, median", "首次响应中位数"), WORDS("Half of the first answers came within this calendar time.", "一半的首次响应在此时间之内。"),
     UNIT(DURATION), LESS_BETTER, QUANTILE(MEASURE_FIRST_RESPONSE, 0.5)},
    {"resolution_median", WORDS("Resolution, median", "解决时间中位数"), WORDS("Half of the cases were resolved within this calendar time.", "一半的个案在此时间之内解决。"),
     UNIT(DURATION), LESS_BETTER, QUANTILE(MEASURE_RESOLUTION, 0.5)},
    {"kept_share", WORDS("Promises kept", "承诺兑现率"), WORDS("Kept in time, of those kept and broken.", "按时兑现占按时兑现与未按时兑现之和的比例。"),
     UNIT(SHARE), SHARE((MEASURE_PROMISES_KEPT), (MEASURE_PROMISES_KEPT, MEASURE_PROMISES_BROKEN))},
    {"csat", WORDS("CSAT", "满意度均值"), WORDS("Mean of the answers 1 to 5.", "满意度均值（1 至 5 分）。"), UNIT(SCORE), MEAN_WITH(MEASURE_CSAT, MEASURE_CSAT_SQUARES)},
    FIRST_CONTACT,
    {"reopened_share", WORDS("Opened again", "重开率"), WORDS("Reopenings, of them and the resolved cases.", "重新打开次数占其与已解决个案之和的比例。"), UNIT(SHARE), LESS_BETTER,
     SHARE((MEASURE_REOPENINGS), (MEASURE_REOPENINGS, MEASURE_RESOLUTION))},
    {"complaint_share", WORDS("Complaints", "投诉占比"), WORDS("Complaints, of the cases opened.", "投诉占新开个案的比例。"), UNIT(SHARE), LESS_BETTER, SHARE((MEASURE_COMPLAINTS), (MEASURE_CASES))},
    {.name = NULL},
};

static const struct report_words team_notes[] = {
    WORDS("Who has the hardest cases has the longest times: compare within a kind of work, and look at the intervals.",
          "承接最难个案的人用时最长：请在同类工作之间比较，并看置信区间。"),
    {{NULL}},
};

static const struct report_words factor_notes[] = {
    WORDS("Which category belongs to which factor is a setting; what it does not name is 'other'.", "类别归入哪个要素由设置决定；未列出的归入“其他”。"),
    {{NULL}},
};
/* clang-format on */

const struct report_kind report_solving = {
    .name = "solving",
    .title = WORDS("Problem solving", "问题解决"),
    .summary =
        WORDS("Whether problems are solved at once and for good.", "问题是否一次解决、彻底解决。"),
    .columns = solving,
    .groups = BY_CASE | BIT(LEVEL),
    .has_time_groups = true,
    .usual = GROUP_DAY,
    .filters = BY_CASE,
    .cases = "reopened",
};

const struct report_kind report_complaints = {
    .name = "complaints",
    .title = WORDS("Complaints", "投诉"),
    .summary =
        WORDS("How many customers complain, against what was sold.", "投诉数量及其与购买量之比。"),
    .columns = complaints,
    .groups = BY_CASE,
    .has_time_groups = true,
    .usual = GROUP_DAY,
    .filters = BY_CASE,
    .cases = "opened",
};

const struct report_kind report_causes = {
    .name = "causes",
    .title = WORDS("Causes", "原因"),
    .summary =
        WORDS("What most of the work comes from (Pareto).", "工作量主要来自哪里（帕累托）。"),
    .columns = causes,
    .groups = BY_CASE,
    .usual = GROUP_DIMENSION,
    .usual_dimension = DIMENSION_CATEGORY,
    .filters = BIT(BRANCH),
    .cases = "opened",
};

const struct report_kind report_factors = {
    .name = "factors",
    .title = WORDS("The four factors", "四要素"),
    .summary = WORDS("Cases by what they come down to: product, price, channel, competitor.",
                     "个案归因：产品、价格、渠道、竞争对手。"),
    .columns = causes,
    .groups = BIT(CATEGORY),
    .usual = GROUP_DIMENSION,
    .usual_dimension = DIMENSION_CATEGORY,
    .filters = BIT(BRANCH),
    .notes = factor_notes,
    .key_of = report_factor_of,
};

const struct report_kind report_teams = {
    .name = "teams",
    .title = WORDS("Teams and staff", "团队与员工"),
    .summary = WORDS("A balanced scorecard, each figure with how sure it is.",
                     "平衡计分卡，每项附置信区间。"),
    .columns = teams,
    .groups = BIT(TEAM) | BIT(STAFF) | BIT(BRANCH),
    .has_time_groups = true,
    .usual = GROUP_DIMENSION,
    .usual_dimension = DIMENSION_TEAM,
    .filters = BIT(TEAM) | BIT(STAFF) | BIT(BRANCH),
    .cases = "opened",
    .notes = team_notes,
    .is_cautious = true,
};
