/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_lane.h - one connection, the buckets that are written through it, and the records that
 * wait for it.
 *
 * A customer's records always take the lane of their bucket; those of one source keep their order,
 * and sources share the lane fairly (intake_queue.h). A batch is what waits when the connection is
 * free. Due steps of promises take turns with the records, on the same
 * connection, so that within a process nobody else changes a promise at the same time.
 */
#ifndef TROTH_INTAKE_LANE_H
#define TROTH_INTAKE_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/intake/intake.h"

struct intake_lane *intake_lane_new(struct intake *in, size_t index);
void intake_lane_free(struct intake_lane *l); /* NULL is fine */

/* Takes the record over; call intake_lane_wake() after the last one. */
void intake_lane_add(struct intake_lane *l, struct intake_record *r);
/* Looks for work: after records were added, a lease was won, or business time went on (then steps
 * may be due). */
void intake_lane_wake(struct intake_lane *l);
void intake_lane_want_steps(struct intake_lane *l);

bool intake_lane_is_idle(const struct intake_lane *l);

/* Whether all that was begun before *mark is over; INTAKE_LANE_NOW sets the mark to now. So one
 * learns that nothing is under way any more that saw what was changed meanwhile. */
#define INTAKE_LANE_NOW UINT64_MAX
bool intake_lane_has_passed(const struct intake_lane *l, uint64_t *mark);

#endif
