/* SPDX-License-Identifier: Apache-2.0 */
/* progress_turn.h - whose turn it is, and why. Pure. */
#ifndef TROTH_REPORTING_PROGRESS_TURN_H
#define TROTH_REPORTING_PROGRESS_TURN_H

#include "services/reporting/progress_case.h"
#include "services/reporting/progress_words.h"

enum progress_turn {
    PROGRESS_TURN_OURS = 1,
    PROGRESS_TURN_CUSTOMER,
    PROGRESS_TURN_THIRD_PARTY, /* and the customer waits for us all the same */
    PROGRESS_TURN_NOBODY,
};

struct progress_turn_why {
    enum progress_turn turn;
    enum progress_word title; /* "It is our turn." */
    enum progress_word why;   /* one sentence */
    bool is_late;             /* what we promised for now is overdue, and not done */
};

struct progress_turn_why progress_turn_of(const struct progress_case *c);

#endif
