/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire_read.h - the wire format of protobuf, as far as rows of figures need it: they are read by
 * the hundred thousand, and nothing is to be allocated for each. A tag is the number of the field
 * << 3, with 0 for a number and 2 for what has a length.
 *
 * Each takes from the front, and returns false when it ends in the middle or is too long.
 */
#ifndef TROTH_REPORTING_WIRE_READ_H
#define TROTH_REPORTING_WIRE_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/bytes.h"

static inline bool wire_take_number(struct bytes *from, uint64_t *ret)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < 10 && i < from->len; i++) {
        const uint64_t bits = from->data[i] & 0x7fU;
        if (i == 9 && bits > 1) {
            return false;
        }
        value |= bits << (7 * i);
        if (from->data[i] < 0x80U) {
            *from = (struct bytes){.data = from->data + i + 1, .len = from->len - i - 1};
            *ret = value;
            return true;
        }
    }
    return false;
}

/* A sint64. */
static inline bool wire_take_signed(struct bytes *from, int64_t *ret)
{
    uint64_t value;

    if (!wire_take_number(from, &value)) {
        return false;
    }
    *ret = (int64_t)((value >> 1) ^ (~(value & 1) + 1));
    return true;
}

/* Borrowed from the same. */
static inline bool wire_take_bytes(struct bytes *from, struct bytes *ret)
{
    uint64_t len;

    if (!wire_take_number(from, &len) || len > from->len) {
        return false;
    }
    *ret = (struct bytes){.data = from->data, .len = (size_t)len};
    *from = (struct bytes){.data = from->data + len, .len = from->len - (size_t)len};
    return true;
}

#endif
