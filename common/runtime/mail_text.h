/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mail_text.h - one mail as it travels: headers, then the same words as plain text and as HTML
 * (RFC 5322, 2045 to 2047). All ASCII: what is not is base64.
 */
#ifndef TROTH_COMMON_RUNTIME_MAIL_TEXT_H
#define TROTH_COMMON_RUNTIME_MAIL_TEXT_H

#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/text.h"

struct mail_text {
    const char *from, *to;  /* bare addresses; see web_address_is_valid() */
    const char *from_name;  /* NULL or "": none */
    const char *subject;    /* UTF-8, one line */
    const char *message_id; /* without brackets: letters, digits, '.', '-', '_', one '@' */
    const char *language;   /* BCP 47; NULL or "": not said */
    const char *plain;      /* UTF-8, lines ended by '\n' */
    const char *html;       /* NULL: plain text alone */
    int64_t at_us;          /* machine time */
};

void mail_text_write(const struct mail_text *mail, struct buffer *out);

/* Appends text with &, <, >, " and ' as entities. */
void html_append_text(const char *text, struct text *out);

#endif
