/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress_records.h - the records that a customer's word on a progress page becomes. Pure.
 *
 *   a date that is expected   Expectation of the case, confirmed
 *   not solved, the survey    what the same answers on the telephone would (answer_writer.h)
 *   a call                    PromiseGiven "callback" in words, due at the end of the hour: it is
 *                             asked for within the hours that we offer, so we owe it
 *
 * Keys are made of the link, the state that the form was made for, and what was said: sent twice,
 * intake takes it once. Those of a call are made of the case and of its last call, whatever became
 * of that: a link leads elsewhere when its case is merged.
 */
#ifndef TROTH_REPORTING_PROGRESS_RECORDS_H
#define TROTH_REPORTING_PROGRESS_RECORDS_H

#include "services/reporting/answer_page_records.h"
#include "services/reporting/progress_form.h"

/* order: progress_token_order(). list starts with {0}; free with answer_page_list_free(). */
void progress_records(const struct progress_case *c, const char *order, const struct zone *zone,
                      struct progress_post *post, struct answer_page_list *ret_list);

/* "A call between Mon 23 Nov 2026, 14:00 and 15:00, ...", in the customer's language. */
void progress_records_call_words(const struct progress_case *c, const struct zone *zone,
                                 int64_t begin_us, struct text *out);

#endif
