/* SPDX-License-Identifier: Apache-2.0 */
/* loyalty_fold_private.h - the inside of a fold, for its files alone: loyalty_fold.c takes in and
 * hands out, loyalty_fold_run.c applies, loyalty_fold_things.c says what counts. */
#ifndef TROTH_LOYALTY_LOYALTY_FOLD_PRIVATE_H
#define TROTH_LOYALTY_LOYALTY_FOLD_PRIVATE_H

#include "services/loyalty/loyalty_fold.h"
#include "services/loyalty/purchase_ledger.h"

/* What one event says: it counts as a whole. */
struct fold_fact {
    int64_t customer;
    size_t first, count; /* of the fold's evidence; may be none */
    int64_t seen_us;     /* INT64_MIN: not heard of */
    int64_t occurred_us, recorded_us;
    bool is_historical;
    const char *stream;
    int64_t seq;
};

struct fold_customer {
    struct customer_score row;
    struct account account; /* counts where the row says the same */
    bool has_others;        /* who are the same person */
    struct account others;
    struct score score; /* as of row.evaluated_us, if is_scored */
    bool is_scored;
    bool is_next_known; /* row.next_change_us is that of row.evaluated_us */
    bool is_touched;
    bool is_changed;              /* to be written */
    bool is_written[MEASURE_END]; /* sums to be written */
    int64_t purchases_from_us;    /* see struct fold_purchases; INT64_MAX: none was asked for */
    bool has_ledger;
    struct purchase_ledger ledger;
};

/* What a fold holds, list by list. */
enum fold_part {
    /* In the order in which they came. */
    FOLD_FACTS = 0, /* struct fold_fact */
    FOLD_EVIDENCE,  /* struct evidence */
    FOLD_TOUCHED,   /* int64_t */
    /* Made by loyalty_fold_seal(), sorted. */
    FOLD_NUMBERS,   /* int64_t */
    FOLD_CUSTOMERS, /* struct fold_customer, in the places of their numbers */
    FOLD_THINGS,    /* struct fold_thing */
    FOLD_CASES,     /* struct fold_case */
    FOLD_PURCHASES, /* struct fold_purchases */
    /* struct evidence. What is known of things, as it was read; while running sorted, each thing
     * once, by its newest version; version 0: nothing is known. */
    FOLD_KNOWN,
    /* Results. */
    FOLD_SUMS,             /* struct fold_sum */
    FOLD_SCORES,           /* struct customer_score */
    FOLD_GROUPS,           /* struct fold_group */
    FOLD_INDEX_CHANGES,    /* struct index_change */
    FOLD_STANDING_CHANGES, /* struct standing_change */
    FOLD_PART_COUNT
};

struct fold_list {
    void *items;
    size_t count, capacity;
};

struct loyalty_fold {
    struct fold_list lists[FOLD_PART_COUNT];
    /* While running. */
    const struct score_policy *policy;
    const struct fit_set *fits;
};

typedef int fold_order(const void *a, const void *b);

/* Room for one item more, zeroed. It may move the others. */
void *fold_put(struct loyalty_fold *f, enum fold_part part);
void fold_sort(struct loyalty_fold *f, enum fold_part part, fold_order *order);
/* Drops repetitions from a list that is sorted: of several the first stays. */
void fold_unique(struct loyalty_fold *f, enum fold_part part, fold_order *order);

/* Of whom nothing is known. */
struct fold_customer fold_customer_new(int64_t number);
/* NULL: the batch is not about this one. */
struct fold_customer *fold_find_customer(const struct loyalty_fold *f, int64_t number);

/* ---- loyalty_fold_things.c */

bool fold_is_of_promise(enum evidence_kind kind);
bool fold_is_of_case(
    const struct evidence *e); /* one of the answers that a case is remembered by */

/* Puts what is known into order, with a place for everything that the batch is about. */
void fold_prepare_known(struct loyalty_fold *f);

/* If e is a newer version of its thing, it is known from then on, and account and groups count what
 * the thing says now instead of what it said. account is that of c, or a copy that will take its
 * place. Returns whether the account is another. */
bool fold_count(struct loyalty_fold *f, struct fold_customer *c, struct account *account,
                const struct evidence *e);

/* Makes one row of the many of each group. */
void fold_add_up_groups(struct loyalty_fold *f);

#endif
