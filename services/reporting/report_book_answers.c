/* SPDX-License-Identifier: Apache-2.0 */
/* report_book_answers.c - what customers say of us when they are asked. */
#include "services/reporting/report_book_private.h"
#include "services/reporting/report_finish.h"

#define THOUSANDTH 1e-3

/* The columns are too wide for it. */
/* clang-format off */
static const struct report_column satisfaction[] = {
    {"csat_count", WORDS("CSAT answers", "满意度评价"), WORDS("Answers of how satisfied the customer is, 1 to 5.", "满意度评价数（1 至 5 分）。"),
     UNIT(COUNT), COUNTS(MEASURE_CSAT)},
    {"csat", WORDS("CSAT", "满意度均值"), WORDS("Mean of these answers, 1 to 5.", "满意度均值（1 至 5 分）。"), UNIT(SCORE), MEAN_WITH(MEASURE_CSAT, MEASURE_CSAT_SQUARES)},
    {"csat_satisfied", WORDS("Satisfied", "满意率"), WORDS("Share of the answers 4 and 5.", "4 分和 5 分的比例。"), UNIT(SHARE), SHARE((MEASURE_CSAT_SATISFIED), (MEASURE_CSAT))},
    {"nps_count", WORDS("NPS answers", "推荐意愿评价"), WORDS("Answers whether the customer would recommend us, 0 to 10.", "推荐意愿评价数（0 至 10 分）。"),
     UNIT(COUNT), COUNTS(MEASURE_NPS_PROMOTERS, MEASURE_NPS_PASSIVES, MEASURE_NPS_DETRACTORS)},
    {"nps", WORDS("NPS", "净推荐值"), WORDS("Share of 9 and 10 less the share of 0 to 6, in points from -100 to 100.", "9、10 分的比例减去 0 至 6 分的比例，-100 至 100。"),
     UNIT(SCORE), .formula = {.kind = FORMULA_NPS, .of = {MEASURE_NPS_PROMOTERS, MEASURE_NPS_PASSIVES, MEASURE_NPS_DETRACTORS}}},
    {"ces_count", WORDS("CES answers", "省力度评价"), WORDS("Answers of how easy it was, 1 to 7.", "省力度评价数（1 至 7 分）。"), UNIT(COUNT), COUNTS(MEASURE_CES)},
    {"ces", WORDS("CES", "省力度均值"), WORDS("Mean of these answers; 7 is very easy.", "省力度均值，7 分为非常省力。"), UNIT(SCORE), MEAN_WITH(MEASURE_CES, MEASURE_CES_SQUARES)},
    {"ces_easy", WORDS("Easy", "省力率"), WORDS("Share of the answers 5 to 7.", "5 至 7 分的比例。"), UNIT(SHARE), SHARE((MEASURE_CES_EASY), (MEASURE_CES))},
    {"peak_end", WORDS("Peak and end", "峰终评价"), WORDS("Of cases with two marks or more: mean of the strongest and the last one, from -1 to 1.", "有两次以上评价的个案：最强烈一次与最后一次的均值，-1 至 1。"),
     UNIT(SCORE), .formula = {.kind = FORMULA_MEAN, .of = {MEASURE_PEAK_END}, .scale = THOUSANDTH}},
    {"low_answers", WORDS("Low answers", "低分评价"), WORDS("Answers of CSAT 2, NPS 6, CES 3 or less.", "满意度 2 分、推荐意愿 6 分、省力度 3 分及以下的评价数。"),
     UNIT(COUNT), LESS_BETTER, COUNTS(MEASURE_LOW_ANSWERS)},
    {"low_share", WORDS("Low share", "低分率"), WORDS("Of all these answers.", "低分评价占全部评价的比例。"), UNIT(SHARE), LESS_BETTER,
     SHARE((MEASURE_LOW_ANSWERS), (MEASURE_CSAT, MEASURE_NPS_PROMOTERS, MEASURE_NPS_PASSIVES, MEASURE_NPS_DETRACTORS, MEASURE_CES))},
    {.name = NULL},
};

static const struct report_column servqual[] = {
    {"answers", WORDS("Answers", "评价数"), WORDS("Items with an expectation and a perception, 1 to 7.", "同时有期望与感受的题目评价数（1 至 7 分）。"), UNIT(COUNT), COUNTS(MEASURE_SERVQUAL_GAP)},
    {"gap", WORDS("Gap", "差距"), WORDS("Mean of perception less expectation: below 0 is worse than expected.", "感受减期望的均值：小于 0 表示不如期望。"),
     UNIT(SCORE), MEAN_WITH(MEASURE_SERVQUAL_GAP, MEASURE_SERVQUAL_GAP_SQUARES)},
    {"expectation", WORDS("Expected", "期望"), WORDS("Mean of what was expected.", "期望均值。"), UNIT(SCORE), MEAN_OF(MEASURE_SERVQUAL_EXPECTATION)},
    {"perception", WORDS("Perceived", "感受"), WORDS("Mean of what was felt.", "感受均值。"), UNIT(SCORE), MEAN_OF(MEASURE_SERVQUAL_PERCEPTION)},
    {"spread", WORDS("Spread", "离散度"), WORDS("Standard deviation of the gaps of single answers.", "单次评价差距的标准差。"),
     UNIT(SCORE), .formula = {.kind = FORMULA_SPREAD, .of = {MEASURE_SERVQUAL_GAP}, .by = {MEASURE_SERVQUAL_GAP_SQUARES}}},
    {.name = NULL},
};

static const struct report_column quadrant[] = {
    {"answers", WORDS("Answers", "评价数"), WORDS("Perceptions given, 1 to 7.", "感受评价数（1 至 7 分）。"), UNIT(COUNT), COUNTS(MEASURE_SERVQUAL_PERCEPTION)},
    {"importance", WORDS("Importance", "重要性"), WORDS("Mean expectation: what customers care for.", "期望均值：客户看重的程度。"), UNIT(SCORE), MEAN_OF(MEASURE_SERVQUAL_EXPECTATION)},
    {"performance", WORDS("Performance", "绩效"), WORDS("Mean perception.", "感受均值。"), UNIT(SCORE), MEAN_OF(MEASURE_SERVQUAL_PERCEPTION)},
    {"quadrant", WORDS("What to do", "改进方向"), WORDS("Against the means of all rows: keep up, concentrate here, low priority, possible overkill.", "与各行均值比较：继续保持、重点改进、次要、可能过度。"), UNIT(TEXT)},
    {.name = NULL},
};

static const struct report_column evaluation[] = {
    {"answers", WORDS("Answers", "评价数"), WORDS("Perceptions given, 1 to 7.", "感受评价数（1 至 7 分）。"), UNIT(COUNT), COUNTS(MEASURE_SERVQUAL_PERCEPTION)},
    {"grade", WORDS("Grade", "等级"), WORDS("The grade, 1 to 7, that the dimension belongs to most: fuzzy comprehensive evaluation.", "按最大隶属度得到的等级（1 至 7）：模糊综合评价。"), UNIT(SCORE)},
    {"membership", WORDS("Membership", "隶属度"), WORDS("How far it belongs to that grade.", "对该等级的隶属度。"), UNIT(SHARE)},
    {"score", WORDS("Score", "得分"), WORDS("The grades by their memberships, 1 to 7.", "各等级按隶属度加权的得分（1 至 7）。"), UNIT(SCORE)},
    {"weight", WORDS("Weight", "权重"), WORDS("Of the dimension in the whole.", "该维度在总体中的权重。"), UNIT(SHARE)},
    {"grade_1", WORDS("1", "1"), WORDS("Membership of grade 1.", "对等级 1 的隶属度。"), UNIT(SHARE)},
    {"grade_2", WORDS("2", "2"), WORDS("Membership of grade 2.", "对等级 2 的隶属度。"), UNIT(SHARE)},
    {"grade_3", WORDS("3", "3"), WORDS("Membership of grade 3.", "对等级 3 的隶属度。"), UNIT(SHARE)},
    {"grade_4", WORDS("4", "4"), WORDS("Membership of grade 4.", "对等级 4 的隶属度。"), UNIT(SHARE)},
    {"grade_5", WORDS("5", "5"), WORDS("Membership of grade 5.", "对等级 5 的隶属度。"), UNIT(SHARE)},
    {"grade_6", WORDS("6", "6"), WORDS("Membership of grade 6.", "对等级 6 的隶属度。"), UNIT(SHARE)},
    {"grade_7", WORDS("7", "7"), WORDS("Membership of grade 7.", "对等级 7 的隶属度。"), UNIT(SHARE)},
    {.name = NULL},
};

static const struct report_column questions[] = {
    {"answers", WORDS("Answers", "回答数"), WORDS("Answers to the company's own questions.", "企业自设问题的回答数。"), UNIT(COUNT), COUNTS(MEASURE_OWN_ANSWERS)},
    {"mean", WORDS("Mean", "均值"), WORDS("Mean of these answers, on the question's own scale: of yes and no the share of yes.", "回答均值，按题目自己的量表；是非题即答“是”的比例。"), UNIT(SCORE), MEAN_OF(MEASURE_OWN_ANSWERS)},
    {"items", WORDS("SERVQUAL answers", "SERVQUAL 评价数"), WORDS("Answers to the item with an expectation and a perception.", "该题同时有期望与感受的评价数。"), UNIT(COUNT), COUNTS(MEASURE_SERVQUAL_GAP)},
    {"gap", WORDS("SERVQUAL gap", "SERVQUAL 差距"), WORDS("Mean of perception less expectation of the item.", "该题感受减期望的均值。"),
     UNIT(SCORE), MEAN_WITH(MEASURE_SERVQUAL_GAP, MEASURE_SERVQUAL_GAP_SQUARES)},
    {.name = NULL},
};
static const struct report_words question_notes[] = {
    WORDS("Each question has its own scale: a mean over several questions says nothing.", "各题目的量表不同：多个题目合计的均值没有意义。"),
    {{NULL}},
};
/* clang-format on */

const struct report_kind report_satisfaction = {
    .name = "satisfaction",
    .title = WORDS("Satisfaction", "满意度"),
    .summary = WORDS("CSAT, NPS, CES and what stays in mind, each with how sure it is.",
                     "满意度、净推荐值、省力度与峰终评价，均附置信区间。"),
    .columns = satisfaction,
    .groups = BY_CASE,
    .has_time_groups = true,
    .usual = GROUP_DAY,
    .filters = BY_CASE,
    .cases = "low_answer",
};

const struct report_kind report_servqual = {
    .name = "servqual",
    .title = WORDS("Gaps of service quality", "服务质量差距"),
    .summary = WORDS("What was perceived less what was expected, by SERVQUAL's five dimensions.",
                     "感受与期望之差，按 SERVQUAL 五个维度。"),
    .columns = servqual,
    .groups = BY_CASE | BIT(SERVQUAL),
    .has_time_groups = true,
    .usual = GROUP_DIMENSION,
    .usual_dimension = DIMENSION_SERVQUAL,
    .filters = BY_CASE | BIT(SERVQUAL),
};

const struct report_kind report_quadrant = {
    .name = "quadrant",
    .title = WORDS("What to work on first", "重要性与绩效"),
    .summary = WORDS("Importance against performance, by SERVQUAL's five dimensions.",
                     "重要性与绩效分析，按 SERVQUAL 五个维度。"),
    .columns = quadrant,
    .groups = BIT(SERVQUAL) | BIT(QUESTION),
    .usual = GROUP_DIMENSION,
    .usual_dimension = DIMENSION_SERVQUAL,
    .filters = BIT(BRANCH),
    .finish = report_finish_quadrant,
};

const struct report_kind report_evaluation = {
    .name = "evaluation",
    .title = WORDS("Overall grade", "模糊综合评价"),
    .summary = WORDS("One grade from all perceptions: fuzzy comprehensive evaluation.",
                     "由全部感受评价得出等级：模糊综合评价。"),
    .columns = evaluation,
    .groups = BIT(SERVQUAL),
    .usual = GROUP_DIMENSION,
    .usual_dimension = DIMENSION_SERVQUAL,
    .filters = BIT(BRANCH),
    .read_dimension = DIMENSION_ANSWER,
    .finish = report_finish_evaluation,
};

const struct report_kind report_questions = {
    .name = "questions",
    .title = WORDS("Questions", "问卷题目"),
    .summary = WORDS("Answers by question: the company's own, and SERVQUAL's items.",
                     "按题目：企业自设问题与 SERVQUAL 题目。"),
    .columns = questions,
    .groups = BIT(QUESTION) | BY_CASE,
    .has_time_groups = true,
    .usual = GROUP_DIMENSION,
    .usual_dimension = DIMENSION_QUESTION,
    .filters = BIT(QUESTION) | BY_CASE,
    .notes = question_notes,
};
