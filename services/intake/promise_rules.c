/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/promise_rules.h"

#include "common/base/compiler.h"

#define STATE(name)  TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name
#define ACTION(name) TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_##name

/* Short names, so that a rule stands on one line. */
#define IS_OPEN         STATE(OPEN)
#define IS_AT_RISK      STATE(AT_RISK)
#define IS_KEPT         STATE(KEPT)
#define IS_LATE         STATE(KEPT_LATE)
#define IS_BROKEN       STATE(BROKEN)
#define IS_WITHDRAWN    STATE(WITHDRAWN)
#define IS_WAIVED       STATE(WAIVED)
#define IS_RENEGOTIATED STATE(RENEGOTIATED)
#define IS_RENEWED_LATE STATE(RENEGOTIATED_LATE)

/* What was waived or withdrawn after it was due has no row: it stays broken. What ended otherwise
 * than by a break stays as it is, apart from an earlier proof of what was done late. The customer
 * has no word about what is still open, or was not owed any more when it was due. */
static const struct promise_rule rules[] = {
    {IS_OPEN,         PROMISE_STEP_AT_RISK,         IS_AT_RISK,      false, "little time is left"       },
    {IS_OPEN,         PROMISE_STEP_DUE,             IS_BROKEN,       false, "due and not done"          },
    {IS_OPEN,         PROMISE_DONE_IN_TIME,         IS_KEPT,         false, "done in time"              },
    {IS_OPEN,         PROMISE_DONE_LATE,            IS_LATE,         false, "done after it was due"     },
    {IS_OPEN,         PROMISE_TAKEN_BACK,           IS_WITHDRAWN,    false, "owed no more"              },
    {IS_OPEN,         PROMISE_RENEGOTIATED_IN_TIME, IS_RENEGOTIATED, false, "another date was agreed on"},
    {IS_OPEN,         PROMISE_RENEGOTIATED_LATE,    IS_RENEWED_LATE, false, "agreed on after the break" },
    {IS_OPEN,         PROMISE_WAIVED_IN_TIME,       IS_WAIVED,       false, "the customer lets it go"   },
    {IS_OPEN,         PROMISE_WITHDRAWN_IN_TIME,    IS_WITHDRAWN,    false, "taken back in time"        },

    {IS_AT_RISK,      PROMISE_STEP_DUE,             IS_BROKEN,       false, "due and not done"          },
    {IS_AT_RISK,      PROMISE_DONE_IN_TIME,         IS_KEPT,         false, "done in time"              },
    {IS_AT_RISK,      PROMISE_DONE_LATE,            IS_LATE,         false, "done after it was due"     },
    {IS_AT_RISK,      PROMISE_TAKEN_BACK,           IS_WITHDRAWN,    false, "owed no more"              },
    {IS_AT_RISK,      PROMISE_RENEGOTIATED_IN_TIME, IS_RENEGOTIATED, false,
     "another date was agreed on"                                                                       },
    {IS_AT_RISK,      PROMISE_RENEGOTIATED_LATE,    IS_RENEWED_LATE, false, "agreed on after the break" },
    {IS_AT_RISK,      PROMISE_WAIVED_IN_TIME,       IS_WAIVED,       false, "the customer lets it go"   },
    {IS_AT_RISK,      PROMISE_WITHDRAWN_IN_TIME,    IS_WITHDRAWN,    false, "taken back in time"        },

    {IS_AT_RISK,      PROMISE_RETARGETED,           IS_OPEN,         true,  "there is more time now"    },

    {IS_KEPT,         PROMISE_CONFIRMED,            IS_KEPT,         false, "the customer says so too"  },
    {IS_KEPT,         PROMISE_DISPUTED,             IS_KEPT,         false, "the customer says no"      },

    {IS_BROKEN,       PROMISE_DONE_IN_TIME,         IS_KEPT,         true,  "proof came in the grace"   },
    {IS_BROKEN,       PROMISE_DONE_LATE,            IS_LATE,         false, "done after it was due"     },
    {IS_BROKEN,       PROMISE_RENEGOTIATED_IN_TIME, IS_RENEGOTIATED, true,  "it had been agreed before" },
    {IS_BROKEN,       PROMISE_RENEGOTIATED_LATE,    IS_RENEWED_LATE, false, "agreed on after the break" },
    {IS_BROKEN,       PROMISE_WAIVED_IN_TIME,       IS_WAIVED,       true,  "it had been waived before" },
    {IS_BROKEN,       PROMISE_WITHDRAWN_IN_TIME,    IS_WITHDRAWN,    true,  "it had been taken back"    },
    {IS_BROKEN,       PROMISE_EXPLAINED,            IS_BROKEN,       false, "we know why"               },
    {IS_BROKEN,       PROMISE_CONFIRMED,            IS_BROKEN,       false, "the customer says kept"    },
    {IS_BROKEN,       PROMISE_DISPUTED,             IS_BROKEN,       false, "the customer says so too"  },
    {IS_BROKEN,       PROMISE_CORRECTED,            IS_KEPT,         true,  "a person has looked"       },

    {IS_LATE,         PROMISE_DONE_IN_TIME,         IS_KEPT,         true,  "it had been done before"   },
    {IS_LATE,         PROMISE_EXPLAINED,            IS_LATE,         false, "we know why"               },
    {IS_LATE,         PROMISE_CONFIRMED,            IS_LATE,         false, "the customer says kept"    },
    {IS_LATE,         PROMISE_DISPUTED,             IS_LATE,         false, "the customer says no"      },
    {IS_LATE,         PROMISE_CORRECTED,            IS_KEPT,         true,  "a person has looked"       },

    {IS_RENEWED_LATE, PROMISE_EXPLAINED,            IS_RENEWED_LATE, false, "we know why"               },
};

const struct promise_rule *promise_rules(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(rules);
    return rules;
}

const struct promise_rule *promise_rules_find(Troth__V1__PromiseState from,
                                              enum promise_trigger trigger)
{
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        if (rules[i].from == from && rules[i].trigger == trigger) {
            return &rules[i];
        }
    }
    return NULL;
}

bool promise_rules_is_running(Troth__V1__PromiseState state)
{
    return state == STATE(OPEN) || state == STATE(AT_RISK);
}

bool promise_rules_is_kept(Troth__V1__PromiseState state)
{
    return state == STATE(KEPT) || state == STATE(KEPT_LATE);
}

/* ---- judging */

static const struct {
    enum promise_trigger in_time, late;
} triggers[] = {
    [ACTION(RENEGOTIATED)] = {PROMISE_RENEGOTIATED_IN_TIME, PROMISE_RENEGOTIATED_LATE},
    [ACTION(KEPT)] = {PROMISE_DONE_IN_TIME,         PROMISE_DONE_LATE        },
    [ACTION(WAIVED)] = {PROMISE_WAIVED_IN_TIME,       PROMISE_WAIVED_LATE      },
    [ACTION(WITHDRAWN)] = {PROMISE_WITHDRAWN_IN_TIME,    PROMISE_WITHDRAWN_LATE   },
    [ACTION(EXPLAINED)] = {PROMISE_EXPLAINED,            PROMISE_EXPLAINED        },
    [ACTION(CONFIRMED)] = {PROMISE_CONFIRMED,            PROMISE_CONFIRMED        },
    [ACTION(DISPUTED)] = {PROMISE_DISPUTED,             PROMISE_DISPUTED         },
};

static bool is_in_time(const struct promise_proof *proof)
{
    return proof->done_us <= proof->due_us &&
           (promise_rules_is_running(proof->state) ||
            proof->now_us - proof->settled_us <= proof->grace_us);
}

/* A person needs no grace, but cannot make late what was late. */
static enum promise_trigger correction(const struct promise_proof *proof)
{
    return proof->done_us <= proof->due_us ? PROMISE_CORRECTED : (enum promise_trigger)0;
}

enum promise_trigger promise_rules_judge(Troth__V1__PromiseAction action,
                                         const struct promise_proof *proof)
{
    if (action == ACTION(CORRECTED)) {
        return correction(proof);
    }
    if ((size_t)action >= ARRAY_LEN(triggers)) {
        return (enum promise_trigger)0;
    }
    return is_in_time(proof) ? triggers[action].in_time : triggers[action].late;
}

/* ---- names */

static const char *const state_names[] = {
    [STATE(OPEN)] = "open",
    [STATE(AT_RISK)] = "at risk",
    [STATE(KEPT)] = "kept",
    [STATE(KEPT_LATE)] = "kept late",
    [STATE(BROKEN)] = "broken",
    [STATE(WITHDRAWN)] = "withdrawn",
    [STATE(WAIVED)] = "waived",
    [STATE(RENEGOTIATED)] = "renegotiated",
    [STATE(RENEGOTIATED_LATE)] = "renegotiated after it was due",
};

static const char *const action_names[] = {
    [ACTION(RENEGOTIATED)] = "renegotiated",
    [ACTION(KEPT)] = "kept",
    [ACTION(WAIVED)] = "waived",
    [ACTION(WITHDRAWN)] = "withdrawn",
    [ACTION(EXPLAINED)] = "explained",
    [ACTION(CONFIRMED)] = "confirmed",
    [ACTION(DISPUTED)] = "disputed",
    [ACTION(CORRECTED)] = "corrected",
};

static const char *name_at(const char *const *names, size_t count, size_t index)
{
    return index < count && names[index] ? names[index] : "unknown";
}

const char *promise_rules_state_name(Troth__V1__PromiseState state)
{
    return name_at(state_names, ARRAY_LEN(state_names), (size_t)state);
}

const char *promise_rules_action_name(Troth__V1__PromiseAction action)
{
    return name_at(action_names, ARRAY_LEN(action_names), (size_t)action);
}
