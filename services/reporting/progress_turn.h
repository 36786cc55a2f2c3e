/* SPDX-License-Identifier: Apache-2.0 */
/* progress_turn.h - whose turn it is, and why. Pure. */
#ifndef TROTH_REPORTING_PROGRESS_TURN_H
#define TROTH_REPORTING_PROGRESS_TURN_H

#include "services/reporting/case_turn.h"
#include "services/reporting/progress_case.h"
#include "services/reporting/progress_words.h"

struct progress_turn_why {
    enum case_turn turn;      /* of what is resolved the customer's: to say whether it is */
    enum progress_word title; /* "It is our turn." */
    enum progress_word why;   /* one sentence */
    bool is_late;             /* what we promised for now is overdue, and not done */
};

struct progress_turn_why progress_turn_of(const struct progress_case *c);

#endif
