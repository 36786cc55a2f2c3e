/* SPDX-License-Identifier: Apache-2.0 */
/* followup_talk.h - one conversation with the database at a time, which can be dropped when its
 * part is freed. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_TALK_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_TALK_H

#include <stdbool.h>

#include "common/runtime/db.h"

/* Start with {.pool = ...}; lives inside the part whose it is. */
struct followup_talk {
    struct db_pool *pool;
    struct db *db;
    bool is_busy; /* waits for a connection, or has one */
    db_start_fn *start;
    void *ctx;
};

/* start(ctx, db) comes from the loop. Not while it is busy. */
void followup_talk_begin(struct followup_talk *t, db_start_fn *start, void *ctx);
/* Gives the connection back. */
void followup_talk_end(struct followup_talk *t);
/* Drops what is under way; the server takes back what was not committed. */
void followup_talk_close(struct followup_talk *t);

#endif
