/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "common/domain/currency.h"

enum {
    DIGITS_MIN = 6
};
static const char mask[] = "\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2";

void progress_text_money(int64_t amount_minor, const char *currency, struct text *out)
{
    int digits = currency_digits(currency);
    int64_t unit = 1;

    for (int i = 0; i < digits; i++) {
        unit *= 10;
    }
    text_appendf(out, "%" PRId64, amount_minor / unit);
    if (digits > 0) {
        text_appendf(out, ".%0*" PRId64, digits, amount_minor % unit);
    }
    text_appendf(out, " %s", currency);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The bytes from here that are a date ("2026-11-24", "24.11.2026"), which may be shown; 0: none. */
static size_t date_length(const char *at)
{
    size_t digits[3] = {0}, part = 0, i = 0;

    for (; is_digit(at[i]) || (part < 2 && i > 0 && is_digit(at[i - 1]) && strchr("-./", at[i]));
         i++) {
        if (is_digit(at[i])) {
            digits[part]++;
        } else if (at[i] == '\0') {
            break;
        } else {
            part++;
        }
    }
    bool is_year_first = digits[0] == 4 && digits[1] <= 2 && digits[2] <= 2;
    bool is_year_last = digits[0] <= 2 && digits[1] <= 2 && digits[2] == 4;
    return digits[1] > 0 && digits[2] > 0 && (is_year_first || is_year_last) ? i : 0;
}

/* The bytes from here that are a number to be hidden; 0: none. */
static size_t number_length(const char *at)
{
    size_t end = 0, digits = 0;

    for (size_t i = 0; at[i] && (is_digit(at[i]) || strchr(" .-()/+", at[i])); i++) {
        if (is_digit(at[i])) {
            digits++;
            end = i + 1;
        }
    }
    return digits >= DIGITS_MIN ? end : 0;
}

/* A word up to white space that has an '@'. */
static size_t address_length(const char *at)
{
    size_t len = strcspn(at, " \t\r\n,;<>()");

    return len > 0 && memchr(at, '@', len) ? len : 0;
}

void progress_text_mask(const char *words, struct text *out)
{
    bool is_begin = true; /* of a word */

    while (*words) {
        bool may_be_number = is_digit(*words) || *words == '+' || *words == '(';
        size_t len = is_begin ? address_length(words) : 0;
        len = len == 0 && may_be_number && date_length(words) == 0 ? number_length(words) : len;
        if (len > 0) {
            text_append(out, mask);
            words += len;
            is_begin = false;
            continue;
        }
        len = date_length(words);
        len = len > 0 ? len : 1;
        is_begin = strchr(" \t\r\n,;<>()", *words) != NULL;
        text_append_len(out, words, len);
        words += len;
    }
}
