/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_queue.h"

#include <stdint.h>
#include <stdlib.h>

#include <utlist.h>

#include "common/base/hash_table.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"

/* Records, oldest first. */
struct chain {
    struct intake_record *first, *last; /* last counts while there is a first; its next does not */
};

struct source {
    int32_t id;
    UT_hash_handle hh;
    struct source *prev, *next; /* those that wait, round */
    size_t waiting;
    size_t share; /* of the batch that is being taken */
    struct chain buckets[BUCKET_COUNT];
};

struct intake_queue {
    struct source *by_id;
    struct source *turn; /* who gets the first odd record; the others follow */
    size_t source_count;
    size_t waiting;
    size_t next_bucket;   /* where the next batch begins */
    struct source *spare; /* who sends one record at a time comes and goes with each */
};

struct intake_queue *intake_queue_new(void)
{
    return xcalloc(1, sizeof(struct intake_queue));
}

static void append(struct chain *to, struct chain what)
{
    if (to->first) {
        to->last->next = what.first;
    } else {
        to->first = what.first;
    }
    to->last = what.last;
}

/* ---- sources */

/* NOLINTNEXTLINE(readability-function-size): of uthash */
static struct source *source_of(struct intake_queue *q, int32_t id)
{
    struct source *s = NULL;
    HASH_FIND(hh, q->by_id, &id, sizeof(id), s);
    if (s) {
        return s;
    }
    s = q->spare ? q->spare
                 : xcalloc(1, sizeof(*s)); /* an empty one is all zero but for its name */
    q->spare = NULL;
    s->id = id;
    HASH_ADD(hh, q->by_id, id, sizeof(id), s);
    CDL_APPEND(q->turn, s);
    q->source_count++;
    return s;
}

/* NOLINTNEXTLINE(readability-function-size): of uthash */
static void forget(struct intake_queue *q, struct source *s)
{
    HASH_DELETE(hh, q->by_id, s); /* NOLINT(clang-analyzer-*): uthash keeps 'by_id' */
    CDL_DELETE(q->turn, s);
    q->source_count--;
    free(q->spare);
    q->spare = s;
}

void intake_queue_free(struct intake_queue *q)
{
    if (!q) {
        return;
    }
    while (q->by_id) {
        forget(q, q->by_id);
    }
    free(q->spare);
    free(q);
}

size_t intake_queue_count(const struct intake_queue *q)
{
    return q->waiting;
}

size_t intake_queue_sources(const struct intake_queue *q)
{
    return q->source_count;
}

void intake_queue_add(struct intake_queue *q, struct intake_record *r)
{
    struct source *s = source_of(q, r->request->sender.source_id);
    append(&s->buckets[r->bucket], (struct chain){r, r});
    s->waiting++;
    q->waiting++;
}

/* ---- a batch */

/* Round after round an equal part of what is left to each that wants more, so never more than is
 * left; the turn ends where nothing is left. */
static void share_out(struct intake_queue *q, size_t max)
{
    size_t left = q->waiting < max ? q->waiting : max;
    size_t wanting = q->source_count;
    struct source *s = q->turn;
    while (left > 0) {
        const size_t each = wanting > 0 && wanting <= left ? left / wanting : 1;
        wanting = 0;
        for (size_t i = 0; i < q->source_count && left > 0; i++, s = s->next) {
            size_t more = s->waiting - s->share;
            more = more < each ? more : each;
            s->share += more;
            left -= more;
            wanting += s->share < s->waiting;
        }
    }
    q->turn = s;
}

/* The first 'share' records at most. */
static struct chain cut(struct chain *from, size_t *share)
{
    struct chain head = {from->first, from->first};
    for (--*share; *share > 0 && head.last != from->last; --*share) {
        head.last = head.last->next;
    }
    from->first = head.last == from->last ? NULL : head.last->next;
    return head;
}

/* The share of one source, into the bucket chains of all. How many buckets from the begin it was
 * cut off; BUCKET_COUNT: it was not. */
static size_t take_share(const struct intake_queue *q, struct source *s, struct chain *taken)
{
    s->waiting -= s->share;
    for (size_t i = 0; i < BUCKET_COUNT && s->share > 0; i++) {
        const size_t b = (q->next_bucket + i) % BUCKET_COUNT;
        if (s->buckets[b].first) {
            append(&taken[b], cut(&s->buckets[b], &s->share));
        }
        if (s->share == 0 && s->waiting > 0) {
            return i;
        }
    }
    return BUCKET_COUNT;
}

struct intake_record *intake_queue_take(struct intake_queue *q, size_t max)
{
    struct chain taken[BUCKET_COUNT] = {0};
    struct chain all = {0};
    size_t nearest = BUCKET_COUNT;
    share_out(q, max);
    struct source *s = q->turn, *next;
    for (size_t left = q->source_count; left > 0; left--, s = next) {
        next = s->next;
        q->waiting -= s->share;
        const size_t at = take_share(q, s, taken);
        nearest = at < nearest ? at : nearest;
        if (s->waiting == 0) {
            forget(q, s);
        }
    }
    for (size_t i = 0; i < BUCKET_COUNT; i++) {
        const struct chain *one = &taken[(q->next_bucket + i) % BUCKET_COUNT];
        if (one->first) {
            append(&all, *one);
        }
    }
    if (all.first) {
        all.last->next = NULL;
    }
    if (nearest < BUCKET_COUNT) {
        q->next_bucket = (q->next_bucket + (nearest > 0 ? nearest : 1)) % BUCKET_COUNT;
    }
    return all.first;
}
