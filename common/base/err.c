/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/err.h"

#include <stdarg.h>

#include "common/base/text.h"

/* Both compose everything in fresh memory: callers may pass parts of the old err as arguments. */
void err_fill(struct err *err, const char *code, const char *field, const char *fmt, ...)
{
    struct err fresh = ERR_NONE;
    va_list args;

    if (!err) {
        return;
    }
    text_copy(fresh.code, sizeof(fresh.code), code);
    text_copy(fresh.field, sizeof(fresh.field), field ? field : "");
    va_start(args, fmt);
    text_vformat(fresh.text, sizeof(fresh.text), fmt, args);
    va_end(args);
    *err = fresh;
}

void err_fill_prefix(struct err *err, const char *fmt, ...)
{
    char context[sizeof(err->text)];
    char joined[sizeof(err->text)];
    va_list args;

    if (!err) {
        return;
    }
    va_start(args, fmt);
    text_vformat(context, sizeof(context), fmt, args);
    va_end(args);
    text_format(joined, sizeof(joined), "%s: %s", context, err->text);
    text_copy(err->text, sizeof(err->text), joined);
}
