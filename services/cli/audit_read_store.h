/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_read_store.h - the tamper-evident record as the operator reads it. Each waits for its
 * answer.
 */
#ifndef TROTH_SERVICES_CLI_AUDIT_READ_STORE_H
#define TROTH_SERVICES_CLI_AUDIT_READ_STORE_H

#include "common/audit/audit_head.h"
#include "common/audit/audit_leaf.h"
#include "common/audit/audit_removal.h"
#include "common/audit/merkle_tile.h"
#include "common/runtime/db.h"

enum {
    AUDIT_READ_RUNS = 512,    /* in a page */
    AUDIT_READ_EVENTS = 8192, /* in a page */
};

struct audit_run {
    uint64_t first_position;
    struct audit_place first; /* its stream stands in name */
    int64_t last_seq;
    char name[AUDIT_WORD_MAX + 1];
};

/* Of one snapshot: what the runs say, and what the first level of tiles holds. */
struct audit_extent {
    uint64_t entries;
    uint64_t hashes;
};
MUST_CHECK int audit_read_extent(struct db *db, struct audit_extent *ret, struct err *err);

typedef void audit_read_head_fn(void *ctx, const struct audit_head *h);
/* From that number on. */
MUST_CHECK int audit_read_heads(struct db *db, int64_t from, audit_read_head_fn *fn, void *ctx,
                                struct err *err);
/* Returns 1, 0 when there is none, or -1. */
MUST_CHECK int audit_read_newest_head(struct db *db, struct audit_head *ret, struct err *err);

/* The runs from position on, at most AUDIT_READ_RUNS, and fewer as soon as they have
 * AUDIT_READ_EVENTS. Returns how many, or -1. */
MUST_CHECK int audit_read_runs(struct db *db, uint64_t position,
                               struct audit_run ret[AUDIT_READ_RUNS], struct err *err);
/* The run in which the place stands, if it is recorded. Returns 1, 0 or -1. */
MUST_CHECK int audit_read_run_of(struct db *db, const struct audit_place *place,
                                 struct audit_run *ret, struct err *err);

typedef void audit_read_tile_fn(void *ctx, unsigned level, uint64_t index, struct bytes hashes);
struct audit_tile_range {
    unsigned level;
    uint64_t first, last; /* both are in it */
};
MUST_CHECK int audit_read_tiles(struct db *db, const struct audit_tile_range *range,
                                audit_read_tile_fn *fn, void *ctx, struct err *err);

/* run: the index of the run; what it points to lives until fn() returns. */
typedef void audit_read_event_fn(void *ctx, size_t run, const struct audit_event *e);
/* Of each run in turn, by seq. */
MUST_CHECK int audit_read_events(struct db *db, const struct audit_run *runs, size_t count,
                                 audit_read_event_fn *fn, void *ctx, struct err *err);
/* The events of a bucket in whose body the bytes stand somewhere; run is 0. */
MUST_CHECK int audit_read_events_with(struct db *db, int16_t bucket, struct bytes part,
                                      audit_read_event_fn *fn, void *ctx, struct err *err);

/* The events that say that the customer was erased; run is 0. */
MUST_CHECK int audit_read_erasures(struct db *db, int64_t customer, audit_read_event_fn *fn,
                                   void *ctx, struct err *err);

/* What was removed on purpose, by number. Lives until fn() returns. */
typedef void audit_read_removal_fn(void *ctx, const struct audit_removal *r);
MUST_CHECK int audit_read_removals(struct db *db, audit_read_removal_fn *fn, void *ctx,
                                   struct err *err);

/* Until when events were dropped for their age; DB_NO_TIME: none were. */
MUST_CHECK int audit_read_dropped(struct db *db, int64_t *ret_us, struct err *err);

/* What log.event, log.head and the cursor say of each (stream, bucket). */
struct audit_bucket_state {
    const char *stream;
    int16_t bucket;
    int64_t head;       /* of log.head; 0: none */
    int64_t cursor;     /* of intake.audit; 0: none */
    int64_t below;      /* events with a number below 1 */
    int64_t above;      /* events with a number above head */
    int64_t unrecorded; /* events between cursor and head that are there */
};
typedef void audit_read_state_fn(void *ctx, const struct audit_bucket_state *s);
MUST_CHECK int audit_read_states(struct db *db, audit_read_state_fn *fn, void *ctx,
                                 struct err *err);

#endif
