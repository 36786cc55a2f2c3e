/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock_rules.c - the table, one block for each kind of clock, one row for each event.
 *
 * The compiler puts a cell that nobody filled to NULL; a test sees that there is none.
 */
#include "common/domain/clock_rules.h"

#include <string.h>

#include "common/base/compiler.h"
#include "intake.pb-c.h"

static const struct clock_rule rules[CLOCK_KIND_COUNT][CLOCK_EVENT_COUNT] = {
  /* clang-format off */
    [CLOCK_FIRST_RESPONSE] = {
        [CLOCK_OPENED]            = {CLOCK_START,   "the customer asked and waits for an answer"},
        [CLOCK_CONTACT]           = {CLOCK_NONE,    "who asks twice waits since the first time"},
        [CLOCK_THANKS]            = {CLOCK_NONE,    "the customer's thanks changes nothing"},
        [CLOCK_MACHINE]           = {CLOCK_NONE,    "a machine's message neither asks nor answers"},
        [CLOCK_RESPONDED]         = {CLOCK_STOP,    "the customer got the first answer"},
        [CLOCK_NOTE]              = {CLOCK_NONE,    "the customer does not see a note"},
        [CLOCK_ASKED_CUSTOMER]    = {CLOCK_PAUSE,   "waiting for the customer"},
        [CLOCK_ASKED_THIRD_PARTY] = {CLOCK_RESUME,  "the customer waits for us, whomever we ask"},
        [CLOCK_RESUMED]           = {CLOCK_RESUME,  "the waiting is over"},
        [CLOCK_RESOLVED]          = {CLOCK_STOP,    "a solution is an answer"},
        [CLOCK_CLOSED]            = {CLOCK_STOP,    "a closed case asks for no answer"},
        [CLOCK_REOPENED]          = {CLOCK_NONE,    "the first answer to a case is one"},
        [CLOCK_RECLASSIFIED]      = {CLOCK_NONE,    "only the target changes, time and pauses stay"},
        [CLOCK_MERGED]            = {CLOCK_STOP,    "the answer is owed in the case that goes on"},
    },
    [CLOCK_NEXT_UPDATE] = {
        [CLOCK_OPENED]            = {CLOCK_START,   "the customer of an open case hears from us"},
        [CLOCK_CONTACT]           = {CLOCK_NONE,    "who asks again has still not heard from us"},
        [CLOCK_THANKS]            = {CLOCK_NONE,    "the customer's thanks changes nothing"},
        [CLOCK_MACHINE]           = {CLOCK_NONE,    "a machine's message is no news"},
        [CLOCK_RESPONDED]         = {CLOCK_RESTART, "the customer heard from us"},
        [CLOCK_NOTE]              = {CLOCK_NONE,    "the customer does not see a note"},
        [CLOCK_ASKED_CUSTOMER]    = {CLOCK_RESTART, "a question to the customer is news; silence "
                                                    "after it is ours to break"},
        [CLOCK_ASKED_THIRD_PARTY] = {CLOCK_NONE,    "the customer was not told"},
        [CLOCK_RESUMED]           = {CLOCK_NONE,    "the customer was not told"},
        [CLOCK_RESOLVED]          = {CLOCK_STOP,    "a solution is the last news"},
        [CLOCK_CLOSED]            = {CLOCK_STOP,    "a closed case has no news"},
        [CLOCK_REOPENED]          = {CLOCK_START,   "the customer of an open case hears from us"},
        [CLOCK_RECLASSIFIED]      = {CLOCK_NONE,    "only the target changes, time stays"},
        [CLOCK_MERGED]            = {CLOCK_STOP,    "the news is owed in the case that goes on"},
    },
    [CLOCK_RESOLUTION] = {
        [CLOCK_OPENED]            = {CLOCK_START,   "the customer waits for a solution"},
        [CLOCK_CONTACT]           = {CLOCK_NONE,    "saying more of it does not begin it anew"},
        [CLOCK_THANKS]            = {CLOCK_NONE,    "the customer's thanks changes nothing"},
        [CLOCK_MACHINE]           = {CLOCK_NONE,    "a machine's message solves and asks nothing"},
        [CLOCK_RESPONDED]         = {CLOCK_RESUME,  "an answer is no solution: we go on"},
        [CLOCK_NOTE]              = {CLOCK_NONE,    "a note changes nothing"},
        [CLOCK_ASKED_CUSTOMER]    = {CLOCK_PAUSE,   "waiting for the customer"},
        [CLOCK_ASKED_THIRD_PARTY] = {CLOCK_RESUME,  "the customer waits for us, whomever we ask"},
        [CLOCK_RESUMED]           = {CLOCK_RESUME,  "the waiting is over"},
        [CLOCK_RESOLVED]          = {CLOCK_STOP,    "solved"},
        [CLOCK_CLOSED]            = {CLOCK_STOP,    "a closed case waits for nothing"},
        [CLOCK_REOPENED]          = {CLOCK_START,   "it was not solved: a clock of its own begins, "
                                                    "the time in between does not count"},
        [CLOCK_RECLASSIFIED]      = {CLOCK_NONE,    "only the target changes, time and pauses stay"},
        [CLOCK_MERGED]            = {CLOCK_STOP,    "the solution is owed in the case that goes on"},
    },
    [CLOCK_CALLBACK] = {
        [CLOCK_OPENED]            = {CLOCK_START,   "the customer waits for our call"},
        [CLOCK_CONTACT]           = {CLOCK_NONE,    "who writes still waits for our call"},
        [CLOCK_THANKS]            = {CLOCK_NONE,    "the customer's thanks changes nothing"},
        [CLOCK_MACHINE]           = {CLOCK_NONE,    "a machine's message is no call"},
        [CLOCK_RESPONDED]         = {CLOCK_STOP,    "the customer heard from us"},
        [CLOCK_NOTE]              = {CLOCK_NONE,    "the customer does not see a note"},
        [CLOCK_ASKED_CUSTOMER]    = {CLOCK_NONE,    "the call is ours to make, whatever we asked"},
        [CLOCK_ASKED_THIRD_PARTY] = {CLOCK_NONE,    "the call is ours to make, whomever we ask"},
        [CLOCK_RESUMED]           = {CLOCK_NONE,    "the customer still waits for our call"},
        [CLOCK_RESOLVED]          = {CLOCK_NONE,    "a solution is not the call that we promised"},
        [CLOCK_CLOSED]            = {CLOCK_STOP,    "a closed case waits for nothing"},
        [CLOCK_REOPENED]          = {CLOCK_NONE,    "the call was promised when the case was opened"},
        [CLOCK_RECLASSIFIED]      = {CLOCK_NONE,    "only the target changes, time stays"},
        [CLOCK_MERGED]            = {CLOCK_STOP,    "the call is owed in the case that goes on"},
    },
    [CLOCK_DATE] = {
        [CLOCK_OPENED]            = {CLOCK_NONE,    "it begins when somebody promises"},
        [CLOCK_CONTACT]           = {CLOCK_NONE,    "a promised date stands"},
        [CLOCK_THANKS]            = {CLOCK_NONE,    "the customer's thanks settles nothing"},
        [CLOCK_MACHINE]           = {CLOCK_NONE,    "a promised date stands"},
        [CLOCK_RESPONDED]         = {CLOCK_NONE,    "a promised date stands"},
        [CLOCK_NOTE]              = {CLOCK_NONE,    "a promised date stands"},
        [CLOCK_ASKED_CUSTOMER]    = {CLOCK_NONE,    "a promised date stands, whoever waits"},
        [CLOCK_ASKED_THIRD_PARTY] = {CLOCK_NONE,    "a promised date stands, whoever waits"},
        [CLOCK_RESUMED]           = {CLOCK_NONE,    "a promised date stands, whoever waited"},
        [CLOCK_RESOLVED]          = {CLOCK_NONE,    "a promised date stands until it is kept"},
        [CLOCK_CLOSED]            = {CLOCK_NONE,    "what a person promised stays owed"},
        [CLOCK_REOPENED]          = {CLOCK_NONE,    "a promised date stands"},
        [CLOCK_RECLASSIFIED]      = {CLOCK_NONE,    "no standard made it, none changes it"},
        [CLOCK_MERGED]            = {CLOCK_NONE,    "what a person promised stays owed"},
    },
  /* clang-format on */
};

const struct clock_rule *clock_rules_find(enum clock_kind kind, enum clock_event event)
{
    return &rules[kind][event];
}

bool clock_rules_pauses(enum clock_kind kind)
{
    return rules[kind][CLOCK_ASKED_CUSTOMER].effect == CLOCK_PAUSE;
}

#define ACTION(name) TROTH__V1__CASE_ACTION__CASE_ACTION_##name

static const struct {
    Troth__V1__CaseAction action;
    enum clock_event event;
} of_actions[] = {
    {ACTION(RESPONDED),           CLOCK_RESPONDED        },
    {ACTION(NOTE),                CLOCK_NOTE             },
    {ACTION(WAITING_CUSTOMER),    CLOCK_ASKED_CUSTOMER   },
    {ACTION(WAITING_THIRD_PARTY), CLOCK_ASKED_THIRD_PARTY},
    {ACTION(RESUMED),             CLOCK_RESUMED          },
    {ACTION(RESOLVED),            CLOCK_RESOLVED         },
    {ACTION(REOPENED),            CLOCK_REOPENED         },
    {ACTION(CLOSED),              CLOCK_CLOSED           },
    {ACTION(RECLASSIFIED),        CLOCK_RECLASSIFIED     },
    {ACTION(MERGED),              CLOCK_MERGED           },
    {ACTION(REFERENCE_MARKED),    CLOCK_NOTE             },
    {ACTION(REFERENCE_UNMARKED),  CLOCK_NOTE             },
};

enum clock_event clock_rules_event_of(int case_action)
{
    for (size_t i = 0; i < ARRAY_LEN(of_actions); i++) {
        if ((int)of_actions[i].action == case_action) {
            return of_actions[i].event;
        }
    }
    return CLOCK_NOTE;
}

/* ---- names */

static const char *const kind_names[CLOCK_KIND_COUNT] = {
    [CLOCK_FIRST_RESPONSE] = "first_response",
    [CLOCK_NEXT_UPDATE] = "next_update",
    [CLOCK_RESOLUTION] = "resolution",
    [CLOCK_CALLBACK] = "callback",
    [CLOCK_DATE] = "date",
};

static const char *const event_names[CLOCK_EVENT_COUNT] = {
    [CLOCK_OPENED] = "opened",
    [CLOCK_CONTACT] = "the customer wrote again",
    [CLOCK_THANKS] = "the customer said thanks",
    [CLOCK_MACHINE] = "automatic message",
    [CLOCK_RESPONDED] = "responded",
    [CLOCK_NOTE] = "note",
    [CLOCK_ASKED_CUSTOMER] = "asked the customer",
    [CLOCK_ASKED_THIRD_PARTY] = "asked a third party",
    [CLOCK_RESUMED] = "resumed",
    [CLOCK_RESOLVED] = "resolved",
    [CLOCK_CLOSED] = "closed",
    [CLOCK_REOPENED] = "reopened",
    [CLOCK_RECLASSIFIED] = "reclassified",
    [CLOCK_MERGED] = "merged into another case",
};

static const char *const effect_names[] = {
    [CLOCK_NONE] = "none",     [CLOCK_START] = "start", [CLOCK_PAUSE] = "pause",
    [CLOCK_RESUME] = "resume", [CLOCK_STOP] = "stop",   [CLOCK_RESTART] = "restart",
};

enum clock_kind clock_rules_kind(const char *promise_kind, bool is_due_fixed)
{
    for (enum clock_kind k = CLOCK_FIRST_RESPONSE; !is_due_fixed && k < CLOCK_DATE; k++) {
        if (strcmp(kind_names[k], promise_kind) == 0) {
            return k;
        }
    }
    return CLOCK_DATE;
}

const char *clock_rules_kind_name(enum clock_kind kind)
{
    return kind_names[kind];
}

const char *clock_rules_event_name(enum clock_event event)
{
    return event_names[event];
}

const char *clock_rules_effect_name(enum clock_effect effect)
{
    return (size_t)effect < ARRAY_LEN(effect_names) ? effect_names[effect] : "unknown";
}
