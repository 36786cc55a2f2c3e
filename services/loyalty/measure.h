/* SPDX-License-Identifier: Apache-2.0 */
/*
 * measure.h - the sums that are kept of a customer: for each measure how many things count, their
 * weight, and their weight times what they say.
 *
 * Sums are forward sums (common/model/decay.h): an event adds to them or takes back, whatever its
 * order, and time changes none. Those of several customers who are one person are added up. Without
 * things a sum is exactly 0, so nothing that was taken back leaves a trace.
 */
#ifndef TROTH_LOYALTY_MEASURE_H
#define TROTH_LOYALTY_MEASURE_H

#include <stddef.h>
#include <stdint.h>

#include "services/loyalty/evidence.h"

/* Stored numbers: never change one. */
enum measure {
    MEASURE_TRUST = 1,          /* promises that ended: grade in [-1, 1] */
    MEASURE_LATE = 2,           /* of them kept late: by how much, as a share of the time given */
    MEASURE_BROKEN = 3,         /* of them broken, or so the customer says */
    MEASURE_SATISFACTION = 4,   /* CSAT about no case: 1 to 5 */
    MEASURE_EXPERIENCE = 5,     /* cases with answers: peak and end, -1 to 1 */
    MEASURE_RECOMMENDATION = 6, /* NPS: 1 promoter, 0 passive, -1 detractor */
    MEASURE_PROMOTERS = 7,      /* of them */
    MEASURE_DETRACTORS = 8,     /* of them */
    MEASURE_EFFORT = 9,         /* CES: 1 to 7, 7 is easy */
    MEASURE_GAP_TANGIBLES = 10, /* SERVQUAL items: perception - expectation, -6 to 6 */
    MEASURE_GAP_RELIABILITY = 11,
    MEASURE_GAP_RESPONSIVENESS = 12,
    MEASURE_GAP_ASSURANCE = 13,
    MEASURE_GAP_EMPATHY = 14,
    MEASURE_COMPLAINTS = 15, /* cases that are complaints */
    MEASURE_RECENT = 16,     /* every CSAT, soon forgotten: 1 to 5 */
    MEASURE_PURCHASES = 17,  /* purchases: amount_minor */
    MEASURE_REFUNDS = 18,    /* refunds: amount_minor, not taken off the purchases */
    MEASURE_END
};

struct measure_sum {
    int64_t count;
    double weight; /* forward sum of the weights */
    double value;  /* forward sum of weight times value */
};

#define SEVERAL_CURRENCIES "***"

/* What is known of a customer, or of all who are one person by a merge. */
struct account {
    struct measure_sum sums[MEASURE_END];        /* [0] is not used */
    int64_t first_purchase_us, last_purchase_us; /* INT64_MIN: none */
    int32_t purchase_days;                       /* days (UTC) with a purchase */
    char currency[4]; /* of purchases and refunds; "": none; or SEVERAL_CURRENCIES */
    int64_t seen_us;  /* last heard of; INT64_MIN: never */
};

extern const struct account account_empty;

/* Adds what another customer who is the same person has. Days on which both bought count twice. */
void account_merge(struct account *to, const struct account *from);

/* What one thing adds to a measure. */
struct share {
    enum measure measure;
    int64_t at_us; /* from when it fades */
    double weight; /* before fading, above 0 */
    double value;
};
#define SHARES_MAX 4

struct score_policy;

/* How a promise ended, if it ended in a way that says something. */
enum promise_end {
    PROMISE_END_NONE = 0,
    PROMISE_END_KEPT,
    PROMISE_END_LATE,
    PROMISE_END_BROKEN,
};
enum promise_end promise_end_of(const struct evidence *promise, const struct evidence *word);

/*
 * What a promise says, from its three things; each NULL or void: not given.
 *
 *   state                       end     grade                          weight
 *   kept                        kept    1                              1
 *   kept late                   late    max(-1, 1 - l / late_zero)     1
 *   broken, renegotiated late   broken  -1                             broken_weight * cause_weight
 *   open, at risk, renegotiated before it was due, waived, withdrawn: nothing
 *
 * l = (done - due) / (due - made): by how much of the time given it was late. Where a time is not
 * known the grade is 0: half kept, half broken. The customer's word outweighs the company's, and
 * the weight is word_weight times as much: confirmed, a promise that was broken or kept was kept,
 * and one kept late has no grade below 0; disputed, each of the three was broken. A word about a
 * promise that has not ended, or says nothing, says nothing.
 *
 * Shares: TRUST with that weight and grade; LATE with weight 1 and l; BROKEN with weight 1. They
 * fade from when the promise ended.
 */
size_t shares_of_promise(const struct score_policy *policy, const struct evidence *promise,
                         const struct evidence *word, const struct evidence *cause,
                         struct share ret[static SHARES_MAX]);
/* Any other thing on its own: a CSAT answer for RECENT and, when it is about no case, SATISFACTION.
 * Answers about a case count for EXPERIENCE by shares_of_case() alone. */
size_t shares_of_thing(const struct evidence *e, struct share ret[static SHARES_MAX]);
/* What a case is remembered as: peak and end (peak_end.h) of the CSAT and CES answers about it, in
 * the order in which they were given, each scaled to [-1, 1]. count of them, in any order, none
 * void. It fades from the last. */
size_t shares_of_case(const struct evidence *const *answers, size_t count,
                      struct share ret[static SHARES_MAX]);

/* What it adds to the sum of weights: weight, as of the landmark of decay.h. */
double share_forward_weight(const struct score_policy *policy, const struct share *s);

/* A sum as it is worth at an instant; without things 0. */
struct faded {
    double weight, value;
};
struct faded account_fade(const struct account *a, const struct score_policy *policy,
                          enum measure m, int64_t now_us);
/* Their mean, as if the customer had given two average answers more: one alone does not weigh like
 * fifty. */
double faded_shrunk(struct faded f, double average);

/* sign 1 adds, -1 takes back. */
void account_apply(struct account *a, const struct score_policy *policy, const struct share *shares,
                   size_t count, int sign);

/* "": none. */
void account_add_currency(struct account *a, const char *currency);

const char *measure_name(enum measure m); /* "trust", "late", ... */

#endif
