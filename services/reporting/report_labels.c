/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_labels.h"

#include <stddef.h>
#include <string.h>

#include "common/base/compiler.h"
#include "common/base/text.h"

/* The formatter counts bytes, not columns. */
/* clang-format off */
static const struct {
    enum figure_dimension dimension;
    const char *value;
    struct report_words words;
} labels[] = {
    {DIMENSION_PRIORITY, "1", {{"1 urgent", "1 紧急"}}},
    {DIMENSION_PRIORITY, "2", {{"2 high", "2 高"}}},
    {DIMENSION_PRIORITY, "3", {{"3 normal", "3 普通"}}},
    {DIMENSION_PRIORITY, "4", {{"4 low", "4 低"}}},
    {DIMENSION_CONTACT_KIND, "enquiry", {{"enquiry", "咨询"}}},
    {DIMENSION_CONTACT_KIND, "complaint", {{"complaint", "投诉"}}},
    {DIMENSION_CONTACT_KIND, "request", {{"request", "服务请求"}}},
    {DIMENSION_CONTACT_KIND, "praise", {{"praise", "表扬"}}},
    {DIMENSION_PROMISE_KIND, "first_response", {{"first response", "首次响应"}}},
    {DIMENSION_PROMISE_KIND, "next_update", {{"next update", "下次进展"}}},
    {DIMENSION_PROMISE_KIND, "resolution", {{"resolution", "解决"}}},
    {DIMENSION_PROMISE_KIND, "callback", {{"call back", "回电"}}},
    {DIMENSION_PROMISE_KIND, "custom", {{"custom", "其他约定"}}},
    {DIMENSION_PROMISE_KIND, "compensation", {{"compensation", "补偿"}}},
    {DIMENSION_CAUSE, "would_not", {{"we could have, and did not", "能做而未做"}}},
    {DIMENSION_CAUSE, "could_not", {{"it could not be done", "客观上做不到"}}},
    {DIMENSION_CAUSE, "understood_differently", {{"understood differently", "双方理解不同"}}},
    {DIMENSION_CAUSE, "untold", {{"nobody said why", "未说明原因"}}},
    {DIMENSION_TRIGGER, "case_resolved", {{"case resolved", "个案已解决"}}},
    {DIMENSION_TRIGGER, "promise_at_risk", {{"promise at risk", "承诺有风险"}}},
    {DIMENSION_TRIGGER, "promise_broken", {{"promise broken", "承诺未兑现"}}},
    {DIMENSION_TRIGGER, "low_answer", {{"low answer", "低分评价"}}},
    {DIMENSION_TRIGGER, "churn_risk", {{"churn risk", "流失风险"}}},
    {DIMENSION_TRIGGER, "silence", {{"silence", "久未联系"}}},
    {DIMENSION_TRIGGER, "birthday", {{"birthday", "生日"}}},
    {DIMENSION_TRIGGER, "festival", {{"festival", "节日"}}},
    {DIMENSION_TRIGGER, "service_due", {{"service due", "保养到期"}}},
    {DIMENSION_TRIGGER, "compensation", {{"compensation", "补偿"}}},
    {DIMENSION_TRIGGER, "improvement", {{"improvement", "改进通知"}}},
    {DIMENSION_SERVQUAL, "tangibles", {{"tangibles", "有形性"}}},
    {DIMENSION_SERVQUAL, "reliability", {{"reliability", "可靠性"}}},
    {DIMENSION_SERVQUAL, "responsiveness", {{"responsiveness", "响应性"}}},
    {DIMENSION_SERVQUAL, "assurance", {{"assurance", "保证性"}}},
    {DIMENSION_SERVQUAL, "empathy", {{"empathy", "移情性"}}},
    {DIMENSION_TIER, "bronze", {{"bronze", "铜卡"}}},
    {DIMENSION_TIER, "silver", {{"silver", "银卡"}}},
    {DIMENSION_TIER, "gold", {{"gold", "金卡"}}},
    {DIMENSION_MOVE, "low", {{"low risk", "低风险"}}},
    {DIMENSION_MOVE, "raised", {{"raised risk", "风险偏高"}}},
    {DIMENSION_MOVE, "high", {{"high risk", "高风险"}}},
    {DIMENSION_CATEGORY, "product", {{"product", "产品"}}},  /* of the four factors */
    {DIMENSION_CATEGORY, "price", {{"price", "价格"}}},
    {DIMENSION_CATEGORY, "channel", {{"channel", "渠道"}}},
    {DIMENSION_CATEGORY, "competitor", {{"competitor", "竞争对手"}}},
    {DIMENSION_CATEGORY, "other", {{"other", "其他"}}},
    {DIMENSION_CHANNEL, "phone", {{"phone", "电话"}}},
    {DIMENSION_CHANNEL, "email", {{"e-mail", "电子邮件"}}},
    {DIMENSION_CHANNEL, "mail", {{"mail", "邮件"}}},
    {DIMENSION_CHANNEL, "web", {{"web", "网站"}}},
    {DIMENSION_CHANNEL, "counter", {{"counter", "柜台"}}},
    {DIMENSION_CHANNEL, "wechat", {{"WeChat", "微信"}}},
    {DIMENSION_CHANNEL, "call", {{"call", "自动致电"}}},
    {DIMENSION_CHANNEL, "message", {{"message", "短信、微信"}}},
    {DIMENSION_CHANNEL, "person", {{"by a person", "人工致电"}}},

    {DIMENSION_REASON, "answered", {{"answered", "已回答"}}},
    {DIMENSION_REASON, "partly_answered", {{"partly answered", "部分回答"}}},
    {DIMENSION_REASON, "refused", {{"refused", "客户拒绝"}}},
    {DIMENSION_REASON, "called_back", {{"the customer called us", "客户已来电"}}},
    {DIMENSION_REASON, "no_answer", {{"no answer", "无人接听"}}},
    {DIMENSION_REASON, "busy", {{"busy", "占线"}}},
    {DIMENSION_REASON, "wrong_number", {{"wrong number", "号码有误"}}},
    {DIMENSION_REASON, "invalid_number", {{"no such number", "空号"}}},
    {DIMENSION_REASON, "window_passed", {{"nobody could call in its window", "时限内未能致电"}}},
    {DIMENSION_REASON, "nothing_permitted", {{"no moment was permitted", "时限内没有允许的时间"}}},
    {DIMENSION_REASON, "history", {{"from an old record", "历史记录"}}},
    {DIMENSION_REASON, "agenda", {{"another call covers it", "另一次致电已涵盖"}}},
    {DIMENSION_REASON, "joined", {{"a call to the same person covers it", "已并入对同一人的致电"}}},
    {DIMENSION_REASON, "open_complaint", {{"open complaint", "有未了结的投诉"}}},
    {DIMENSION_REASON, "broken_promise", {{"broken promise", "有未兑现的承诺"}}},
    {DIMENSION_REASON, "case_reopened", {{"case opened again", "个案已重新打开"}}},
    {DIMENSION_REASON, "promise_settled", {{"promise settled", "承诺已了结"}}},
    {DIMENSION_REASON, "no_longer_true", {{"its cause does not hold any more", "原因已不成立"}}},
    {DIMENSION_REASON, "do_not_call", {{"wants no call", "客户要求不再致电"}}},
    {DIMENSION_REASON, "consent_refused", {{"refused such calls", "客户拒绝此类联系"}}},
    {DIMENSION_REASON, "consent_missing", {{"did not allow such calls", "客户未同意此类联系"}}},
    {DIMENSION_REASON, "refused_lately", {{"refused a short time ago", "客户最近刚拒绝过"}}},
    {DIMENSION_REASON, "no_channel", {{"no number or address", "没有可用的号码或地址"}}},
    {DIMENSION_REASON, "record_void", {{"its record was taken back", "来源记录已撤回"}}},
    {DIMENSION_REASON, "customer_erased", {{"customer was erased", "客户资料已删除"}}},
    {DIMENSION_REASON, "outcome_unknown", {{"placed, and no result came", "已拨打但没有结果"}}},
    {DIMENSION_REASON, "dialer_gone", {{"the dialer cannot be asked", "拨号程序失联"}}},
    {DIMENSION_REASON, "journal_lost", {{"the dialer lost its journal", "拨号程序丢失了日志"}}},
    {DIMENSION_REASON, "trust", {{"promises", "承诺兑现"}}},
    {DIMENSION_REASON, "satisfaction", {{"satisfaction", "总体满意"}}},
    {DIMENSION_REASON, "experience", {{"experience", "服务体验"}}},
    {DIMENSION_REASON, "recommendation", {{"recommendation", "推荐意愿"}}},
    {DIMENSION_REASON, "effort", {{"effort", "办事省力"}}},
    {DIMENSION_REASON, "service_gap", {{"service gap", "期望差距"}}},
    {DIMENSION_REASON, "purchases", {{"purchases", "购买"}}},
    {DIMENSION_REASON, "promise_kept", {{"promise kept", "承诺按时兑现"}}},
    {DIMENSION_REASON, "promise_kept_late", {{"promise kept late", "承诺逾期兑现"}}},
    {DIMENSION_REASON, "promise_broken", {{"promise broken", "承诺未兑现"}}},
    {DIMENSION_REASON, "confirmed", {{"customer confirmed it", "客户确认兑现"}}},
    {DIMENSION_REASON, "disputed", {{"customer disputed it", "客户否认兑现"}}},
    {DIMENSION_REASON, "complaint", {{"complaint", "投诉"}}},
    {DIMENSION_REASON, "purchase", {{"purchase", "购买"}}},
    {DIMENSION_REASON, "refund", {{"refund", "退款"}}},
};
/* clang-format on */

const char *report_label(enum figure_dimension dimension, const char *value,
                         enum report_language language)
{
    static const struct report_words none = {
        {"(not said)", "（未注明）"}
    };
    static const struct report_words all = {
        {"whole company", "全公司"}
    };

    if (text_is_empty(value)) {
        return (dimension == DIMENSION_ALL ? &all : &none)->text[language];
    }
    for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
        if (labels[i].dimension == dimension && strcmp(labels[i].value, value) == 0) {
            return labels[i].words.text[language];
        }
    }
    return value;
}

/* ---- the company's own */

static void append_blanks(const char *code, struct text *text)
{
    for (const char *at = code; *at != '\0'; at++) {
        text_append_len(text, *at == '_' ? " " : at, 1);
    }
}

static size_t language_in(const struct questionnaire *q, enum report_language language)
{
    return questionnaire_language_for(q, language == REPORT_CHINESE ? "zh-Hans" : "en");
}

/* NULL: the questionnaire does not name it. */
static const char *name_of(const struct questionnaire *q, enum report_language language,
                           enum questionnaire_about about, const char *code)
{
    return q ? questionnaire_name(q, about, code, language_in(q, language)) : NULL;
}

static void append_code(const char *name, const char *code, struct text *text)
{
    if (name != NULL) {
        text_append(text, name);
    } else {
        append_blanks(code, text);
    }
}

static const struct questionnaire_question *question_of(const struct questionnaire *q,
                                                        const char *code)
{
    for (size_t i = 0; q != NULL && i < questionnaire_question_count(q); i++) {
        if (strcmp(questionnaire_question(q, i)->code, code) == 0) {
            return questionnaire_question(q, i);
        }
    }
    return NULL;
}

static void append_item(const struct questionnaire *q, enum report_language language, int item,
                        struct text *text)
{
    const struct questionnaire_item *found = q ? questionnaire_item(q, item) : NULL;

    if (found != NULL) {
        text_appendf(text, "%d. %s", item, found->perception.in[language_in(q, language)]);
    } else {
        text_appendf(text, language == REPORT_CHINESE ? "第 %d 题" : "item %d", item);
    }
}

static void append_question(const struct questionnaire *q, enum report_language language,
                            const char *value, struct text *text)
{
    static const char items[] = "item/";
    const struct questionnaire_question *own = question_of(q, value);
    int64_t item;

    if (strncmp(value, items, strlen(items)) == 0 &&
        text_to_int64(value + strlen(items), 1, QUESTIONNAIRE_SERVQUAL_ITEMS, &item) == 0) {
        append_item(q, language, (int)item, text);
    } else {
        append_code(own ? own->text.in[language_in(q, language)] : NULL, value, text);
    }
}

/* ---- values of two parts */

/* "silver>gold": a tier, or how likely somebody is to leave. */
static void append_standing(enum report_language language, const char *part, struct text *text)
{
    const char *tier = report_label(DIMENSION_TIER, part, language);

    text_append(text, tier == part ? report_label(DIMENSION_MOVE, part, language) : tier);
}

static void append_parts(const struct questionnaire *q, enum report_language language,
                         enum figure_dimension dimension, const char *const parts[2],
                         struct text *text)
{
    const char *colon = language == REPORT_CHINESE ? "：" : ": ";

    if (dimension == DIMENSION_MOVE) {
        append_standing(language, parts[0], text);
        text_append(text, " → ");
        append_standing(language, parts[1], text);
    } else if (dimension == DIMENSION_STANDARD) {
        append_code(name_of(q, language, QUESTIONNAIRE_STANDARD, parts[0]), parts[0], text);
        text_append(text, colon);
        text_append(text, report_label(DIMENSION_PROMISE_KIND, parts[1], language));
    } else {
        text_append(text, report_label(DIMENSION_SERVQUAL, parts[0], language));
        text_append(text, colon);
        text_append(text, parts[1]);
    }
}

/* False: it has one part alone. */
static bool append_both(const struct questionnaire *q, enum report_language language,
                        enum figure_dimension dimension, const char *value, struct text *text)
{
    const char sign = dimension == DIMENSION_MOVE ? '>' : '/';
    const bool may_have = dimension == DIMENSION_MOVE || dimension == DIMENSION_STANDARD ||
                          dimension == DIMENSION_ANSWER;
    const char *at = may_have ? strchr(value, sign) : NULL;
    struct text first = {.data = NULL};

    if (at == NULL || at == value) {
        return false;
    }
    text_append_len(&first, value, (size_t)(at - value));
    append_parts(q, language, dimension, (const char *const[]){first.data, at + 1}, text);
    text_free(&first);
    return true;
}

void report_label_append(const struct questionnaire *q, enum report_language language,
                         enum figure_dimension dimension, const char *value, struct text *text)
{
    const char *plain = report_label(dimension, value, language);

    if (plain != value) {
        text_append(text, plain);
    } else if (append_both(q, language, dimension, value, text)) {
        return;
    } else if (dimension == DIMENSION_QUESTION) {
        append_question(q, language, value, text);
    } else if (dimension == DIMENSION_RULE) {
        append_code(name_of(q, language, QUESTIONNAIRE_RULE, value), value, text);
    } else if (dimension == DIMENSION_REASON) {
        append_blanks(value, text);
    } else {
        text_append(text, value);
    }
}

const char *report_label_in(const struct report_frame *frame, enum figure_dimension dimension,
                            const char *value, struct text *text)
{
    const struct questionnaire *const *words = frame->options ? frame->options->words : NULL;

    text_clear(text);
    report_label_append(words ? *words : NULL, frame->language, dimension, value, text);
    return text_or_empty(text);
}
