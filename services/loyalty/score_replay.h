/* SPDX-License-Identifier: Apache-2.0 */
/*
 * score_replay.h - the index of a person from the events of the log, from nothing: what is stored
 * has no say. Pure; by the same fold as that which keeps the scores, a slice of the log at a time.
 *
 *   while (score_replay_next(r, &slice)) {
 *       ... read the slice's events; score_replay_take() for each; score_replay_end_slice() ...
 *   }
 *   score_replay_index(r, at_us)
 */
#ifndef TROTH_LOYALTY_SCORE_REPLAY_H
#define TROTH_LOYALTY_SCORE_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "services/loyalty/score_found.h"

struct score_replay;

struct score_replay_span {
    int64_t known_us; /* events recorded later do not count; INT64_MAX: all of the log do */
    int64_t at_us;    /* time passes until then */
};

/* found: with places. All is copied. */
struct score_replay *score_replay_new(const struct score_found *found, int64_t person,
                                      struct score_replay_span span,
                                      const struct score_policy *policy,
                                      const struct fit_set *fits);
void score_replay_free(struct score_replay *r); /* NULL is fine */

#define REPLAY_SLICE_ROWS 512 /* events folded at a time: some milliseconds */

/* Events with from < seq <= to of those customers, in order, at most REPLAY_SLICE_ROWS. */
struct replay_slice {
    const char *stream; /* borrowed from the replay */
    int16_t bucket;
    int64_t from, to;
    const int64_t *customers; /* borrowed, of that bucket */
    size_t customer_count;
};
/* False: everything has been read. The same slice until score_replay_end_slice(). */
bool score_replay_next(struct score_replay *r, struct replay_slice *ret_slice);

/* One event of the slice; body as it is stored. What cannot be unpacked says nothing, as when the
 * scores were made. */
void score_replay_take(struct score_replay *r, int64_t seq, struct bytes body);
/* Folds what was taken. */
void score_replay_end_slice(struct score_replay *r);

/* Of the person, all customers added up. */
struct account score_replay_account(const struct score_replay *r);
int32_t score_replay_index(const struct score_replay *r, int64_t at_us); /* in hundredths */

#endif
