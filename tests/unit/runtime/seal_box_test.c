/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/seal_box.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "tests/support/temp_folder.h"

/* Secret key 01 02 .. 20; sealed by libsodium itself, on another day. */
static const struct bus_keys old_keys = {"2CVWV6D&QXW]Ii55A)@qco1MAyn+7#3/w+9Xnrjk",
                                         "0rJua1Qkhq2)}4G4gS)W5Ft->6=4P585:Cl9uDpB"};
static const char old_sealed[] = "02c9af4155d2b0f856001eabc8777a9bf67b78d7e6f91ca51c835b4e265e5150"
                                 "dafdc66dc18c57a614b947389f3f91f0179ba21f8a";

static struct seal_box box_of(const struct bus_keys *keys)
{
    struct err err = ERR_NONE;
    struct seal_box box;
    assert_int_equal(seal_box_init(&box, keys, 1, &err), 0);
    return box;
}

static struct seal_box new_box(void)
{
    struct err err = ERR_NONE;
    struct bus_keys keys;
    assert_int_equal(bus_keys_new(&keys, &err), 0);
    return box_of(&keys);
}

static void what_was_sealed_opens_and_shows_nothing(void **state)
{
    static const char *const plain[] = {"", "x", "+86 138 0013 8000", "等了三个星期"};
    struct seal_box box = new_box();
    (void)state;
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        struct err err = ERR_NONE;
        struct buffer sealed = {0}, again = {0}, opened = {0};
        struct bytes text = bytes_of_text(plain[i]);
        buffer_append(&opened, "before ", 7);
        seal_box_seal(&box, text, &sealed);
        seal_box_seal(&box, text, &again);
        assert_int_equal(sealed.len, text.len + SEAL_BOX_OVERHEAD);
        assert_memory_not_equal(sealed.data, again.data, sealed.len);
        if (text.len > 1) {
            assert_null(memmem(sealed.data, sealed.len, text.data, text.len));
        }
        struct bytes all = {sealed.data, sealed.len};
        assert_int_equal(seal_box_open(&box, all, &opened, &err), 0);
        assert_int_equal(opened.len, 7 + text.len);
        assert_memory_equal(opened.data + 7, plain[i], text.len);
        buffer_free(&sealed);
        buffer_free(&again);
        buffer_free(&opened);
    }
}

static void what_was_sealed_by_an_older_program_opens(void **state)
{
    struct err err = ERR_NONE;
    struct seal_box box = box_of(&old_keys);
    uint8_t sealed[SEAL_BOX_OVERHEAD + 5];
    struct buffer opened = {0};
    (void)state;
    assert_int_equal(bytes_from_hex(old_sealed, sealed, sizeof(sealed)), 0);
    assert_int_equal(seal_box_open(&box, (struct bytes){sealed, sizeof(sealed)}, &opened, &err), 0);
    assert_int_equal(opened.len, 5);
    assert_memory_equal(opened.data, "troth", 5);
    buffer_free(&opened);
}

static bool opens(const struct seal_box *box, const struct buffer *sealed)
{
    struct buffer opened = {0};
    bool does = seal_box_open(box, (struct bytes){sealed->data, sealed->len}, &opened, NULL) == 0;
    buffer_free(&opened);
    return does;
}

/* A key is replaced: what waits is sealed to the old one, what comes to the new one. */
static void while_the_key_is_replaced_both_open_and_the_first_seals(void **state)
{
    struct temp_folder folder = temp_folder_new();
    struct err err = ERR_NONE;
    char path[TEMP_PATH_SIZE], content[512];
    struct bus_keys new_keys;
    struct seal_box before = box_of(&old_keys), between;
    struct buffer waiting = {0}, coming = {0};
    (void)state;
    assert_int_equal(bus_keys_new(&new_keys, &err), 0);
    struct seal_box after = box_of(&new_keys);
    (void)text_format(content, sizeof(content),
                      "public-key = %s\nsecret-key = %s\npublic-key = %s\nsecret-key = %s\n",
                      new_keys.public_key, new_keys.secret_key, old_keys.public_key,
                      old_keys.secret_key);
    (void)temp_folder_name(&folder, "", "a.key", path);
    temp_folder_write(path, content, 0600);
    assert_int_equal(seal_box_read(&between, path, &err), 0);

    seal_box_seal(&before, bytes_of_text("waiting"), &waiting);
    seal_box_seal(&between, bytes_of_text("coming"), &coming);
    assert_true(opens(&between, &waiting) && opens(&between, &coming));
    assert_true(opens(&after, &coming) && !opens(&after, &waiting));
    assert_false(opens(&before, &coming));
    seal_box_wipe(&between);
    assert_false(opens(&between, &coming));
    buffer_free(&waiting);
    buffer_free(&coming);
    temp_folder_remove(&folder);
}

static void what_is_not_ours_or_was_touched_does_not_open(void **state)
{
    struct seal_box box = new_box(), other = new_box();
    struct buffer sealed = {0}, opened = {0};
    struct err err = ERR_NONE;
    (void)state;
    seal_box_seal(&box, bytes_of_text("secret"), &sealed);
    buffer_append(&opened, "kept", 4);
    assert_int_equal(seal_box_open(&other, (struct bytes){sealed.data, sealed.len}, &opened, &err),
                     -1);
    assert_string_equal(err.code, "sealed_with_another_key");
    for (size_t len = 0; len < sealed.len; len++) {
        assert_int_equal(seal_box_open(&box, (struct bytes){sealed.data, len}, &opened, &err), -1);
    }
    for (size_t at = 0; at < sealed.len; at++) {
        sealed.data[at] ^= 1;
        assert_int_equal(
            seal_box_open(&box, (struct bytes){sealed.data, sealed.len}, &opened, &err), -1);
        sealed.data[at] ^= 1;
    }
    assert_int_equal(opened.len, 4);
    assert_memory_equal(opened.data, "kept", 4);
    buffer_free(&sealed);
    buffer_free(&opened);
}

static void keys_that_are_none_are_refused(void **state)
{
    struct bus_keys keys = {"short", "0rJua1Qkhq2)}4G4gS)W5Ft->6=4P585:Cl9uDpB"};
    const struct bus_keys second[] = {old_keys, keys};
    struct seal_box box = {.pair_count = 7};
    struct err err = ERR_NONE;
    (void)state;
    assert_int_equal(seal_box_init(&box, &keys, 1, &err), -1);
    assert_string_equal(err.code, "key_invalid");
    assert_int_equal(seal_box_init(&box, second, 2, &err), -1);
    assert_int_equal(box.pair_count, 7);
    assert_int_equal(seal_box_read(&box, "/nowhere/at/all", &err), -1);
    assert_string_equal(err.code, "key_unreadable");
    assert_int_equal(box.pair_count, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sealed_opens_and_shows_nothing),
        cmocka_unit_test(what_was_sealed_by_an_older_program_opens),
        cmocka_unit_test(while_the_key_is_replaced_both_open_and_the_first_seals),
        cmocka_unit_test(what_is_not_ours_or_was_touched_does_not_open),
        cmocka_unit_test(keys_that_are_none_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
