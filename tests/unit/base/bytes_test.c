/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define RANGE(literal)                                                                             \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

static void ranges_are_equal_by_content(void **state)
{
    static const struct {
        struct bytes a, b;
        bool want;
    } cases[] = {
        {RANGE("abc"),  RANGE("abc"),  true },
        {RANGE("abc"),  RANGE("abd"),  false},
        {RANGE("abc"),  RANGE("ab"),   false},
        {RANGE("a\0b"), RANGE("a\0c"), false},
        {{NULL, 0},     RANGE(""),     true },
        {{NULL, 0},     {NULL, 0},     true },
        {{NULL, 0},     RANGE("a"),    false},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(bytes_equal(cases[i].a, cases[i].b), cases[i].want);
    }
    assert_true(bytes_equal(bytes_of_text("abc"), cases[0].a));
}

static void a_buffer_grows_and_keeps_its_content(void **state)
{
    struct buffer b = {0};

    buffer_append(&b, NULL, 0);
    assert_int_equal(b.len, 0);
    for (unsigned i = 0; i < 10000; i++) {
        uint8_t byte = (uint8_t)i;

        buffer_append(&b, &byte, 1);
    }
    assert_int_equal(b.len, 10000);
    for (unsigned i = 0; i < 10000; i++) {
        assert_int_equal(b.data[i], (uint8_t)i);
    }
    buffer_free(&b);
    assert_null(b.data);
    assert_int_equal(b.capacity, 0);
    buffer_free(&b);
}

static void extending_counts_the_room_at_once(void **state)
{
    struct buffer b = {0};
    uint8_t *room;

    buffer_append(&b, "head", 4);
    room = buffer_extend(&b, 100000);
    memset(room, 'x', 100000);
    assert_int_equal(b.len, 100004);
    assert_memory_equal(b.data, "headx", 5);
    buffer_clear(&b);
    assert_int_equal(b.len, 0);
    assert_true(b.capacity >= 100004);
    buffer_free(&b);
}

static void hex_goes_there_and_back(void **state)
{
    uint8_t all[256];
    uint8_t back[256];
    char text[2 * sizeof(all) + 1];

    for (size_t i = 0; i < sizeof(all); i++) {
        all[i] = (uint8_t)i;
    }
    bytes_to_hex((struct bytes){all, sizeof(all)}, text);
    assert_int_equal(strlen(text), 512);
    assert_memory_equal(text, "000102030405060708090a0b0c0d0e0f10", 34);
    assert_int_equal(bytes_from_hex(text, back, sizeof(back)), 0);
    assert_memory_equal(all, back, sizeof(all));
    bytes_to_hex((struct bytes){NULL, 0}, text);
    assert_string_equal(text, "");
}

static void bad_hex_is_refused_and_writes_nothing(void **state)
{
    static const char *const bad[] = {
        NULL, "", "0", "01", "012", "01234", "012345", "0g23", "01 3", "0x12", "-123", "01２",
    };
    uint8_t out[2] = {0xaa, 0xbb};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(bytes_from_hex(bad[i], out, 2), -1);
        assert_int_equal(out[0], 0xaa);
        assert_int_equal(out[1], 0xbb);
    }
    assert_int_equal(bytes_from_hex("", out, SIZE_MAX / 2 + 1), -1);
    assert_int_equal(bytes_from_hex("", out, 0), 0);
    assert_int_equal(bytes_from_hex("aBfF", out, 2), 0);
    assert_int_equal(out[0], 0xab);
    assert_int_equal(out[1], 0xff);
}

/* Stored bucket numbers depend on these: a change here is a change of every installation's data. */
static void hash64_never_changes(void **state)
{
    static const struct {
        struct bytes in;
        uint64_t want;
    } cases[] = {
        {RANGE(""),                                            UINT64_C(0xf52a15e9a9b5e89b)},
        {RANGE("a"),                                           UINT64_C(0x02c0bdbf481420f8)},
        {RANGE("foobar"),                                      UINT64_C(0x404da9e3b74078c2)},
        {RANGE("1/garage-0001"),                               UINT64_C(0xdb80fe1ce97cb8e4)},
        {RANGE("7/客户-42"),                                 UINT64_C(0xa1a5971c89547058)},
        {RANGE("\x00\xff\x00"),                                UINT64_C(0xceccbe0bdd49b09f)},
        {RANGE("The quick brown fox jumps over the lazy dog"), UINT64_C(0x1e8e6a079b167ea7)},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_true(bytes_hash64(cases[i].in) == cases[i].want);
    }
    assert_true(bytes_hash64((struct bytes){NULL, 0}) == cases[0].want);
}

/* BLAKE2b with 16 bytes of output, as other tools print it. */
static void the_digest_is_blake2b_128(void **state)
{
    static const struct {
        struct bytes in;
        const char *want;
    } cases[] = {
        {RANGE(""),    "cae66941d9efbd404e4d88758ea67670"},
        {RANGE("abc"), "cf4ab791c62b8d2b2109c90275287816"},
        {{NULL, 0},    "cae66941d9efbd404e4d88758ea67670"},
    };
    uint8_t digest[BYTES_DIGEST_LEN];
    char text[2 * BYTES_DIGEST_LEN + 1];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        bytes_digest(cases[i].in, digest);
        bytes_to_hex((struct bytes){digest, sizeof(digest)}, text);
        assert_string_equal(text, cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_are_equal_by_content),
        cmocka_unit_test(a_buffer_grows_and_keeps_its_content),
        cmocka_unit_test(extending_counts_the_room_at_once),
        cmocka_unit_test(hex_goes_there_and_back),
        cmocka_unit_test(bad_hex_is_refused_and_writes_nothing),
        cmocka_unit_test(hash64_never_changes),
        cmocka_unit_test(the_digest_is_blake2b_128),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
