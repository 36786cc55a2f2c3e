/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/web_origin.h"

#include <string.h>
#include <strings.h>

static bool is_origin_of(const char *origin, const char *host)
{
    static const char *const schemes[] = {"https://", "http://"};
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        size_t len = strlen(schemes[i]);
        if (strncasecmp(origin, schemes[i], len) == 0) {
            return host && *host && strcasecmp(origin + len, host) == 0;
        }
    }
    return false;
}

bool web_origin_is_ours(const struct web_origin *o)
{
    if (o->fetch_site && strcmp(o->fetch_site, "same-origin") != 0) {
        return false;
    }
    return !o->origin || is_origin_of(o->origin, o->host);
}
