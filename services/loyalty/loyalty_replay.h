/* SPDX-License-Identifier: Apache-2.0 */
/* loyalty_replay.h - replays that are under way: each reads the log slice by slice, and gives its
 * connection back in between, so that others are answered meanwhile. */
#ifndef TROTH_LOYALTY_LOYALTY_REPLAY_H
#define TROTH_LOYALTY_LOYALTY_REPLAY_H

#include <stdbool.h>

#include "common/base/compiler.h"
#include "common/runtime/bus.h"
#include "common/runtime/inquiry.h"
#include "score.pb-c.h"
#include "services/loyalty/score_replay.h"

#define REPLAYS_MAX 2   /* at a time, of this process */
#define REPLAY_ROOM 256 /* bytes that one adds to its reply */

struct replay_desk;

struct replay_desk *replay_desk_new(void);
void replay_desk_free(struct replay_desk *d); /* after the inquiry desk; NULL is fine */

/* Who waits for an answer asks again now and then: it is on its way. Never without a request_id. */
bool replay_desk_has(const struct replay_desk *d, struct bytes peer, const char *request_id);

/* A place for one, before it is known of whom; NULL: all are taken. */
struct replay_run *replay_desk_open(struct replay_desk *d, struct bytes peer,
                                    const char *request_id);
void replay_run_close(struct replay_run *run); /* NULL is fine */

/* Reads, then sets replayed_index of the reply's only score, answers q and closes the run. The
 * question of q begins with a struct replay_run *, for us. Takes over db, replay and reply; do not
 * touch any of them after this. */
void replay_run_start(struct replay_run *run, struct inquiry *q, struct db *db,
                      struct score_replay *replay, Troth__V1__ScoreReply *reply);

#endif
