/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xalloc.h - allocation that ends the process when there is no memory.
 *
 * Every process is crash-only: nothing of value lives in memory alone, so a clear death and a
 * restart are better than a thousand untested failure paths. Sizes that a peer chooses go through
 * an arena with a budget instead (arena.h).
 */
#ifndef TROTH_COMMON_BASE_XALLOC_H
#define TROTH_COMMON_BASE_XALLOC_H

#include <stddef.h>

#include "common/base/compiler.h"

void *xcalloc(size_t count, size_t size); /* zeroed; checks count * size for overflow */
void *xreallocarray(void *p, size_t count, size_t size); /* as reallocarray(3) */
char *xstrdup(const char *text);

/* For libraries that answer NULL when there is no memory; what: which one. Says so and ends the
 * process. */
NO_RETURN void xalloc_failed(const char *what);

#endif
