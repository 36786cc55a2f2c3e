/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_states.c - the table.
 *
 * A listed follow-up belongs to a person, who may have called already: what a dialer tells late may
 * settle it, but never starts another call.
 */
#include "services/followup/followup_states.h"

#include <stddef.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "common/domain/arbitration.h"
#include "event.pb-c.h"

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
    {FOLLOW_UP_PLANNED,    FOLLOW_UP_IS_SUPPRESSED,   FOLLOW_UP_SUPPRESSED, NULL,                  "due, and not wanted"      },
    {FOLLOW_UP_PLANNED,    FOLLOW_UP_IS_MISSED,       FOLLOW_UP_MISSED,     NULL,
     "nothing of its window is left that is permitted"                                                                        },
    {FOLLOW_UP_PLANNED,    FOLLOW_UP_IS_LISTED,       FOLLOW_UP_LISTED,     NULL,
     "a person may find another way"                                                                                          },
    {FOLLOW_UP_PLANNED,    FOLLOW_UP_IS_MERGED,       FOLLOW_UP_MERGED,     NULL,
     "one call covers several reasons"                                                                                        },
    {FOLLOW_UP_PLANNED,    FOLLOW_UP_IS_DEFERRED,     FOLLOW_UP_PLANNED,    NULL,
     "due, and not permitted now"                                                                                             },
    {FOLLOW_UP_MERGED,     FOLLOW_UP_STANDS_AGAIN,    FOLLOW_UP_PLANNED,    NULL,
     "the call that was to cover it is not held"                                                                              },
    {FOLLOW_UP_PLANNED,    FOLLOW_UP_IS_CLAIMED,      FOLLOW_UP_CLAIMED,    NULL,                  "due, and a line is free"  },

    {FOLLOW_UP_CLAIMED,    FOLLOW_UP_CLAIM_ENDED,     FOLLOW_UP_PLANNED,    NULL,                  "not ordered in time"      },
    {FOLLOW_UP_CLAIMED,    FOLLOW_UP_CASE_REOPENED,   FOLLOW_UP_SUPPRESSED, "case_reopened",
     "not ordered yet, and the work goes on"                                                                                  },
    {FOLLOW_UP_CLAIMED,    FOLLOW_UP_HAS_NO_PHONE,    FOLLOW_UP_LISTED,     "no_channel",
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
    {FOLLOW_UP_ORDERED,    FOLLOW_UP_NEEDS_LANGUAGE,  FOLLOW_UP_LISTED,     "language",
     "somebody who speaks it may call"                                                                                        },
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

    {FOLLOW_UP_PLANNED,    FOLLOW_UP_PROMISE_SETTLED, FOLLOW_UP_SUPPRESSED, "promise_settled",
     "the promise is not what it was"                                                                                         },
    {FOLLOW_UP_CLAIMED,    FOLLOW_UP_PROMISE_SETTLED, FOLLOW_UP_SUPPRESSED, "promise_settled",
     "not ordered yet, and the promise is not what it was"                                                                    },
    {FOLLOW_UP_PLANNED,    FOLLOW_UP_NO_LONGER_TRUE,  FOLLOW_UP_SUPPRESSED, "no_longer_true",
     "there is nothing to call about any more"                                                                                },
    {FOLLOW_UP_CLAIMED,    FOLLOW_UP_NO_LONGER_TRUE,  FOLLOW_UP_SUPPRESSED, "no_longer_true",
     "not ordered yet, and there is nothing to call about any more"                                                           },
    {FOLLOW_UP_PLANNED,    FOLLOW_UP_CALLED_BACK,     FOLLOW_UP_DONE,       "called_back",
     "the customer called us"                                                                                                 },
    {FOLLOW_UP_CLAIMED,    FOLLOW_UP_CALLED_BACK,     FOLLOW_UP_DONE,       "called_back",
     "the customer called us before the next order"                                                                           },
    {FOLLOW_UP_ORDERED,    FOLLOW_UP_CALLED_BACK,     FOLLOW_UP_DONE,       "called_back",
     "not reached, and the customer called us meanwhile"                                                                      },
    {FOLLOW_UP_MERGED,     FOLLOW_UP_RECORD_VOID,     FOLLOW_UP_SUPPRESSED, FOLLOW_UP_REASON_VOID,
     "the call that covers it has less to talk about"                                                                         },
    {FOLLOW_UP_MERGED,     FOLLOW_UP_CASE_REOPENED,   FOLLOW_UP_SUPPRESSED, "case_reopened",
     "the call that covers it has less to talk about"                                                                         },
    {FOLLOW_UP_MERGED,     FOLLOW_UP_PROMISE_SETTLED, FOLLOW_UP_SUPPRESSED, "promise_settled",
     "the call that covers it has less to talk about"                                                                         },
    {FOLLOW_UP_MERGED,     FOLLOW_UP_NO_LONGER_TRUE,  FOLLOW_UP_SUPPRESSED, "no_longer_true",
     "the call that covers it has less to talk about"                                                                         },
    {FOLLOW_UP_MERGED,     FOLLOW_UP_CALLED_BACK,     FOLLOW_UP_DONE,       "called_back",
     "the customer called us before the call that covers it"                                                                  },

    {FOLLOW_UP_LISTED,     FOLLOW_UP_ANSWERED,        FOLLOW_UP_DONE,       "answered",            "the result came after all"},
    {FOLLOW_UP_LISTED,     FOLLOW_UP_REFUSED,         FOLLOW_UP_DONE,       "refused",             "the result came after all"},
    {FOLLOW_UP_LISTED,     FOLLOW_UP_WRONG_NUMBER,    FOLLOW_UP_FAILED,     "wrong_number",
     "the result came after all"                                                                                              },
    {FOLLOW_UP_PLANNED,    FOLLOW_UP_IS_ERASED,       FOLLOW_UP_SUPPRESSED, ARBITRATION_ERASED,
     "the customer was erased"                                                                                                },
    {FOLLOW_UP_CLAIMED,    FOLLOW_UP_IS_ERASED,       FOLLOW_UP_SUPPRESSED, ARBITRATION_ERASED,
     "not ordered yet, and the customer was erased"                                                                           },
    {FOLLOW_UP_MERGED,     FOLLOW_UP_IS_ERASED,       FOLLOW_UP_SUPPRESSED, ARBITRATION_ERASED,
     "the customer was erased before the call that covers it"                                                                 },
    {FOLLOW_UP_LISTED,     FOLLOW_UP_IS_ERASED,       FOLLOW_UP_SUPPRESSED, ARBITRATION_ERASED,
     "nobody can call who was erased"                                                                                         },

    {FOLLOW_UP_LISTED,     FOLLOW_UP_GIVEN_UP,        FOLLOW_UP_FAILED,     NULL,
     "a person could not call either, and says that nobody need try again"                                                    },
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
    bool has_reason = has_ended || event == FOLLOW_UP_IS_DEFERRED;
    if (has_reason && text_is_empty(stored)) {
        BUG("a follow-up ended or waits without a reason");
    }
    f->state = r->to;
    f->version++;
    (void)text_copy(f->reason, sizeof(f->reason), has_reason ? stored : "");
    f->merged_into = f->state == FOLLOW_UP_MERGED ? f->merged_into : 0;
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

bool followup_is_asked_for(const struct follow_up *f)
{
    return f->last_outcome == (int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_CALL_BACK;
}

const char *followup_state_name(enum follow_up_state state)
{
    static const char *const names[] = {
        [FOLLOW_UP_PLANNED] = "planned", [FOLLOW_UP_CLAIMED] = "claimed",
        [FOLLOW_UP_ORDERED] = "ordered", [FOLLOW_UP_DONE] = "done",
        [FOLLOW_UP_MISSED] = "missed",   [FOLLOW_UP_SUPPRESSED] = "suppressed",
        [FOLLOW_UP_FAILED] = "failed",   [FOLLOW_UP_LISTED] = "listed",
        [FOLLOW_UP_MERGED] = "merged",
    };
    bool is_known = (size_t)state < ARRAY_LEN(names) && names[state];
    return is_known ? names[state] : "unknown";
}

const char *followup_because(enum follow_up_state from, enum follow_up_event event)
{
    const struct followup_rule *r = find(from, event);
    return r ? r->because : NULL;
}
