/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_plan.h - decides: what to plan, what to do with what is due, what an outcome means, what
 * to do about an order without a result. Pure: every instant, limit and circumstance is an
 * argument.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_PLAN_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "services/followup/followup_rules.h"

#define FOLLOWUP_RULE_AFTER_RESOLUTION "after_resolution"

/* The settings that decisions depend on. */
struct followup_limits {
    int64_t call_after_us;  /* business time from the resolution to the call */
    int64_t window_us;      /* business time in which the call may happen */
    int64_t retry_after_us; /* business time between two calls */
    int64_t calls_max;      /* per follow-up */
    int64_t orders_max;     /* per follow-up, calls and barred orders together */
    int64_t ask_for_us;     /* machine time we wait for a dialer that is gone */
    int64_t call_limit_us;  /* machine time after start-by in which a placed call must end */
};

/* Follow-ups in hand; start with {0}. */
struct follow_up_list {
    struct follow_up *items;
    size_t count, capacity;
};
/* Zeroed apart from instants that are not set. Valid until the next add. */
struct follow_up *follow_up_list_add(struct follow_up_list *l);
void follow_up_list_clear(struct follow_up_list *l);
void follow_up_list_free(struct follow_up_list *l);

/* ---- planning */

/* What an event told about a case. */
struct followup_case_change {
    int64_t customer, service_case, version;
    int64_t occurred_us;
    int32_t reopened_count;
    const char *branch; /* NULL: none */
    bool is_historical;
    bool is_taken_back; /* the case as it is now was not resolved at all: its source took that back
                         */
};

/* A case was resolved: adds one follow-up with number 0, unless the list, which holds all of this
 * case, has it. What need not or must not be called ends at once: old records, a window that has
 * passed, a case that was reopened since (reopened_now: as the case is now; it may be ahead of the
 * event). */
MUST_CHECK int followup_plan_resolved(const struct followup_limits *limits,
                                      const struct followup_case_change *change,
                                      int32_t reopened_now, int64_t now_us,
                                      struct follow_up_list *list, struct err *err);

/* A case was reopened: what was planned for its earlier resolutions and is not ordered yet is
 * suppressed. */
MUST_CHECK int followup_plan_reopened(const struct followup_case_change *change, int64_t now_us,
                                      struct follow_up_list *list, struct err *err);

/* A part of the case's history was taken back: what is planned follows the case as it is now, apart
 * from what was called for already. */
struct followup_case_now {
    int32_t reopened_count;
    int64_t resolved_us; /* FOLLOW_UP_NEVER: it is not resolved */
};
MUST_CHECK int followup_plan_corrected(const struct followup_limits *limits, int64_t service_case,
                                       const struct followup_case_now *now, int64_t now_us,
                                       struct follow_up_list *list, struct err *err);

/* ---- when it is due */

struct followup_circumstances {
    /* The customer, or anybody who is the same person by a merge: one number and one no are
     * enough. */
    bool has_phone;
    bool has_refused_calls;
    int32_t reopened_now; /* of the case */
    bool must_not_call;   /* by the same rule as the first two */
    bool is_joined;       /* one is due for the same person under another number, and goes first */
};

/* The event for a planned follow-up that is due: FOLLOW_UP_IS_CLAIMED when it may be called. */
enum follow_up_event followup_plan_due(const struct follow_up *f,
                                       const struct followup_circumstances *c, int64_t now_us);

/* ---- what became of an order */

/* The newest attempt ended with that CallOutcome: counts the call and moves f. A listed follow-up
 * stays listed when the outcome does not settle it. */
MUST_CHECK int followup_plan_outcome(const struct followup_limits *limits, int32_t outcome,
                                     int64_t now_us, struct follow_up *f, struct err *err);

/* The newest attempt was never dialed and never will be. */
MUST_CHECK int followup_plan_barred(const struct followup_limits *limits, int64_t now_us,
                                    struct follow_up *f, struct err *err);

/* Whether the customer was on the line: answered or refused. */
bool followup_was_reached(int32_t outcome);

/* ---- orders without a result: machine time */

struct followup_open_order {
    int64_t start_by_us;
    bool is_dialer_connected;
    bool is_dialer_new;     /* it came back and was not asked yet */
    bool was_asked;         /* a look before this one came after its start-by */
    bool is_same_journal;   /* as when it was ordered; only when connected */
    int64_t absent_from_us; /* when it was seen last; only when not connected */
};

enum followup_order_step {
    FOLLOWUP_ORDER_WAIT = 1,
    FOLLOWUP_ORDER_ASK,
    FOLLOWUP_ORDER_DIALER_GONE,
    FOLLOWUP_ORDER_JOURNAL_LOST,
    FOLLOWUP_ORDER_UNKNOWN,
};

enum followup_order_step followup_plan_open_order(const struct followup_limits *limits,
                                                  const struct followup_open_order *o,
                                                  int64_t machine_now_us);

/* The business instant of an answer: when the call ended as the dialer says, but neither before the
 * order nor in the future. */
int64_t followup_plan_answered_at(int64_t ordered_us, int64_t ended_us, int64_t now_us);

#endif
