/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loyalty_fold.h - what a batch of events changes, computed without a database.
 *
 * 1. loyalty_fold_add() picks what says something about a customer out of each event.
 * 2. loyalty_fold_seal() lists the things and customers that the batch is about, each once and
 * sorted: what to read.
 * 3. The caller fills in what is known about them so far.
 * 4. loyalty_fold_run() applies the facts in the order in which they were added.
 *
 * A fact counts only if it is a newer version of its thing than the one known; then the old version
 * is taken back and the new one counted. An answer that its source took back is a second version
 * that counts for nothing. So a correction reverses what it corrects, and the order
 * between streams does not matter.
 */
#ifndef TROTH_LOYALTY_FOLD_H
#define TROTH_LOYALTY_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.pb-c.h"
#include "services/loyalty/index_model.h"

/* Stored numbers: never change one. */
enum evidence_kind {
    EVIDENCE_PROMISE = 1,
    EVIDENCE_CSAT = 2,
    EVIDENCE_NPS = 3,
};

struct evidence {
    int64_t customer;
    enum evidence_kind kind;
    int64_t subject;      /* number of the promise or answer */
    int64_t version;      /* 0: nothing known yet */
    int32_t value;        /* state of the promise, or the answer */
    bool is_void;         /* taken back: counts for nothing */
    int64_t service_case; /* 0: none */
    int64_t at_us;        /* when it occurred */
    const char *stream;   /* where it stands in the log; borrowed from the event */
    int64_t seq;
    bool is_changed; /* to be written */
};

struct loyalty_customer {
    int64_t number;
    struct trust_account account;
    struct satisfaction answers;
    struct loyalty_index index;
    int64_t version;    /* of the index */
    int64_t changed_us; /* INT64_MIN: never */
    bool is_changed;    /* to be written */
};

struct index_change {
    int64_t customer;
    int64_t version;
    int64_t at_us;       /* business time at which we knew */
    int64_t occurred_us; /* of the event that did it */
    bool is_historical;
    double before;
    double after;
    enum contribution reason;
};

struct loyalty_fold;

struct loyalty_fold *loyalty_fold_new(void);
void loyalty_fold_free(struct loyalty_fold *f); /* NULL is fine */
void loyalty_fold_clear(struct loyalty_fold *f);

/* The texts of the event must live until loyalty_fold_clear(). Events that say nothing about
 * loyalty are passed over. */
void loyalty_fold_add(struct loyalty_fold *f, const Troth__V1__Event *event);
void loyalty_fold_seal(struct loyalty_fold *f);

/* After sealing: sorted by customer (evidence also by kind and subject), without repetition. Owned
 * by the fold. */
size_t loyalty_fold_customers(struct loyalty_fold *f, struct loyalty_customer **ret_list);
size_t loyalty_fold_evidence(struct loyalty_fold *f, struct evidence **ret_list);
/* NULL when the batch is not about it. */
struct loyalty_customer *loyalty_fold_find_customer(struct loyalty_fold *f, int64_t number);
struct evidence *loyalty_fold_find_evidence(struct loyalty_fold *f, int64_t customer,
                                            enum evidence_kind kind, int64_t subject);

void loyalty_fold_run(struct loyalty_fold *f);

/* After the run, in the order in which they happened. Owned by the fold. */
size_t loyalty_fold_changes(const struct loyalty_fold *f, const struct index_change **ret_list);

#endif
