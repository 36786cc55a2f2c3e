/* SPDX-License-Identifier: Apache-2.0 */
/* points_fact.h - what an event says about loyalty points, and for what there are any. Pure. */
#ifndef TROTH_LOYALTY_POINTS_FACT_H
#define TROTH_LOYALTY_POINTS_FACT_H

#include <stdbool.h>
#include <stdint.h>

#include "event.pb-c.h"

#define POINTS_MAX INT64_C(1000000000000) /* of one entry */

/* What a subject is. Stored by name. */
enum points_subject {
    POINTS_OF_PURCHASE = 1,
    POINTS_OF_ANSWER,
    POINTS_OF_REFUND,
    POINTS_OF_REDEMPTION,
    POINTS_SUBJECT_END
};

const char *points_subject_name(enum points_subject s);     /* "purchase", "answer", ... */
enum points_subject points_subject_named(const char *name); /* POINTS_SUBJECT_END: none */

struct points_policy {
    double per_unit;    /* of a purchase, for each whole unit of its currency; 0: no points */
    char currency[4];   /* purchases and refunds in others are worth nothing; "": any is worth it */
    int64_t per_answer; /* 0: no points */
    int64_t last_us;    /* how long points can be spent, from when they were earned; 0: for ever */
};

/* What an event says about points. */
struct points_fact {
    int64_t customer;
    enum points_subject of;
    int64_t subject; /* number */
    int64_t points;  /* by the rule, whole ones; of a redemption as it says */
    bool is_reversal;
    bool is_historical;
    int64_t at_us;       /* when it occurred */
    int64_t recorded_us; /* when we knew */
    const char *stream;  /* borrowed from the event; with seq where it stands in the log */
    int64_t seq;
};

/* False: it says nothing about points, or of 0 points. Not of reversals: what they undo was worth
 * what the rule of then gave. */
bool points_fact_of(const Troth__V1__Event *event, const struct points_policy *policy,
                    struct points_fact *ret_fact);

#endif
