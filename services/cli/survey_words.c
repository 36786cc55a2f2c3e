/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/survey_words.h"

/* The formatter counts bytes, not columns. */
/* clang-format off */

/* English, Chinese */
static const char *const labels[SURVEY_LABEL_COUNT][2] = {
    [SURVEY_LABEL_ANSWERS_FROM] = {"Answers from ", "评价时间："},
    [SURVEY_LABEL_TO] = {"to", "至"},
    [SURVEY_LABEL_NONE] = {"Fewer than 5 answers.", "评价不足 5 份。"},
    [SURVEY_LABEL_COMPANY] = {"the company", "全公司"},
    [SURVEY_LABEL_UNNAMED] = {"(none named)", "（未注明）"},
    [SURVEY_LABEL_TOO_FEW] = {"too few", "样本太少"},
    [SURVEY_LABEL_MEAN] = {"all, mean", "总体（均值）"},
    [SURVEY_LABEL_WEIGHTED] = {"all, weighted", "总体（加权）"},

    [SURVEY_LABEL_WHO] = {"WHO", "对象"},
    [SURVEY_LABEL_BRANCH] = {"BRANCH", "门店"},
    [SURVEY_LABEL_PRODUCT] = {"PRODUCT", "产品"},
    [SURVEY_LABEL_TEAM] = {"TEAM", "团队"},
    [SURVEY_LABEL_ANSWERS] = {">ANSWERS", ">评价数"},
    [SURVEY_LABEL_OF] = {">OF", ">份数"},
    [SURVEY_LABEL_CSAT] = {">CSAT", ">满意度"},
    [SURVEY_LABEL_SATISFIED] = {">SATISFIED", ">满意率"},
    [SURVEY_LABEL_NPS] = {">NPS", ">净推荐值"},
    [SURVEY_LABEL_CES] = {">CES", ">省力度"},
    [SURVEY_LABEL_DIMENSION] = {"DIMENSION", "维度"},
    [SURVEY_LABEL_EXPECTED] = {">EXPECTED", ">期望"},
    [SURVEY_LABEL_PERCEIVED] = {">PERCEIVED", ">感受"},
    [SURVEY_LABEL_GAP] = {">GAP", ">差距"},
    [SURVEY_LABEL_ALPHA] = {">ALPHA", ">α 系数"},
    [SURVEY_LABEL_GRADE] = {"GRADE", "模糊综合评价"},
    [SURVEY_LABEL_QUADRANT] = {"WHAT TO DO", "改进方向"},

    [SURVEY_LABEL_ABOUT_FEW] = {
        "In brackets: what it may really be (95 %). Fewer than 5 answers are no figure: '-' or too few.",
        "括号内为 95% 置信区间。不足 5 份评价不显示数值（“-”或“样本太少”）。"},
    [SURVEY_LABEL_ORDERED] = {
        "the lowest first: a group's mean is drawn to the company's as if by 10 more answers, for the order\n"
        "alone; the figures shown are its own.",
        "从低到高排列：排序时各组均值以 10 份全公司平均评价加以收缩，仅用于排序；表中为各组原值。"},
    [SURVEY_LABEL_BY_NAME] = {"Ordered by name.", "按名称排列。"},
    [SURVEY_LABEL_BEYOND] = {
        "Answers of groups after the first 500, which count for the company alone: ",
        "前 500 组之外、仅计入全公司的评价份数："},
    [SURVEY_LABEL_ABOUT_ALPHA] = {
        "ALPHA n/30: so many answers had all items of the dimension, 30 are needed. Items rotate, a few to\n"
        "each customer, so most answers have not; what was not asked counts nowhere.",
        "α 系数列 n/30：完整回答该维度全部题目的评价有 n 份，至少需要 30 份。题目轮换提问，每位客户只答几题；\n"
        "未问的题目不计入。"},
    [SURVEY_LABEL_GIVEN] = {
        "GRADE: fuzzy evaluation, dimensions weighed as given by --weights; in brackets how far it holds.\n"
        "WHAT TO DO compares the dimensions of a group with each other: by weight, and by what was perceived.",
        "模糊综合评价：维度权重由 --weights 给定；括号内为隶属度。\n"
        "改进方向：按权重与感受均值，对同一组的各维度相互比较（重要性—绩效分析）。"},
    [SURVEY_LABEL_ENTROPY] = {
        "GRADE: fuzzy evaluation, dimensions weighed by entropy over the groups; in brackets how far it\nholds.",
        "模糊综合评价：维度权重按各组数据的熵权法确定；括号内为隶属度。"},
    [SURVEY_LABEL_EQUAL] = {
        "GRADE: fuzzy evaluation, all dimensions weigh the same; in brackets how far it holds.",
        "模糊综合评价：各维度权重相同；括号内为隶属度。"},
};

/* Of servqual_scale_1988. */
static const char *const dimensions[][2] = {
    {"tangibles", "有形性"},
    {"reliability", "可靠性"},
    {"responsiveness", "响应性"},
    {"assurance", "保证性"},
    {"empathy", "移情性"},
};

static const char *const grades[][2] = {
    {"very dissatisfied", "很不满意"},
    {"dissatisfied", "不满意"},
    {"rather dissatisfied", "较不满意"},
    {"neutral", "一般"},
    {"rather satisfied", "较满意"},
    {"satisfied", "满意"},
    {"very satisfied", "很满意"},
};

static const char *const quadrants[][2] = {
    [QUADRANT_KEEP_UP] = {"keep it up", "继续保持"},
    [QUADRANT_CONCENTRATE_HERE] = {"concentrate here", "重点改进"},
    [QUADRANT_LOW_PRIORITY] = {"low priority", "次要改进"},
    [QUADRANT_POSSIBLE_OVERKILL] = {"possible overkill", "供给过度"},
};
/* clang-format on */

const char *survey_label(enum survey_label label, bool is_chinese)
{
    return labels[label][is_chinese ? 1 : 0];
}

const char *survey_dimension_word(size_t dimension, bool is_chinese)
{
    return dimensions[dimension][is_chinese ? 1 : 0];
}

const char *survey_grade_word(size_t grade, bool is_chinese)
{
    return grades[grade - 1][is_chinese ? 1 : 0];
}

const char *survey_quadrant_word(enum quadrant q, bool is_chinese)
{
    return quadrants[q][is_chinese ? 1 : 0];
}
