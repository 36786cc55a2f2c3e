/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demo_player.h - plays records on the demo clock: a month passes in a minute, and the same records
 * give the same result.
 *
 * One step: send every record that happens before the step's end and wait for its receipt; move the
 * clock to the step's end; wait until every backlog is empty: first of facts, then of plans, then
 * of calls, while the later ones are held back. Only then comes the next step. So no result depends
 * on how fast the machine is. Steps in which nothing happens and nothing falls due are skipped.
 */
#ifndef TROTH_SERVICES_CLI_DEMO_PLAYER_H
#define TROTH_SERVICES_CLI_DEMO_PLAYER_H

#include <stdint.h>

#include "common/base/err.h"
#include "common/runtime/db.h"
#include "services/cli/cli_client.h"
#include "services/cli/import_tally.h"
#include "services/cli/record_list.h"

/* What is done in the middle of the story, when nothing is left to do at that instant. */
struct demo_incident {
    int64_t at_us;
    const char *command; /* of /bin/sh; the story ends when it fails */
};

/* What people do about what came of it, and could not be written down beforehand. */
struct demo_hindsight {
    int64_t first_us; /* of the first look */
    /* Called when nothing is left to do at now_us: appends what happens later than that to list,
     * and says when to look again, later than now_us. */
    MUST_CHECK int (*look)(void *ctx, struct db *db, int64_t now_us, struct record_list *list,
                           int64_t *ret_next_us, struct err *err);
    void *ctx;
};

struct demo_player_options {
    struct cli_client *client; /* of intake */
    struct db *db;             /* in the client's loop, as the schema's owner */
    int64_t start_us; /* what happened earlier is sent at this instant; 0: the first record */
    int64_t step_us;  /* intake's clock_skew must be longer */
    int64_t end_us;  /* the clock's last instant, rounded up to a step: what falls due later is left
                        as it is; 0: tail_us after the last record */
    int64_t tail_us; /* follow-ups and promises of the last records end */
    int64_t forecasts_every_us; /* intake's setting of that name; 0: nobody waits for forecasts */
    int64_t patience_us;        /* machine time; a step that takes longer is an honest failure */
    const volatile int *is_stopped;        /* becomes true to end early */
    const struct demo_incident *incidents; /* in the order of at_us */
    size_t incident_count;
    const struct demo_hindsight *hindsight; /* may be NULL */
    void (*progress)(void *ctx, int64_t at_us, int64_t end_us, size_t sent,
                     size_t total); /* may be NULL */
    void *ctx;
};

/* Where the clock begins; sorts the list by instant, which is not empty. */
int64_t demo_player_first_us(const struct demo_player_options *options, struct record_list *list);

/* Counts into tally; the list is sorted by instant on return. Returns -1 with code "demo_stuck"
 * naming what waited too long, or "stopped". Nothing is held back afterwards, whatever it returns.
 */
MUST_CHECK int demo_player_run(const struct demo_player_options *options, struct record_list *list,
                               struct import_tally *tally, struct err *err);

/* Sends all of them, in the order in which they happened, to an intake on the real clock, and waits
 * for their receipts. Of options only client, patience_us and is_stopped are used. Otherwise as
 * demo_player_run. */
MUST_CHECK int demo_player_send(const struct demo_player_options *options, struct record_list *list,
                                struct import_tally *tally, struct err *err);

#endif
