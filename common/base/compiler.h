/* SPDX-License-Identifier: Apache-2.0 */
/* compiler.h - what we ask the compiler to watch for us. */
#ifndef TROTH_COMMON_BASE_COMPILER_H
#define TROTH_COMMON_BASE_COMPILER_H

/* The result says whether it worked; ignoring it is a bug. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* fmt and args are the 1-based positions of the format string and of its first argument. */
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

#define NO_RETURN __attribute__((noreturn))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
