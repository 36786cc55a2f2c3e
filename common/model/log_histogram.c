/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/log_histogram.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/xalloc.h"

#define GROWTH        ((1.0 + LOG_HISTOGRAM_ERROR) / (1.0 - LOG_HISTOGRAM_ERROR))
#define INDEX_MAX     2184 /* the bucket of INT64_MAX */
#define VARINT_BYTES  10
#define VARINT_BITS   7
#define VARINT_MORE   0x80U
#define VARINT_VALUE  0x7fU
#define SMALLEST_ROOM 2

void log_histogram_free(struct log_histogram *h)
{
    free(h->buckets);
    *h = (struct log_histogram){0};
}

/* Counts come from our own additions and takings back, in any order: they may wrap on the way, and
 * are right again once all of them are there. */
static int64_t plus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

/* ---- buckets */

static int32_t index_of(int64_t value)
{
    return (int32_t)ceil(log((double)value) / log(GROWTH) - 1e-9);
}

double log_histogram_value(int32_t index)
{
    return 2.0 * pow(GROWTH, index) / (GROWTH + 1.0);
}

/* The place of index, or where it belongs. */
static size_t place_of(const struct log_histogram *h, int32_t index)
{
    size_t low = 0;
    size_t high = h->size;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (h->buckets[middle].index < index) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void reserve(struct log_histogram *h, size_t size)
{
    if (size > h->room) {
        size_t room = h->room == 0 ? SMALLEST_ROOM : 2 * h->room;
        h->room = room < size ? size : room;
        h->buckets = xreallocarray(h->buckets, h->room, sizeof(*h->buckets));
    }
}

static void add_to_bucket(struct log_histogram *h, int32_t index, int64_t count)
{
    size_t at = place_of(h, index);
    struct log_histogram_bucket *b;

    if (count == 0) {
        return;
    }
    if (at < h->size && h->buckets[at].index == index) {
        b = h->buckets + at;
        b->count = plus(b->count, count);
        if (b->count == 0) {
            memmove(b, b + 1, (h->size - at - 1) * sizeof(*b));
            h->size--;
        }
    } else {
        reserve(h, h->size + 1);
        b = h->buckets + at;
        memmove(b + 1, b, (h->size - at) * sizeof(*b));
        *b = (struct log_histogram_bucket){.index = index, .count = count};
        h->size++;
    }
    h->count = plus(h->count, count);
}

static void add_zeros(struct log_histogram *h, int64_t count)
{
    h->zeros = plus(h->zeros, count);
    h->count = plus(h->count, count);
}

void log_histogram_add(struct log_histogram *h, int64_t value, int64_t count)
{
    if (value < 0) {
        BUG("a value below 0 for a log_histogram");
    }
    if (value == 0) {
        add_zeros(h, count);
    } else {
        add_to_bucket(h, index_of(value), count);
    }
}

/* Both are sorted: one walk from the end, in place. */
void log_histogram_merge(struct log_histogram *to, const struct log_histogram *from)
{
    size_t left = to->size;
    size_t right = from->size;
    size_t at = left + right;
    size_t kept = 0;

    add_zeros(to, from->zeros);
    to->count = plus(to->count, plus(from->count, -from->zeros));
    if (right == 0) {
        return;
    }
    reserve(to, at);
    struct log_histogram_bucket *b = to->buckets;
    if (left == 0) {
        memcpy(b, from->buckets, right * sizeof(*b));
        to->size = right;
        return;
    }
    while (right > 0) {
        const struct log_histogram_bucket *next = &from->buckets[right - 1];
        if (left > 0 && b[left - 1].index == next->index) {
            b[--at] = b[--left];
            b[at].count = plus(b[at].count, next->count);
            right--;
        } else if (left > 0 && b[left - 1].index > next->index) {
            b[--at] = b[--left];
        } else {
            b[--at] = *next;
            right--;
        }
    }
    /* What is left stands at the front already; close the gap, and drop what became empty. */
    size_t end = to->size + from->size;
    for (size_t i = 0; i < end; i++) {
        if (i == left) {
            i = at;
        }
        if (i < end && b[i].count != 0) {
            b[kept++] = b[i];
        }
    }
    to->size = kept;
}

/* ---- questions */

bool log_histogram_quantile(const struct log_histogram *h, double q, double *ret)
{
    if (h->count <= 0) {
        return false;
    }
    double rank = floor(1.0 + q * (double)(h->count - 1));
    double until = (double)h->zeros;
    size_t i = 0;

    for (; i < h->size && until < rank; i++) {
        until += (double)h->buckets[i].count;
    }
    *ret = i == 0 ? 0 : log_histogram_value(h->buckets[i - 1].index);
    return true;
}

double log_histogram_count_until(const struct log_histogram *h, double value)
{
    if (value < 0) {
        return 0;
    }
    double until = (double)h->zeros;
    double place = value > 0 ? log(value) / log(GROWTH) : 0;

    for (size_t i = 0; value > 0 && i < h->size; i++) {
        double part = place - (double)(h->buckets[i].index - 1);
        if (part <= 0) {
            break;
        }
        until += (double)h->buckets[i].count * (part < 1 ? part : 1);
    }
    return until;
}

/* ---- packed */

static size_t put_varint(uint8_t *to, int64_t value)
{
    uint64_t left = ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);
    size_t len = 0;

    while (left >= VARINT_MORE) {
        to[len++] = (uint8_t)((left & VARINT_VALUE) | VARINT_MORE);
        left >>= VARINT_BITS;
    }
    to[len++] = (uint8_t)left;
    return len;
}

void log_histogram_pack(const struct log_histogram *h, struct buffer *out)
{
    size_t begin = out->len;
    int32_t last = 0;

    if (h->size == 0 && h->zeros == 0) {
        return;
    }
    uint8_t *to = buffer_extend(out, (2 * h->size + 1) * VARINT_BYTES);
    size_t len = put_varint(to, h->zeros);
    for (size_t i = 0; i < h->size; i++) {
        len += put_varint(to + len, h->buckets[i].index - last);
        len += put_varint(to + len, h->buckets[i].count);
        last = h->buckets[i].index;
    }
    out->len = begin + len;
}

/* False: it ends in the middle of a number, or the number is too long. */
static bool take_varint(struct bytes *from, int64_t *ret)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < VARINT_BYTES && i < from->len; i++) {
        uint64_t bits = from->data[i] & VARINT_VALUE;
        if (i == VARINT_BYTES - 1 && bits > 1) {
            return false;
        }
        value |= bits << (VARINT_BITS * i);
        if ((from->data[i] & VARINT_MORE) == 0) {
            *from = (struct bytes){.data = from->data + i + 1, .len = from->len - i - 1};
            *ret = (int64_t)((value >> 1) ^ (~(value & 1) + 1));
            return true;
        }
    }
    return false;
}

/* Buckets that are there already are added to where they stand; those that are not are collected,
 * and merged at the end. Sums of many parts soon have all buckets that a part may have. */
struct adding {
    struct log_histogram *to;
    size_t at;                 /* of to: all before it are below what comes */
    struct log_histogram rest; /* not in to */
    bool has_empty;
};

static void add_next(struct adding *a, const struct log_histogram_bucket *next)
{
    struct log_histogram_bucket *b = a->to->buckets;

    while (a->at < a->to->size && b[a->at].index < next->index) {
        a->at++;
    }
    if (a->at == a->to->size || b[a->at].index != next->index) {
        reserve(&a->rest, a->rest.size + 1);
        a->rest.buckets[a->rest.size++] = *next;
        a->rest.count = plus(a->rest.count, next->count);
        return;
    }
    b[a->at].count = plus(b[a->at].count, next->count);
    a->has_empty |= b[a->at].count == 0;
    a->to->count = plus(a->to->count, next->count);
}

static void drop_empty(struct log_histogram *h)
{
    size_t kept = 0;

    for (size_t i = 0; i < h->size; i++) {
        if (h->buckets[i].count != 0) {
            h->buckets[kept++] = h->buckets[i];
        }
    }
    h->size = kept;
}

enum {
    BUCKETS_MAX = INDEX_MAX + 1
};

/* Returns how many there are, or -1: they are not ours. */
static int take_buckets(struct bytes packed, struct log_histogram_bucket ret_list[BUCKETS_MAX])
{
    int size = 0;
    int64_t index = 0;
    int64_t step;
    int64_t count;

    while (packed.len > 0) {
        if (!take_varint(&packed, &step) || !take_varint(&packed, &count) || step < 0 ||
            (step == 0 && size > 0) || step > INDEX_MAX || index + step > INDEX_MAX || count == 0) {
            return -1;
        }
        index += step;
        ret_list[size++] = (struct log_histogram_bucket){.index = (int32_t)index, .count = count};
    }
    return size;
}

int log_histogram_add_packed(struct log_histogram *to, struct bytes packed, struct err *err)
{
    struct log_histogram_bucket list[BUCKETS_MAX];
    struct adding a = {.to = to};
    int64_t zeros = 0;

    if (packed.len == 0) {
        return 0;
    }
    int size = take_varint(&packed, &zeros) ? take_buckets(packed, list) : -1;
    if (size < 0) {
        return err_set(err, "malformed", "the packed histogram is not one of ours");
    }
    add_zeros(to, zeros);
    for (int i = 0; i < size; i++) {
        add_next(&a, &list[i]);
    }
    if (a.has_empty) {
        drop_empty(to);
    }
    if (a.rest.size > 0) {
        log_histogram_merge(to, &a.rest);
    }
    log_histogram_free(&a.rest);
    return 0;
}
