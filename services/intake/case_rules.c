/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/case_rules.h"

#include "common/base/compiler.h"

#define STATE(name)  TROTH__V1__CASE_STATE__CASE_STATE_##name
#define ACTION(name) TROTH__V1__CASE_ACTION__CASE_ACTION_##name

/* Short names, so that a rule stands on one line. */
#define IN_NEW          STATE(NEW)
#define IN_OPEN         STATE(OPEN)
#define IN_CUSTOMER     STATE(WAITING_CUSTOMER)
#define IN_THIRD_PARTY  STATE(WAITING_THIRD_PARTY)
#define IN_RESOLVED     STATE(RESOLVED)
#define IN_CLOSED       STATE(CLOSED)
#define DO_RESPONDED    ACTION(RESPONDED)
#define DO_NOTE         ACTION(NOTE)
#define DO_ASK_CUSTOMER ACTION(WAITING_CUSTOMER)
#define DO_ASK_THIRD    ACTION(WAITING_THIRD_PARTY)
#define DO_RESUMED      ACTION(RESUMED)
#define DO_RESOLVED     ACTION(RESOLVED)
#define DO_REOPENED     ACTION(REOPENED)
#define DO_CLOSED       ACTION(CLOSED)
#define DO_RECLASSIFIED ACTION(RECLASSIFIED)
#define DO_MERGED       ACTION(MERGED)
#define DO_MARKED       ACTION(REFERENCE_MARKED)
#define DO_UNMARKED     ACTION(REFERENCE_UNMARKED)

/* Updates of one case may come over several connections, so "responded" and "note" are welcome in
 * every state: they may be late. What would undo a decision (resolved again, closed again) has no
 * row. Nor has a case that was taken back. Only what still waits for us is merged: a case that is
 * done has nothing that another one could go on with. What a case is can be corrected until it is
 * closed. */
static const struct case_rule rules[] = {
    {IN_NEW,         DO_RESPONDED,    IN_OPEN,        "the customer got a first answer" },
    {IN_NEW,         DO_NOTE,         IN_NEW,         "a note changes nothing"          },
    {IN_NEW,         DO_ASK_CUSTOMER, IN_CUSTOMER,    "the customer was asked"          },
    {IN_NEW,         DO_ASK_THIRD,    IN_THIRD_PARTY, "somebody else was asked"         },
    {IN_NEW,         DO_RESOLVED,     IN_RESOLVED,    "done at once"                    },
    {IN_NEW,         DO_CLOSED,       IN_CLOSED,      "nothing to do"                   },
    {IN_NEW,         DO_RECLASSIFIED, IN_NEW,         "another standard, the same time" },
    {IN_NEW,         DO_MERGED,       IN_CLOSED,      "another case goes on with it"    },

    {IN_OPEN,        DO_RESPONDED,    IN_OPEN,        "one more answer"                 },
    {IN_OPEN,        DO_NOTE,         IN_OPEN,        "a note changes nothing"          },
    {IN_OPEN,        DO_ASK_CUSTOMER, IN_CUSTOMER,    "the customer was asked"          },
    {IN_OPEN,        DO_ASK_THIRD,    IN_THIRD_PARTY, "somebody else was asked"         },
    {IN_OPEN,        DO_RESUMED,      IN_OPEN,        "a contact had resumed it already"},
    {IN_OPEN,        DO_RESOLVED,     IN_RESOLVED,    "done"                            },
    {IN_OPEN,        DO_CLOSED,       IN_CLOSED,      "closed without a solution"       },
    {IN_OPEN,        DO_RECLASSIFIED, IN_OPEN,        "another standard, the same time" },
    {IN_OPEN,        DO_MERGED,       IN_CLOSED,      "another case goes on with it"    },

    {IN_CUSTOMER,    DO_RESPONDED,    IN_OPEN,        "we went on"                      },
    {IN_CUSTOMER,    DO_NOTE,         IN_CUSTOMER,    "a note changes nothing"          },
    {IN_CUSTOMER,    DO_ASK_CUSTOMER, IN_CUSTOMER,    "the customer was asked again"    },
    {IN_CUSTOMER,    DO_ASK_THIRD,    IN_THIRD_PARTY, "now somebody else must answer"   },
    {IN_CUSTOMER,    DO_RESUMED,      IN_OPEN,        "the customer answered"           },
    {IN_CUSTOMER,    DO_RESOLVED,     IN_RESOLVED,    "done without an answer"          },
    {IN_CUSTOMER,    DO_CLOSED,       IN_CLOSED,      "the customer did not answer"     },
    {IN_CUSTOMER,    DO_RECLASSIFIED, IN_CUSTOMER,    "another standard, the same time" },
    {IN_CUSTOMER,    DO_MERGED,       IN_CLOSED,      "another case goes on with it"    },

    {IN_THIRD_PARTY, DO_RESPONDED,    IN_THIRD_PARTY, "the customer knows that we wait" },
    {IN_THIRD_PARTY, DO_NOTE,         IN_THIRD_PARTY, "a note changes nothing"          },
    {IN_THIRD_PARTY, DO_ASK_CUSTOMER, IN_CUSTOMER,    "the customer was asked"          },
    {IN_THIRD_PARTY, DO_ASK_THIRD,    IN_THIRD_PARTY, "somebody else was asked again"   },
    {IN_THIRD_PARTY, DO_RESUMED,      IN_OPEN,        "the answer came"                 },
    {IN_THIRD_PARTY, DO_RESOLVED,     IN_RESOLVED,    "done"                            },
    {IN_THIRD_PARTY, DO_CLOSED,       IN_CLOSED,      "closed without a solution"       },
    {IN_THIRD_PARTY, DO_RECLASSIFIED, IN_THIRD_PARTY, "another standard, the same time" },
    {IN_THIRD_PARTY, DO_MERGED,       IN_CLOSED,      "another case goes on with it"    },

    {IN_RESOLVED,    DO_RESPONDED,    IN_RESOLVED,    "an answer that we hear of late"  },
    {IN_RESOLVED,    DO_NOTE,         IN_RESOLVED,    "a note changes nothing"          },
    {IN_RESOLVED,    DO_REOPENED,     IN_OPEN,        "it was not solved"               },
    {IN_RESOLVED,    DO_CLOSED,       IN_CLOSED,      "the customer is content"         },
    {IN_RESOLVED,    DO_RECLASSIFIED, IN_RESOLVED,    "it was something else"           },
    {IN_RESOLVED,    DO_MARKED,       IN_RESOLVED,    "how it was solved helps others"  },
    {IN_RESOLVED,    DO_UNMARKED,     IN_RESOLVED,    "there is a better answer"        },

    {IN_CLOSED,      DO_RESPONDED,    IN_CLOSED,      "an answer that we hear of late"  },
    {IN_CLOSED,      DO_NOTE,         IN_CLOSED,      "a note changes nothing"          },
    {IN_CLOSED,      DO_REOPENED,     IN_OPEN,        "it was not solved"               },
    {IN_CLOSED,      DO_MARKED,       IN_CLOSED,      "how it was solved helps others"  },
    {IN_CLOSED,      DO_UNMARKED,     IN_CLOSED,      "there is a better answer"        },
};

/* What a contact means for the case it names. */
static const struct {
    Troth__V1__CaseState state;
    Troth__V1__CaseAction action;
} of_contact[] = {
    {STATE(WAITING_CUSTOMER), ACTION(RESUMED) },
    {STATE(RESOLVED),         ACTION(REOPENED)},
    {STATE(CLOSED),           ACTION(REOPENED)},
};

const struct case_rule *case_rules(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(rules);
    return rules;
}

const struct case_rule *case_rules_find(Troth__V1__CaseState from, Troth__V1__CaseAction action)
{
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        if (rules[i].from == from && rules[i].action == action) {
            return &rules[i];
        }
    }
    return NULL;
}

Troth__V1__CaseAction case_rules_of_contact(Troth__V1__CaseState state)
{
    for (size_t i = 0; i < ARRAY_LEN(of_contact); i++) {
        if (of_contact[i].state == state) {
            return of_contact[i].action;
        }
    }
    return ACTION(UNSPECIFIED);
}

bool case_rules_is_open(Troth__V1__CaseState state)
{
    return state == STATE(NEW) || state == STATE(OPEN) || state == STATE(WAITING_CUSTOMER) ||
           state == STATE(WAITING_THIRD_PARTY);
}

enum clock_event case_rules_clock_event(Troth__V1__CaseAction action)
{
    return clock_rules_event_of((int)action);
}

bool case_rules_is_paused(Troth__V1__CaseState state)
{
    return state == STATE(WAITING_CUSTOMER);
}

static const char *const state_names[] = {
    [STATE(NEW)] = "new",
    [STATE(OPEN)] = "open",
    [STATE(WAITING_CUSTOMER)] = "waiting for the customer",
    [STATE(WAITING_THIRD_PARTY)] = "waiting for a third party",
    [STATE(RESOLVED)] = "resolved",
    [STATE(CLOSED)] = "closed",
    [STATE(VOID)] = "taken back",
};

static const char *const action_names[] = {
    [ACTION(RESPONDED)] = "responded",
    [ACTION(NOTE)] = "note",
    [ACTION(WAITING_CUSTOMER)] = "waiting for the customer",
    [ACTION(WAITING_THIRD_PARTY)] = "waiting for a third party",
    [ACTION(RESUMED)] = "resumed",
    [ACTION(RESOLVED)] = "resolved",
    [ACTION(REOPENED)] = "reopened",
    [ACTION(CLOSED)] = "closed",
    [ACTION(RECLASSIFIED)] = "reclassified",
    [ACTION(MERGED)] = "merged",
    [ACTION(REFERENCE_MARKED)] = "marked as the reference",
    [ACTION(REFERENCE_UNMARKED)] = "no reference any more",
};

static const char *name_at(const char *const *names, size_t count, size_t index)
{
    return index < count && names[index] ? names[index] : "unknown";
}

const char *case_rules_state_name(Troth__V1__CaseState state)
{
    return name_at(state_names, ARRAY_LEN(state_names), (size_t)state);
}

const char *case_rules_action_name(Troth__V1__CaseAction action)
{
    return name_at(action_names, ARRAY_LEN(action_names), (size_t)action);
}
