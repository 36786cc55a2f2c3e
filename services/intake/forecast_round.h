/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forecast_round.h - computes the curves anew, and takes over those that somebody computed.
 *
 * One process computes, slice by slice: each is one short statement over as many buckets as it
 * takes well under a tenth of a second to read. Then all curves are replaced in one transaction,
 * a few in each step of it. Who computed them uses them before others can see them: what is decided
 * after somebody saw them in the database rests on them. Every other process takes them over when
 * it sees that they are others.
 */
#ifndef TROTH_INTAKE_FORECAST_ROUND_H
#define TROTH_INTAKE_FORECAST_ROUND_H

#include <stdbool.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/intake/forecast.h"
#include "services/intake/standard_shelf.h"

struct forecast_round;

/* What is to be done after an answer. */
enum forecast_next {
    FORECAST_AGAIN = 1, /* another slice, after a pause, with any connection */
    FORECAST_GO_ON,     /* more is queued already: db_run() with the same connection */
    FORECAST_FINISHED,
};

/* forecast: what is replaced in the end; shelf: borrowed. */
struct forecast_round *forecast_round_new(struct forecast *forecast,
                                          const struct standard_shelf *shelf);
void forecast_round_free(struct forecast_round *r); /* NULL is fine */

/* ---- computing. Also begins anew what was broken off. */

void forecast_round_begin(struct forecast_round *r, int64_t now_us);
/* Queues the slice that is next, or the one that failed once more. */
void forecast_round_queue(struct forecast_round *r, struct db *db);
/* reply is DB_OK and that of the queued slice; took_us: what the slice took. */
enum forecast_next forecast_round_take(struct forecast_round *r, struct db *db,
                                       const struct db_reply *reply, int64_t took_us);

/* ---- taking over, on one connection: begins with a look whether there are others */

void forecast_round_queue_reading(struct forecast_round *r, struct db *db);
/* Never FORECAST_AGAIN. */
enum forecast_next forecast_round_take_reading(struct forecast_round *r, struct db *db,
                                               const struct db_reply *reply);

#endif
