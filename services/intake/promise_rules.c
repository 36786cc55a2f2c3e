/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/promise_rules.h"

#include "common/base/compiler.h"

#define STATE(name) TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name

static const struct promise_rule rules[] = {
    {STATE(OPEN),      PROMISE_STEP_AT_RISK, STATE(AT_RISK),   false, "little time is left"    },
    {STATE(OPEN),      PROMISE_STEP_DUE,     STATE(BROKEN),    false, "due and not done"       },
    {STATE(OPEN),      PROMISE_DONE_IN_TIME, STATE(KEPT),      false, "done in time"           },
    {STATE(OPEN),      PROMISE_DONE_LATE,    STATE(KEPT_LATE), false, "done after it was due"  },
    {STATE(OPEN),      PROMISE_TAKEN_BACK,   STATE(WITHDRAWN), false, "owed no more"           },

    {STATE(AT_RISK),   PROMISE_STEP_DUE,     STATE(BROKEN),    false, "due and not done"       },
    {STATE(AT_RISK),   PROMISE_DONE_IN_TIME, STATE(KEPT),      false, "done in time"           },
    {STATE(AT_RISK),   PROMISE_DONE_LATE,    STATE(KEPT_LATE), false, "done after it was due"  },
    {STATE(AT_RISK),   PROMISE_TAKEN_BACK,   STATE(WITHDRAWN), false, "owed no more"           },

    {STATE(BROKEN),    PROMISE_DONE_IN_TIME, STATE(KEPT),      true,  "proof came in the grace"},
    {STATE(BROKEN),    PROMISE_DONE_LATE,    STATE(KEPT_LATE), false, "done after it was due"  },

    {STATE(KEPT_LATE), PROMISE_DONE_IN_TIME, STATE(KEPT),      true,  "it had been done before"},
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

enum promise_trigger promise_rules_judge(const struct promise_proof *proof)
{
    if (proof->done_us > proof->due_us) {
        return PROMISE_DONE_LATE;
    }
    bool is_in_grace = promise_rules_is_running(proof->state) ||
                       proof->now_us - proof->settled_us <= proof->grace_us;
    return is_in_grace ? PROMISE_DONE_IN_TIME : PROMISE_DONE_LATE;
}
