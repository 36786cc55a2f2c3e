/* SPDX-License-Identifier: Apache-2.0 */
/* audit_growth.h - adds a batch of events to the tree of the tamper-evident record, and gathers
 * what is to be written for it. */
#ifndef TROTH_INTAKE_AUDIT_GROWTH_H
#define TROTH_INTAKE_AUDIT_GROWTH_H

#include "services/intake/audit_store.h"

enum {
    AUDIT_BATCH = 2048 /* events: some milliseconds of hashing in the loop */
};

struct audit_growth {
    const struct audit_key *key; /* borrowed */
    struct merkle_edge edge;
    struct audit_writing writing;
    struct event_position places[AUDIT_BATCH]; /* how far each was taken; borrowed from the rows */
    size_t place_count;
};

/* rows: of audit_store_ask_events(). A gap, or a kind that is none of ours, is logged as audit_gap;
 * what follows it in its bucket is not taken. False: nothing is to be written. Whoever does not
 * write it must load the edge again. */
bool audit_growth_take(struct audit_growth *g, const struct db_rows *rows);

#endif
