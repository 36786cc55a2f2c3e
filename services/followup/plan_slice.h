/* SPDX-License-Identifier: Apache-2.0 */
/* plan_slice.h - one slice of a round: whom it looks at, kept from one step of the conversation to
 * the next. */
#ifndef TROTH_SERVICES_FOLLOWUP_PLAN_SLICE_H
#define TROTH_SERVICES_FOLLOWUP_PLAN_SLICE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/zone_shelf.h"
#include "services/followup/branch_zones.h"
#include "services/followup/plan_round_store.h"
#include "services/followup/plan_store.h"

enum {
    PLAN_SLICE_ROWS_MAX = 1000,
    PLAN_SLICE_PLACES_MAX = 256,
};

struct plan_slice {
    /* what: an improvement, or a day of a topic */
    bool is_improvement;
    struct plan_improvement improvement;
    char topic[FOLLOW_UP_RULE_SIZE];
    int trigger; /* of the topic; 0: no rule has it any more */
    struct civil_date day;
    /* where */
    struct plan_round_place places[PLAN_SLICE_PLACES_MAX];
    size_t place_count;
    /* who */
    struct plan_candidate candidates[PLAN_SLICE_ROWS_MAX];
    struct plan_reporter reporters[PLAN_SLICE_ROWS_MAX]; /* of an improvement */
    size_t count;
    struct arena *arena; /* their texts */
    struct plan_keys customers, subjects, none;
};

struct plan_slice *plan_slice_new(void);
void plan_slice_free(struct plan_slice *s); /* NULL is fine */

/* Chooses what is first of these rows: improvements, then days. False: nothing is to be done. */
bool plan_slice_choose(struct plan_slice *s, const struct rulebook *rules,
                       const struct db_rows *improvements, const struct db_rows *behind);

/* Queues the question whom to look at. False: nobody can be due, and nothing was queued. */
bool plan_slice_put(const struct plan_slice *s, struct db *db, const struct rulebook *rules);
void plan_slice_load(struct plan_slice *s, const struct db_rows *rows);

/* Queues the question what is planned for them already: two sets. */
void plan_slice_put_rows(const struct plan_slice *s, struct db *db);

/* With those in the plan: plans all of them. */
void plan_slice_plan(struct plan_slice *s, struct plan *p, struct zone_shelf *zones,
                     const struct branch_zones *branches);

/* Queues that all of this is done. */
void plan_slice_put_done(const struct plan_slice *s, struct db *db, int64_t now_us);

#endif
