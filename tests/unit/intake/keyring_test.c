/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/keyring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "common/base/compiler.h"
#include "tests/support/temp_folder.h"

#define HEX_1  "1111111111111111111111111111111111111111111111111111111111111111"
#define HEX_2  "2222222222222222222222222222222222222222222222222222222222222222"
#define HEX_3  "3333333333333333333333333333333333333333333333333333333333333333"
#define LOOKUP "lookup " HEX_1 "\n"

static struct keyring *keys_of(const char *text)
{
    struct err err = ERR_NONE;
    struct keyring *k = keyring_parse(text, &err);
    if (!k) {
        fail_msg("%s", err.text);
    }
    return k;
}

/* ---- the file */

static void a_file_has_a_lookup_key_and_generations(void **state)
{
    struct keyring *k = keys_of("# keys\n\n" LOOKUP "master 7 " HEX_3 "\r\n  master\t2 " HEX_2);
    assert_int_equal(keyring_generation_count(k), 2);
    assert_int_equal(keyring_generation(k, 0), 2);
    assert_int_equal(keyring_generation(k, 1), 7);
    assert_int_equal(keyring_newest(k), 7);
    keyring_free(k);
}

static void what_is_no_keyring_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text;
        const char *says;
    } cases[] = {
        {"",                                             "a lookup key and a master key"},
        {LOOKUP,                                         "a lookup key and a master key"},
        {"master 1 " HEX_2 "\n",                         "a lookup key and a master key"},
        {LOOKUP "master 0 " HEX_2,                       "line 2"                       },
        {LOOKUP "master -1 " HEX_2,                      "line 2"                       },
        {LOOKUP "master 32768 " HEX_2,                   "line 2"                       },
        {LOOKUP "master 99999999999999999999 " HEX_2,    "line 2"                       },
        {LOOKUP "master 1x " HEX_2,                      "line 2"                       },
        {LOOKUP "master 1 22",                           "64 hex digits"                },
        {LOOKUP "master 1 " HEX_2 "22",                  "64 hex digits"                },
        {LOOKUP "master 1 " HEX_2 " more",               "nothing is expected"          },
        {LOOKUP "\nmaster 1 " HEX_2 "\nmaster 1 " HEX_3, "line 4"                       },
        {LOOKUP LOOKUP "master 1 " HEX_2,                "line 2"                       },
        {"lookup " HEX_1 " more\nmaster 1 " HEX_2,       "line 1"                       },
        {"lookup zz" HEX_1 "\nmaster 1 " HEX_2,          "64 hex digits"                },
        {"secret " HEX_1,                                "lookup, master or a comment"  },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;
        assert_null(keyring_parse(cases[i].text, &err));
        assert_string_equal(err.code, "master_key_file");
        assert_string_equal(err.field, "master_key_file");
        assert_non_null(strstr(err.text, cases[i].says));
        assert_null(strstr(err.text, "2222")); /* never a key */
    }
}

static void more_generations_than_fit_are_refused(void **state)
{
    static char text[128 * (KEYRING_GENERATIONS_MAX + 2)];
    char *end = text + snprintf(text, sizeof(text), LOOKUP);
    for (int i = 1; i <= KEYRING_GENERATIONS_MAX; i++) {
        end += snprintf(end, 128, "master %d " HEX_2 "\n", i);
    }
    struct keyring *k = keys_of(text);
    assert_int_equal(keyring_newest(k), KEYRING_GENERATIONS_MAX);
    keyring_free(k);
    (void)snprintf(end, 128, "master 100 " HEX_2 "\n");
    struct err err = ERR_NONE;
    assert_null(keyring_parse(text, &err));
}

static void a_file_that_others_can_read_is_refused(void **state)
{
    struct temp_folder folder = temp_folder_new();
    char path[TEMP_PATH_SIZE];
    struct err err = ERR_NONE;
    (void)temp_folder_name(&folder, "", "master.keys", path);
    assert_null(keyring_load(path, &err));
    assert_non_null(strstr(err.text, "troth key master"));
    temp_folder_write(path, LOOKUP "master 1 " HEX_2 "\n", 0640);
    assert_null(keyring_load(path, &err));
    assert_non_null(strstr(err.text, "0600"));
    temp_folder_write(path, LOOKUP "master 1 " HEX_2 "\n", 0600);
    struct keyring *k = keyring_load(path, &err);
    assert_non_null(k);
    keyring_free(k);
    temp_folder_write(path, LOOKUP "master 1 22\n", 0600);
    assert_null(keyring_load(path, &err));
    assert_non_null(strstr(err.text, path)); /* which file */
    temp_folder_remove(&folder);
}

/* ---- hashes */

static void a_file_that_is_cut_off_is_refused(void **state)
{
    static char text[17 * 1024];
    struct temp_folder folder = temp_folder_new();
    char path[TEMP_PATH_SIZE];
    struct err err = ERR_NONE;
    memset(text, '#', sizeof(text) - 1);
    memcpy(text, LOOKUP "master 1 " HEX_2 "\n", strlen(LOOKUP "master 1 " HEX_2 "\n"));
    (void)temp_folder_name(&folder, "", "master.keys", path);
    temp_folder_write(path, text, 0600);
    assert_null(keyring_load(path, &err));
    assert_non_null(strstr(err.text, "bytes"));
    text[16 * 1024 - 1] = '\0';
    temp_folder_write(path, text, 0600);
    struct keyring *k = keyring_load(path, &err);
    assert_non_null(k);
    keyring_free(k);
    temp_folder_remove(&folder);
}

static void hashes_depend_on_text_key_and_kind(void **state)
{
    struct keyring *k = keys_of(LOOKUP "master 1 " HEX_2);
    struct keyring *rotated = keys_of(LOOKUP "master 1 " HEX_2 "\nmaster 2 " HEX_3);
    struct keyring *other = keys_of("lookup " HEX_2 "\nmaster 1 " HEX_2);
    uint8_t a[KEYRING_HASH_LEN], b[KEYRING_HASH_LEN];
    keyring_hash_phone(k, "+8613800138000", a);
    keyring_hash_phone(rotated, "+8613800138000", b);
    assert_memory_equal(a, b, sizeof(a)); /* for ever */
    keyring_hash_phone(k, "+8613800138001", b);
    assert_memory_not_equal(a, b, sizeof(a));
    keyring_hash_email(k, "+8613800138000", b);
    assert_memory_not_equal(a, b, sizeof(a));
    keyring_hash_device(k, "+8613800138000", b);
    assert_memory_not_equal(a, b, sizeof(a));
    keyring_hash_phone(other, "+8613800138000", b);
    assert_memory_not_equal(a, b, sizeof(a));
    keyring_free(k);
    keyring_free(rotated);
    keyring_free(other);
}

/* Stored hashes must be found again by every later version. The vectors are Python's hashlib's. */
static void hashes_are_the_same_for_ever(void **state)
{
    struct keyring *k = keys_of(LOOKUP "master 1 " HEX_2);
    uint8_t hash[KEYRING_HASH_LEN];
    char hex[2 * KEYRING_HASH_LEN + 1];
    keyring_hash_phone(k, "+8613800138000", hash);
    bytes_to_hex((struct bytes){hash, sizeof(hash)}, hex);
    assert_string_equal(hex, "b50b0f22a56a97e908e0379253a432e6");
    keyring_hash_email(k, "li@example.org", hash);
    bytes_to_hex((struct bytes){hash, sizeof(hash)}, hex);
    assert_string_equal(hex, "f40231cc68502e0ce9da0ac97a5307d8");
    keyring_free(k);
}

static void fingerprints_tell_keys_apart(void **state)
{
    struct keyring *k = keys_of(LOOKUP "master 1 " HEX_2 "\nmaster 2 " HEX_3);
    uint8_t one[KEYRING_HASH_LEN], two[KEYRING_HASH_LEN], lookup[KEYRING_HASH_LEN];
    assert_true(keyring_fingerprint(k, 1, one));
    assert_true(keyring_fingerprint(k, 2, two));
    assert_true(keyring_fingerprint(k, 0, lookup));
    assert_false(keyring_fingerprint(k, 3, lookup));
    assert_memory_not_equal(one, two, sizeof(one));
    assert_memory_not_equal(one, lookup, sizeof(one));
    keyring_free(k);
}

/* ---- wrapping */

static const uint8_t customer_key[KEYRING_KEY_LEN] = {1, 2, 3, 4};

static struct bytes wrapped(const uint8_t data[KEYRING_WRAPPED_LEN])
{
    return (struct bytes){.data = data, .len = KEYRING_WRAPPED_LEN};
}

static void a_wrapped_key_opens_for_its_customer_and_generation_alone(void **state)
{
    struct keyring *k = keys_of(LOOKUP "master 1 " HEX_2 "\nmaster 2 " HEX_2);
    uint8_t data[KEYRING_WRAPPED_LEN], key[KEYRING_KEY_LEN];
    struct err err = ERR_NONE;
    keyring_wrap(k, 0x1234, customer_key, data);
    assert_int_equal(keyring_unwrap(k, 0x1234, 2, wrapped(data), key, &err), 0);
    assert_memory_equal(key, customer_key, sizeof(key));
    assert_int_equal(keyring_unwrap(k, 0x1235, 2, wrapped(data), key, &err), -1);
    assert_string_equal(err.code, "key_damaged");
    /* the same key under another number is another generation all the same */
    assert_int_equal(keyring_unwrap(k, 0x1234, 1, wrapped(data), key, &err), -1);
    assert_int_equal(keyring_unwrap(k, 0x1234, 3, wrapped(data), key, &err), -1);
    assert_non_null(strstr(err.text, "generation 3"));
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] ^= 1;
        assert_int_equal(keyring_unwrap(k, 0x1234, 2, wrapped(data), key, &err), -1);
        data[i] ^= 1;
    }
    struct bytes cut = {.data = data, .len = sizeof(data) - 1};
    assert_int_equal(keyring_unwrap(k, 0x1234, 2, cut, key, &err), -1);
    cut.len = 0;
    assert_int_equal(keyring_unwrap(k, 0x1234, 2, cut, key, &err), -1);
    keyring_free(k);
}

static void after_a_rotation_old_keys_open_and_new_ones_are_wrapped_anew(void **state)
{
    struct keyring *before = keys_of(LOOKUP "master 1 " HEX_2);
    struct keyring *during = keys_of(LOOKUP "master 1 " HEX_2 "\nmaster 2 " HEX_3);
    struct keyring *after = keys_of(LOOKUP "master 2 " HEX_3);
    uint8_t data[KEYRING_WRAPPED_LEN], key[KEYRING_KEY_LEN];
    struct err err = ERR_NONE;
    keyring_wrap(before, 9, customer_key, data);
    assert_int_equal(keyring_unwrap(during, 9, 1, wrapped(data), key, &err), 0);
    assert_int_equal(keyring_unwrap(after, 9, 1, wrapped(data), key, &err), -1);
    keyring_wrap(during, 9, key, data);
    assert_int_equal(keyring_unwrap(after, 9, 2, wrapped(data), key, &err), 0);
    assert_memory_equal(key, customer_key, sizeof(key));
    keyring_free(before);
    keyring_free(during);
    keyring_free(after);
}

static void what_others_do_not_know_yet_does_not_wrap(void **state)
{
    struct keyring *k = keys_of(LOOKUP "master 1 " HEX_2);
    uint8_t data[KEYRING_WRAPPED_LEN], key[KEYRING_KEY_LEN];
    struct err err = ERR_NONE;
    keyring_replace(k, keys_of(LOOKUP "master 1 " HEX_2 "\nmaster 3 " HEX_3));
    assert_int_equal(keyring_newest(k), 3);
    assert_int_equal(keyring_sealing(k), 1);
    keyring_wrap(k, 9, customer_key, data);
    assert_int_equal(keyring_unwrap(k, 9, 1, wrapped(data), key, &err), 0);
    keyring_seal_with(k, 2);
    assert_int_equal(keyring_sealing(k), 1);
    keyring_seal_with(k, 3);
    assert_int_equal(keyring_sealing(k), 3);
    keyring_wrap(k, 9, customer_key, data);
    assert_int_equal(keyring_unwrap(k, 9, 3, wrapped(data), key, &err), 0);
    keyring_replace(k, keys_of(LOOKUP "master 3 " HEX_3));
    assert_int_equal(keyring_sealing(k), 3);
    keyring_seal_with(k, 1); /* there is no such one any more */
    assert_int_equal(keyring_sealing(k), 3);
    keyring_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_has_a_lookup_key_and_generations),
        cmocka_unit_test(what_is_no_keyring_is_refused_with_its_line),
        cmocka_unit_test(more_generations_than_fit_are_refused),
        cmocka_unit_test(a_file_that_others_can_read_is_refused),
        cmocka_unit_test(a_file_that_is_cut_off_is_refused),
        cmocka_unit_test(hashes_depend_on_text_key_and_kind),
        cmocka_unit_test(hashes_are_the_same_for_ever),
        cmocka_unit_test(fingerprints_tell_keys_apart),
        cmocka_unit_test(a_wrapped_key_opens_for_its_customer_and_generation_alone),
        cmocka_unit_test(after_a_rotation_old_keys_open_and_new_ones_are_wrapped_anew),
        cmocka_unit_test(what_others_do_not_know_yet_does_not_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
