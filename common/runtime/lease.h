/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lease.h - who works on what, for a while: slots of event streams and lanes of buckets.
 *
 * A lease is a row of log.lease (resource, holder, term, until). The database issues the term;
 * every protected write names it (log.append and log.lease_hold raise 40001 when it is over), so a
 * process that was paused changes nothing afterwards. Local trust ends a third of the length before
 * the row does. Machine time throughout.
 *
 * Fair share: processes of one group that are alive count themselves (resource
 * "member/<group>/<holder>"); who holds more than its share rounded up lets the rest go, so a
 * second process gets half of the lanes within one length.
 */
#ifndef TROTH_COMMON_RUNTIME_LEASE_H
#define TROTH_COMMON_RUNTIME_LEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"

struct lease_set;

struct lease_options {
    const char *group;  /* "lane/loyalty": resources are "lane/loyalty/0" ... */
    size_t count;       /* how many resources there are, at most 64 */
    size_t want;        /* at most this many; 0: the fair share */
    const char *holder; /* unique per process: host/pid/start */
    int64_t length_us;  /* 0: 10 s; renewed at a third of it */
};

typedef void lease_changed_fn(void *ctx);

/* Tries at once and then for ever. changed (may be NULL) is called when something was won or lost.
 * The pool outlives the set. */
struct lease_set *lease_set_new(struct loop *loop, struct db_pool *pool,
                                const struct lease_options *options, lease_changed_fn *changed,
                                void *ctx);
void lease_set_free(struct lease_set *s); /* does not give back: see lease_set_give_back */

bool lease_holds(const struct lease_set *s, size_t index); /* trusted now */
int64_t lease_term(const struct lease_set *s, size_t index);
size_t lease_first_held(const struct lease_set *s); /* count when none */
size_t lease_held_count(const struct lease_set *s);
size_t lease_count(const struct lease_set *s); /* how many there are, held or not */

/* For an orderly stop: submits the release; the next holder need not wait for the end of the
 * length. */
void lease_set_give_back(struct lease_set *s);

/* Queues the fence: this transaction fails with 40001 unless the lease is still ours, and nobody
 * can take it over until it ends. */
void lease_put_fence(struct db *db, const struct lease_set *s, size_t index);

#endif
