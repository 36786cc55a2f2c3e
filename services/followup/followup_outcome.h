/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_outcome.h - what the outcome of an attempt means for its follow-up: done, another try,
 * another channel, or the end. Pure.
 *
 * The rulebook's table says how long to wait, whether to change the channel or the hour, and how
 * often (rulebook_outcome); the rule says which channels there are and how many calls. What is
 * fixed is in followup_outcome.c: who was reached is not called again, and who asked for a call at
 * a time is called then.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_OUTCOME_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/zone.h"
#include "common/domain/rulebook.h"
#include "services/followup/followup_states.h"

/* Time after the instant that a customer asked for, in which the call may still be ordered. */
#define FOLLOWUP_CALL_BACK_WINDOW_US (INT64_C(4) * 3600 * 1000 * 1000)

/* What follows from where: all borrowed. */
struct followup_outcome_terms {
    const struct rulebook *rules; /* of the follow-up's version, else those in force */
    const struct zone *zone;      /* of the customer; NULL: not known */
    int64_t orders_max;           /* per follow-up, calls and barred orders together */
};

/* The newest attempt ended. */
struct followup_outcome_end {
    int32_t outcome;      /* CallOutcome */
    int32_t same_count;   /* attempts of this follow-up on this channel before it that ended so */
    int64_t ordered_us;   /* business time */
    int64_t call_back_us; /* business time; 0: none was asked for */
    int64_t now_us;
    bool is_person; /* a person called: "failed" ends what is listed */
};

/* Counts the call and moves f. A listed follow-up stays listed when the outcome does not settle it.
 * Returns 0, or -1 with f as it was: "outcome_unknown", or what followup_set_state() says. */
MUST_CHECK int followup_outcome_apply(const struct followup_outcome_terms *terms,
                                      const struct followup_outcome_end *end, struct follow_up *f,
                                      struct err *err);

/* The newest attempt was never dialed and never will be. */
MUST_CHECK int followup_outcome_barred(int64_t orders_max, int64_t now_us, struct follow_up *f,
                                       struct err *err);

/* When a person is to look at it again that is still listed after this outcome of a person:
 * business time. */
int64_t followup_outcome_look_again(const struct followup_outcome_terms *terms,
                                    const struct followup_outcome_end *end);

/* The number or address that was used is not the customer's, or is none at all. */
bool followup_outcome_is_bad_number(int32_t outcome);
/* The customer did not want to talk. */
bool followup_outcome_is_refusal(int32_t outcome);

#endif
