/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress_page.h - the customer's own page: /progress/TOKEN.
 *
 * GET shows where the case stands and changes nothing, for mail scanners follow links. POST takes
 * one thing that the customer says, hands it to intake as records and thanks when they are
 * committed. A case that was merged into another is told by the one that goes on; of a customer who
 * was erased there is no page any more.
 */
#ifndef TROTH_REPORTING_PROGRESS_PAGE_H
#define TROTH_REPORTING_PROGRESS_PAGE_H

#include <stddef.h>

#include "services/reporting/reporting.h"

struct progress_page;

/* Needs the settings progress_url, intake and intake_key_file, and http. NULL with err. */
struct progress_page *progress_page_new(struct reporting *r, struct err *err);
void progress_page_free(struct progress_page *p); /* NULL is fine; who waits gets no answer */
size_t progress_page_open_count(const struct progress_page *p); /* NULL: 0 */

#endif
