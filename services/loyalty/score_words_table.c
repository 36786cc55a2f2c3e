/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/score_words_table.h"

#include <inttypes.h>

#include "common/base/log.h"

/* The formatter counts bytes, not columns. */
/* clang-format off */
static const char *const phrases[PHRASE_COUNT][2] = {
    [PHRASE_BASE] =
        {"where every customer starts",
         "每位客户的起点"},
    [PHRASE_TRUST] =
        {"{1} ended: {2} kept, {3} kept late, {4} broken; chance that the next is kept {5},"
         " uncertainty {6}",
         "{1}已到期：按时兑现 {2} 项，逾期兑现 {3} 项，未兑现 {4} 项；预计下一项的兑现率为 {5}，不确定度 {6}"},
    [PHRASE_TRUST_NONE] =
        {"no promise has ended yet",
         "还没有到期的承诺"},
    [PHRASE_SATISFACTION] =
        {"{1} on the company as a whole, {2} of 5 on average; newer ones count more",
         "{1}，平均 {2} 分（满分 5 分，越近的权重越高）"},
    [PHRASE_SATISFACTION_NONE] =
        {"no answer on the company as a whole yet",
         "还没有总体满意度评价"},
    [PHRASE_EXPERIENCE] =
        {"answers about {1}: at peak and end it felt {2} (-1 very bad, 1 very good)",
         "{1}有评价：按高峰与结尾计，感受为 {2}（-1 很差，1 很好）"},
    [PHRASE_EXPERIENCE_NONE] =
        {"no answer about a case yet",
         "还没有针对个案的评价"},
    [PHRASE_RECOMMENDATION] =
        {"{1} on recommending us: promoters {2}, passives {3}, detractors {4}; NPS {5}",
         "{1}：推荐者 {2}，中立者 {3}，贬损者 {4}；NPS {5}"},
    [PHRASE_RECOMMENDATION_NONE] =
        {"no answer yet on recommending us",
         "还没有推荐意愿（NPS）评价"},
    [PHRASE_EFFORT] =
        {"{1} on effort, {2} of 7 on average (7 is easy)",
         "{1}，平均 {2} 分（7 分表示最省力）"},
    [PHRASE_EFFORT_NONE] =
        {"no answer on effort yet",
         "还没有办事省力度（CES）评价"},
    [PHRASE_GAP_BELOW] =
        {"in {1} the service felt {2} below what was expected, most in {3} ({4})",
         "{1}中，实际感受比期望低 {2} 分，差距最大的是{3}（{4}）"},
    [PHRASE_GAP_ABOVE] =
        {"in {1} the service felt {2} above what was expected, least in {3} ({4})",
         "{1}中，实际感受比期望高 {2} 分，相对最弱的是{3}（{4}）"},
    [PHRASE_GAP_NONE] =
        {"no answer yet on what was expected and what was felt",
         "还没有期望与感受（SERVQUAL）的评价"},
    [PHRASE_PURCHASES_EXPECTED] =
        {"{1} so far; {2} more expected in the next year, chance of still being a customer {3}",
         "至今购买 {1}；预计未来一年再购买 {2} 次，仍是活跃客户的概率为 {3}"},
    [PHRASE_PURCHASES_FADED] =
        {"{1} so far, counting as {2} now; no purchase model is fitted yet",
         "至今购买 {1}，随时间折减后相当于 {2} 次；购买模型尚未拟合"},
    [PHRASE_PURCHASES_NONE] =
        {"no purchase yet",
         "还没有购买"},

    [PHRASE_CHURN_RULE] =
        {"{1} chance to leave within half a year, by the documented rule (no model is trained yet)",
         "半年内流失的概率为 {1}（按既定规则估算，尚无训练好的模型）"},
    [PHRASE_CHURN_MODEL] =
        {"{1} chance to leave within half a year, by the model trained on our own history",
         "半年内流失的概率为 {1}（由本公司历史数据训练的模型估算）"},
    [PHRASE_CHURN_BECAUSE] =
        {"; what weighs most: ",
         "；主要原因："},
    [PHRASE_CHURN_NOTHING] =
        {"; nothing in particular points to it",
         "；没有明显的流失迹象"},
    [PHRASE_LIST_COMMA] =
        {", ",
         "、"},
    [PHRASE_COMPLAINTS] =
        {"{1}",
         "{1}"},
    [PHRASE_BROKEN] =
        {"{1}",
         "{1}"},
    [PHRASE_SILENT_MONTHS] =
        {"not heard of for {1}",
         "已 {1}没有联系"},
    [PHRASE_SILENT_DAYS] =
        {"not heard of for {1}",
         "已 {1}没有联系"},
    [PHRASE_HARDLY_ALIVE] =
        {"only {1} chance of still being a customer",
         "仍是活跃客户的概率只有 {1}"},
    [PHRASE_OVERDUE] =
        {"the next purchase is long overdue ({1} since the last)",
         "早该再次购买（距上次已 {1}）"},
    [PHRASE_FALLING] =
        {"satisfaction fell by {1}",
         "满意度下降了 {1} 分"},
    [PHRASE_DISSATISFIED] =
        {"lately satisfied with {1} of 5",
         "近期满意度只有 {1} 分（满分 5 分）"},
    [PHRASE_DISTRUST] =
        {"only {1} of promises expected to be kept",
         "承诺的预计兑现率只有 {1}"},
    [PHRASE_VALUE] =
        {"{1}",
         "购买 {1}"},

    [PHRASE_TANGIBLES] = {"tangibles", "有形性"},
    [PHRASE_RELIABILITY] = {"reliability", "可靠性"},
    [PHRASE_RESPONSIVENESS] = {"responsiveness", "响应性"},
    [PHRASE_ASSURANCE] = {"assurance", "保证性"},
    [PHRASE_EMPATHY] = {"empathy", "移情性"},
};

/* one, several, Chinese with its measure word */
static const char *const units[UNIT_COUNT][3] = {
    [UNIT_PROMISES] = {"promise", "promises", "项承诺"},
    [UNIT_SATISFACTION_ANSWERS] = {"answer", "answers", "次总体满意度评价"},
    [UNIT_CASES] = {"case", "cases", "起个案"},
    [UNIT_RECOMMENDATION_ANSWERS] = {"answer", "answers", "次推荐意愿评价"},
    [UNIT_EFFORT_ANSWERS] = {"answer", "answers", "次省力度评价"},
    [UNIT_ITEMS] = {"question", "questions", "个问项"},
    [UNIT_PURCHASES] = {"purchase", "purchases", "次"},
    [UNIT_COMPLAINTS] = {"complaint", "complaints", "次投诉"},
    [UNIT_BROKEN_PROMISES] = {"broken promise", "broken promises", "项未兑现的承诺"},
    [UNIT_MONTHS] = {"month", "months", "个月"},
    [UNIT_DAYS] = {"day", "days", "天"},
};
/* clang-format on */

static char *next_place(struct phrase_values *v)
{
    if (v->count == PHRASE_VALUES_MAX) {
        BUG("a phrase has not that many places");
    }
    return v->text[v->count++];
}

void phrase_put_count(struct phrase_values *v, int64_t n, enum phrase_unit unit)
{
    const char *word = units[unit][v->is_chinese ? 2 : n != 1];

    (void)text_format(next_place(v), PHRASE_VALUE_SIZE, "%" PRId64 " %s", n, word);
}

void phrase_put_number(struct phrase_values *v, int64_t n)
{
    (void)text_format(next_place(v), PHRASE_VALUE_SIZE, "%" PRId64, n);
}

void phrase_put_decimal(struct phrase_values *v, double x, int digits)
{
    (void)text_format(next_place(v), PHRASE_VALUE_SIZE, "%.*f", digits, x);
}

void phrase_put_signed(struct phrase_values *v, double x, int digits)
{
    (void)text_format(next_place(v), PHRASE_VALUE_SIZE, "%+.*f", digits, x);
}

void phrase_put_share(struct phrase_values *v, double share)
{
    (void)text_format(next_place(v), PHRASE_VALUE_SIZE, v->is_chinese ? "%.0f%%" : "%.0f %%",
                      100 * share);
}

void phrase_put_phrase(struct phrase_values *v, enum phrase other)
{
    (void)text_copy(next_place(v), PHRASE_VALUE_SIZE, phrase_text(other, v->is_chinese));
}

const char *phrase_text(enum phrase phrase, bool is_chinese)
{
    return phrases[phrase][is_chinese ? 1 : 0];
}

void phrase_append(struct text *to, enum phrase phrase, const struct phrase_values *v)
{
    for (const char *c = phrase_text(phrase, v->is_chinese); *c != '\0'; c++) {
        size_t place = (size_t)(c[0] == '{' ? c[1] - '1' : PHRASE_VALUES_MAX);

        if (place >= PHRASE_VALUES_MAX) {
            text_append_len(to, c, 1);
            continue;
        }
        if (place >= v->count) {
            BUG("a phrase has a place that nothing fills");
        }
        text_append(to, v->text[place]);
        c += 2; /* the digit and the brace */
    }
}
