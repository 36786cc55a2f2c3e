/* SPDX-License-Identifier: Apache-2.0 */
/*
 * night_task.h - what reporting does by itself when a day has ended, in slices: the same code in
 * the running service (night_round.h) and as a job (night_jobs.h).
 *
 * A slice is one transaction of a second at most, a snapshot that only reads or one that writes.
 * Who dies between two slices leaves what is written; the task begins again, and writes the same
 * once more.
 */
#ifndef TROTH_REPORTING_NIGHT_TASK_H
#define TROTH_REPORTING_NIGHT_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/zone.h"
#include "common/runtime/db.h"
#include "common/runtime/lease.h"
#include "services/reporting/warning_store.h"

/* Days since 1970-01-01 in the time zone of the figures, both included. */
struct night_range {
    int64_t from, to;
};

/* Borrowed by the tasks. */
struct night_world {
    const char *time_zone;
    const struct zone *zone;
    const struct lease_set *lanes; /* who holds the first does it; NULL: a job, beside it */
    int64_t now_us;                /* business time when the task began */
    int64_t *different;            /* gauge of figures that are not equal; NULL: none */
    int64_t *checked_until;        /* gauge: Unix time of the end of the last day compared */
    struct warning_policy warnings;
    int64_t return_window_us; /* whole days */
};

enum night_step {
    NIGHT_GO_ON,
    NIGHT_AGAIN, /* the same slice once more, a little later */
    NIGHT_LATER, /* the day is not done: from the start, in a minute */
};

struct night_task {
    const char *name; /* of the job, too */
    const char *help;
    /* Done for each day that has ended since the last time; else for the last of them alone. */
    bool is_for_each_day;
    /* Never NULL. world is borrowed until end(). */
    void *(*begin)(const struct night_world *world, const struct night_range *range);
    /* Queues a slice with its BEGIN (night_begin_write() or report_store_begin()) and COMMIT.
     * False: there is no further one. */
    bool (*ask)(void *work, struct db *db);
    enum night_step (*take)(void *work, const struct db_reply *reply);
    void (*end)(void *work);
};

/* All of them, in the order in which they are done; ended by a NULL name. */
extern const struct night_task *const night_tasks[];

/* BEGIN; the transaction fails when another process has the first lane. */
void night_begin_write(struct db *db, const struct night_world *world);

/* The instant at which a day begins. */
int64_t night_day_begin_us(const struct night_world *world, int64_t day);

#endif
