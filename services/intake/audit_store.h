/* SPDX-License-Identifier: Apache-2.0 */
/* audit_store.h - the tamper-evident record in the database: schema audit, read and written by the
 * one process that grows it. */
#ifndef TROTH_INTAKE_AUDIT_STORE_H
#define TROTH_INTAKE_AUDIT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/audit/audit_head.h"
#include "common/audit/audit_leaf.h"
#include "common/audit/merkle_tile.h"
#include "common/runtime/db.h"
#include "common/runtime/event_log_private.h"

/* ---- how far it is. Two sets of rows. */
void audit_store_ask_state(struct db *db);
int64_t audit_store_size(const struct db_rows *rows); /* of the first set */
/* Of the second set. False: there is none, or it cannot be one. */
bool audit_store_load_head(const struct db_rows *rows, struct audit_head *ret);

/* ---- tiles: one set of rows. Loads those that the edge wants, passes over others. */
void audit_store_ask_tiles(struct db *db, const struct merkle_tile_name *names, size_t count);
void audit_store_load_tiles(const struct db_rows *rows, struct merkle_edge *e);

/* ---- events: at most limit in all, place after place in their order. One set of rows. */
void audit_store_ask_events(struct db *db, const struct event_position *places, size_t count,
                            size_t limit);
/* What it points to lives as long as the rows. */
struct audit_event audit_store_event(const struct db_rows *rows, size_t i);
int64_t audit_store_event_from(const struct db_rows *rows, size_t i); /* where its place began */

/* ---- writing, within a transaction; no sets of rows that anybody reads */
struct audit_writing {
    struct db_array first_position, stream, bucket, first_seq, last_seq; /* runs */
    struct db_array level, index, hashes;                                /* tiles */
};
void audit_writing_init(struct audit_writing *w);
void audit_writing_clear(struct audit_writing *w);
void audit_writing_free(struct audit_writing *w);
void audit_store_write(struct db *db, const struct audit_writing *w);
void audit_store_add_head(struct db *db, const struct audit_head *h);

#endif
