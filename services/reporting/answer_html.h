/* SPDX-License-Identifier: Apache-2.0 */
/* answer_html.h - the pages a customer sees behind an answer link, in English or 简体中文. */
#ifndef TROTH_REPORTING_ANSWER_HTML_H
#define TROTH_REPORTING_ANSWER_HTML_H

#include <stdbool.h>

#include "common/base/text.h"
#include "common/runtime/answer_link.h"

enum answer_message {
    ANSWER_THANKS = 1,
    ANSWER_ALREADY,
    ANSWER_EXPIRED,
    ANSWER_UNKNOWN_LINK,
    ANSWER_TRY_AGAIN,
    ANSWER_PARTLY,
    ANSWER_TOO_OFTEN,
};

/* The questions. token goes back with the answer; is_again: nothing was chosen. */
void answer_html_questions(const struct answer_link *link, const char *token, bool is_again,
                           struct text *out);
/* One question: radio buttons "q_CODE" in a field set. */
void answer_html_item(const struct answer_link_item *item, const char *language, struct text *out);
/* language: BCP 47; "" is both. */
void answer_html_message(enum answer_message message, const char *language, struct text *out);

#endif
