/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_mail_words.h"

#include <string.h>

#include "common/runtime/mail_text.h"
#include "event.pb-c.h"

#define TRIGGER(name) TROTH__V1__FOLLOW_UP_TRIGGER__FOLLOW_UP_TRIGGER_##name

enum {
    TRIGGERS = TRIGGER(IMPROVEMENT) + 1
};

struct words {
    const char *subjects[TRIGGERS]; /* by the trigger of the leading reason */
    const char *question, *message; /* subjects where that says nothing */
    const char *answer, *button, *once;
};

static const struct words english = {
    .subjects = {[TRIGGER(PROMISE_AT_RISK)] = "News about your request",
                 [TRIGGER(PROMISE_BROKEN)] = "We owe you an apology",
                 [TRIGGER(LOW_ANSWER)] = "We would like to put it right",
                 [TRIGGER(CHURN_RISK)] = "We would like to hear from you",
                 [TRIGGER(SILENCE)] = "We would like to hear from you",
                 [TRIGGER(BIRTHDAY)] = "Happy birthday",
                 [TRIGGER(FESTIVAL)] = "Our best wishes",
                 [TRIGGER(SERVICE_DUE)] = "A reminder for you",
                 [TRIGGER(COMPENSATION)] = "Has it arrived?",
                 [TRIGGER(IMPROVEMENT)] = "What we have improved"},
    .question = "How did we do?",
    .message = "A message for you",
    .answer = "It takes a minute to answer:",
    .button = "Answer now",
    .once = "The link is yours alone and works once. Please do not pass it on.",
};

static const struct words chinese = {
    .subjects = {[TRIGGER(PROMISE_AT_RISK)] = "您的事项的最新情况",
                 [TRIGGER(PROMISE_BROKEN)] = "我们向您道歉",
                 [TRIGGER(LOW_ANSWER)] = "我们想把事情做好",
                 [TRIGGER(CHURN_RISK)] = "想听听您的意见",
                 [TRIGGER(SILENCE)] = "想听听您的意见",
                 [TRIGGER(BIRTHDAY)] = "生日快乐",
                 [TRIGGER(FESTIVAL)] = "节日问候",
                 [TRIGGER(SERVICE_DUE)] = "温馨提醒",
                 [TRIGGER(COMPENSATION)] = "您收到了吗？",
                 [TRIGGER(IMPROVEMENT)] = "我们的改进"},
    .question = "请您评价我们的服务",
    .message = "给您的消息",
    .answer = "只需一分钟即可回答：",
    .button = "现在回答",
    .once = "此链接仅供您本人使用，只能回答一次，请勿转发。",
};

static void add_paragraph(const char *words, struct text *plain, struct text *html)
{
    if (text_is_empty(words)) {
        return;
    }
    text_appendf(plain, "%s\n\n", words);
    text_append(html, "<p>");
    html_append_text(words, html);
    text_append(html, "</p>\n");
}

static const char *subject_of(const struct words *w, const struct dialer_order *order)
{
    int32_t trigger = order->reason_count > 0 ? order->agenda[0].trigger : 0;
    const char *subject = trigger > 0 && trigger < TRIGGERS ? w->subjects[trigger] : NULL;
    if (subject) {
        return subject;
    }
    return order->item_count > 0 ? w->question : w->message;
}

const char *dialer_mail_words(const struct dialer_order *order, const char *link,
                              struct text *plain, struct text *html)
{
    const struct words *w = strncmp(order->language, "zh", 2) == 0 ? &chinese : &english;
    text_append(html, "<!doctype html>\n<html><head><meta charset=\"utf-8\"></head><body>\n");
    add_paragraph(order->opening, plain, html);
    for (size_t i = 0; i < order->reason_count; i++) {
        add_paragraph(order->agenda[i].say, plain, html);
    }
    if (link[0]) {
        text_appendf(plain, "%s\n%s\n\n", w->answer, link);
        text_appendf(html, "<p>%s</p>\n<p><a href=\"", w->answer);
        html_append_text(link, html);
        text_appendf(html, "\">%s</a></p>\n", w->button);
        add_paragraph(w->once, plain, html);
    }
    add_paragraph(order->closing, plain, html);
    text_append(html, "</body></html>\n");
    return subject_of(w, order);
}
