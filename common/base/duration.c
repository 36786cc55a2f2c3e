/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/duration.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "common/base/text.h"

static const struct unit {
    const char *name;
    const char *for_people;
    int64_t us;
} units[] = {
    {"d",  "d",   DURATION_DAY},
    {"h",  "h",   DURATION_H  },
    {"m",  "min", DURATION_MIN},
    {"s",  "s",   DURATION_S  },
    {"ms", "ms",  DURATION_MS },
    {"us", "us",  1           },
};

/* Looks only at the letters up to the next digit, so that "m" is not found at the start of "ms". */
static size_t find_unit(const char *letters, size_t len)
{
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (strlen(units[i].name) == len && memcmp(units[i].name, letters, len) == 0) {
            return i;
        }
    }
    return ARRAY_LEN(units);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads one number; returns what follows it, or NULL when there is no digit or too many. */
static const char *read_number(const char *p, int64_t *ret_number)
{
    int64_t number = 0;

    if (!is_digit(*p)) {
        return NULL;
    }
    for (; is_digit(*p); p++) {
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, *p - '0', &number)) {
            return NULL;
        }
    }
    *ret_number = number;
    return p;
}

int duration_parse(const char *text, int64_t *ret_us)
{
    const char *p = text;
    size_t allowed = 0; /* the first unit that may still come */
    int64_t total = 0;

    if (text_is_empty(text)) {
        return -1;
    }
    if (strcmp(text, "0") == 0) {
        *ret_us = 0;
        return 0;
    }
    while (*p) {
        int64_t number;
        size_t len;
        size_t found;

        p = read_number(p, &number);
        if (!p) {
            return -1;
        }
        len = strcspn(p, "0123456789");
        found = find_unit(p, len);
        if (found == ARRAY_LEN(units) || found < allowed ||
            __builtin_mul_overflow(number, units[found].us, &number) ||
            __builtin_add_overflow(total, number, &total)) {
            return -1;
        }
        allowed = found + 1;
        p += len;
    }
    *ret_us = total;
    return 0;
}

static uint64_t magnitude(int64_t us)
{
    return us < 0 ? -(uint64_t)us : (uint64_t)us; /* also right for INT64_MIN */
}

/* Adds "number unit" to a text of which len characters are written; returns the new length. */
static size_t add_part(char *text, size_t len, uint64_t number, const char *separator,
                       const char *unit)
{
    text_format(text + len, DURATION_TEXT_SIZE - len, "%" PRIu64 "%s%s", number, separator, unit);
    return len + strlen(text + len);
}

const char *duration_format(int64_t us, char ret_text[DURATION_TEXT_SIZE])
{
    uint64_t rest = magnitude(us);
    size_t len = 0;

    text_copy(ret_text, DURATION_TEXT_SIZE, us == 0 ? "0" : "");
    if (us < 0) {
        ret_text[len++] = '-';
    }
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        uint64_t number = rest / (uint64_t)units[i].us;

        rest %= (uint64_t)units[i].us;
        if (number > 0) {
            len = add_part(ret_text, len, number, "", units[i].name);
        }
    }
    return ret_text;
}

const char *duration_for_people(int64_t us, char ret_text[DURATION_TEXT_SIZE])
{
    uint64_t rest = magnitude(us);
    size_t first = 0;
    size_t len = 0;
    uint64_t step;

    if (us == 0) {
        text_copy(ret_text, DURATION_TEXT_SIZE, "0 s");
        return ret_text;
    }
    while (rest < (uint64_t)units[first].us) {
        first++;
    }
    step = (uint64_t)units[first + 1 < ARRAY_LEN(units) ? first + 1 : first].us;
    rest = (rest + step / 2) / step * step;
    if (first > 0 && rest >= (uint64_t)units[first - 1].us) {
        first--; /* 59 min 59.6 s became 1 h */
    }
    if (us < 0) {
        ret_text[len++] = '-';
    }
    len = add_part(ret_text, len, rest / (uint64_t)units[first].us, " ", units[first].for_people);
    rest %= (uint64_t)units[first].us;
    if (rest > 0) { /* then a smaller unit exists, and rest is a multiple of it */
        ret_text[len++] = ' ';
        add_part(ret_text, len, rest / step, " ", units[first + 1].for_people);
    }
    return ret_text;
}
