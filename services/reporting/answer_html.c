/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/answer_html.h"

#include <string.h>

#include "common/runtime/mail_text.h"
#include "services/reporting/page_frame.h"

struct page_words {
    const char *language, *title, *send, *yes, *no, *comment, *choose;
    const char *messages[ANSWER_TOO_OFTEN + 1];
};

static const struct page_words english = {
    .language = "en",
    .title = "Your answer",
    .send = "Send my answers",
    .yes = "Yes",
    .no = "No",
    .comment = "Anything else you would like to tell us?",
    .choose = "Please answer at least one question.",
    .messages = {[ANSWER_THANKS] = "Thank you. Your answers have been saved.",
                 [ANSWER_ALREADY] = "You have already answered. Thank you.",
                 [ANSWER_EXPIRED] = "This link has expired.",
                 [ANSWER_UNKNOWN_LINK] = "This link is not valid. Please copy all of it again.",
                 [ANSWER_TRY_AGAIN] = "Your answers could not be saved. Please try again soon.",
                 [ANSWER_PARTLY] =
                     "Only a part of your answers could be saved. Please send them again.", [ANSWER_TOO_OFTEN] = "That was too often. Please wait a few minutes."},
};

static const struct page_words chinese = {
    .language = "zh-Hans",
    .title = "您的回答",
    .send = "提交我的回答",
    .yes = "是",
    .no = "否",
    .comment = "您还有什么想告诉我们的？",
    .choose = "请至少回答一个问题。",
    .messages = {[ANSWER_THANKS] = "谢谢，您的回答已保存。",
                 [ANSWER_ALREADY] = "您已经回答过了，谢谢。",
                 [ANSWER_EXPIRED] = "此链接已过期。",
                 [ANSWER_UNKNOWN_LINK] = "此链接无效，请从邮件中重新完整复制。",
                 [ANSWER_TRY_AGAIN] = "暂时无法保存您的回答，请一分钟后再试。",
                 [ANSWER_PARTLY] = "只保存了一部分回答。请返回后再次提交，内容不会重复计算。",
                 [ANSWER_TOO_OFTEN] = "操作过于频繁，请过几分钟再试。"},
};

static const struct page_words *words_for(const char *language)
{
    return strncmp(language, "zh", 2) == 0 ? &chinese : &english;
}

static void append_choice(const struct answer_link_item *item, int32_t value, const char *label,
                          struct text *out)
{
    text_appendf(out, "<label><input type=\"radio\" name=\"q_%s\" value=\"%d\"> %s</label>\n",
                 item->code, (int)value, label);
}

void answer_html_item(const struct answer_link_item *item, const char *language, struct text *out)
{
    const struct page_words *w = words_for(language);
    char number[16];
    text_append(out, "<fieldset>\n<legend>");
    html_append_text(item->question, out);
    text_append(out, "</legend>\n");
    if (item->instrument == 0 && item->low == 0 && item->high == 1) {
        append_choice(item, 1, w->yes, out);
        append_choice(item, 0, w->no, out);
    } else {
        for (int32_t value = item->low; value <= item->high && value - item->low <= 100; value++) {
            (void)text_format(number, sizeof(number), "%d", (int)value);
            append_choice(item, value, number, out);
        }
    }
    text_append(out, "</fieldset>\n");
}

void answer_html_questions(const struct answer_link *link, const char *token, bool is_again,
                           struct text *out)
{
    const struct page_words *w = words_for(link->language);
    page_frame_begin(w->language, w->title, out);
    if (is_again) {
        text_appendf(out, "<p role=\"alert\"><strong>%s</strong></p>\n", w->choose);
    }
    text_append(out, "<form method=\"post\" action=\"answer\">\n<input type=\"hidden\" name=\"t\" "
                     "value=\"");
    html_append_text(token, out);
    text_append(out, "\">\n");
    for (size_t i = 0; i < link->item_count; i++) {
        answer_html_item(&link->items[i], link->language, out);
    }
    text_appendf(out,
                 "<fieldset>\n<legend>%s</legend>\n<textarea name=\"comment\" rows=\"4\" "
                 "maxlength=\"600\" aria-label=\"%s\"></textarea>\n</fieldset>\n"
                 "<button type=\"submit\">%s</button>\n</form>\n",
                 w->comment, w->comment, w->send);
    page_frame_end(out);
}

void answer_html_message(enum answer_message message, const char *language, struct text *out)
{
    const struct page_words *w = words_for(language);
    page_frame_begin(w->language, w->title, out);
    text_appendf(out, "<p>%s</p>\n", w->messages[message]);
    if (language[0] == '\0') {
        text_appendf(out, "<p lang=\"zh-Hans\">%s</p>\n", chinese.messages[message]);
    }
    page_frame_end(out);
}
