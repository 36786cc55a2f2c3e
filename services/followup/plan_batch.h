/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_batch.h - a batch of events: what has to be read for it, and what each event plans.
 *
 *   1. gather   every event says which cases, customers, promises ... it needs
 *   2. put      one statement per kind of these, whatever the batch
 *   3. load     their rows
 *   4. apply    every event in its order: plan_case.h, plan_promise.h, plan_answer.h, ...
 *
 * Events that are not ours (is_needed false) plan nothing.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_PLAN_BATCH_H
#define TROTH_SERVICES_FOLLOWUP_PLAN_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/zone_shelf.h"
#include "event.pb-c.h"
#include "services/followup/branch_zones.h"
#include "services/followup/plan.h"
#include "services/followup/plan_store.h"
#include "services/followup/rhythm_store.h"

struct plan_batch {
    struct plan plan;         /* the given fields are the caller's */
    struct zone_shelf *zones; /* borrowed; so are the branches */
    const struct branch_zones *branches;
    struct rhythm_list rhythm;
    struct db_array improvements;            /* int8: shipped */
    struct db_array improvements_historical; /* bool */
    size_t new_max;                          /* not more than so many follow-ups are added */
    bool is_needed;                          /* something has to be read */

    struct plan_keys cases, customers, people, promises, answers, signals, subjects;
    struct plan_keys speakers; /* customers who said something */
    struct plan_keys faults;   /* signals with a fault */
    struct plan_keys erased;   /* customers */
    struct plan_devices devices;
    const struct db_rows *case_rows, *people_rows, *promise_rows, *group_rows, *reading_rows;
    struct plan_index case_index, people_index, promise_index, void_index, repeat_index;
    struct plan_index group_index;                             /* of group_rows, by the speaker */
    bool puts_groups, puts_voids, puts_repeats, puts_readings; /* these are read */
};

void plan_batch_init(struct plan_batch *b);
void plan_batch_free(struct plan_batch *b);

/* Forgets the batch before. */
void plan_batch_begin(struct plan_batch *b);
void plan_batch_gather(struct plan_batch *b, const Troth__V1__Event *e);
void plan_batch_put(struct plan_batch *b, struct db *db);
/* rows: the sets of that step, from the first one of plan_batch_put(). They are borrowed until the
 * last plan_batch_apply(). */
void plan_batch_load(struct plan_batch *b, const struct db_rows *const *rows);
void plan_batch_apply(struct plan_batch *b, const Troth__V1__Event *e);
/* After the last event: what the devices say that were heard of. */
void plan_batch_finish(struct plan_batch *b);

#endif
