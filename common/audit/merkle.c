/* SPDX-License-Identifier: Apache-2.0 */
#include "common/audit/merkle.h"

#include <string.h>

#include <sodium.h>

#define ONE ((uint64_t)1)

enum {
    SUBTREES_MAX = 64
};

bool merkle_hash_equal(const struct merkle_hash *a, const struct merkle_hash *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

struct merkle_hash merkle_leaf(struct bytes data)
{
    static const uint8_t prefix = 0;
    crypto_hash_sha256_state state;
    struct merkle_hash ret;
    (void)crypto_hash_sha256_init(&state);
    (void)crypto_hash_sha256_update(&state, &prefix, 1);
    (void)crypto_hash_sha256_update(&state, data.data, data.len);
    (void)crypto_hash_sha256_final(&state, ret.bytes);
    return ret;
}

struct merkle_hash merkle_node(const struct merkle_hash *left, const struct merkle_hash *right)
{
    uint8_t both[1 + 2 * MERKLE_HASH_LEN];
    struct merkle_hash ret;
    both[0] = 1;
    memcpy(both + 1, left->bytes, MERKLE_HASH_LEN);
    memcpy(both + 1 + MERKLE_HASH_LEN, right->bytes, MERKLE_HASH_LEN);
    (void)crypto_hash_sha256(ret.bytes, both, sizeof(both));
    return ret;
}

/* The height of the largest complete subtree of at most n leaves. */
static unsigned height_of(uint64_t n)
{
    return 63 - (unsigned)__builtin_clzll(n);
}

/* The largest power of two below n. */
static uint64_t split_of(uint64_t n)
{
    return ONE << height_of(n - 1);
}

/* From right to left: the last one is the smallest. */
static struct merkle_hash fold(const struct merkle_hash *subtrees, size_t count)
{
    struct merkle_hash root = subtrees[count - 1];
    for (size_t i = count - 1; i > 0; i--) {
        root = merkle_node(&subtrees[i - 1], &root);
    }
    return root;
}

static struct merkle_hash empty_root(void)
{
    struct merkle_hash ret;
    (void)crypto_hash_sha256(ret.bytes, (const uint8_t *)"", 0);
    return ret;
}

struct merkle_hash merkle_root_of(const struct merkle_hash *hashes, size_t count)
{
    struct merkle_range r = {.size = 0};
    for (size_t i = 0; i < count; i++) {
        merkle_range_push(&r, &hashes[i]);
    }
    return merkle_range_root(&r);
}

/* ---- a tree that only grows */

void merkle_range_push(struct merkle_range *r, const struct merkle_hash *leaf)
{
    size_t count = (size_t)__builtin_popcountll(r->size);
    struct merkle_hash h = *leaf;
    /* As in counting: a carry joins two subtrees of equal size. */
    for (uint64_t carry = r->size; carry & 1; carry >>= 1) {
        h = merkle_node(&r->stack[--count], &h);
    }
    r->stack[count] = h;
    r->size++;
}

struct merkle_hash merkle_range_root(const struct merkle_range *r)
{
    return r->size == 0 ? empty_root() : fold(r->stack, (size_t)__builtin_popcountll(r->size));
}

/* ---- making proofs */

struct source {
    merkle_node_fn *node;
    void *ctx;
};

/* The root of the leaves from begin to end; begin is a multiple of the smallest power of two that
 * is not below end - begin. */
static int root_between(const struct source *s, uint64_t begin, uint64_t end,
                        struct merkle_hash *ret)
{
    struct merkle_hash subtrees[SUBTREES_MAX];
    size_t count = 0;
    while (begin < end) {
        const unsigned height = height_of(end - begin);
        if (s->node(s->ctx, height, begin >> height, &subtrees[count++]) < 0) {
            return -1;
        }
        begin += ONE << height;
    }
    *ret = fold(subtrees, count);
    return 0;
}

int merkle_root_at(uint64_t size, merkle_node_fn *node, void *ctx, struct merkle_hash *ret)
{
    const struct source s = {node, ctx};
    if (size == 0) {
        *ret = empty_root();
        return 0;
    }
    return root_between(&s, 0, size, ret);
}

static void reverse(struct merkle_path *p)
{
    for (size_t i = 0; i < p->count / 2; i++) {
        const struct merkle_hash h = p->hashes[i];
        p->hashes[i] = p->hashes[p->count - 1 - i];
        p->hashes[p->count - 1 - i] = h;
    }
}

int merkle_inclusion_path(uint64_t position, uint64_t size, merkle_node_fn *node, void *ctx,
                          struct merkle_path *ret)
{
    const struct source s = {node, ctx};
    struct merkle_path p = {.count = 0};
    uint64_t begin = 0, end = size;
    while (end - begin > 1) {
        const uint64_t middle = begin + split_of(end - begin);
        const bool is_left = position < middle;
        if (root_between(&s, is_left ? middle : begin, is_left ? end : middle,
                         &p.hashes[p.count++]) < 0) {
            return -1;
        }
        begin = is_left ? begin : middle;
        end = is_left ? middle : end;
    }
    reverse(&p);
    *ret = p;
    return 0;
}

int merkle_consistency_path(uint64_t old_size, uint64_t size, merkle_node_fn *node, void *ctx,
                            struct merkle_path *ret)
{
    const struct source s = {node, ctx};
    struct merkle_path p = {.count = 0};
    uint64_t begin = 0, end = size;
    if (old_size == 0 || old_size == size) {
        *ret = p;
        return 0;
    }
    while (end != old_size) {
        const uint64_t middle = begin + split_of(end - begin);
        const bool is_left = old_size <= middle;
        if (root_between(&s, is_left ? middle : begin, is_left ? end : middle,
                         &p.hashes[p.count++]) < 0) {
            return -1;
        }
        begin = is_left ? begin : middle;
        end = is_left ? middle : end;
    }
    /* The old tree itself is known to who checks. */
    if (begin > 0 && root_between(&s, begin, end, &p.hashes[p.count++]) < 0) {
        return -1;
    }
    reverse(&p);
    *ret = p;
    return 0;
}

/* ---- checking them */

/* One step up: joins *h with the next hash of the path. Returns whether that one stood on the left.
 */
static bool climb(uint64_t *position, uint64_t *last, struct merkle_hash *h,
                  const struct merkle_hash *beside)
{
    const bool is_right = (*position & 1) || *position == *last;
    *h = is_right ? merkle_node(beside, h) : merkle_node(h, beside);
    while (is_right && !(*position & 1) && *position != 0) {
        *position >>= 1;
        *last >>= 1;
    }
    *position >>= 1;
    *last >>= 1;
    return is_right;
}

bool merkle_includes(const struct merkle_root *root, uint64_t position,
                     const struct merkle_hash *leaf, const struct merkle_path *path)
{
    struct merkle_hash h = *leaf;
    uint64_t last = root->size - 1;
    if (position >= root->size) {
        return false;
    }
    for (size_t i = 0; i < path->count; i++) {
        if (last == 0) {
            return false;
        }
        (void)climb(&position, &last, &h, &path->hashes[i]);
    }
    return last == 0 && merkle_hash_equal(&h, &root->hash);
}

/* old->size is between 0 and root->size. */
static bool leads_to_both(const struct merkle_root *old, const struct merkle_root *root,
                          const struct merkle_path *path)
{
    uint64_t position = old->size - 1, last = root->size - 1;
    const bool is_whole = (old->size & (old->size - 1)) == 0; /* then its root is a node of root */
    if (path->count == 0) {
        return false;
    }
    while (position & 1) {
        position >>= 1;
        last >>= 1;
    }
    struct merkle_hash first = is_whole ? old->hash : path->hashes[0];
    struct merkle_hash second = first;
    for (size_t i = is_whole ? 0 : 1; i < path->count; i++) {
        if (last == 0) {
            return false;
        }
        if (climb(&position, &last, &second, &path->hashes[i])) {
            first = merkle_node(&path->hashes[i], &first);
        }
    }
    return last == 0 && merkle_hash_equal(&first, &old->hash) &&
           merkle_hash_equal(&second, &root->hash);
}

bool merkle_is_consistent(const struct merkle_root *old, const struct merkle_root *root,
                          const struct merkle_path *path)
{
    const struct merkle_hash nothing = empty_root();
    if (old->size > root->size) {
        return false;
    }
    if (old->size == 0) {
        return path->count == 0 && merkle_hash_equal(&old->hash, &nothing);
    }
    if (old->size == root->size) {
        return path->count == 0 && merkle_hash_equal(&old->hash, &root->hash);
    }
    return leads_to_both(old, root, path);
}
