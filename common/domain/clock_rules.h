/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock_rules.h - what each event of a case does to each kind of clock: start, pause, resume, stop,
 * nothing. A table; every cell is decided and says why.
 */
#ifndef TROTH_COMMON_DOMAIN_CLOCK_RULES_H
#define TROTH_COMMON_DOMAIN_CLOCK_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/compiler.h"

enum clock_kind {
    CLOCK_FIRST_RESPONSE,
    CLOCK_NEXT_UPDATE,
    CLOCK_RESOLUTION,
    CLOCK_CALLBACK, /* of the standard: so much working time */
    CLOCK_DATE,     /* a date that a person promised: nothing moves it */
    CLOCK_KIND_COUNT,
};

enum clock_event {
    CLOCK_OPENED,  /* the contact that opened the case */
    CLOCK_CONTACT, /* the customer said something more; what that does to the case follows it */
    CLOCK_THANKS,  /* and it was nothing but thanks, or praise */
    CLOCK_MACHINE, /* an automatic reply, a bounce, our own message */
    CLOCK_RESPONDED,
    CLOCK_NOTE, /* also one after closing */
    CLOCK_ASKED_CUSTOMER,
    CLOCK_ASKED_THIRD_PARTY,
    CLOCK_RESUMED, /* waiting is over: by an update, or because the customer wrote */
    CLOCK_RESOLVED,
    CLOCK_CLOSED,
    CLOCK_REOPENED,
    CLOCK_RECLASSIFIED, /* another category or priority: another target, what passed stays */
    CLOCK_MERGED,       /* into another case, which goes on */
    CLOCK_EVENT_COUNT,
};

enum clock_effect {
    CLOCK_NONE,
    CLOCK_START,
    CLOCK_PAUSE,
    CLOCK_RESUME,
    CLOCK_STOP,
    CLOCK_RESTART, /* stops, and a new one starts: the next update after this one */
};

struct clock_rule {
    enum clock_effect effect;
    const char *because;
};

/* Never NULL. */
const struct clock_rule *clock_rules_find(enum clock_kind kind, enum clock_event event);

/* Waiting for the customer stops its time. */
bool clock_rules_pauses(enum clock_kind kind);

/* CLOCK_DATE for what is not a kind of the standard. */
enum clock_kind clock_rules_kind(const char *promise_kind, bool is_due_fixed);

/* What a case action (its number in proto/intake.proto) is to clocks. One that is not known is a
 * note, which moves none. */
enum clock_event clock_rules_event_of(int case_action);

const char *clock_rules_kind_name(enum clock_kind kind);
const char *clock_rules_event_name(enum clock_event event);
const char *clock_rules_effect_name(enum clock_effect effect);

#endif
