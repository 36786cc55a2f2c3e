/* SPDX-License-Identifier: Apache-2.0 */
/* demo_clock_store.h - moves the demo clock, and asks whether everything due by now has been done.
 */
#ifndef TROTH_SERVICES_CLI_DEMO_CLOCK_STORE_H
#define TROTH_SERVICES_CLI_DEMO_CLOCK_STORE_H

#include <stdint.h>

#include "common/base/err.h"
#include "common/runtime/db.h"

/* Both wait for the database. db must be logged in as the owner of the schema. */

/* Sets log.now() to at_us, and what is held back there (bits of enum demo_hold); the services see
 * it within their next sample. */
MUST_CHECK int demo_clock_set(struct db *db, int64_t at_us, int32_t holds, struct err *err);

/* What happens at one instant happens in this order, and never two of them at once: one reads what
 * another writes. */
enum demo_stage {
    DEMO_STAGE_FACTS,  /* what intake and reporting make of it */
    DEMO_STAGE_SCORES, /* what loyalty makes of the facts; intake asks for tiers */
    DEMO_STAGE_PLANS,  /* what follows from events of both */
    DEMO_STAGE_DAYS,   /* who is called because of a day, or of nothing that happened */
    DEMO_STAGE_CALLS,  /* calls, and what they bring to intake */
    DEMO_STAGES,
};

struct demo_backlog {
    int64_t waiting[DEMO_STAGES]; /* events not read, steps, calls, answers and forecasts due and
                                     not done: 0 means quiet */
    int64_t next_due_us; /* the next instant at which something becomes due; INT64_MAX: nothing */
    char what[96];       /* the first thing that waits, for an error message */
};
/* forecasts_every_us: intake's setting of that name; 0: nobody waits for forecasts. */
MUST_CHECK int demo_clock_read_backlog(struct db *db, int64_t forecasts_every_us,
                                       struct demo_backlog *ret_backlog, struct err *err);

/* Totals of the facts, to be compared with what reporting says. */
struct demo_totals {
    int64_t cases, promises, kept, broken, follow_ups, calls, reached, scores;
};
MUST_CHECK int demo_clock_read_totals(struct db *db, struct demo_totals *ret_totals,
                                      struct err *err);

#endif
