/* SPDX-License-Identifier: Apache-2.0 */
/* web_head_fuzz.c - what stands in the head of a request: its address, cookies, where it comes
 * from, what it takes. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/runtime/http_private.h"
#include "services/reporting/web_cookie.h"
#include "services/reporting/web_files.h"
#include "services/reporting/web_origin.h"
#include "tests/fuzz/fuzz.h"

static void fuzz_address(const char *text)
{
    if (http_on_uri(NULL, text, NULL)) {
        return;
    }
    size_t len = strcspn(text, "?");
    claim(text[0] == '/', "a path begins with a slash");
    claim(memchr(text, '\\', len) == NULL, "a path has no backslash");
    for (size_t i = 0; i + 2 < len; i++) {
        claim(strncasecmp(text + i, "%2f", 3) != 0 && strncmp(text + i, "%00", 3) != 0,
              "a path has neither an encoded slash nor a NUL");
        claim(strncmp(text + i, "/..", 3) != 0 || (i + 3 < len && text[i + 3] != '/'),
              "a path does not go up");
    }
}

static void fuzz_cookie(const char *text)
{
    char token[WEB_TOKEN_TEXT_SIZE];
    if (web_cookie_find(text, "a", token) == 0) {
        claim(strlen(token) == WEB_TOKEN_TEXT_SIZE - 1, "a token has its length");
        claim(strspn(token, "0123456789abcdef") == strlen(token), "a token is hex");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    fuzz_address(text);
    fuzz_cookie(text);
    (void)web_files_takes_gzip(text);
    (void)web_origin_is_ours(&(struct web_origin){.origin = text, .host = "a:1"});
    free(text);
    return 0;
}
