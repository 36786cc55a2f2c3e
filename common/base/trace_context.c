/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/trace_context.h"

#include <string.h>

enum {
    VERSION_AT = 0,
    TRACE_AT = 3,
    PARENT_AT = 36,
    FLAGS_AT = 53,
    END = 55,
    FLAG_SAMPLED = 1,
};

/* Lower case only: the standard says so. -1: none. */
static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_hex(const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (hex_digit(text[i]) < 0) {
            return false;
        }
    }
    return true;
}

static bool is_zero(const char *text, size_t count)
{
    return strspn(text, "0") >= count;
}

static bool has_form(const char *text)
{
    return is_hex(text + VERSION_AT, 2) && text[2] == '-' &&
           is_hex(text + TRACE_AT, TRACE_CONTEXT_ID_SIZE - 1) && text[PARENT_AT - 1] == '-' &&
           is_hex(text + PARENT_AT, 16) && text[FLAGS_AT - 1] == '-' && is_hex(text + FLAGS_AT, 2);
}

bool trace_context_read(const char *text, char ret_context[TRACE_CONTEXT_SIZE])
{
    size_t len = text ? strnlen(text, END + 1) : 0;
    if (len < END || !has_form(text) || memcmp(text, "ff", 2) == 0 ||
        is_zero(text + TRACE_AT, TRACE_CONTEXT_ID_SIZE - 1) || is_zero(text + PARENT_AT, 16)) {
        return false;
    }
    bool is_first_version = memcmp(text, "00", 2) == 0;
    if (len > END && (is_first_version || text[END] != '-')) {
        return false;
    }
    memcpy(ret_context, text, END);
    memcpy(ret_context, "00", 2);
    ret_context[END] = '\0';
    return true;
}

const char *trace_context_id(const char *context, char ret_id[TRACE_CONTEXT_ID_SIZE])
{
    ret_id[0] = '\0';
    if (context[0]) {
        memcpy(ret_id, context + TRACE_AT, TRACE_CONTEXT_ID_SIZE - 1);
        ret_id[TRACE_CONTEXT_ID_SIZE - 1] = '\0';
    }
    return ret_id;
}

bool trace_context_is_sampled(const char *context)
{
    return context[0] && (hex_digit(context[FLAGS_AT + 1]) & FLAG_SAMPLED) != 0;
}
