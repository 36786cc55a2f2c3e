/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/contact_point.h"

#include <stddef.h>
#include <string.h>

#include "common/base/text.h"

enum {
    E164_DIGITS_MAX = 15, /* ITU-T E.164: country code and number together */
    E164_DIGITS_MIN = 7,
    EMAIL_BYTES_MAX = 254, /* RFC 5321, 4.5.3.1.3, without the angle brackets */
};

const char *contact_point_name(enum contact_point_kind kind)
{
    return kind == CONTACT_POINT_PHONE ? "phone" : "email";
}

/* ---- phone */

/* Digits and a leading '+', without what people write between them. The "(0)" of "+49 (0)30" is
 * dialed at home only. */
static bool strip_phone(const char *text, char ret[CONTACT_POINT_SIZE])
{
    size_t len = 0;
    for (const char *p = text; *p; p++) {
        bool is_abroad = len > 0 && ret[0] == '+';
        if (is_abroad && strncmp(p, "(0)", 3) == 0) {
            p += 2;
        } else if ((*p >= '0' && *p <= '9') || (*p == '+' && len == 0)) {
            if (len + 1 >= CONTACT_POINT_SIZE) {
                return false;
            }
            ret[len++] = *p;
        } else if (!strchr(" \t-./()", *p)) {
            return false;
        }
    }
    ret[len] = '\0';
    return true;
}

static bool normalise_phone(const struct standard_identity *identity, const char *text,
                            char ret[CONTACT_POINT_SIZE])
{
    char plain[CONTACT_POINT_SIZE] = "";
    const char *digits = plain;
    const char *country = "";
    if (!strip_phone(text, plain)) {
        return false;
    }
    if (plain[0] == '+') {
        digits = plain + 1;
    } else if (strncmp(plain, "00", 2) == 0) {
        digits = plain + 2;
    } else if (identity->country_code) {
        const char *trunk = identity->trunk_prefix ? identity->trunk_prefix : "";
        size_t trunk_len = strlen(trunk);
        country = identity->country_code;
        digits += strncmp(plain, trunk, trunk_len) == 0 ? trunk_len : 0;
    } else {
        return false;
    }
    size_t count = strlen(country) + strlen(digits);
    const char *first = country[0] ? country : digits;
    return *first >= '1' && *first <= '9' && count >= E164_DIGITS_MIN && count <= E164_DIGITS_MAX &&
           text_format(ret, CONTACT_POINT_SIZE, "+%s%s", country, digits);
}

/* ---- e-mail */

static const char *skip_blanks(const char *text, size_t *ret_len)
{
    while (*text == ' ' || *text == '\t') {
        text++;
    }
    size_t len = strlen(text);
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t')) {
        len--;
    }
    *ret_len = len;
    return text;
}

/* Not more than letters' case is evened out: what stands before the '@' is the provider's matter.
 */
static bool normalise_email(const char *text, char ret[CONTACT_POINT_SIZE])
{
    size_t len;
    const char *trimmed = skip_blanks(text, &len);
    const char *at = memchr(trimmed, '@', len);
    if (!at || len > EMAIL_BYTES_MAX || at == trimmed ||
        memchr(at + 1, '@', len - (size_t)(at - trimmed) - 1)) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        char c = trimmed[i];
        if ((unsigned char)c <= ' ' || strchr("<>,;\"()", c)) {
            return false;
        }
        ret[i] = c;
        if (c >= 'A' && c <= 'Z') {
            ret[i] = (char)(c - 'A' + 'a');
        }
    }
    ret[len] = '\0';
    const char *domain = ret + (at - trimmed) + 1;
    const char *dot = strchr(domain, '.');
    return dot && dot != domain && ret[len - 1] != '.' && !strstr(domain, "..");
}

bool contact_point_normalise(enum contact_point_kind kind, const struct standard_identity *identity,
                             const char *text, char ret[CONTACT_POINT_SIZE])
{
    if (text_is_empty(text)) {
        return false;
    }
    return kind == CONTACT_POINT_PHONE ? normalise_phone(identity, text, ret)
                                       : normalise_email(text, ret);
}
