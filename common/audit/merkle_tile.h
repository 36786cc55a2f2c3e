/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merkle_tile.h - a Merkle tree kept in tiles of 256 hashes, as transparency logs do.
 *
 * Tile i of level 0 holds the hashes of leaves 256 i to 256 i + 255; one of level n + 1 the roots
 * of 256 full tiles of level n. A full tile never changes; of each level at most the last one is
 * not full. So a tree of a million leaves costs 33 bytes a leaf, any root and any proof needs a few
 * tiles, and who adds leaves needs the last tile of each level alone. Pure: tiles are handed over.
 */
#ifndef TROTH_COMMON_AUDIT_MERKLE_TILE_H
#define TROTH_COMMON_AUDIT_MERKLE_TILE_H

#include "common/audit/merkle.h"

enum {
    MERKLE_TILE_WIDTH = 256,
    MERKLE_TILE_LEVELS = 8, /* of trees of fewer than 2^63 leaves */
    MERKLE_TILE_BYTES = MERKLE_TILE_WIDTH * MERKLE_HASH_LEN,
};

struct merkle_tile {
    uint64_t index;
    size_t count;    /* 0 to MERKLE_TILE_WIDTH - 1 in the edge of a tree */
    bool is_changed; /* since it was handed on */
    struct merkle_hash hashes[MERKLE_TILE_WIDTH];
};

/* The right edge of a tree: what must be known to add to it. 64 KiB; start with {0}. */
struct merkle_edge {
    uint64_t size;
    struct merkle_tile tiles[MERKLE_TILE_LEVELS];
};

/* hashes: all of the tile, borrowed. */
typedef void merkle_tile_fn(void *ctx, unsigned level, uint64_t index, struct bytes hashes);

/* Adds a leaf; hands on each tile that became full. */
void merkle_edge_push(struct merkle_edge *e, const struct merkle_hash *leaf, merkle_tile_fn *full,
                      void *ctx);
/* Hands on what is not full and has changed. */
void merkle_edge_flush(struct merkle_edge *e, merkle_tile_fn *put, void *ctx);
struct merkle_hash merkle_edge_root(const struct merkle_edge *e);
struct merkle_range merkle_edge_range(const struct merkle_edge *e);

/* ---- at another time: the edge of the first size leaves. Says which tiles it needs, then takes
 * them; each may hold more than were there at that size. */

struct merkle_tile_name {
    unsigned level;
    uint64_t index;
    size_t count; /* of its hashes, from the first on */
};
/* Returns how many there are, the lowest level first. */
size_t merkle_edge_names(uint64_t size, struct merkle_tile_name ret[MERKLE_TILE_LEVELS]);
/* Empties e; then each tile that was named, in any order. -1: not one of them, or too short. */
void merkle_edge_reset(struct merkle_edge *e, uint64_t size);
MUST_CHECK int merkle_edge_load(struct merkle_edge *e, unsigned level, uint64_t index,
                                struct bytes hashes);
/* Whether all of them were taken. */
bool merkle_edge_is_loaded(const struct merkle_edge *e);

/* The node that merkle_node_fn asks for, out of its tile: where that is, and then what it is. */
struct merkle_tile_name merkle_tile_of(unsigned height, uint64_t index);
/* -1: the tile is too short. */
MUST_CHECK int merkle_tile_node(unsigned height, uint64_t index, struct bytes hashes,
                                struct merkle_hash *ret);

#endif
