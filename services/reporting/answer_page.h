/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer_page.h - the page behind the link of a mail: /answer.
 *
 * GET shows the questions and changes nothing, for mail scanners follow links. POST sends the
 * answers to intake as records and thanks when they are committed. What was answered once stays:
 * the keys of the records are made of the order's.
 */
#ifndef TROTH_REPORTING_ANSWER_PAGE_H
#define TROTH_REPORTING_ANSWER_PAGE_H

#include <stddef.h>

#include "services/reporting/reporting.h"

struct answer_page;

/* Needs the settings answer_secret_file, intake and intake_key_file, and http. NULL with err. */
struct answer_page *answer_page_new(struct reporting *r, struct err *err);
void answer_page_free(struct answer_page *p); /* NULL is fine; who waits gets no answer */
size_t answer_page_open_count(const struct answer_page *p); /* NULL: 0 */

#endif
