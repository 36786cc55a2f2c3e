/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/paced_queue.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/xalloc.h"

#define BURST_US 10000 /* what the bandwidth lets pass at once is this long on its way */

struct paced_chunk {
    struct paced_chunk *next;
    int64_t ready_us;
    size_t size, done;
    uint8_t data[];
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

void paced_queue_add(struct paced_queue *q, struct bytes data, int64_t ready_us)
{
    if (data.len == 0) {
        return;
    }
    struct paced_chunk *chunk = xcalloc(1, sizeof(*chunk) + data.len);
    *chunk = (struct paced_chunk){.ready_us = ready_us, .size = data.len};
    memcpy(chunk->data, data.data, data.len);
    if (q->last) {
        if (chunk->ready_us < q->last->ready_us) {
            chunk->ready_us = q->last->ready_us;
        }
        q->last->next = chunk;
    } else {
        q->first = chunk;
    }
    q->last = chunk;
    q->bytes += data.len;
}

struct bytes paced_queue_front(const struct paced_queue *q, const struct pace *pace, int64_t now_us)
{
    const struct paced_chunk *chunk = q->first;
    if (!chunk || paced_queue_next_us(q) > now_us) {
        return (struct bytes){0};
    }
    size_t len = chunk->size - chunk->done;
    if (pace->slice_bytes > 0) {
        len = smaller(len, pace->slice_bytes);
    }
    if (pace->bytes_per_s > 0) {
        size_t burst = (size_t)(pace->bytes_per_s * BURST_US / DURATION_S);
        len = smaller(len, burst > 0 ? burst : 1);
    }
    return (struct bytes){.data = chunk->data + chunk->done, .len = len};
}

void paced_queue_left(struct paced_queue *q, const struct pace *pace, size_t count, int64_t now_us)
{
    struct paced_chunk *chunk = q->first;
    chunk->done += count;
    q->bytes -= count;
    if (chunk->done == chunk->size) {
        q->first = chunk->next;
        if (!q->first) {
            q->last = NULL;
        }
        free(chunk);
    }
    if (pace->bytes_per_s > 0) {
        /* A caller who comes a little late loses nothing of the bandwidth. */
        int64_t since_us = q->free_us > now_us - BURST_US ? q->free_us : now_us;
        q->free_us = since_us + (int64_t)count * DURATION_S / pace->bytes_per_s;
    }
}

int64_t paced_queue_next_us(const struct paced_queue *q)
{
    if (!q->first) {
        return INT64_MAX;
    }
    return q->first->ready_us > q->free_us ? q->first->ready_us : q->free_us;
}

void paced_queue_clear(struct paced_queue *q)
{
    while (q->first) {
        struct paced_chunk *next = q->first->next;
        free(q->first);
        q->first = next;
    }
    q->last = NULL;
    q->bytes = 0;
}
