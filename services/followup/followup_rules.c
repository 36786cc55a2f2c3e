/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_rules.c - the table.
 *
 * A listed follow-up belongs to a person, who may have called already: what a dialer tells late may
 * settle it, but never starts another call.
 */
#include "services/followup/followup_rules.h"

#include <stddef.h>

#include "common/base/log.h"
#include "common/base/text.h"

struct followup_rule {
    enum follow_up_state from;
    enum follow_up_event event;
    enum follow_up_state to;
    const char
        *reason; /* stored with the end; NULL where the follow-up goes on or the caller says it */
    const char *because;
};

/* from, event, to, reason, because */
static const struct followup_rule followup_rules[] = {
    {FOLLOW_UP_PLANNED,    FOLLOW_UP_IS_HISTORY,      FOLLOW_UP_MISSED,     "history",
     "planned from an old record"                                                                                             },
    {FOLLOW_UP_PLANNED,    FOLLOW_UP_WINDOW_PASSED,   FOLLOW_UP_MISSED,     "window_passed",
     "nobody called in its window"                                                                                            },
    {FOLLOW_UP_PLANNED,    FOLLOW_UP_CASE_REOPENED,   FOLLOW_UP_SUPPRESSED, "case_reopened",
     "the work goes on, so there is nothing to ask yet"                                                                       },
    {FOLLOW_UP_PLANNED,    FOLLOW_UP_DO_NOT_CALL,     FOLLOW_UP_SUPPRESSED, "do_not_call",
     "the customer wants no call of any kind"                                                                                 },
    {FOLLOW_UP_PLANNED,    FOLLOW_UP_JOINS_ANOTHER,   FOLLOW_UP_SUPPRESSED, "joined",
     "one call is due for both numbers of one person"                                                                         },
    {FOLLOW_UP_PLANNED,    FOLLOW_UP_CONSENT_REFUSED, FOLLOW_UP_SUPPRESSED, "consent_refused",
     "the customer does not want service calls"                                                                               },
    {FOLLOW_UP_PLANNED,    FOLLOW_UP_HAS_NO_PHONE,    FOLLOW_UP_LISTED,     "no_phone",
     "a person may find another way"                                                                                          },
    {FOLLOW_UP_PLANNED,    FOLLOW_UP_IS_CLAIMED,      FOLLOW_UP_CLAIMED,    NULL,                  "due, and a line is free"  },

    {FOLLOW_UP_CLAIMED,    FOLLOW_UP_CLAIM_ENDED,     FOLLOW_UP_PLANNED,    NULL,                  "not ordered in time"      },
    {FOLLOW_UP_CLAIMED,    FOLLOW_UP_CASE_REOPENED,   FOLLOW_UP_SUPPRESSED, "case_reopened",
     "not ordered yet, and the work goes on"                                                                                  },
    {FOLLOW_UP_CLAIMED,    FOLLOW_UP_HAS_NO_PHONE,    FOLLOW_UP_LISTED,     "no_phone",
     "intake knows no number"                                                                                                 },
    {FOLLOW_UP_CLAIMED,    FOLLOW_UP_NUMBER_REFUSED,  FOLLOW_UP_LISTED,     "number_refused",
     "intake does not let us read the number"                                                                                 },
    {FOLLOW_UP_CLAIMED,    FOLLOW_UP_IS_ORDERED,      FOLLOW_UP_ORDERED,    NULL,                  "the number is known"      },

    {FOLLOW_UP_ORDERED,    FOLLOW_UP_ORDER_BARRED,    FOLLOW_UP_PLANNED,    NULL,
     "never dialed, and never will be: another attempt is safe"                                                               },
    {FOLLOW_UP_ORDERED,    FOLLOW_UP_ORDERS_USED_UP,  FOLLOW_UP_LISTED,     "orders_barred",
     "dialers refuse it again and again"                                                                                      },
    {FOLLOW_UP_ORDERED,    FOLLOW_UP_ANSWERED,        FOLLOW_UP_DONE,       "answered",            "the customer answered"    },
    {FOLLOW_UP_ORDERED,    FOLLOW_UP_REFUSED,         FOLLOW_UP_DONE,       "refused",
     "the customer does not want to talk; never ask twice"                                                                    },
    {FOLLOW_UP_ORDERED,    FOLLOW_UP_TRY_AGAIN,       FOLLOW_UP_PLANNED,    NULL,                  "not reached yet"          },
    {FOLLOW_UP_ORDERED,    FOLLOW_UP_CALLS_USED_UP,   FOLLOW_UP_FAILED,     NULL,
     "not reached, and no call is left"                                                                                       },
    {FOLLOW_UP_ORDERED,    FOLLOW_UP_WRONG_NUMBER,    FOLLOW_UP_FAILED,     "wrong_number",
     "somebody else has this number"                                                                                          },
    {FOLLOW_UP_ORDERED,    FOLLOW_UP_OUTCOME_UNKNOWN, FOLLOW_UP_LISTED,     "outcome_unknown",
     "placed, and no result came"                                                                                             },
    {FOLLOW_UP_ORDERED,    FOLLOW_UP_DIALER_GONE,     FOLLOW_UP_LISTED,     "dialer_gone",
     "the dialer cannot be asked"                                                                                             },
    {FOLLOW_UP_ORDERED,    FOLLOW_UP_JOURNAL_LOST,    FOLLOW_UP_LISTED,     "journal_lost",
     "the dialer cannot know"                                                                                                 },

    {FOLLOW_UP_PLANNED,    FOLLOW_UP_RECORD_VOID,     FOLLOW_UP_SUPPRESSED, FOLLOW_UP_REASON_VOID,
     "there is nothing to call about"                                                                                         },
    {FOLLOW_UP_CLAIMED,    FOLLOW_UP_RECORD_VOID,     FOLLOW_UP_SUPPRESSED, FOLLOW_UP_REASON_VOID,
     "not ordered yet, and there is nothing to call about"                                                                    },
    {FOLLOW_UP_MISSED,     FOLLOW_UP_RECORD_VOID,     FOLLOW_UP_SUPPRESSED, FOLLOW_UP_REASON_VOID,
     "there was nothing to miss"                                                                                              },
    {FOLLOW_UP_SUPPRESSED, FOLLOW_UP_RECORD_VOID,     FOLLOW_UP_SUPPRESSED, FOLLOW_UP_REASON_VOID,
     "there was nothing to suppress"                                                                                          },
    {FOLLOW_UP_LISTED,     FOLLOW_UP_RECORD_VOID,     FOLLOW_UP_SUPPRESSED, FOLLOW_UP_REASON_VOID,
     "nobody needs to look any more"                                                                                          },
    {FOLLOW_UP_SUPPRESSED, FOLLOW_UP_STANDS_AGAIN,    FOLLOW_UP_PLANNED,    NULL,
     "what had ended it was taken back, or has happened anew"                                                                 },

    {FOLLOW_UP_LISTED,     FOLLOW_UP_ANSWERED,        FOLLOW_UP_DONE,       "answered",            "the result came after all"},
    {FOLLOW_UP_LISTED,     FOLLOW_UP_REFUSED,         FOLLOW_UP_DONE,       "refused",             "the result came after all"},
    {FOLLOW_UP_LISTED,     FOLLOW_UP_WRONG_NUMBER,    FOLLOW_UP_FAILED,     "wrong_number",
     "the result came after all"                                                                                              },
};

static const struct followup_rule *find(enum follow_up_state from, enum follow_up_event event)
{
    for (size_t i = 0; i < ARRAY_LEN(followup_rules); i++) {
        if (followup_rules[i].from == from && followup_rules[i].event == event) {
            return &followup_rules[i];
        }
    }
    return NULL;
}

int followup_set_state(struct follow_up *f, enum follow_up_event event, int64_t now_us,
                       const char *reason, struct err *err)
{
    const struct followup_rule *r = find(f->state, event);
    if (!r) {
        return err_set(err, "followup_no_rule", "no rule for event %d of a %s follow-up",
                       (int)event, followup_state_name(f->state));
    }
    bool has_ended = followup_has_ended(r->to);
    const char *stored = reason ? reason : r->reason;
    if (has_ended && text_is_empty(stored)) {
        BUG("a follow-up ended without a reason");
    }
    f->state = r->to;
    f->version++;
    (void)text_copy(f->reason, sizeof(f->reason), has_ended ? stored : "");
    f->settled_us = has_ended ? now_us : FOLLOW_UP_NEVER;
    if (!followup_is_open(r->to)) {
        f->next_attempt_us = FOLLOW_UP_NEVER;
    }
    return 0;
}

bool followup_has_ended(enum follow_up_state state)
{
    return state > FOLLOW_UP_ORDERED;
}

bool followup_is_open(enum follow_up_state state)
{
    return state == FOLLOW_UP_PLANNED || state == FOLLOW_UP_CLAIMED;
}

const char *followup_state_name(enum follow_up_state state)
{
    static const char *const names[] = {
        [FOLLOW_UP_PLANNED] = "planned", [FOLLOW_UP_CLAIMED] = "claimed",
        [FOLLOW_UP_ORDERED] = "ordered", [FOLLOW_UP_DONE] = "done",
        [FOLLOW_UP_MISSED] = "missed",   [FOLLOW_UP_SUPPRESSED] = "suppressed",
        [FOLLOW_UP_FAILED] = "failed",   [FOLLOW_UP_LISTED] = "listed",
    };
    bool is_known = (size_t)state < ARRAY_LEN(names) && names[state];
    return is_known ? names[state] : "unknown";
}

const char *followup_because(enum follow_up_state from, enum follow_up_event event)
{
    const struct followup_rule *r = find(from, event);
    return r ? r->because : NULL;
}
