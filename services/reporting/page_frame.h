/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page_frame.h - what the pages for customers have in common: no script, nothing from elsewhere,
 * readable on a phone, light and dark as the reader likes it.
 */
#ifndef TROTH_REPORTING_PAGE_FRAME_H
#define TROTH_REPORTING_PAGE_FRAME_H

#include "common/base/text.h"
#include "common/runtime/http.h"

/* language: "en", "zh-Hans". title is ours: not escaped. */
void page_frame_begin(const char *language, const char *title, struct text *out);
void page_frame_end(struct text *out);

/* The headers of such a page: its style is allowed, nothing else; not listed, not told to others.
 * Sets the content type. */
void page_frame_headers(struct http_response *r);

#endif
