/* SPDX-License-Identifier: Apache-2.0 */
/*
 * promise_history.h - one promise, its case and all that happened to them, as they were read; and
 * the clock that follows from that under the terms it has, or under others. Pure.
 */
#ifndef TROTH_COMMON_DOMAIN_PROMISE_HISTORY_H
#define TROTH_COMMON_DOMAIN_PROMISE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/domain/clock_timeline.h"
#include "event.pb-c.h"
#include "intake.pb-c.h"

#define HISTORY_NO_TIME INT64_MIN /* an instant that is not set */

enum promise_history_kind {
    HISTORY_OPENING = 0,
    HISTORY_CONTACT = 1, /* as the store's question numbers them */
    HISTORY_UPDATE,      /* of the case */
    HISTORY_SAID,        /* about this promise */
};

struct promise_history_entry {
    enum promise_history_kind kind;
    int64_t number;
    int action;     /* CaseAction or PromiseAction */
    int from, to;   /* states, of the case or of the promise */
    int origin;     /* of a contact */
    bool is_thanks; /* of a contact */
    const char *staff;
    int64_t occurred_us;
    int64_t received_us;
};

struct promise_history_step {
    int clock_version;
    int step; /* percent; 100 + n: the n-th after the break */
    int64_t due_us;
    int64_t taken_us;
    const char *tell; /* NULL: nobody in particular */
};

/* All texts live in the arena. */
struct promise_history {
    struct arena *arena;
    int64_t now_us; /* business time of the reading */

    int64_t promise;
    const char *kind;
    int state; /* PromiseState */
    int64_t made_us;
    int64_t made_by; /* 0: the opening */
    int64_t target_us;
    int64_t due_us; /* as intake keeps it; HISTORY_NO_TIME: its clock is paused */
    int64_t done_us;
    int64_t settled_us;
    int64_t counted_us; /* as intake kept it when it was settled; HISTORY_NO_TIME: it is not */
    bool is_due_fixed;
    bool is_void;
    int clock_version;
    const char *rule; /* NULL: a person gave it */

    int64_t service_case;
    Troth__V1__CaseState case_state;
    Troth__V1__ContactKind case_kind;
    const char *channel;
    const char *branch;
    const char *category;
    const char *case_rule;
    int asked_priority;
    int64_t opened_us;

    struct promise_history_entry *entries; /* in the order in which they took effect */
    size_t entry_count;
    struct promise_history_step *steps;
    size_t step_count;

    int32_t standard_id; /* that it was made under, or its case when a person gave it */
    const char *standard_hash;
    const char *standard_text; /* NULL: it is not stored any more */
    const char *standard_tzdata;
    int64_t standard_since_us;
};

/* What an entry did to the clock. */
struct promise_history_effect {
    const struct promise_history_entry *entry;
    enum clock_effect effect;
    const char *because; /* never NULL */
};

/* The caller frees the clock. ret_effects: room for entry_count of them, or NULL. */
struct clock_timeline *promise_history_clock(const struct promise_history *h, int64_t target_us,
                                             const struct calendar *calendar,
                                             struct promise_history_effect *ret_effects);

/* "asked the customer", "kept": for people. */
const char *promise_history_entry_name(const struct promise_history_entry *e);

#endif
