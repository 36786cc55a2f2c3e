/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paced_queue.h - bytes on their way through a bad network: they leave late, slowly or in small
 * pieces, and always in order. Time is an argument.
 */
#ifndef TROTH_TESTS_SUPPORT_PACED_QUEUE_H
#define TROTH_TESTS_SUPPORT_PACED_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"

/* 0 means: no limit. */
struct pace {
    int64_t bytes_per_s;
    size_t slice_bytes;
};

struct paced_chunk;

struct paced_queue {
    struct paced_chunk *first, *last;
    size_t bytes;
    int64_t free_us; /* when the bandwidth lets the next byte go */
};

/* Copies data, which may leave at ready_us; not before what was added earlier. */
void paced_queue_add(struct paced_queue *q, struct bytes data, int64_t ready_us);

/* What may leave at this instant, in one piece; may be empty. Borrowed until the next call. */
struct bytes paced_queue_front(const struct paced_queue *q, const struct pace *pace,
                               int64_t now_us);

/* So much of the front has left. */
void paced_queue_left(struct paced_queue *q, const struct pace *pace, size_t count, int64_t now_us);

/* When the front may leave; INT64_MAX when nothing waits. */
int64_t paced_queue_next_us(const struct paced_queue *q);

void paced_queue_clear(struct paced_queue *q);

#endif
