/* SPDX-License-Identifier: Apache-2.0 */
/* event_reader.h - a consumer for tests that notes each event it applied, and what it needs around
 * it. */
#ifndef TROTH_TESTS_SUPPORT_EVENT_READER_H
#define TROTH_TESTS_SUPPORT_EVENT_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "common/runtime/event_log.h"
#include "common/runtime/lease.h"
#include "common/runtime/loop.h"

enum {
    EVENT_STAGE_LANES = 8
};

/* intake with a slot to write to, loyalty with all lanes to read, an empty log and the table
 * public.applied. */
struct event_stage {
    struct loop *loop;
    struct db_pool *intake, *loyalty;
    struct lease_set *slots, *lanes;
};
void event_stage_open(struct event_stage *s); /* returns when the leases are held */
void event_stage_close(struct event_stage *s);

enum refusal {
    REFUSED_BY_DATABASE = 1,
    REFUSED_BY_SERVICE
};

/* Notes each event in public.applied; one that is applied twice breaks its key. Start with {.name =
 * ...}. */
struct event_reader {
    const char *name;
    struct event_consumer *consumer;
    int64_t last[EVENT_SLOT_COUNT][256];
    int64_t applied;
    int64_t batches;
    int64_t disorder;       /* events whose number was not above the last one of their bucket */
    int64_t refuse_version; /* events with this version fail; 0: none */
    enum refusal refuse_how;
    bool is_held; /* may not read */
};
void event_reader_open(struct event_reader *r, const struct event_stage *s,
                       const struct lease_set *lanes, size_t batch_max);
void event_reader_close(struct event_reader *r);

/* Turns the loop until the reader has applied at least count events. */
void event_reader_wait(const struct event_stage *s, const struct event_reader *r, int64_t count);
/* The log has count events without a gap, each stands in public.applied once, and the cursors are
 * at the end. */
void event_stage_assert_applied_once(int64_t count);

#endif
