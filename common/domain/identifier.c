/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/identifier.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "common/base/bytes.h"
#include "common/base/text.h"

int16_t identifier_bucket_of_reference(int32_t source_id, const char *reference)
{
    struct text key = {.data = NULL};
    uint64_t hash;

    text_appendf(&key, "%" PRId32 "/%s", source_id, reference);
    hash = bytes_hash64((struct bytes){.data = (const uint8_t *)key.data, .len = key.len});
    text_free(&key);
    return identifier_bucket((int64_t)(hash & 0xff));
}

/* Damm's quasigroup of order 10: every row and column holds each digit once, and the diagonal is 0.
 */
static int damm_check_digit(const char *digits, size_t len)
{
    static const uint8_t table[10][10] = {
        {0, 3, 1, 7, 5, 9, 8, 6, 4, 2},
        {7, 0, 9, 2, 1, 5, 4, 8, 6, 3},
        {4, 2, 0, 6, 8, 7, 1, 3, 5, 9},
        {1, 7, 5, 0, 9, 8, 3, 4, 2, 6},
        {6, 1, 2, 3, 0, 4, 5, 9, 7, 8},
        {3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
        {5, 8, 6, 9, 7, 2, 0, 1, 3, 4},
        {8, 9, 4, 5, 3, 6, 2, 0, 1, 7},
        {9, 4, 3, 8, 6, 1, 7, 2, 0, 5},
        {2, 5, 8, 1, 4, 3, 6, 7, 9, 0},
    };
    uint8_t interim = 0;

    for (size_t i = 0; i < len; i++) {
        if (digits[i] >= '0' && digits[i] <= '9') {
            interim = table[interim][digits[i] - '0'];
        }
    }
    return interim;
}

const char *identifier_format(enum identifier_kind kind, int64_t number,
                              char ret_text[IDENTIFIER_TEXT_SIZE])
{
    char digits[IDENTIFIER_TEXT_SIZE];

    text_format(digits, sizeof(digits), "%" PRId64, number);
    text_format(ret_text, IDENTIFIER_TEXT_SIZE, "%c-%s-%d", (int)kind, digits,
                damm_check_digit(digits, strlen(digits)));
    return ret_text;
}

static bool is_letter(char c, enum identifier_kind kind)
{
    return (int)c == (int)kind || (int)c - 'a' + 'A' == (int)kind;
}

static bool is_separator(char c)
{
    return c == '-' || c == ' ';
}

int identifier_parse(enum identifier_kind kind, const char *text, int64_t *ret_number,
                     struct err *err)
{
    static const char code[] = "identifier_invalid";
    char digits[IDENTIFIER_TEXT_SIZE];
    int64_t number;
    size_t len;

    if (text_is_empty(text) || !is_letter(text[0], kind) || !is_separator(text[1])) {
        return err_set(err, code, "an identifier of this kind starts with \"%c-\"", (int)kind);
    }
    text += 2;
    len = strspn(text, "0123456789");
    if (len == 0) {
        return err_set(err, code, "there are no digits after \"%c-\"", (int)kind);
    }
    if (!is_separator(text[len]) || strspn(text + len + 1, "0123456789") != 1 ||
        text[len + 2] != '\0') {
        return err_set(err, code, "the number must end with '-' and one check digit");
    }
    if (damm_check_digit(text, len) != text[len + 1] - '0') {
        return err_set(err, code, "the check digit does not match: a digit is wrong or swapped");
    }
    if (len >= sizeof(digits)) {
        return err_set(err, code, "the number is too large");
    }
    memcpy(digits, text, len);
    digits[len] = '\0';
    if (text_to_int64(digits, 0, INT64_MAX, &number) < 0) {
        return err_set(err, code, "the number is too large");
    }
    *ret_number = number;
    return 0;
}
