/* SPDX-License-Identifier: Apache-2.0 */
/*
 * delivery_body.h - an event as others are told it: JSON with numbers to look up, no personal data;
 * and who asked for it. The scheduler tells what happens, the command line what has happened. Pure.
 *
 *   {"type": "promise_step_taken", "timestamp": "2026-11-21T08:15:02.113Z",
 *    "data": {"customer": "K-...", "promise": "P-...", "tell": "boss", ...},
 *    "traceparent": "00-..."}
 *
 * data holds the event's own fields: numbers as people read them out, instants as RFC 3339 without
 * the "_us" of their name, enum values in lower case. Left out: what is nested or repeated, bytes
 * (hashes of devices), and everything about a customer but the number. traceparent is that of the
 * record it follows from, left out without one.
 */
#ifndef TROTH_COMMON_STORE_DELIVERY_BODY_H
#define TROTH_COMMON_STORE_DELIVERY_BODY_H

#include "common/base/text.h"
#include "common/base/trace_context.h"
#include "event.pb-c.h"

enum {
    DELIVERY_WORD_SIZE = 128
};

struct delivery_event {
    const char *kind;                /* name of the field that is set: "case_opened"; NULL: none */
    char branch[DELIVERY_WORD_SIZE]; /* "": none */
    char team[DELIVERY_WORD_SIZE];   /* whom the standard says to tell, else the owner; "": none */
};

/* Appends the body and says what subscriptions choose by. */
void delivery_body_write(const Troth__V1__Event *event, struct delivery_event *ret_event,
                         struct text *out);

/* The traceparent of such a body. False: it has none. */
MUST_CHECK bool delivery_body_trace(const char *body, char ret_trace[TRACE_CONTEXT_SIZE]);

/* What a subscription asks for: lists parted by commas; an empty one (NULL or "") leaves nothing
 * out. */
struct delivery_choice {
    const char *kinds, *branches, *teams;
};

bool delivery_list_has(const char *list, const char *word);
/* The event has a kind. */
bool delivery_is_chosen(const struct delivery_choice *choice, const struct delivery_event *event);

#endif
