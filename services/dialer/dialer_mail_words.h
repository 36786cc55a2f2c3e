/* SPDX-License-Identifier: Apache-2.0 */
/* dialer_mail_words.h - what a mail to a customer says, in English or Chinese 简体中文. */
#ifndef TROTH_SERVICES_DIALER_DIALER_MAIL_WORDS_H
#define TROTH_SERVICES_DIALER_DIALER_MAIL_WORDS_H

#include "common/base/text.h"
#include "services/dialer/dialer_driver.h"

/* Appends both forms of the same words. link: "" when there is nothing to answer. Returns the
 * subject. What is appended is personal. */
const char *dialer_mail_words(const struct dialer_order *order, const char *link,
                              struct text *plain, struct text *html);

#endif
