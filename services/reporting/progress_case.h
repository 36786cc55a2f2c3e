/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress_case.h - what a customer's progress page tells: one case, as it was read. No name, no
 * number, nobody's staff code is in it.
 */
#ifndef TROTH_REPORTING_PROGRESS_CASE_H
#define TROTH_REPORTING_PROGRESS_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "common/domain/calendar.h"
#include "event.pb-c.h"
#include "intake.pb-c.h"

#define PROGRESS_NO_TIME INT64_MIN

enum {
    PROGRESS_PROMISES_MAX = 60,
    PROGRESS_EVENTS_MAX = 200,
    PROGRESS_REFUNDS_MAX = 20,
    PROGRESS_WORDS_SIZE = 1024,
    PROGRESS_ANSWERED_MAX = 32,
};

struct progress_promise {
    int64_t number;
    int64_t replaces; /* 0: none */
    char kind[33];
    int state;       /* PromiseState */
    bool is_given;   /* by a person, in words */
    bool is_stopped; /* its clock waits for the customer */
    int64_t made_us;
    int64_t due_us;  /* PROGRESS_NO_TIME: its clock is stopped */
    int64_t done_us; /* PROGRESS_NO_TIME: it is not */
    int customer_word;
    int compensation;     /* CompensationKind; 0: it is none */
    int64_t amount_minor; /* 0: none */
    char currency[4];
    char *words; /* owned; NULL: it has none, or they could not be had */
};

/* What happened, as the customer would say it. Stored nowhere. */
enum progress_what {
    PROGRESS_OPENED = 1,
    PROGRESS_SAID, /* the customer said something more */
    PROGRESS_RESPONDED,
    PROGRESS_ASKED,
    PROGRESS_THIRD_PARTY,
    PROGRESS_RESUMED,
    PROGRESS_RESOLVED,
    PROGRESS_REOPENED,
    PROGRESS_CLOSED,
    PROGRESS_MERGED,
    PROGRESS_PROMISED,
    PROGRESS_RENEGOTIATED,
    PROGRESS_KEPT,
    PROGRESS_WAIVED,
    PROGRESS_WITHDRAWN,
    PROGRESS_CONFIRMED,
    PROGRESS_DISPUTED,
    PROGRESS_EXPECTED,
    PROGRESS_ANSWERED, /* questions of a survey */
    PROGRESS_WHAT_END,
};

struct progress_event {
    int64_t at_us;
    enum progress_what what;
};

struct progress_refund {
    int64_t at_us;
    int64_t amount_minor;
    char currency[4];
};

/* A question of a survey that was answered since the case was resolved. */
struct progress_answered {
    int32_t instrument;
    char question[33]; /* of one of the company's own */
};

/* When somebody waited for the customer; to_us PROGRESS_NO_TIME: it lasts. */
struct progress_wait {
    int64_t from_us, to_us;
};

struct progress_case {
    int64_t now_us; /* business time of the reading */
    int64_t number;
    int64_t customer;
    bool is_erased; /* the customer is; nothing else is filled in then */
    bool is_joined; /* the link was made for another case, which was merged into this one */
    char language[36];
    char time_zone[65];
    bool has_phone;
    Troth__V1__CaseState state;
    Troth__V1__ContactKind kind;
    char category[129], product[129], branch[65], owner_team[65], rule[65];
    int32_t standard_id;
    int32_t priority;
    int64_t opened_us;
    int64_t resolved_us; /* PROGRESS_NO_TIME: it is not */
    int reopened_count;
    int64_t resolution; /* the promise about whose end the customer has a word; 0: none */

    struct progress_promise promises[PROGRESS_PROMISES_MAX]; /* from old to new */
    size_t promise_count;
    struct progress_event events[PROGRESS_EVENTS_MAX]; /* from old to new */
    size_t event_count;
    struct progress_refund refunds[PROGRESS_REFUNDS_MAX];
    size_t refund_count;
    struct progress_wait waits[PROGRESS_EVENTS_MAX];
    size_t wait_count;
    struct progress_answered answered[PROGRESS_ANSWERED_MAX];
    size_t answered_count;

    int64_t last_call; /* number of the newest call that was promised, taken back or not; 0: none */
    int64_t expectation; /* number of the newest one; 0: none */
    int64_t expected_us; /* its date; PROGRESS_NO_TIME: it has none */
    bool is_expectation_confirmed;
};

void progress_case_free(struct progress_case *c); /* NULL is fine */

/* Open or at risk. */
bool progress_promise_is_open(const struct progress_promise *p);
/* The promise to solve it that counts now: the newest; NULL: none. */
const struct progress_promise *progress_case_resolution(const struct progress_case *c);
/* Working time from the making of that promise (else the opening) until now, without waiting for
 * the customer. calendar NULL: every hour counts. */
int64_t progress_case_counted_us(const struct progress_case *c, const struct calendar *calendar);
/* Words that were said at that instant belong to the promise that a person made then; they are
 * kept without numbers (progress_text_mask). Of two promises that were made at once the words
 * cannot be told apart: they stay unsaid. */
void progress_case_take_words(struct progress_case *c, int64_t at_us, const char *words);
/* A call that was promised in words is still to come. */
bool progress_case_is_called(const struct progress_case *c);
/* New, open, or waiting for somebody. */
bool progress_case_is_open(const struct progress_case *c);

#endif
