/* SPDX-License-Identifier: Apache-2.0 */
#include "common/audit/merkle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/audit/merkle_tile.h"

enum {
    SIZE_MAX_TRIED = 300,
    LEAVES = 70000, /* three levels of tiles */
};

/* ---- the published vectors of Certificate Transparency (RFC 6962's own test data) */

static const char *const leaf_inputs[] = {"",
                                          "00",
                                          "10",
                                          "2021",
                                          "3031",
                                          "40414243",
                                          "5051525354555657",
                                          "606162636465666768696a6b6c6d6e6f"};

static const char *const roots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

/* position, size, path */
static const struct {
    uint64_t position, size;
    size_t count;
    const char *path[3];
} inclusions[] = {
    {0, 1, 0, {NULL}                                                              },
    {0,
     8,    3,
     {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}         },
    {5,
     8,    3,
     {"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}         },
    {2, 3, 1, {"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}},
    {1,
     5,    3,
     {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}         },
};

/* old size, size, path */
static const struct {
    uint64_t old, size;
    size_t count;
    const char *path[3];
} consistencies[] = {
    {1, 1, 0, {NULL}                                                     },
    {1,
     8,    3,
     {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
    {6,
     8,    3,
     {"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
    {2,
     5,    2,
     {"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
};

static struct merkle_hash of_hex(const char *hex)
{
    struct merkle_hash h;
    assert_int_equal(bytes_from_hex(hex, h.bytes, sizeof(h.bytes)), 0);
    return h;
}

static struct merkle_hash vector_leaf(size_t i)
{
    uint8_t data[16];
    const size_t len = strlen(leaf_inputs[i]) / 2;
    assert_int_equal(bytes_from_hex(leaf_inputs[i], data, len), 0);
    return merkle_leaf((struct bytes){data, len});
}

/* ---- a tree in memory: the definition of RFC 6962, word for word */

static struct merkle_hash leaves[LEAVES];

static void make_leaves(void)
{
    for (uint32_t i = 0; i < LEAVES; i++) {
        leaves[i] = merkle_leaf((struct bytes){(const uint8_t *)&i, sizeof(i)});
    }
}

static struct merkle_hash defined_root(const struct merkle_hash *from, size_t n)
{
    size_t k = 1;
    if (n == 1) {
        return from[0];
    }
    while (2 * k < n) {
        k *= 2;
    }
    const struct merkle_hash left = defined_root(from, k);
    const struct merkle_hash right = defined_root(from + k, n - k);
    return merkle_node(&left, &right);
}

static int node_of(void *ctx, unsigned height, uint64_t index, struct merkle_hash *ret)
{
    const struct merkle_hash *from = ctx;
    *ret = defined_root(from + (index << height), (size_t)1 << height);
    return 0;
}

static struct merkle_root root_of(size_t n)
{
    return (struct merkle_root){n, n == 0 ? of_hex(roots[0]) : defined_root(leaves, n)};
}

/* ---- tests */

static void roots_are_those_that_were_published(void **state)
{
    struct merkle_range r = {.size = 0};
    for (size_t i = 0; i <= ARRAY_LEN(leaf_inputs); i++) {
        const struct merkle_hash want = of_hex(roots[i]), got = merkle_range_root(&r);
        assert_memory_equal(got.bytes, want.bytes, MERKLE_HASH_LEN);
        if (i < ARRAY_LEN(leaf_inputs)) {
            const struct merkle_hash leaf = vector_leaf(i);
            merkle_range_push(&r, &leaf);
        }
    }
}

static void assert_path(const struct merkle_path *path, size_t count, const char *const *want)
{
    assert_int_equal(path->count, count);
    for (size_t i = 0; i < count; i++) {
        const struct merkle_hash h = of_hex(want[i]);
        assert_memory_equal(path->hashes[i].bytes, h.bytes, MERKLE_HASH_LEN);
    }
}

static void proofs_are_those_that_were_published(void **state)
{
    struct merkle_hash v[ARRAY_LEN(leaf_inputs)];
    struct merkle_path path;
    for (size_t i = 0; i < ARRAY_LEN(v); i++) {
        v[i] = vector_leaf(i);
    }
    for (size_t i = 0; i < ARRAY_LEN(inclusions); i++) {
        const struct merkle_root root = {inclusions[i].size, of_hex(roots[inclusions[i].size])};
        assert_int_equal(
            merkle_inclusion_path(inclusions[i].position, root.size, node_of, v, &path), 0);
        assert_path(&path, inclusions[i].count, inclusions[i].path);
        assert_true(
            merkle_includes(&root, inclusions[i].position, &v[inclusions[i].position], &path));
    }
    for (size_t i = 0; i < ARRAY_LEN(consistencies); i++) {
        const struct merkle_root old = {consistencies[i].old, of_hex(roots[consistencies[i].old])};
        const struct merkle_root root = {consistencies[i].size,
                                         of_hex(roots[consistencies[i].size])};
        assert_int_equal(merkle_consistency_path(old.size, root.size, node_of, v, &path), 0);
        assert_path(&path, consistencies[i].count, consistencies[i].path);
        assert_true(merkle_is_consistent(&old, &root, &path));
    }
}

static void every_root_is_the_defined_one(void **state)
{
    struct merkle_range r = {.size = 0};
    for (size_t n = 0; n <= SIZE_MAX_TRIED; n++) {
        const struct merkle_root want = root_of(n);
        const struct merkle_hash got = merkle_range_root(&r), listed = merkle_root_of(leaves, n);
        struct merkle_hash at;
        assert_true(merkle_hash_equal(&got, &want.hash));
        assert_true(merkle_hash_equal(&listed, &want.hash));
        assert_int_equal(merkle_root_at(n, node_of, leaves, &at), 0);
        assert_true(merkle_hash_equal(&at, &want.hash));
        merkle_range_push(&r, &leaves[n]);
    }
}

/* One bit after the other would take an hour: for each hash of the path another bit. */
static bool survives_a_flip(const struct merkle_root *root, uint64_t position,
                            const struct merkle_path *path)
{
    for (size_t i = 0; i < path->count; i++) {
        struct merkle_path changed = *path;
        changed.hashes[i].bytes[(position + i) % MERKLE_HASH_LEN] ^= (uint8_t)(1U << (i % 8));
        if (merkle_includes(root, position, &leaves[position], &changed)) {
            return true;
        }
    }
    return false;
}

static void check_inclusion(const struct merkle_root *root, uint64_t position)
{
    struct merkle_path path, changed;
    assert_int_equal(merkle_inclusion_path(position, root->size, node_of, leaves, &path), 0);
    assert_true(merkle_includes(root, position, &leaves[position], &path));
    assert_false(merkle_includes(root, position, &leaves[position + 1], &path));
    assert_false(merkle_includes(root, position + 1, &leaves[position], &path));
    assert_false(merkle_includes(root, root->size + position, &leaves[position], &path));
    assert_false(survives_a_flip(root, position, &path));
    const struct merkle_root larger = {4 * root->size, root->hash};
    assert_false(merkle_includes(&larger, position, &leaves[position], &path));
    changed = path;
    changed.hashes[changed.count++] = leaves[0];
    assert_false(merkle_includes(root, position, &leaves[position], &changed));
    if (path.count > 0) {
        changed.count = path.count - 1;
        assert_false(merkle_includes(root, position, &leaves[position], &changed));
    }
}

static void every_leaf_of_every_tree_is_proved_and_no_other(void **state)
{
    for (size_t n = 1; n <= SIZE_MAX_TRIED; n += n < 70 ? 1 : 23) {
        const struct merkle_root root = root_of(n);
        for (uint64_t position = 0; position < n; position++) {
            check_inclusion(&root, position);
        }
    }
}

static void check_consistency(const struct merkle_root *old, const struct merkle_root *root)
{
    struct merkle_path path, changed;
    assert_int_equal(merkle_consistency_path(old->size, root->size, node_of, leaves, &path), 0);
    assert_true(merkle_is_consistent(old, root, &path));
    for (size_t i = 0; i < path.count; i++) {
        changed = path;
        changed.hashes[i].bytes[(old->size + i) % MERKLE_HASH_LEN] ^= (uint8_t)(1U << (i % 8));
        assert_false(merkle_is_consistent(old, root, &changed));
    }
    struct merkle_root other = *old;
    other.hash.bytes[31] ^= 1;
    assert_false(merkle_is_consistent(&other, root, &path));
    other = *root;
    other.hash.bytes[0] ^= 128;
    assert_true(old->size == 0 || !merkle_is_consistent(old, &other, &path));
    changed = path;
    changed.hashes[changed.count++] = leaves[0];
    assert_false(merkle_is_consistent(old, root, &changed));
    assert_true(old->size == root->size || !merkle_is_consistent(root, old, &path));
}

static void every_tree_is_the_beginning_of_every_larger_one(void **state)
{
    for (size_t n = 0; n <= SIZE_MAX_TRIED; n += n < 40 ? 1 : 13) {
        const struct merkle_root root = root_of(n);
        for (size_t m = 0; m <= n; m++) {
            const struct merkle_root old = root_of(m);
            check_consistency(&old, &root);
        }
    }
}

static int no_node(void *ctx, unsigned height, uint64_t index, struct merkle_hash *ret)
{
    return -1;
}

static void a_node_that_is_not_to_be_had_ends_the_proof(void **state)
{
    struct merkle_path path = {.count = 7};
    struct merkle_hash h;
    assert_int_equal(merkle_inclusion_path(1, 9, no_node, NULL, &path), -1);
    assert_int_equal(merkle_consistency_path(3, 9, no_node, NULL, &path), -1);
    assert_int_equal(merkle_root_at(3, no_node, NULL, &h), -1);
    assert_int_equal(path.count, 7);
}

/* ---- tiles */

static struct merkle_hash store[3][LEAVES];
static size_t stored[3];

static void keep_tile(void *ctx, unsigned level, uint64_t index, struct bytes hashes)
{
    assert_true(level < 3 && hashes.len % MERKLE_HASH_LEN == 0);
    memcpy(&store[level][index * MERKLE_TILE_WIDTH], hashes.data, hashes.len);
    stored[level] = index * MERKLE_TILE_WIDTH + hashes.len / MERKLE_HASH_LEN;
}

static struct bytes stored_tile(unsigned level, uint64_t index)
{
    const size_t left = stored[level] - index * MERKLE_TILE_WIDTH;
    return (struct bytes){store[level][index * MERKLE_TILE_WIDTH].bytes,
                          (left < MERKLE_TILE_WIDTH ? left : MERKLE_TILE_WIDTH) * MERKLE_HASH_LEN};
}

static int stored_node(void *ctx, unsigned height, uint64_t index, struct merkle_hash *ret)
{
    const struct merkle_tile_name name = merkle_tile_of(height, index);
    return merkle_tile_node(height, index, stored_tile(name.level, name.index), ret);
}

static void grow_tiles(struct merkle_edge *e, size_t until)
{
    while (e->size < until) {
        merkle_edge_push(e, &leaves[e->size], keep_tile, NULL);
    }
    merkle_edge_flush(e, keep_tile, NULL);
}

static void assert_edge_at(uint64_t size)
{
    static struct merkle_edge e;
    struct merkle_tile_name names[MERKLE_TILE_LEVELS];
    const struct merkle_hash want = merkle_root_of(leaves, size);
    const size_t count = merkle_edge_names(size, names);
    merkle_edge_reset(&e, size);
    assert_true(merkle_edge_is_loaded(&e) == (count == 0));
    for (size_t i = 0; i < count; i++) {
        const struct bytes tile = stored_tile(names[i].level, names[i].index);
        assert_int_equal(merkle_edge_load(&e, names[i].level, names[i].index + 1, tile), -1);
        assert_int_equal(merkle_edge_load(&e, names[i].level, names[i].index,
                                          (struct bytes){tile.data, (names[i].count - 1) * 32}),
                         -1);
        assert_int_equal(merkle_edge_load(&e, names[i].level, names[i].index, tile), 0);
    }
    assert_true(merkle_edge_is_loaded(&e));
    const struct merkle_hash got = merkle_edge_root(&e);
    assert_true(merkle_hash_equal(&got, &want));
}

static void tiles_hold_the_tree_at_each_of_its_sizes(void **state)
{
    static const size_t sizes[] = {0,   1,   2,     255,   256,   257,   511,  512,
                                   600, 601, 65535, 65536, 65537, 65792, 69999};
    static struct merkle_edge e;
    struct merkle_path path;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        grow_tiles(&e, sizes[i]);
        for (size_t j = 0; j <= i; j++) {
            assert_edge_at(sizes[j]);
        }
        const struct merkle_hash root = merkle_edge_root(&e);
        const struct merkle_root whole = {sizes[i], root};
        for (uint64_t p = 0; p < sizes[i]; p += 1 + sizes[i] / 97) {
            assert_int_equal(merkle_inclusion_path(p, sizes[i], stored_node, NULL, &path), 0);
            assert_true(merkle_includes(&whole, p, &leaves[p], &path));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_are_those_that_were_published),
        cmocka_unit_test(proofs_are_those_that_were_published),
        cmocka_unit_test(every_root_is_the_defined_one),
        cmocka_unit_test(every_leaf_of_every_tree_is_proved_and_no_other),
        cmocka_unit_test(every_tree_is_the_beginning_of_every_larger_one),
        cmocka_unit_test(a_node_that_is_not_to_be_had_ends_the_proof),
        cmocka_unit_test(tiles_hold_the_tree_at_each_of_its_sizes),
    };

    make_leaves();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
