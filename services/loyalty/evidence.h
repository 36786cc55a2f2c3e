/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evidence.h - what says something about a customer: one row for each version of each thing, never
 * changed. The newest version of a thing counts. A promise has three things that count together:
 * what the company says became of it, what the customer says, and why it was broken.
 */
#ifndef TROTH_LOYALTY_EVIDENCE_H
#define TROTH_LOYALTY_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "event.pb-c.h"

/* Stored numbers: never change one. */
enum evidence_kind {
    EVIDENCE_PROMISE = 1,   /* subject: promise; value: PromiseState; made, due, done */
    EVIDENCE_CSAT = 2,      /* subject: answer; value: 1 to 5 */
    EVIDENCE_NPS = 3,       /* subject: answer; value: 0 to 10 */
    EVIDENCE_CES = 4,       /* subject: answer; value: 1 to 7 */
    EVIDENCE_SERVQUAL = 5,  /* subject: answer; part: item 1 to 22; value: perception 1 to 7 */
    EVIDENCE_WORD = 6,      /* subject: promise; value: 1 confirmed, -1 disputed */
    EVIDENCE_CAUSE = 7,     /* subject: promise; value: BreakCause */
    EVIDENCE_COMPLAINT = 8, /* subject: case; value: 1 complaint, 0 something else */
    EVIDENCE_PURCHASE = 9,  /* subject: purchase; value: amount_minor; label: currency */
    EVIDENCE_REFUND = 10,   /* subject: refund; value: amount_minor; label: currency */
    EVIDENCE_END
};

struct evidence {
    int64_t customer;
    enum evidence_kind kind;
    int64_t subject;      /* what it is about, by number */
    int32_t part;         /* of SERVQUAL: the item; else 0 */
    int64_t version;      /* counts from 1; 0: nothing known yet */
    int64_t value;        /* see the kinds */
    int32_t expectation;  /* of SERVQUAL: 1 to 7; 0: not asked. A perception that was not asked has
                             value 0 */
    int32_t dimension;    /* of SERVQUAL: ServqualDimension */
    bool is_void;         /* taken back: counts for nothing */
    int64_t service_case; /* 0: none */
    int64_t at_us;        /* when it occurred: from then on it fades */
    int64_t recorded_us;  /* when we knew */
    int64_t made_us, due_us, done_us; /* of a promise; 0: not known */
    const char *branch;               /* NULL: none. The texts are borrowed from the event or row */
    const char *team;                 /* who owes the promise; NULL: not known */
    const char *label;                /* kind of the promise, currency of a purchase; NULL: none */
    const char *stream; /* with the customer's bucket and seq: where it stands in the log */
    int64_t seq;
};

#define EVIDENCE_PER_EVENT_MAX 22

/* No thing occurs, and none is recorded, outside these: forward weights stay finite (a half-life is
 * at least 30 days). */
#define EVIDENCE_FIRST_US         INT64_C(-2208988800000000) /* 1900-01-01T00:00:00Z */
#define EVIDENCE_END_US           INT64_C(3786912000000000)  /* 2090-01-01T00:00:00Z */
#define EVIDENCE_AMOUNT_MAX_MINOR INT64_C(1000000000000000)

/*
 * What an event says, most often nothing: fills at most EVIDENCE_PER_EVENT_MAX and returns how
 * many. Texts are borrowed from the event. Values that no table can hold say nothing: another
 * process wrote the event. Nothing fades from before it was known: at_us is not after recorded_us.
 *
 * Versions: of a promise promise_version; of the customer's word, of a cause and of a complaint the
 * version of the case; answers, purchases and refunds have version 1, and 2 when they were taken
 * back. Between streams an older version may come after a newer one, so what says nothing has to be
 * kept as well, if it may stand above a version that says something. Left out are only changes from
 * one meaning to the same: a promise that goes from open to at risk or back, a case that was
 * opened first, or classified again, as no complaint where it was none. The newest of the
 * versions that are kept then says the same as the newest of all.
 */
int evidence_of_event(const Troth__V1__Event *event,
                      struct evidence ret[static EVIDENCE_PER_EVENT_MAX]);

/* When the customer was last heard of, if this event says so: contacts by a person, answers, words,
 * expectations, purchases, points spent. INT64_MIN: it does not. What is taken back later was heard
 * all the same. */
int64_t evidence_seen_us(const Troth__V1__Event *event);

/* The order of the table without the versions: customer, kind, subject, part. 0: the same thing. */
int evidence_compare_things(const struct evidence *a, const struct evidence *b);
/* For qsort(): by thing, of each the newest version first. */
int evidence_compare_versions(const void *a, const void *b);

#endif
