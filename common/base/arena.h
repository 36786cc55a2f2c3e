/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.h - a bump allocator with a byte budget, for unpacking what a peer sent.
 *
 * 64 KiB on the wire can become 4.7 MB of small allocations (72 times); the budget turns that into
 * a refusal. Everything is freed at once by arena_reset(), so unpacked messages are never freed one
 * by one.
 */
#ifndef TROTH_COMMON_BASE_ARENA_H
#define TROTH_COMMON_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include <protobuf-c/protobuf-c.h>

struct arena;

/* The budget counts what is asked for, each allocation rounded up to the alignment (16 bytes). */
struct arena *arena_new(size_t budget_bytes);
void arena_free(struct arena *a); /* NULL is fine */

/* Aligned for any type, not zeroed; NULL when the budget would be passed. Valid until
 * arena_reset(). */
void *arena_alloc(struct arena *a, size_t size);
char *arena_copy_text(struct arena *a, const char *text); /* NULL when over budget */

bool arena_is_exhausted(const struct arena *a); /* an allocation was refused since the last reset */
void arena_reset(struct arena *a);              /* keeps one block for the next use */

/* For protobuf_c_message_unpack(); free is a no-op. Borrowed: lives as long as the arena. */
ProtobufCAllocator *arena_allocator(struct arena *a);

#endif
