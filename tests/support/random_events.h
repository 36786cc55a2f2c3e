/* SPDX-License-Identifier: Apache-2.0 */
/* random_events.h - events of a small world at random, the same everywhere for the same seed. */
#ifndef TROTH_TESTS_SUPPORT_RANDOM_EVENTS_H
#define TROTH_TESTS_SUPPORT_RANDOM_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include "tests/support/said_event.h"

#define RANDOM_EVENTS_MAX 12
#define RANDOM_CUSTOMERS  2
#define RANDOM_START_US   INT64_C(1704067200000000) /* 2024-01-01: nothing is recorded before */
#define RANDOM_SWEEP      SAID_NOTHING              /* no event: somebody only looks */

extern const int64_t random_customers[RANDOM_CUSTOMERS];

uint64_t random_mix(uint64_t x);
/* Moves the state on; below `below`. */
uint64_t random_next(uint64_t *state, uint64_t below);

/* What a version of a thing says depends on nothing but them and the seed: it may come twice, and
 * at any time. */
struct said_event random_event(uint64_t *random, uint64_t seed, int64_t recorded_us);

/* How far time goes on: mostly forward, now and then back. Microseconds. */
int64_t random_step(uint64_t *random);

/* Returns how many events it has. */
size_t random_sequence(uint64_t seed, struct said_event ret[static RANDOM_EVENTS_MAX]);

#endif
