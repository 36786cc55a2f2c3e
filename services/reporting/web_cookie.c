/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/web_cookie.h"

#include <string.h>

const char *web_cookie_name(bool is_insecure)
{
    return is_insecure ? "troth" : "__Host-troth";
}

static bool is_hex(const char *value, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    return len == WEB_TOKEN_TEXT_SIZE - 1 && strspn(value, digits) >= len;
}

int web_cookie_find(const char *header, const char *name, char ret_value[WEB_TOKEN_TEXT_SIZE])
{
    const size_t name_len = strlen(name);
    const char *found = NULL;
    for (const char *at = header; at && *at;) {
        at += strspn(at, " \t;");
        if (strncmp(at, name, name_len) == 0 && at[name_len] == '=') {
            if (found) {
                return -1;
            }
            found = at + name_len + 1;
        }
        at += strcspn(at, ";");
    }
    if (!found || !is_hex(found, strcspn(found, " \t;"))) {
        return -1;
    }
    memcpy(ret_value, found, WEB_TOKEN_TEXT_SIZE - 1);
    ret_value[WEB_TOKEN_TEXT_SIZE - 1] = '\0';
    return 0;
}

void web_cookie_print(const char *token, bool is_insecure, struct text *out)
{
    text_appendf(out, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s", web_cookie_name(is_insecure),
                 token, *token ? "" : "; Max-Age=0", is_insecure ? "" : "; Secure");
}
