/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/score_labels.h"

#include <stddef.h>
#include <string.h>

#include "common/base/compiler.h"

/* The formatter counts bytes, not columns. */
/* clang-format off */

/* English, Chinese */
static const char *const labels[SCORE_LABEL_COUNT][2] = {
    [SCORE_LABEL_INDEX] = {"loyalty index", "忠诚度指数"},
    [SCORE_LABEL_OF_100] = {"of 100", "/ 100"},
    [SCORE_LABEL_TIER] = {"tier", "等级"},
    [SCORE_LABEL_AS_OF] = {"as of", "截至"},
    [SCORE_LABEL_TRUST] = {"trust", "信任"},
    [SCORE_LABEL_UNCERTAINTY] = {"uncertainty", "不确定度"},
    [SCORE_LABEL_KEPT] = {"promises kept", "项承诺按时兑现"},
    [SCORE_LABEL_BROKEN] = {"late or broken", "项逾期或未兑现"},
    [SCORE_LABEL_CHURN] = {"churn", "流失风险"},
    [SCORE_LABEL_SATISFACTION] = {"satisfied", "满意度"},
    [SCORE_LABEL_OF_5] = {"of 5 in", "分（满分 5 分），"},
    [SCORE_LABEL_ANSWER_ONE] = {"answer", "次评价"},
    [SCORE_LABEL_ANSWERS] = {"answers", "次评价"},
    [SCORE_LABEL_VALUE] = {"value", "价值"},
    [SCORE_LABEL_EXPECTED] = {"purchases expected in the next year", "次购买（预计未来一年）"},
    [SCORE_LABEL_WORTH] = {"worth", "金额"},
    [SCORE_LABEL_ALIVE] = {"still a customer:", "活跃概率"},
    [SCORE_LABEL_MERGED] = {"person", "同一人"},
    [SCORE_LABEL_MERGED_ONE] = {"other customer is the same person: all of it counts here", "个其他客户号属于同一人，证据一并计入"},
    [SCORE_LABEL_MERGED_MANY] = {"other customers are the same person: all of it counts here", "个其他客户号属于同一人，证据一并计入"},
    [SCORE_LABEL_REPLAY] = {"replay", "重放"},
    [SCORE_LABEL_REPLAY_AGREES] = {"replay agrees: the events of the log give", "重放一致：由事件日志重新计算得"},
    [SCORE_LABEL_REPLAY_DIFFERS] = {"REPLAY DIFFERS: the events of the log give", "重放不一致：由事件日志重新计算得"},
    [SCORE_LABEL_SUM] = {"index", "指数"},
    [SCORE_LABEL_SUM_OF_ALL] = {"the sum of all", "以上各项之和"},
    [SCORE_LABEL_MOVES] = {"Last moves", "最近变动"},
    [SCORE_LABEL_EVIDENCE] = {"Evidence", "证据"},
    [SCORE_LABEL_NO_SCORES] = {"No scores.", "没有符合条件的客户。"},
    [SCORE_LABEL_NO_GROUPS] = {"No promise has ended yet.", "还没有到期的承诺。"},
    [SCORE_LABEL_COMPANY] = {"the company", "全公司"},

    [SCORE_LABEL_POINTS] = {">POINTS", ">得分"},
    [SCORE_LABEL_FROM] = {"FROM", "来源"},
    [SCORE_LABEL_BECAUSE] = {"BECAUSE", "原因"},
    [SCORE_LABEL_TIME] = {"TIME", "时间"},
    [SCORE_LABEL_BEFORE] = {">BEFORE", ">之前"},
    [SCORE_LABEL_AFTER] = {">AFTER", ">之后"},
    [SCORE_LABEL_MOVE] = {">MOVE", ">变动"},
    [SCORE_LABEL_REASON] = {"MOST BY", "主要来源"},
    [SCORE_LABEL_EVENT] = {"EVENT", "事件"},
    [SCORE_LABEL_KIND] = {"KIND", "类型"},
    [SCORE_LABEL_SUBJECT] = {"ABOUT", "编号"},
    [SCORE_LABEL_ANSWER] = {">VALUE", ">数值"},
    [SCORE_LABEL_WEIGHT] = {">WEIGHT", ">权重"},
    [SCORE_LABEL_CUSTOMER] = {"CUSTOMER", "客户"},
    [SCORE_LABEL_INDEX_COLUMN] = {">INDEX", ">指数"},
    [SCORE_LABEL_TIER_COLUMN] = {"TIER", "等级"},
    [SCORE_LABEL_CHURN_COLUMN] = {">CHURN", ">流失风险"},
    [SCORE_LABEL_TRUST_COLUMN] = {">TRUST", ">信任"},
    [SCORE_LABEL_WHY] = {"WEIGHS MOST", "主要原因"},
    [SCORE_LABEL_WHO] = {"WHO", "对象"},
    [SCORE_LABEL_BRANCH] = {"BRANCH", "门店"},
    [SCORE_LABEL_TEAM] = {"TEAM", "团队"},
    [SCORE_LABEL_PROMISE_KIND] = {"KIND OF PROMISE", "承诺类型"},
    [SCORE_LABEL_UNCERTAINTY_COLUMN] = {">UNCERTAINTY", ">不确定度"},
    [SCORE_LABEL_KEPT_COLUMN] = {">KEPT", ">按时兑现"},
    [SCORE_LABEL_LATE_COLUMN] = {">LATE", ">逾期兑现"},
    [SCORE_LABEL_BROKEN_COLUMN] = {">BROKEN", ">未兑现"},
};

/* word, English (NULL: as it is), Chinese */
static const struct {
    const char *word, *english, *chinese;
} words[] = {
    {"base", NULL, "起点"},
    {"trust", NULL, "承诺兑现"},
    {"satisfaction", NULL, "总体满意"},
    {"experience", NULL, "服务体验"},
    {"recommendation", NULL, "推荐意愿"},
    {"effort", NULL, "办事省力"},
    {"service_gap", "service gap", "期望差距"},
    {"purchases", NULL, "购买"},

    {"bronze", NULL, "铜卡"},
    {"silver", NULL, "银卡"},
    {"gold", NULL, "金卡"},

    {"low", NULL, "低"},
    {"raised", NULL, "偏高"},
    {"high", NULL, "高"},

    {"promise_kept", "promise kept", "承诺按时兑现"},
    {"promise_kept_late", "promise kept late", "承诺逾期兑现"},
    {"promise_broken", "promise broken", "承诺未兑现"},
    {"confirmed", "customer confirmed it", "客户确认兑现"},
    {"disputed", "customer disputed it", "客户否认兑现"},
    {"csat", "CSAT", "满意度"},
    {"nps", "NPS", "推荐意愿"},
    {"ces", "CES", "省力度"},
    {"servqual", "SERVQUAL gap", "期望差距"},
    {"complaint", NULL, "投诉"},
    {"purchase", NULL, "购买"},
    {"refund", NULL, "退款"},

    {"first_response", "first response", "首次响应"},
    {"next_update", "next update", "下次进展"},
    {"resolution", NULL, "解决"},
    {"callback", "call back", "回电"},
    {"custom", NULL, "其他约定"},
    {"compensation", NULL, "补偿"},
};
/* clang-format on */

const char *score_label(enum score_label label, bool is_chinese)
{
    return labels[label][is_chinese ? 1 : 0];
}

const char *score_word(const char *word, bool is_chinese)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcmp(words[i].word, word) == 0 && (is_chinese || words[i].english)) {
            return is_chinese ? words[i].chinese : words[i].english;
        }
    }
    return word;
}
