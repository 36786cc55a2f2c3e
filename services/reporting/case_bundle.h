/* SPDX-License-Identifier: Apache-2.0 */
/*
 * case_bundle.h - what a case adds to the figures, from its facts as they are now. Pure.
 *
 * Besides what figure.h says:
 * - What was taken back, and a case that was, count nowhere; what a machine wrote is no contact.
 * - What took effect later never lies before what took effect earlier, whatever their senders'
 *   clocks said: turns (whose turn it is) and the backlog go by that.
 * - Staff: FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION (and those in working time) are of who did it;
 *   REOPENINGS of who had ended the case; all else of who gave the first answer, or resolved it.
 * - Working time is what the clocks of the promises of that kind counted until they were kept or
 *   renegotiated, added up: a reopened case has several.
 * - A praise about which nothing was promised is nobody's turn and no backlog (case_turn.h).
 * - A merged case leaves the backlog and has no resolution; its reopening is none.
 * - Contacts that say nothing but thanks are contacts, but need no answer and are no return.
 * - The customer confirmed a solution: as intake.case_solved, by the word on a promise, or CSAT 4,
 *   NPS 9, CES 5 or better; the word that one was not kept outweighs both.
 */
#ifndef TROTH_REPORTING_CASE_BUNDLE_H
#define TROTH_REPORTING_CASE_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/zone.h"
#include "event.pb-c.h"
#include "services/reporting/answer_bundle.h"
#include "services/reporting/figure_bundle.h"

#define CASE_NO_TIME INT64_MIN

/* Rows of intake's views; texts are borrowed, NULL is none; what is void is not among them. */

struct case_contact {
    int64_t number;
    int64_t version; /* of the case after it; 0: it opened the case */
    int64_t at_us;
    bool is_machine, is_thanks;
};

/* A case event: what was done, by staff or (staff NULL) by a contact. */
struct case_move {
    int64_t version;
    int64_t at_us;
    Troth__V1__CaseAction action;
    Troth__V1__CaseState from, to;
    const char *staff;
};

struct case_promise {
    int64_t number;
    const char *kind, *rule;
    Troth__V1__PromiseState state;
    int64_t made_us, target_us;
    int64_t due_us, done_us; /* CASE_NO_TIME */
    int64_t said_us;         /* waived, renegotiated: when the customer said so */
    int64_t counted_us;      /* -1: never settled */
    int cause;               /* BreakCause; 0: nobody has said */
    int word;                /* of the customer: 1 kept, 2 not kept, 0 nothing */
    double chance;           /* below 0: there was no forecast */
};

struct case_step {
    int64_t promise;
    int step; /* percent; 100 + n: the n-th after the break */
    int64_t due_us;
};

struct case_expectation {
    int64_t number;
    const char *reference;
    int64_t expected_us; /* CASE_NO_TIME */
};

struct case_compensation {
    int64_t at_us, amount_minor;
    const char *currency;
};

struct case_rows {
    int64_t number, customer, version;
    Troth__V1__CaseState state;
    Troth__V1__ContactKind kind;
    const char *channel, *branch, *team, *category, *product, *tier;
    int priority;
    int64_t opened_us;
    int64_t first_response_us, resolved_us; /* CASE_NO_TIME */
    bool is_merged;
    bool has_returned; /* another case of the customer and category within the window */
    /* Moves and contacts in the order of their versions, the rest in that of their numbers. */
    const struct case_contact *contacts;
    size_t contact_count;
    const struct case_move *moves;
    size_t move_count;
    const struct case_promise *promises;
    size_t promise_count;
    const struct case_step *steps; /* of one promise by due time */
    size_t step_count;
    const struct answer_row *answers;
    size_t answer_count;
    const struct case_expectation *expectations;
    size_t expectation_count;
    const struct case_compensation *compensations;
    size_t compensation_count;
};

/* Fills an empty bundle, sorted. Its texts are those of the rows, or its own. */
void case_bundle_make(const struct case_rows *c, const struct zone *zone,
                      struct figure_bundle *ret);

/* What lists of cases are found by. */
struct case_marks {
    const char *staff;   /* "": nobody */
    int64_t resolved_us; /* CASE_NO_TIME: it is not; likewise all below */
    int64_t reopened_us, broken_us, low_answer_us, next_due_us;
    int64_t overdue_us; /* the first that was due of the promises that are broken and not made good;
                           of an open case alone */
    int overdue;        /* how many these are */
    int running;        /* promises that are open and have a due time */
    bool asks;          /* case_turn_asks() */
};
void case_bundle_mark(const struct case_rows *c, struct case_marks *ret);

#endif
