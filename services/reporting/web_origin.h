/* SPDX-License-Identifier: Apache-2.0 */
/* web_origin.h - did a page of ours make the browser send this? */
#ifndef TROTH_REPORTING_WEB_ORIGIN_H
#define TROTH_REPORTING_WEB_ORIGIN_H

#include <stdbool.h>

struct web_origin {
    const char *fetch_site; /* Sec-Fetch-Site */
    const char *origin;     /* Origin */
    const char *host;       /* Host */
};

/* Headers that are missing are NULL. A request without both of the first is no browser's, or an old
 * one's, and passes; the token of the session is asked for all the same. "null" is no origin of
 * ours. */
bool web_origin_is_ours(const struct web_origin *o);

#endif
