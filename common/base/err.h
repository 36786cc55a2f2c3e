/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err.h - why something did not work, carried up to the edge that logs or answers it.
 *
 * Low code fills a struct err and returns -1 (or NULL); only the edge logs it, once. An err never
 * holds personal data: it names fields and ids, not the values people typed.
 */
#ifndef TROTH_COMMON_BASE_ERR_H
#define TROTH_COMMON_BASE_ERR_H

#include "common/base/compiler.h"

struct err {
    char code[40];  /* stable, lower_snake_case, e.g. "case_unknown"; "" means no error */
    char field[96]; /* the path of the field at fault, e.g. "contact.body"; may be "" */
    char text[256]; /* what is wrong and what to do about it, for a person; cut at a code point when
                       too long */
};

/* A fresh err without an error. */
#define ERR_NONE ((struct err){.code = ""})

/*
 *   int err_set(struct err *err, const char *code, const char *fmt, ...);
 *   int err_set_field(struct err *err, const char *code, const char *field, const char *fmt, ...);
 *
 * Fill err (NULL is allowed: then nothing is kept); the second names the field at fault.
 *
 *   int err_prefix(struct err *err, const char *fmt, ...);
 *
 * Puts "context: " before the text; use it where a caller knows something the low code could not.
 *
 * All three always return -1, so that callers can `return err_set(...)`. They are macros for this
 * alone: compilers and analysers then see the -1, and do not warn that outputs may be unset.
 */
#define err_set(err, code, ...) ((void)err_fill((err), (code), "", __VA_ARGS__), err_failed())
#define err_set_field(err, code, field, ...)                                                       \
    ((void)err_fill((err), (code), (field), __VA_ARGS__), err_failed())
#define err_prefix(err, ...) ((void)err_fill_prefix((err), __VA_ARGS__), err_failed())

/* What stands behind the macros; call those. field may be NULL. */
void err_fill(struct err *err, const char *code, const char *field, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
void err_fill_prefix(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

static inline int err_failed(void)
{
    return -1;
}

#endif
