/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/xalloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/log.h"

/* _exit, not exit: handlers at exit could need memory too, and nothing of value waits for them. */
static NO_RETURN void out_of_memory(size_t count, size_t size)
{
    log_error("out_of_memory", LOG_INT("count", count), LOG_INT("size", size));
    _exit(EXIT_FAILURE);
}

/* An empty block still gets an address, so that NULL always means failure. */
static void check_size(size_t *count, size_t *size)
{
    size_t total;

    if (__builtin_mul_overflow(*count, *size, &total) || total > PTRDIFF_MAX) {
        out_of_memory(*count, *size);
    }
    if (total == 0) {
        *count = 1;
        *size = 1;
    }
}

void *xcalloc(size_t count, size_t size)
{
    void *p;

    check_size(&count, &size);
    p = calloc(count, size);
    if (!p) {
        out_of_memory(count, size);
    }
    return p;
}

void *xreallocarray(void *p, size_t count, size_t size)
{
    check_size(&count, &size);
    p = reallocarray(p, count, size);
    if (!p) {
        out_of_memory(count, size);
    }
    return p;
}

NO_RETURN void xalloc_failed(const char *what)
{
    log_error("out_of_memory", LOG_TEXT("what", what));
    _exit(EXIT_FAILURE);
}

char *xstrdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = xcalloc(size, 1);

    memcpy(copy, text, size);
    return copy;
}
