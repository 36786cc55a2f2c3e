/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lane_choice.h - which lane a record takes: that of its customer's bucket, as far as it is known.
 *
 * A record that names its customer by reference takes the lane of the reference's own bucket, for
 * who it is was not read yet. A reference that was joined to a customer of another bucket is
 * remembered, and moves to that customer's lane, so that two lanes do not write one customer's rows
 * and heads for ever. It moves when nothing of its source waits in the queue of its old bucket: the
 * order of a source's records about one customer is kept.
 */
#ifndef TROTH_INTAKE_LANE_CHOICE_H
#define TROTH_INTAKE_LANE_CHOICE_H

#include <stddef.h>
#include <stdint.h>

#include "services/intake/intake_record.h"
#include "services/intake/intake_work.h"

enum {
    LANE_CHOICE_REFERENCES_MAX = 16384 /* more stay where they are: slower, and right */
};

struct lane_choice;

struct lane_choice *lane_choice_new(size_t lane_count);
void lane_choice_free(struct lane_choice *c); /* NULL is fine */

/* The lane for r, which is added to it at once; sets r->bucket to its customer's if that is known.
 */
size_t lane_choice_take(struct lane_choice *c, struct intake_record *r);
/* r has its answer. A source's records that name a customer by reference end in the order in which
 * they were added to their bucket; between sources and buckets there is no order. */
void lane_choice_end(struct lane_choice *c, const struct intake_record *r);

/* Remembers the references in the work whose customers live in another bucket. */
void lane_choice_learn(struct lane_choice *c, const struct intake_work *w);

#endif
