/* SPDX-License-Identifier: Apache-2.0 */
#include "common/audit/merkle_tile.h"

#include <string.h>

enum {
    TILE_HEIGHT = 8 /* 2^8 hashes */
};

static struct bytes bytes_of(const struct merkle_tile *t)
{
    return (struct bytes){t->hashes[0].bytes, t->count * sizeof(t->hashes[0])};
}

void merkle_edge_push(struct merkle_edge *e, const struct merkle_hash *leaf, merkle_tile_fn *full,
                      void *ctx)
{
    struct merkle_hash h = *leaf;
    e->size++;
    for (unsigned level = 0; level < MERKLE_TILE_LEVELS; level++) {
        struct merkle_tile *t = &e->tiles[level];
        t->hashes[t->count++] = h;
        t->is_changed = true;
        if (t->count < MERKLE_TILE_WIDTH) {
            return;
        }
        full(ctx, level, t->index, bytes_of(t));
        h = merkle_root_of(t->hashes, MERKLE_TILE_WIDTH);
        t->index++;
        t->count = 0;
        t->is_changed = false;
    }
}

void merkle_edge_flush(struct merkle_edge *e, merkle_tile_fn *put, void *ctx)
{
    for (unsigned level = 0; level < MERKLE_TILE_LEVELS; level++) {
        struct merkle_tile *t = &e->tiles[level];
        if (t->is_changed) {
            put(ctx, level, t->index, bytes_of(t));
            t->is_changed = false;
        }
    }
}

/* Joins the complete subtrees of a tile, the smallest first, with what stands to their right. */
static void join_tile(const struct merkle_tile *t, struct merkle_hash *root, bool *has_root)
{
    size_t end = t->count;
    while (end > 0) {
        const size_t width = end & (~end + 1);
        const struct merkle_hash left = merkle_root_of(&t->hashes[end - width], width);
        *root = *has_root ? merkle_node(&left, root) : left;
        *has_root = true;
        end -= width;
    }
}

struct merkle_hash merkle_edge_root(const struct merkle_edge *e)
{
    struct merkle_hash root = merkle_root_of(NULL, 0);
    bool has_root = false;
    for (unsigned level = 0; level < MERKLE_TILE_LEVELS; level++) {
        join_tile(&e->tiles[level], &root, &has_root);
    }
    return root;
}

/* From the highest level down, the subtrees of each tile from the left. */
struct merkle_range merkle_edge_range(const struct merkle_edge *e)
{
    struct merkle_range r = {.size = e->size};
    size_t count = 0;
    for (unsigned level = MERKLE_TILE_LEVELS; level-- > 0;) {
        const struct merkle_tile *t = &e->tiles[level];
        for (size_t begin = 0, width = MERKLE_TILE_WIDTH / 2; width > 0; width /= 2) {
            if (t->count & width) {
                r.stack[count++] = merkle_root_of(&t->hashes[begin], width);
                begin += width;
            }
        }
    }
    return r;
}

/* ---- at another time */

static struct merkle_tile_name name_at(uint64_t size, unsigned level)
{
    const uint64_t entries = size >> (TILE_HEIGHT * level);
    return (struct merkle_tile_name){
        .level = level,
        .index = entries / MERKLE_TILE_WIDTH,
        .count = entries % MERKLE_TILE_WIDTH,
    };
}

size_t merkle_edge_names(uint64_t size, struct merkle_tile_name ret[MERKLE_TILE_LEVELS])
{
    size_t count = 0;
    for (unsigned level = 0; level < MERKLE_TILE_LEVELS; level++) {
        ret[count] = name_at(size, level);
        count += ret[count].count > 0 ? 1 : 0;
    }
    return count;
}

void merkle_edge_reset(struct merkle_edge *e, uint64_t size)
{
    e->size = size;
    for (unsigned level = 0; level < MERKLE_TILE_LEVELS; level++) {
        e->tiles[level].index = name_at(size, level).index;
        e->tiles[level].count = 0;
        e->tiles[level].is_changed = false;
    }
}

int merkle_edge_load(struct merkle_edge *e, unsigned level, uint64_t index, struct bytes hashes)
{
    if (level >= MERKLE_TILE_LEVELS) {
        return -1;
    }
    const struct merkle_tile_name name = name_at(e->size, level);
    if (index != name.index || hashes.len < name.count * MERKLE_HASH_LEN) {
        return -1;
    }
    e->tiles[level].count = name.count;
    if (name.count > 0) {
        memcpy(e->tiles[level].hashes, hashes.data, name.count * MERKLE_HASH_LEN);
    }
    return 0;
}

bool merkle_edge_is_loaded(const struct merkle_edge *e)
{
    for (unsigned level = 0; level < MERKLE_TILE_LEVELS; level++) {
        if (e->tiles[level].count != name_at(e->size, level).count) {
            return false;
        }
    }
    return true;
}

/* ---- one node */

/* Subtrees of that height are so many hashes of their tile. */
static size_t width_of(unsigned height)
{
    return (size_t)1 << (height % TILE_HEIGHT);
}

struct merkle_tile_name merkle_tile_of(unsigned height, uint64_t index)
{
    const uint64_t first = index * width_of(height);
    return (struct merkle_tile_name){
        .level = height / TILE_HEIGHT,
        .index = first / MERKLE_TILE_WIDTH,
        .count = first % MERKLE_TILE_WIDTH + width_of(height),
    };
}

int merkle_tile_node(unsigned height, uint64_t index, struct bytes hashes, struct merkle_hash *ret)
{
    const struct merkle_tile_name name = merkle_tile_of(height, index);
    const size_t width = width_of(height);
    struct merkle_hash part[MERKLE_TILE_WIDTH / 2];
    if (hashes.len < name.count * MERKLE_HASH_LEN) {
        return -1;
    }
    memcpy(part, hashes.data + (name.count - width) * MERKLE_HASH_LEN, width * MERKLE_HASH_LEN);
    *ret = merkle_root_of(part, width);
    return 0;
}
