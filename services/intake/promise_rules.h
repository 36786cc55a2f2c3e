/* SPDX-License-Identifier: Apache-2.0 */
/*
 * promise_rules.h - what becomes of a promise: at risk, kept, kept late, broken, waived,
 * withdrawn, renegotiated.
 *
 * A promise is judged by when a thing occurred, not by when we heard of it. Proof that arrives
 * within the grace takes "broken" back, after it only a person does. A break stands: what is said
 * or done after a promise was due does not undo it. Why it was broken and what the customer says of
 * it are facts beside the state and never change it.
 */
#ifndef TROTH_INTAKE_PROMISE_RULES_H
#define TROTH_INTAKE_PROMISE_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.pb-c.h"

enum promise_trigger {
    PROMISE_STEP_AT_RISK = 1, /* most of the time has passed */
    PROMISE_STEP_DUE,         /* all of it has */
    PROMISE_DONE_IN_TIME,
    PROMISE_DONE_LATE,
    PROMISE_TAKEN_BACK, /* its case was closed: what no answer could keep is owed no more */
    PROMISE_RENEGOTIATED_IN_TIME,
    PROMISE_RENEGOTIATED_LATE,
    PROMISE_WAIVED_IN_TIME,
    PROMISE_WAIVED_LATE,
    PROMISE_WITHDRAWN_IN_TIME,
    PROMISE_WITHDRAWN_LATE,
    PROMISE_RETARGETED, /* another target leaves more time than most of it */
    PROMISE_EXPLAINED,  /* why it was broken */
    PROMISE_CONFIRMED,  /* the customer says that it was kept */
    PROMISE_DISPUTED,   /* the customer says that it was not */
    PROMISE_CORRECTED,  /* a person has looked: it was kept in time after all */
};

enum {
    PROMISE_PERCENT_HALF = 50,
    PROMISE_PERCENT_AT_RISK = 80,
    PROMISE_PERCENT_DUE = 100,
    PROMISE_PERCENT_NONE = 0, /* no step is left */
};

struct promise_rule {
    Troth__V1__PromiseState from;
    enum promise_trigger trigger;
    Troth__V1__PromiseState to;
    bool is_correction; /* takes back what `from` said */
    const char *because;
};

/* All rows, for tests and documents. */
const struct promise_rule *promise_rules(size_t *ret_count);

/* NULL: nothing happens, or it cannot be done. */
const struct promise_rule *promise_rules_find(Troth__V1__PromiseState from,
                                              enum promise_trigger trigger);

/* Its clock counts: open, at risk. */
bool promise_rules_is_running(Troth__V1__PromiseState state);
/* Done, in time or late. */
bool promise_rules_is_kept(Troth__V1__PromiseState state);

/* When a thing occurred of which we hear now. settled_us is ignored for running promises. */
struct promise_proof {
    Troth__V1__PromiseState state;
    int64_t due_us;
    int64_t done_us;
    int64_t settled_us;
    int64_t now_us;
    int64_t grace_us;
};
/* How it is to be judged: in time, or late. After the grace has passed since a promise was settled
 * as broken or late, what is claimed to have been in time is late, unless a person corrects it. 0
 * for an action that there is not, and for a correction by what was not in time. */
enum promise_trigger promise_rules_judge(Troth__V1__PromiseAction action,
                                         const struct promise_proof *proof);

/* "kept late", "waived": for texts that a person reads. */
const char *promise_rules_state_name(Troth__V1__PromiseState state);
const char *promise_rules_action_name(Troth__V1__PromiseAction action);

#endif
