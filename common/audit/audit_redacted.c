/* SPDX-License-Identifier: Apache-2.0 */
#include "common/audit/audit_redacted.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"

enum {
    COMMITMENT_FIELD = 11, /* of troth.v1.Event */
    WIRE_VARINT = 0,
    WIRE_64BIT = 1,
    WIRE_LENGTH = 2,
    WIRE_32BIT = 5,
};

static bool take_varint(struct bytes *in, uint64_t *ret)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && in->len > 0; shift += 7) {
        const uint8_t byte = *in->data++;
        in->len--;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            *ret = value;
            return true;
        }
    }
    return false;
}

/* The length of the value that follows the tag; false: no such thing. */
static bool value_length(struct bytes *in, unsigned type, uint64_t *ret)
{
    uint64_t skipped;
    switch (type) {
    case WIRE_VARINT:
        *ret = 0;
        return take_varint(in, &skipped);
    case WIRE_64BIT:
        *ret = 8;
        return true;
    case WIRE_32BIT:
        *ret = 4;
        return true;
    case WIRE_LENGTH:
        return take_varint(in, ret);
    default:
        return false;
    }
}

void audit_redacted_find(struct audit_event *e)
{
    struct bytes in = e->body;
    uint64_t tag;
    uint64_t len;
    if (strcmp(e->kind, "customer_changed") != 0 && strcmp(e->kind, "device_signalled") != 0) {
        return;
    }
    while (in.len > 0 && take_varint(&in, &tag) && value_length(&in, (unsigned)(tag & 7), &len) &&
           len <= in.len) {
        if (tag == (COMMITMENT_FIELD << 3 | WIRE_LENGTH) && len == MERKLE_HASH_LEN) {
            e->commitment = in.data;
            return;
        }
        in.data += len;
        in.len -= (size_t)len;
    }
}

/* ---- counts */

static void add(struct audit_redacted *r, int64_t customer, int64_t lacking, int64_t expected)
{
    if (r->count > 0 && r->counts[r->count - 1].customer == customer) {
        r->counts[r->count - 1].lacking += lacking;
        r->counts[r->count - 1].expected += expected;
        return;
    }
    if (!r->counts || r->count == r->capacity) {
        r->capacity = r->capacity ? 2 * r->capacity : 64;
        r->counts = xreallocarray(r->counts, r->capacity, sizeof(*r->counts));
    }
    r->counts[r->count++] = (struct audit_redacted_count){customer, lacking, expected};
}

void audit_redacted_add(struct audit_redacted *r, int64_t customer)
{
    add(r, customer, 1, 0);
}

void audit_redacted_expect(struct audit_redacted *r, int64_t customer, int64_t events)
{
    add(r, customer, 0, events);
}

static int compare(const void *a, const void *b)
{
    const struct audit_redacted_count *left = a;
    const struct audit_redacted_count *right = b;
    return (left->customer > right->customer) - (left->customer < right->customer);
}

void audit_redacted_suspects(struct audit_redacted *r, audit_redacted_fn *fn, void *ctx)
{
    if (r->count > 0) {
        qsort(r->counts, r->count, sizeof(*r->counts), compare);
    }
    for (size_t i = 0; i < r->count;) {
        const int64_t customer = r->counts[i].customer;
        int64_t lacking = 0;
        int64_t expected = 0;
        for (; i < r->count && r->counts[i].customer == customer; i++) {
            lacking += r->counts[i].lacking;
            expected += r->counts[i].expected;
        }
        if (lacking > expected) {
            fn(ctx, customer, lacking);
        }
    }
}

void audit_redacted_free(struct audit_redacted *r)
{
    free(r->counts);
    *r = (struct audit_redacted){.counts = NULL};
}
