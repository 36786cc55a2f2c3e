/* SPDX-License-Identifier: Apache-2.0 */
/* web_headers.h - what tells a browser to trust nothing but us. */
#ifndef TROTH_REPORTING_WEB_HEADERS_H
#define TROTH_REPORTING_WEB_HEADERS_H

#include <stdbool.h>

#include "common/runtime/http.h"

/* Every answer of this server has them from now on: nothing is loaded from elsewhere, framed, or
 * told to others. is_behind_tls: browsers come by https alone for a year. */
void web_headers_always(struct http *h, bool is_behind_tls);

/* A page without scripts that brings its own style: style is exactly what stands between <style>
 * and </style>, NULL for none. Instead of the policy for the dashboard; and no search engine may
 * list it. */
void web_headers_page(struct http_response *r, const char *style);

#endif
