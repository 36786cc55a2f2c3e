/* SPDX-License-Identifier: Apache-2.0 */
/* web_cookie.h - the one cookie that we know, in headers and out of them. */
#ifndef TROTH_REPORTING_WEB_COOKIE_H
#define TROTH_REPORTING_WEB_COOKIE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/compiler.h"
#include "common/base/text.h"

#define WEB_TOKEN_LEN       32
#define WEB_TOKEN_TEXT_SIZE (2 * WEB_TOKEN_LEN + 1)

/* "__Host-troth", which browsers take only with Secure, Path=/ and no Domain; "troth" without
 * Secure. */
const char *web_cookie_name(bool is_insecure);

/* The value in a Cookie header (NULL: none) of the name. Returns -1 when there is none, when it
 * stands there more than once (somebody who may set cookies for a domain above us put a second one)
 * or is not hex of the right length. */
MUST_CHECK int web_cookie_find(const char *header, const char *name,
                               char ret_value[WEB_TOKEN_TEXT_SIZE]);

/* A Set-Cookie value, which ends with the browser; token "" takes the cookie away. */
void web_cookie_print(const char *token, bool is_insecure, struct text *out);

#endif
