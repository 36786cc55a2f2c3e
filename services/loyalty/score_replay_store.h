/* SPDX-License-Identifier: Apache-2.0 */
/* score_replay_store.h - a slice of the log, read again. */
#ifndef TROTH_LOYALTY_SCORE_REPLAY_STORE_H
#define TROTH_LOYALTY_SCORE_REPLAY_STORE_H

#include "common/runtime/db.h"
#include "services/loyalty/score_replay.h"

void score_replay_store_ask(struct db *db, const struct replay_slice *slice);
/* Until when events were dropped for their age: one row, NULL when none were. */
void score_replay_store_ask_dropped(struct db *db);
void score_replay_store_take(const struct db_rows *rows, struct score_replay *replay);

#endif
