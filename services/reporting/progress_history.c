/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_history.h"

#define CASE(name)    TROTH__V1__CASE_ACTION__CASE_ACTION_##name
#define PROMISE(name) TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_##name

enum {
    ACTIONS_MAX = 16
};

/* What is not here stays among ourselves. */
static const enum progress_what whats[PROGRESS_FROM_END][ACTIONS_MAX] = {
    [PROGRESS_FROM_OPENING] = {PROGRESS_OPENED                                   },
    [PROGRESS_FROM_CONTACT] = {PROGRESS_SAID                                     },
    [PROGRESS_FROM_UPDATE] = {[CASE(RESPONDED)] = PROGRESS_RESPONDED,
                               [CASE(WAITING_CUSTOMER)] = PROGRESS_ASKED,
                               [CASE(WAITING_THIRD_PARTY)] = PROGRESS_THIRD_PARTY,
                               [CASE(RESUMED)] = PROGRESS_RESUMED,
                               [CASE(RESOLVED)] = PROGRESS_RESOLVED,
                               [CASE(REOPENED)] = PROGRESS_REOPENED,
                               [CASE(CLOSED)] = PROGRESS_CLOSED,
                               [CASE(MERGED)] = PROGRESS_MERGED},
    [PROGRESS_FROM_PROMISE] = {PROGRESS_PROMISED, [PROMISE(RENEGOTIATED)] = PROGRESS_RENEGOTIATED,
                               [PROMISE(KEPT)] = PROGRESS_KEPT, [PROMISE(WAIVED)] = PROGRESS_WAIVED,
                               [PROMISE(WITHDRAWN)] = PROGRESS_WITHDRAWN,
                               [PROMISE(CONFIRMED)] = PROGRESS_CONFIRMED,
                               [PROMISE(DISPUTED)] = PROGRESS_DISPUTED},
    [PROGRESS_FROM_EXPECTATION] = {PROGRESS_EXPECTED              },
    [PROGRESS_FROM_SURVEY] = {PROGRESS_ANSWERED                  },
};

enum progress_what progress_history_of(int source, int action)
{
    if (source < PROGRESS_FROM_OPENING || source >= PROGRESS_FROM_END || action < 0 ||
        action >= ACTIONS_MAX) {
        return (enum progress_what)0;
    }
    return whats[source][action];
}

enum progress_word progress_history_word(enum progress_what what)
{
    static const enum progress_word words[PROGRESS_WHAT_END] = {
        [PROGRESS_OPENED] = WORD_DID_OPENED,
        [PROGRESS_SAID] = WORD_DID_SAID,
        [PROGRESS_RESPONDED] = WORD_DID_RESPONDED,
        [PROGRESS_ASKED] = WORD_DID_ASKED,
        [PROGRESS_THIRD_PARTY] = WORD_DID_THIRD_PARTY,
        [PROGRESS_RESUMED] = WORD_DID_RESUMED,
        [PROGRESS_RESOLVED] = WORD_DID_RESOLVED,
        [PROGRESS_REOPENED] = WORD_DID_REOPENED,
        [PROGRESS_CLOSED] = WORD_DID_CLOSED,
        [PROGRESS_MERGED] = WORD_DID_MERGED,
        [PROGRESS_PROMISED] = WORD_DID_PROMISED,
        [PROGRESS_RENEGOTIATED] = WORD_DID_RENEGOTIATED,
        [PROGRESS_KEPT] = WORD_DID_KEPT,
        [PROGRESS_WAIVED] = WORD_DID_WAIVED,
        [PROGRESS_WITHDRAWN] = WORD_DID_WITHDRAWN,
        [PROGRESS_CONFIRMED] = WORD_DID_CONFIRMED,
        [PROGRESS_DISPUTED] = WORD_DID_DISPUTED,
        [PROGRESS_EXPECTED] = WORD_DID_EXPECTED,
        [PROGRESS_ANSWERED] = WORD_DID_ANSWERED,
    };

    return (int)what > 0 && what < PROGRESS_WHAT_END ? words[what] : WORD_NONE;
}
