/* SPDX-License-Identifier: Apache-2.0 */
/* progress_history.h - what happened to a case, in the customer's words. Pure. */
#ifndef TROTH_REPORTING_PROGRESS_HISTORY_H
#define TROTH_REPORTING_PROGRESS_HISTORY_H

#include "services/reporting/progress_case.h"
#include "services/reporting/progress_words.h"

/* Where a line of the history comes from, as progress_store.c numbers them. */
enum progress_source {
    PROGRESS_FROM_OPENING = 1,
    PROGRESS_FROM_CONTACT,
    PROGRESS_FROM_UPDATE,  /* action: CaseAction */
    PROGRESS_FROM_PROMISE, /* action: PromiseAction; 0: given */
    PROGRESS_FROM_EXPECTATION,
    PROGRESS_FROM_SURVEY,
    PROGRESS_FROM_END,
};

/* 0: it is nothing to a customer, such as a note among staff or another category. */
enum progress_what progress_history_of(int source, int action);

/* A sentence for it. */
enum progress_word progress_history_word(enum progress_what what);

#endif
