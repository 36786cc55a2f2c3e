/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process_memory.h - how much memory this process takes, and giving back what it does not need.
 *
 * A crowd that came and went (11,000 connections) leaves hundreds of MiB free, but in pieces
 * between others that are in use, and the C library gives only the end of its heap back by itself.
 */
#ifndef TROTH_COMMON_RUNTIME_PROCESS_MEMORY_H
#define TROTH_COMMON_RUNTIME_PROCESS_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "common/runtime/loop.h"

struct process_memory {
    int64_t virtual_bytes, resident_bytes;
};

/* From /proc. False when it cannot be read, and *ret is as it was. */
MUST_CHECK bool process_memory_read(struct process_memory *ret);

/* When to look again that came wait_us after the one before: after every_us; when a trim left
 * more than 64 MiB that are resident and in nobody's use (left_bytes), after twice as long as
 * before, 64 times every_us at most. Pure. */
int64_t memory_trim_next_us(int64_t left_bytes, int64_t wait_us, int64_t every_us);

/* Looks every so often, and trims when more than 64 MiB are idle. */
struct memory_trim;
struct memory_trim *memory_trim_new(struct loop *loop, int64_t every_us);
void memory_trim_free(struct memory_trim *t); /* NULL is fine */

#endif
