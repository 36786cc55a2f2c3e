/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fold_moves_store.h - moves of a customer's index, tier, risk and trust: each is counted once, by
 * its version.
 *
 * After loyalty.start_over() loyalty tells all of them again, with versions from 1, and in another
 * stream perhaps: between streams there is no order. So of each customer is kept which versions
 * were counted, as ranges in other_fact (subject 'S'): one, nearly always. What a second run says
 * otherwise than the first is not counted: the figures have what was true when it was told.
 */
#ifndef TROTH_REPORTING_FOLD_MOVES_STORE_H
#define TROTH_REPORTING_FOLD_MOVES_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/runtime/db.h"
#include "event.pb-c.h"
#include "services/reporting/fold_fact_store.h"
#include "services/reporting/fold_keys.h"

enum {
    FOLD_RANGES_MAX = 32 /* with more, the gap between the lowest two counts as told */
};

struct fold_version_range {
    int64_t from, to;
};

/* Sorted; none touches the next. Starts with {0}. */
struct fold_version_set {
    struct fold_version_range ranges[FOLD_RANGES_MAX + 1];
    size_t count;
};
/* False: it is there already. */
bool fold_version_set_add(struct fold_version_set *s, int64_t version);
void fold_version_set_pack(const struct fold_version_set *s, struct buffer *out);
/* What is no such set is an empty one. */
void fold_version_set_unpack(struct fold_version_set *s, struct bytes packed);

/* Starts with {0}. */
struct fold_moves {
    struct fold_key_list customers;
    struct fold_version_set *sets;   /* of each customer */
    const Troth__V1__Event **events; /* borrowed */
    size_t event_count, event_room;
    struct buffer packed;
};
void fold_moves_clear(struct fold_moves *m); /* keeps the memory */
void fold_moves_free(struct fold_moves *m);

/* True when it is a move: then it stays as it is until the batch is counted. */
bool fold_moves_add(struct fold_moves *m, const Troth__V1__Event *event);
/* Queues one statement. */
void fold_moves_ask(struct fold_moves *m, struct db *db);
/* Its rows: leaves the events alone that were not counted before, in their order. */
void fold_moves_take(struct fold_moves *m, const struct db_rows *rows);
void fold_moves_put(struct fold_moves *m, struct fold_facts *to);

#endif
