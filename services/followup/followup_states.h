/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_states.h - a follow-up, the states it may be in, and what moves it from one to the next.
 *
 * Every change of state is a row of one table: (state, event) -> state, because.
 * followup_set_state() alone writes the state; a missing row is an error, never a guess. Pure: no
 * database, no bus, no clock.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_STATES_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_STATES_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/trace_context.h"
#include "common/base/zone.h"

/* The numbers of FollowUpState in proto/event.proto; stored. */
enum follow_up_state {
    FOLLOW_UP_PLANNED = 1,
    FOLLOW_UP_CLAIMED,
    FOLLOW_UP_ORDERED,
    FOLLOW_UP_DONE,
    FOLLOW_UP_MISSED,
    FOLLOW_UP_SUPPRESSED,
    FOLLOW_UP_FAILED,
    FOLLOW_UP_LISTED,
    FOLLOW_UP_MERGED,
};

enum follow_up_event {
    FOLLOW_UP_IS_HISTORY = 1, /* planned from an old record: no call because of it */
    FOLLOW_UP_WINDOW_PASSED,
    FOLLOW_UP_CASE_REOPENED,
    /* Verdicts on what is due (common/domain/arbitration.h), whose reasons the caller says. */
    FOLLOW_UP_IS_SUPPRESSED,
    FOLLOW_UP_IS_MISSED,
    FOLLOW_UP_IS_LISTED,
    FOLLOW_UP_IS_MERGED,   /* the caller sets merged_into */
    FOLLOW_UP_IS_DEFERRED, /* the caller sets next_attempt_us */
    FOLLOW_UP_HAS_NO_PHONE,
    FOLLOW_UP_IS_CLAIMED,
    FOLLOW_UP_CLAIM_ENDED,    /* given back, or its holder is gone */
    FOLLOW_UP_NUMBER_REFUSED, /* intake does not let us read the number */
    FOLLOW_UP_IS_ORDERED,
    FOLLOW_UP_ORDER_BARRED,   /* the dialer never dialed and never will */
    FOLLOW_UP_ORDERS_USED_UP, /* barred too often */
    FOLLOW_UP_ANSWERED,
    FOLLOW_UP_REFUSED,
    FOLLOW_UP_TRY_AGAIN,     /* not reached, another call is allowed */
    FOLLOW_UP_CALLS_USED_UP, /* not reached, no other call is allowed */
    FOLLOW_UP_WRONG_NUMBER,
    FOLLOW_UP_NEEDS_LANGUAGE,  /* nobody there spoke the customer's language */
    FOLLOW_UP_OUTCOME_UNKNOWN, /* placed, and no result came */
    FOLLOW_UP_DIALER_GONE,     /* ordered, and the dialer cannot be asked */
    FOLLOW_UP_JOURNAL_LOST,    /* ordered, and the dialer cannot know */
    FOLLOW_UP_RECORD_VOID,     /* its source took back what it was planned for */
    FOLLOW_UP_STANDS_AGAIN,    /* what it was planned for is so again */
    FOLLOW_UP_PROMISE_SETTLED, /* the promise was kept, given anew, withdrawn ... */
    FOLLOW_UP_NO_LONGER_TRUE,  /* what it was planned for does not hold any more */
    FOLLOW_UP_CALLED_BACK,     /* the customer called us after an attempt that missed them */
    FOLLOW_UP_IS_ERASED,       /* nothing is left of the customer that a call could be about */
    FOLLOW_UP_GIVEN_UP,        /* a person could do nothing about it either */
};

/* The reason of what was planned for a record that was taken back. */
#define FOLLOW_UP_REASON_VOID "record_void"

#define FOLLOW_UP_RULE_SIZE       32
#define FOLLOW_UP_OCCURRENCE_SIZE 48
#define FOLLOW_UP_ZONE_SIZE       48
#define FOLLOW_UP_BRANCH_SIZE     65 /* the limit of intake and a NUL */
#define FOLLOW_UP_REASON_SIZE     40

#define FOLLOW_UP_NEVER INT64_MIN /* an instant that is not set; the database reads it as NULL */

/* One row of followup.follow_up without its claim. */
struct follow_up {
    int64_t number;
    int64_t version;        /* counts the changes, this one included */
    int64_t stored_version; /* as read; 0: not stored yet */
    int64_t customer;
    int64_t service_case; /* 0: none */
    int64_t case_version;
    char rule[FOLLOW_UP_RULE_SIZE];
    int32_t rule_version; /* followup.rule_version.id */
    int32_t trigger;      /* enum follow_up_trigger */
    char topic[FOLLOW_UP_RULE_SIZE];
    int32_t purpose, priority;
    int32_t channel; /* Channel of the next attempt */
    int64_t subject;
    char occurrence[FOLLOW_UP_OCCURRENCE_SIZE];
    char branch[FOLLOW_UP_BRANCH_SIZE];
    enum follow_up_state state; /* written by followup_set_state() and by who reads the row */
    char reason[FOLLOW_UP_REASON_SIZE];
    int64_t planned_us, due_us, window_end_us;
    /* Of what is due at a local time: that time as if it were UTC, its zone and the version of the
     * zone data; else FOLLOW_UP_NEVER and "". */
    int64_t local_due_us;
    char zone[FOLLOW_UP_ZONE_SIZE];
    char zone_version[ZONE_VERSION_SIZE];
    int64_t next_attempt_us; /* FOLLOW_UP_NEVER unless planned or claimed */
    int32_t attempts;        /* orders so far: the number of the newest attempt */
    int32_t calls;           /* attempts that ended with an outcome */
    int32_t last_outcome;    /* CallOutcome; 0: none yet */
    int64_t last_call_us;    /* when that was ordered; FOLLOW_UP_NEVER: never */
    int64_t
        called_back_us;  /* the customer called us since the first attempt; FOLLOW_UP_NEVER: not */
    int64_t merged_into; /* 0: not merged */
    bool is_historical;
    int64_t settled_us;             /* FOLLOW_UP_NEVER while it goes on */
    char trace[TRACE_CONTEXT_SIZE]; /* of the record it was planned because of; "": none */
};

/* Moves f by the table, at now_us. Sets reason and settled_us when it ends (reason NULL: the
 * table's), clears them when it goes on again, and counts the version. What is deferred goes on
 * with the caller's reason. What is not merged any more is merged into nothing. Returns 0, or -1
 * (code "followup_no_rule") and leaves f alone. */
MUST_CHECK int followup_set_state(struct follow_up *f, enum follow_up_event event, int64_t now_us,
                                  const char *reason, struct err *err);

/* It has ended: done, missed, suppressed, failed, or listed for a person. */
bool followup_has_ended(enum follow_up_state state);

/* No order stands: it can still be taken back. */
bool followup_is_open(enum follow_up_state state);

/* The customer wants the next call: the last one ended with that wish. */
bool followup_is_asked_for(const struct follow_up *f);

const char *followup_state_name(enum follow_up_state state); /* "planned", ... */

/* The row that would be taken, for the log; NULL without one. */
const char *followup_because(enum follow_up_state from, enum follow_up_event event);

#endif
