/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agenda.h - the reasons that one conversation covers: the follow-up that leads, and those that
 * were merged into it, in the order in which they are talked about.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_AGENDA_H
#define TROTH_SERVICES_FOLLOWUP_AGENDA_H

#include <stddef.h>
#include <stdint.h>

#include "services/followup/followup_states.h"

enum {
    AGENDA_REASONS_MAX = 8,   /* more are merged all the same, and not talked about one by one */
    AGENDA_WORD_SIZE = 129,   /* the longest: a category of intake */
    AGENDA_BETTER_SIZE = 501, /* Improvement.words, with the NUL */
};

struct agenda_reason {
    int64_t follow_up;
    int64_t customer;
    int64_t service_case;  /* 0: none */
    int64_t promise;       /* that it is about; 0: none */
    int64_t resolution;    /* of the case, when the customer can have a word about it: 0: none */
    int32_t case_priority; /* 1 urgent to 4 low; 0: not known */
    int32_t trigger;       /* enum follow_up_trigger */
    int32_t purpose;       /* Purpose */
    char rule[FOLLOW_UP_RULE_SIZE];
    char script[FOLLOW_UP_RULE_SIZE];   /* "": not looked for yet */
    char branch[FOLLOW_UP_BRANCH_SIZE]; /* "": none; so are these */
    char promise_kind[AGENDA_WORD_SIZE];
    char category[AGENDA_WORD_SIZE];
    char better[AGENDA_BETTER_SIZE]; /* of an improvement: what is better now, in its own words */
};

/* Start with {0}. */
struct agenda {
    struct agenda_reason reasons[AGENDA_REASONS_MAX]; /* the leading one first */
    size_t count;
    int64_t due_us;          /* of the leading one */
    uint32_t servqual_asked; /* bit (1 << item): of the customer, see servqual_round.h */
};

#endif
