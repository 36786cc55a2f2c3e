/* SPDX-License-Identifier: Apache-2.0 */
/*
 * score_model.h - what an account is worth at an instant: the loyalty index and its contributions,
 * trust, value, churn, tier. Pure: the same account, policy, fits and instant give the same score.
 *
 *   base             50, where every customer starts
 *   trust            (expectation - 0.5) * 36                 -18 to 18   beta_reputation.h
 *   satisfaction     (shrunk CSAT - 3) * 4                     -8 to 8
 *   experience       shrunk peak-end of cases * 6              -6 to 6
 *   recommendation   shrunk NPS share * 6                      -6 to 6
 *   effort           (shrunk CES - 4) / 3 * 2                  -2 to 2
 *   service_gap      mean of the dimensions' shrunk gaps / 6 * 4
 *                    (over those that have answers)            -4 to 4
 *   purchases        e / (e + 1) * 6; e: purchases expected in the next year (BG/NBD); without a
 *                    fit the purchases themselves, faded        0 to 6
 *
 * Shrunk (shrinkage.h): as if two average answers more had been given; average is the mean of all
 * customers when the fit says so, else the middle of the scale. The points are policy; no sum
 * leaves 0 to 100, so nothing is cut off. They are whole hundredths, so that they add up to the
 * index exactly.
 */
#ifndef TROTH_LOYALTY_SCORE_MODEL_H
#define TROTH_LOYALTY_SCORE_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "services/loyalty/fit_set.h"
#include "services/loyalty/measure.h"
#include "services/loyalty/score_policy.h"

enum contribution {
    CONTRIBUTION_BASE = 0,
    CONTRIBUTION_TRUST,
    CONTRIBUTION_SATISFACTION,
    CONTRIBUTION_EXPERIENCE,
    CONTRIBUTION_RECOMMENDATION,
    CONTRIBUTION_EFFORT,
    CONTRIBUTION_SERVICE_GAP,
    CONTRIBUTION_PURCHASES,
    CONTRIBUTION_COUNT,
};

struct score {
    int32_t hundredths[CONTRIBUTION_COUNT];
    int32_t index_hundredths;    /* their sum */
    double trust;                /* expectation, in (0, 1) */
    double trust_uncertainty;    /* in (0, 1] */
    double churn;                /* probability in [0, 1] that the customer leaves */
    bool is_churn_by_rule;       /* no model has been trained: a documented rule (churn_model.h) */
    bool has_alive;              /* the purchase model is fitted, and there was a purchase */
    double alive;                /* P(alive), in [0, 1] */
    double expected_purchases;   /* in the next year */
    double expected_value_minor; /* of them together; 0 when no spend model of the currency is
                                    fitted */
};

struct score score_at(const struct account *a, const struct score_policy *policy,
                      const struct fit_set *fits, int64_t now_us);

double score_index(const struct score *s);          /* in points */
const char *contribution_name(enum contribution c); /* "base", "trust", ... */
/* What moved most from one to the other; the first of several. */
enum contribution score_moved_most(const struct score *from, const struct score *to);

/* ---- tier and level, which remember where they were */

struct standing {
    enum tier tier;
    enum churn_level churn_level;
    bool is_trust_broken;
};

/* Before anything is known. */
extern const struct standing standing_first;

/* Tiers and levels change at once upwards and, downwards, only slack below where they begin. Trust
 * is broken at once and whole again slack above. */
struct standing standing_after(struct standing before, const struct score *score,
                               const struct score_policy *policy);

/* The first instant after now at which the standing, or the index by 5 points, can be another by
 * time alone; at most 90 days ahead. Found by steps that grow from a day and halving: exact to a
 * minute, never sooner than half a minute, and what is over before the next step is not found. Who
 * need not know instants after until_us says so: then any of those is returned, and sooner.
 * INT64_MAX: never, the account is empty. standing is that of now. */
int64_t score_next_change_us(const struct account *a, struct standing standing,
                             const struct score_policy *policy, const struct fit_set *fits,
                             int64_t now_us, int64_t until_us);
#define SCORE_NEXT_CHANGE_MIN_US INT64_C(30000000)

#endif
