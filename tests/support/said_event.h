/* SPDX-License-Identifier: Apache-2.0 */
/* said_event.h - events that say something about a customer's loyalty, in few words, for tests. */
#ifndef TROTH_TESTS_SUPPORT_SAID_EVENT_H
#define TROTH_TESTS_SUPPORT_SAID_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/loyalty/loyalty_fold.h"

enum said {
    SAID_NOTHING = 0,
    SAID_PROMISE, /* value: the state it went to, from value_before */
    SAID_WORD,    /* value: 1 confirmed, 0 disputed */
    SAID_CAUSE,   /* value: BreakCause */
    SAID_CSAT,    /* value: the answer */
    SAID_NPS,
    SAID_CES,
    SAID_SERVQUAL,     /* value: perception, value_before: expectation; of item 5, reliability */
    SAID_OPENED,       /* value: ContactKind */
    SAID_RECLASSIFIED, /* value, value_before: ContactKind */
    SAID_VOIDED,       /* a case */
    SAID_PURCHASE,     /* value: amount_minor */
    SAID_REFUND,
    SAID_CONTACT, /* by a person */
};

struct said_event {
    enum said what;
    int64_t customer;
    int64_t subject; /* number of the promise, answer, case, purchase or refund */
    int64_t service_case;
    int64_t version; /* of the promise, or of the event */
    int32_t value_before, value;
    int64_t occurred_us, recorded_us;
    int64_t made_us, due_us, done_us;
    bool is_reversal;
    const char *branch, *team, *label; /* label: kind of the promise, currency */
    int64_t seq;
};

/* The fold keeps the texts, not the event. */
void said_event_add(struct loyalty_fold *f, const struct said_event *said);

#endif
