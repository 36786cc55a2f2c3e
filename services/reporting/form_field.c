/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/form_field.h"

#include <string.h>

static bool decode(const char *from, size_t len, struct text *out)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = (uint8_t)from[i];
        if (byte == '+') {
            byte = ' ';
        } else if (byte == '%') {
            char hex[3] = {0};
            if (len - i < 3) {
                return false;
            }
            memcpy(hex, from + i + 1, 2);
            if (bytes_from_hex(hex, &byte, 1) < 0) {
                return false;
            }
            i += 2;
        }
        text_append_len(out, (const char *)&byte, 1);
    }
    return true;
}

bool form_field(struct bytes body, const char *name, struct text *out)
{
    const char *at = (const char *)body.data, *end = at ? at + body.len : NULL;
    size_t name_len = strlen(name);
    while (at < end) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        size_t len = (size_t)((stop ? stop : end) - at);
        if (len > name_len && at[name_len] == '=' && memcmp(at, name, name_len) == 0) {
            return decode(at + name_len + 1, len - name_len - 1, out) &&
                   text_is_utf8(bytes_of_text(text_or_empty(out))) &&
                   strlen(text_or_empty(out)) == out->len;
        }
        at = stop ? stop + 1 : end;
    }
    return false;
}
