/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merkle.h - the Merkle tree of RFC 6962, section 2.1: hashes, roots, and the two proofs.
 *
 * A leaf's hash is SHA-256(0x00 | data), a node's SHA-256(0x01 | left | right). The tree of n > 1
 * leaves has the first k on its left, k being the largest power of two below n; so what is complete
 * on the left never changes when leaves are added. Checking a proof follows RFC 9162, 2.1.3.2 and
 * 2.1.4.2, which say the same as RFC 6962 without recursion. Pure.
 */
#ifndef TROTH_COMMON_AUDIT_MERKLE_H
#define TROTH_COMMON_AUDIT_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/compiler.h"

enum {
    MERKLE_HASH_LEN = 32,
    MERKLE_PATH_MAX = 65, /* hashes in a proof; trees have fewer than 2^63 leaves */
};

struct merkle_hash {
    uint8_t bytes[MERKLE_HASH_LEN];
};

bool merkle_hash_equal(const struct merkle_hash *a, const struct merkle_hash *b);
struct merkle_hash merkle_leaf(struct bytes data);
struct merkle_hash merkle_node(const struct merkle_hash *left, const struct merkle_hash *right);
/* Of hashes[0] to hashes[count - 1]; of nothing: SHA-256 of nothing. */
struct merkle_hash merkle_root_of(const struct merkle_hash *hashes, size_t count);

/* ---- a tree that only grows: what must be known of it. Start with {0}. */

struct merkle_range {
    uint64_t size;
    struct merkle_hash stack[64]; /* complete subtrees, the largest first: a set bit of size each */
};

void merkle_range_push(struct merkle_range *r, const struct merkle_hash *leaf);
struct merkle_hash merkle_range_root(const struct merkle_range *r);

/* ---- proofs */

struct merkle_path {
    size_t count;
    struct merkle_hash hashes[MERKLE_PATH_MAX];
};

/* The hash of the complete subtree of 2^height leaves that begins at leaf index << height. Returns
 * 0, or -1 when it is not to be had. */
typedef int merkle_node_fn(void *ctx, unsigned height, uint64_t index, struct merkle_hash *ret);

/* The root of the first size leaves. */
MUST_CHECK int merkle_root_at(uint64_t size, merkle_node_fn *node, void *ctx,
                              struct merkle_hash *ret);
/* That the leaf at position is in the tree of the first size leaves; position < size. */
MUST_CHECK int merkle_inclusion_path(uint64_t position, uint64_t size, merkle_node_fn *node,
                                     void *ctx, struct merkle_path *ret);
/* That the tree of the first size leaves begins with that of the first old_size; old_size <= size.
 * Empty when they are equal, or old_size is 0. */
MUST_CHECK int merkle_consistency_path(uint64_t old_size, uint64_t size, merkle_node_fn *node,
                                       void *ctx, struct merkle_path *ret);

struct merkle_root { /* what somebody says of a tree */
    uint64_t size;
    struct merkle_hash hash;
};

bool merkle_includes(const struct merkle_root *root, uint64_t position,
                     const struct merkle_hash *leaf, const struct merkle_path *path);
/* Everything is consistent with the empty tree. */
bool merkle_is_consistent(const struct merkle_root *old, const struct merkle_root *root,
                          const struct merkle_path *path);

#endif
