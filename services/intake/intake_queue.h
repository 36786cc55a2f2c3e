/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_queue.h - what waits in a lane: fair among sources, and bucket after bucket. Pure.
 *
 * Fair: each source that waits gets an equal share of a batch, and what one does not use goes to
 * the others. So whoever floods a lane makes the others share it with one more, not wait for all
 * that it has sent. Who gets the odd records goes round.
 *
 * Bucket after bucket, so that what is written together lies together: each page of an index is
 * touched once by many rows, not again by each (a third of the server's time, measured). All
 * sources begin at the same bucket and go round from there; a batch lists a bucket's records of all
 * sources together.
 *
 * Nobody starves: the next batch begins where the first source was cut off, so that its bucket goes
 * on; but at least one bucket further, so that a flood about one customer holds up nobody else. A
 * turn comes to each source with each batch (with each few, if more sources wait than a batch has
 * records), and to each bucket within BUCKET_COUNT batches, whatever others send.
 *
 * Order: a source's records of one bucket leave in the order in which they came. Between sources
 * and between buckets there is none; lane_choice.h counts by source and bucket for that reason.
 */
#ifndef TROTH_INTAKE_INTAKE_QUEUE_H
#define TROTH_INTAKE_INTAKE_QUEUE_H

#include <stddef.h>

#include "services/intake/intake_record.h"

struct intake_queue;

struct intake_queue *intake_queue_new(void);
void intake_queue_free(struct intake_queue *q); /* of no record; NULL is fine */

size_t intake_queue_count(const struct intake_queue *q);
size_t intake_queue_sources(const struct intake_queue *q); /* that wait */
/* By r->request's source and r->bucket. Lent until it is taken. */
void intake_queue_add(struct intake_queue *q, struct intake_record *r);
/* At most max records, linked by 'next'; NULL when nothing waits. */
struct intake_record *intake_queue_take(struct intake_queue *q, size_t max);

#endif
