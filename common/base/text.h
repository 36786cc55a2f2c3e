/* SPDX-License-Identifier: Apache-2.0 */
/* text.h - UTF-8 checks, bounded copies and a growing string. */
#ifndef TROTH_COMMON_BASE_TEXT_H
#define TROTH_COMMON_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/compiler.h"

/* True when in is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF)
 * without NUL. */
bool text_is_utf8(struct bytes in);

/* Number of code points of a well-formed text. */
size_t text_code_points(const char *text);

/* Terminal columns of a well-formed text: 2 for East Asian wide, 0 for combining, else 1. */
size_t text_columns(const char *text);

/* Copies into a buffer of size bytes, cut at a code point, always NUL-terminated. Returns true when
 * all fitted. */
bool text_copy(char *dest, size_t size, const char *src);

/* snprintf that always terminates and cuts at a code point. Returns true when all fitted. */
bool text_format(char *dest, size_t size, const char *fmt, ...) PRINTF_LIKE(3, 4);
bool text_vformat(char *dest, size_t size, const char *fmt, va_list args) PRINTF_LIKE(3, 0);

bool text_is_empty(const char *text); /* NULL or "" */

/* Whole text as a decimal number within [min, max]: digits, before them at most a '-'; no blanks.
 * NULL is refused. Returns 0, or -1 and leaves *ret alone. */
MUST_CHECK int text_to_int64(const char *text, int64_t min, int64_t max, int64_t *ret);
/* The same for a finite number; the decimal point is '.' in every locale; exponents are fine, hex,
 * inf and nan are not. */
MUST_CHECK int text_to_double(const char *text, double *ret);

/* A string that grows; start with {0}; data is NULL until the first append. Out of memory ends the
 * process. */
struct text {
    char *data;
    size_t len;
    size_t capacity;
};

void text_append(struct text *t, const char *more);
void text_append_len(struct text *t, const char *more, size_t len);
void text_appendf(struct text *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
void text_clear(struct text *t);
void text_free(struct text *t);
const char *text_or_empty(const struct text *t); /* never NULL */

#endif
