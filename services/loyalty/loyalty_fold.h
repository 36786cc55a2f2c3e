/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loyalty_fold.h - what a batch of events changes, computed without a database.
 *
 * 1. loyalty_fold_add() picks out of each event what says something about a customer: facts.
 * 2. loyalty_fold_seal() lists what has to be read, each once and sorted.
 * 3. loyalty_fold_learn_...() take what was read.
 * 4. loyalty_fold_run() applies the facts in the order in which they were added.
 * 5. The results say what to write.
 *
 * A fact counts if it is a newer version of its thing than the one known: then what the thing says
 * (of a promise: its three things together, of an answer about a case: all answers about it) is
 * taken back as it was and counted as it is. So a correction reverses what it corrects, and the
 * order between streams does not matter.
 *
 * A fact takes effect at T, the later of when it was recorded and when the customer was last looked
 * at: records whose times go backwards find a score that does not. First time passes until T: at
 * each instant at which the standing can change by time alone it is looked at again. Then the index
 * is computed at T without the fact and with it, so fading is never blamed on an event. Nothing
 * here depends on where batches begin and end, nor on how late they are applied.
 *
 * Texts of events and rows (branch, team, label, stream) are borrowed until loyalty_fold_clear().
 */
#ifndef TROTH_LOYALTY_LOYALTY_FOLD_H
#define TROTH_LOYALTY_LOYALTY_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.pb-c.h"
#include "services/loyalty/evidence.h"
#include "services/loyalty/measure.h"
#include "services/loyalty/score_model.h"

struct loyalty_fold;

struct loyalty_fold *loyalty_fold_new(void);
void loyalty_fold_free(struct loyalty_fold *f); /* NULL is fine */
void loyalty_fold_clear(struct loyalty_fold *f);

/* Events that say nothing about loyalty are passed over. */
void loyalty_fold_add(struct loyalty_fold *f, const Troth__V1__Event *event);
/* For the sweep and after a new fit: no fact, the customer is only looked at again. */
void loyalty_fold_touch(struct loyalty_fold *f, int64_t customer);

/* ---- what to read; lists are the fold's, valid until loyalty_fold_clear() */

struct fold_thing {
    int64_t customer;
    enum evidence_kind kind;
    int64_t subject;
};
struct fold_case {
    int64_t customer;
    int64_t service_case;
};
struct fold_purchases {
    int64_t customer;
    int64_t
        from_us; /* the oldest purchase of the batch; INT64_MIN: one, or a refund, was taken back */
};

void loyalty_fold_seal(struct loyalty_fold *f);

/* Their rows of customer_score and score_sum. */
size_t loyalty_fold_customers(const struct loyalty_fold *f, const int64_t **ret_list);
/* The newest version of each part of them. */
size_t loyalty_fold_things(const struct loyalty_fold *f, const struct fold_thing **ret_list);
/* The newest version of each CSAT and CES answer about them. */
size_t loyalty_fold_cases(const struct loyalty_fold *f, const struct fold_case **ret_list);
/* The newest version of every purchase and refund of those whose customer_score.last_purchase_at is
 * not before from_us, and of all whose from_us is INT64_MIN; of the others they are not needed, and
 * do no harm. */
size_t loyalty_fold_purchases(const struct loyalty_fold *f, const struct fold_purchases **ret_list);

/* ---- what is known: after sealing, in any order, the same row may come twice */

/* A row of customer_score. */
struct customer_score {
    int64_t customer;
    int64_t version; /* counts the changes of the index by events and those of the standing */
    struct standing standing;
    int32_t index_hundredths; /* these three: as of evaluated_us */
    double churn;
    double trust;
    int64_t first_purchase_us, last_purchase_us; /* INT64_MIN: none */
    int32_t purchase_days;
    char currency[4];
    int64_t seen_us;        /* INT64_MIN: never */
    int64_t changed_us;     /* recorded: the newest event that changed the row; INT64_MIN: none */
    int64_t evaluated_us;   /* INT64_MIN: never */
    int64_t next_change_us; /* INT64_MAX: never */
};

/* Rows of customers and things that were not asked for are passed over. */
void loyalty_fold_learn_score(struct loyalty_fold *f, const struct customer_score *row);
void loyalty_fold_learn_sum(struct loyalty_fold *f, int64_t customer, enum measure m,
                            const struct measure_sum *sum);
void loyalty_fold_learn_evidence(struct loyalty_fold *f, const struct evidence *row);
/* What another customer has who is the same person: it counts for the score of this one beside its
 * own, and is never stored with it. */
void loyalty_fold_learn_other(struct loyalty_fold *f, int64_t customer,
                              const struct account *other);

/* now_us: until when the time of touched customers passes. Policy and fits are borrowed until then.
 */
void loyalty_fold_run(struct loyalty_fold *f, const struct score_policy *policy,
                      const struct fit_set *fits, int64_t now_us);

/* ---- what to write; lists are the fold's, valid until loyalty_fold_clear() */

/* Every version that came, also those that no longer count. Insert; a row that is there stays. */
size_t loyalty_fold_evidence(const struct loyalty_fold *f, const struct evidence **ret_list);

/* Sums that changed, as they are now (not what to add), by customer and measure. */
struct fold_sum {
    int64_t customer;
    enum measure measure;
    struct measure_sum sum;
};
size_t loyalty_fold_sums(const struct loyalty_fold *f, const struct fold_sum **ret_list);

/* Rows of customer_score that changed, by customer: insert or replace. */
size_t loyalty_fold_scores(const struct loyalty_fold *f, const struct customer_score **ret_list);

enum trust_grouping { /* as in group_trust and score.proto */
    GROUPING_COMPANY = 1,
    GROUPING_BRANCH,
    GROUPING_TEAM,
    GROUPING_PROMISE_KIND
};
/* What to add to a row of group_trust, by bucket, grouping and name: each row once. Half-life and
 * weights are those of MEASURE_TRUST. A group whose three counts are all 0 has sums of exactly 0.
 */
struct fold_group {
    int32_t bucket;
    enum trust_grouping grouping;
    const char *name; /* "" of the company */
    int64_t kept, late, broken;
    double weight, value;
};
size_t loyalty_fold_groups(const struct loyalty_fold *f, const struct fold_group **ret_list);

/* The index moved because of an event: a row of score_history and a ScoreChanged. */
struct index_change {
    int64_t customer;
    int64_t version;
    int64_t at_us;       /* T */
    int64_t occurred_us; /* of the event that did it; its place in the log is stream and seq */
    bool is_historical;
    const char *stream;
    int64_t seq;
    struct score before, after; /* both at T, without the event and with it */
    struct standing standing;   /* after it */
    enum contribution reason;
};
/* In the order in which they happened. */
size_t loyalty_fold_index_changes(const struct loyalty_fold *f,
                                  const struct index_change **ret_list);

enum standing_part { /* as in standing_history */
    STANDING_TIER = 1,
    STANDING_CHURN_LEVEL,
    STANDING_TRUST_BROKEN
};
/* A row of standing_history, and TierChanged, ChurnRiskChanged or (when after is 1) TrustBroken. */
struct standing_change {
    int64_t customer;
    int64_t version; /* of the customer, counted together with those of the index: so each has its
                        own, and one that is newer has a higher one */
    int64_t at_us;
    enum standing_part what;
    int32_t before, after; /* tier, level, or 1: broken */
    bool is_by_time;       /* then there is no event: what follows is empty */
    bool is_historical;
    int64_t occurred_us; /* of the event; by time: at_us */
    const char *stream;
    int64_t seq;
    int64_t promise, service_case; /* 0: the event is about none */
    const char *branch;            /* NULL: none */
    double trust_before;           /* by time: as of the last look */
    struct score score;            /* after it, at at_us */
    struct standing standing;      /* after it */
};
/* In the order in which they happened. */
size_t loyalty_fold_standing_changes(const struct loyalty_fold *f,
                                     const struct standing_change **ret_list);

#endif
