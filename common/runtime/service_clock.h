/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service_clock.h - business time in a process: log.now() sampled, and derived in between by the
 * monotonic clock.
 *
 * It has a connection apart from those for work, so that a sample never waits behind work. Once a
 * second it also commits a row: the instant of the last one is what /readyz looks at.
 */
#ifndef TROTH_COMMON_RUNTIME_SERVICE_CLOCK_H
#define TROTH_COMMON_RUNTIME_SERVICE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/runtime/db.h"
#include "common/runtime/loop.h"
#include "common/runtime/metrics.h"

struct service_clock;

struct service_clock_options {
    const char *conninfo; /* NULL: the machine's clock, no database */
    const char *name;     /* application_name */
    const char *holder;   /* who commits the heartbeat */
    int64_t deadline_us;
    bool is_demo_allowed; /* --demo-clock: sample every 10 ms */
    /* The clock is not real though it must be: the process has to end. Called from the loop. */
    void (*refuse)(void *ctx);
    void *ctx;
};

/* Samples from the next turn of the loop on. options and its texts are copied. */
struct service_clock *service_clock_new(struct loop *loop, struct metrics *metrics,
                                        const struct service_clock_options *options);
void service_clock_free(struct service_clock *c); /* NULL is fine */

bool service_clock_is_set(
    const struct service_clock *c); /* a sample has come; always without a database */
int64_t service_clock_now_us(const struct service_clock *c);
/* How long ago the database was last asked and answered; 0 without one. */
int64_t service_clock_sample_age_us(const struct service_clock *c);
int32_t service_clock_demo_holds(const struct service_clock *c); /* enum demo_hold; mostly 0 */

/* Its connection, for other questions as small as its own; NULL without a database. */
struct db_pool *service_clock_pool(const struct service_clock *c);

/* Calls tick(ctx) after a step of the demo clock, or of what it holds back, and after each second.
 */
void service_clock_on_tick(struct service_clock *c, void (*tick)(void *ctx), void *ctx);

/* Monotonic instant of the last committed heartbeat, 0 if none; now without a database. */
int64_t service_clock_last_commit_us(const struct service_clock *c);

/* ---- the arithmetic */

struct service_clock_reading {
    int64_t business_us;
    int64_t monotonic_us; /* the middle of the round trip */
    int64_t error_us;     /* half of the round trip: the truth may be off by this */
    bool is_demo;
};
/* Business time at monotonic_us: a real clock goes on, a demo clock stands until the next reading.
 */
int64_t service_clock_derive(const struct service_clock_reading *r, int64_t monotonic_us);
/* How far the newer reading is from what the older one said, less what the round trips cannot tell;
 * 0 unless both are real. */
int64_t service_clock_drift(const struct service_clock_reading *older,
                            const struct service_clock_reading *newer);

#endif
