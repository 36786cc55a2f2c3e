/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/mail_text.h"

#include <string.h>

#include <sodium.h>

#include "common/base/duration.h"
#include "common/base/instant.h"

enum {
    BODY_LINE_BYTES = 57, /* 76 characters of base64 */
    WORD_BYTES = 42,      /* an encoded word has at most 75 characters */
    BASE64_ROOM = 80,
    DAYS_OF_WEEK = 7,
};

static bool is_plain_ascii(const char *text)
{
    for (const char *p = text; *p; p++) {
        if (*p < ' ' || *p > '~' || *p == '"' || *p == '\\') {
            return false;
        }
    }
    return true;
}

/* Words of at most WORD_BYTES, cut between code points; what would end the header is left out. */
static void append_encoded(const char *text, struct text *out)
{
    char word[WORD_BYTES + 1], encoded[BASE64_ROOM];
    while (*text) {
        (void)text_copy(word, sizeof(word), text);
        size_t len = strlen(word);
        if (len == 0) {
            return; /* not UTF-8 */
        }
        (void)sodium_bin2base64(encoded, sizeof(encoded), (const uint8_t *)word, len,
                                sodium_base64_VARIANT_ORIGINAL);
        text_appendf(out, "=?UTF-8?B?%s?=", encoded);
        text += len;
        if (*text) {
            text_append(out, "\r\n ");
        }
    }
}

static void append_words(const char *text, struct text *out)
{
    if (is_plain_ascii(text) && strlen(text) <= BODY_LINE_BYTES) {
        text_append(out, text);
    } else {
        append_encoded(text, out);
    }
}

static void append_date(int64_t at_us, struct text *out)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t day = at_us / DURATION_DAY;
    long long second = at_us % DURATION_DAY / DURATION_S;
    struct civil_date date = civil_from_days(day);
    /* 1970-01-01 was a Thursday. */
    text_appendf(out, "Date: %s, %02d %s %04d %02lld:%02lld:%02lld +0000\r\n",
                 days[(day + 4) % DAYS_OF_WEEK], date.day, months[date.month - 1], date.year,
                 second / 3600, second / 60 % 60, second % 60);
}

/* BCP 47: anything else could begin another header. */
static bool is_language(const char *tag)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    return tag[strspn(tag, letters)] == '\0';
}

static void append_headers(const struct mail_text *m, struct text *out)
{
    text_append(out, "From: ");
    if (!text_is_empty(m->from_name)) {
        if (is_plain_ascii(m->from_name)) {
            text_appendf(out, "\"%s\"", m->from_name);
        } else {
            append_encoded(m->from_name, out);
        }
        text_append(out, " ");
    }
    text_appendf(out, "<%s>\r\nTo: <%s>\r\nSubject: ", m->from, m->to);
    append_words(m->subject, out);
    text_append(out, "\r\n");
    append_date(m->at_us, out);
    text_appendf(out, "Message-ID: <%s>\r\nMIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n",
                 m->message_id);
    if (!text_is_empty(m->language) && is_language(m->language)) {
        text_appendf(out, "Content-Language: %s\r\n", m->language);
    }
}

static void append_body(const char *type, const char *body, struct text *out)
{
    char line[BASE64_ROOM];
    size_t len = strlen(body);
    text_appendf(
        out, "Content-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
        type);
    for (size_t at = 0; at < len; at += BODY_LINE_BYTES) {
        size_t count = len - at < BODY_LINE_BYTES ? len - at : BODY_LINE_BYTES;
        (void)sodium_bin2base64(line, sizeof(line), (const uint8_t *)body + at, count,
                                sodium_base64_VARIANT_ORIGINAL);
        text_appendf(out, "%s\r\n", line);
    }
}

void mail_text_write(const struct mail_text *m, struct buffer *out)
{
    /* base64 has no '_': no line of a body can be it. */
    static const char boundary[] = "_troth_part_";
    struct text text = {0};
    append_headers(m, &text);
    if (m->html) {
        text_appendf(&text, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n--%s\r\n",
                     boundary, boundary);
        append_body("plain", m->plain, &text);
        text_appendf(&text, "--%s\r\n", boundary);
        append_body("html", m->html, &text);
        text_appendf(&text, "--%s--\r\n", boundary);
    } else {
        append_body("plain", m->plain, &text);
    }
    buffer_append(out, text.data, text.len);
    explicit_bzero(text.data, text.len);
    text_free(&text);
}

void html_append_text(const char *text, struct text *out)
{
    for (const char *p = text; *p; p++) {
        switch (*p) {
        case '&':
            text_append(out, "&amp;");
            break;
        case '<':
            text_append(out, "&lt;");
            break;
        case '>':
            text_append(out, "&gt;");
            break;
        case '"':
            text_append(out, "&quot;");
            break;
        case '\'':
            text_append(out, "&#39;");
            break;
        default:
            text_append_len(out, p, 1);
            break;
        }
    }
}
