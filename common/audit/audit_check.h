/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_check.h - goes once through the whole record and says what in it was changed.
 *
 * It is handed the runs in the order of the tree, for each place in them the event that is there
 * now, and the hash that was recorded. It makes every leaf again, keeps one tree of what is there
 * and one of what was recorded, and compares both with each signed head when it comes to its size:
 * that says which of the two was changed. Pure; it reads nothing itself.
 *
 * Calls: new; each head, by number; begin; then run, its entries, run, ...; end.
 */
#ifndef TROTH_COMMON_AUDIT_AUDIT_CHECK_H
#define TROTH_COMMON_AUDIT_AUDIT_CHECK_H

#include "common/audit/audit_head.h"
#include "common/audit/audit_leaf.h"
#include "common/audit/merkle_tile.h"

struct audit_check;

/* kind: event_changed, event_deleted, events_swapped, tile_changed, tile_missing, run_wrong,
 * head_missing, head_changed, head_wrong, copy_unreadable, ...; text: a sentence, for people. */
typedef void audit_fault_fn(void *ctx, const char *kind, const char *text);
/* The hash that was recorded at the position; NULL: it is not there. Borrowed until the next call.
 */
typedef const struct merkle_hash *audit_recorded_fn(void *ctx, uint64_t position);

struct audit_check_options {
    const struct audit_key *key;
    int64_t first_head; /* the number that the first head must have: 1, or where the check begins */
    audit_fault_fn *fault;
    audit_recorded_fn *recorded;
    /* Tiles above the first level as they must be, each once when it is complete, and the
     * unfinished ones in the end. */
    merkle_tile_fn *upper;
    void *ctx;
};

struct audit_check *audit_check_new(const struct audit_check_options *options);
void audit_check_free(struct audit_check *c); /* NULL is fine */

/* A head of the database, in the order of their numbers. Copies it. */
void audit_check_head(struct audit_check *c, const struct audit_head *h);
/* A head that somebody kept elsewhere; after all of those. where: for people ("FILE:3"). */
void audit_check_copy(struct audit_check *c, const struct audit_head *h, const char *where);
/* From where: {0}, or the edge at the first head, which is believed then if its signature holds. */
void audit_check_begin(struct audit_check *c, const struct merkle_edge *edge);

/* A run that begins at first_position with that event. Positions before it that no run told of are
 * counted as missing, a run that begins too early as overlapping. Returns how many of its first
 * events are to be passed over. */
int64_t audit_check_run(struct audit_check *c, uint64_t first_position,
                        const struct audit_place *first, int64_t last_seq);
/* The next place: the event that is there, or NULL with its place. */
void audit_check_entry(struct audit_check *c, const struct audit_place *place,
                       const struct audit_event *e);
/* The next place: its event was removed on purpose, or the caller finds that out later and calls
 * audit_check_deleted() if not. What was recorded of it goes on into both trees. */
void audit_check_removed(struct audit_check *c, const struct audit_place *place);
/* A place that was passed, and what its position was: its event was taken away (event_deleted). */
void audit_check_deleted(struct audit_check *c, const struct audit_place *place, uint64_t position);
/* The record ends at size. */
void audit_check_end(struct audit_check *c, uint64_t size);

/* The last number that was recorded of a (stream, bucket); 0: none. */
int64_t audit_check_last_seq(const struct audit_check *c, const char *stream, int16_t bucket);
uint64_t audit_check_position(const struct audit_check *c);
size_t audit_check_head_count(const struct audit_check *c);

/* A fault that the caller has found. */
void audit_check_fault(struct audit_check *c, const char *kind, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

#endif
