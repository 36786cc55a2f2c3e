/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, leaves, heads and proofs of the tamper-evident record, down to their bytes. */
#include "common/audit/audit_proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#define HEX32 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define SEED  "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
/* RFC 8032, 7.1, test 1: the public key of that seed. */
#define PUBLIC   "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define KEY_FILE "installation garage\nsalt " HEX32 "\nsign " SEED "\n"
#define PUB_FILE "# comment\n\ninstallation garage\nverify " PUBLIC "\n"

static struct audit_key *key(void)
{
    struct err err = ERR_NONE;
    struct audit_key *k = audit_key_parse(KEY_FILE, &err);
    assert_non_null(k);
    return k;
}

static struct audit_trust trust(void)
{
    struct audit_trust t;
    struct err err = ERR_NONE;
    assert_int_equal(audit_trust_parse(PUB_FILE, &t, &err), 0);
    return t;
}

static struct audit_event event(void)
{
    return (struct audit_event){
        .place = {.stream = "intake.0", .bucket = 17, .seq = 258},
        .at_us = 1700000000000000,
        .customer = 4369,
        .version = 3,
        .kind = "case_opened",
        .body = {(const uint8_t *)"body",                    4         },
    };
}

/* ---- keys */

static void a_key_file_gives_the_public_key_of_its_seed(void **state)
{
    struct audit_key *k = key();
    struct text made = {0}, public = {0};
    const struct audit_trust t = trust();
    struct err err = ERR_NONE;
    assert_string_equal(audit_key_trust(k)->installation, "garage");
    assert_memory_equal(audit_key_trust(k)->keys[0], t.keys[0], AUDIT_KEY_LEN);
    audit_trust_print(audit_key_trust(k), &public);
    assert_non_null(strstr(public.data, "verify " PUBLIC "\n"));
    assert_null(strstr(public.data, SEED));
    audit_key_free(k);
    audit_key_make("shop", &made);
    k = audit_key_parse(made.data, &err);
    assert_non_null(k);
    audit_key_free(k);
    text_free(&made);
    text_free(&public);
}

static void wrong_key_files_are_refused_without_telling_their_secrets(void **state)
{
    static const char *const files[] = {
        "",
        "installation garage\nsalt " HEX32 "\n",
        "installation garage\nsign " SEED "\n",
        "salt " HEX32 "\nsign " SEED "\n",
        "installation Garage\nsalt " HEX32 "\nsign " SEED "\n",
        "installation a\ninstallation b\nsalt " HEX32 "\nsign " SEED "\n",
        KEY_FILE "salt " HEX32 "\n",
        KEY_FILE "sign " SEED "ff\n",
        KEY_FILE "verify " PUBLIC "\n",
        KEY_FILE "sign\n",
        PUB_FILE,
    };
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct err err = ERR_NONE;
        assert_null(audit_key_parse(files[i], &err));
        assert_string_equal(err.code, "audit_key_invalid");
        assert_null(strstr(err.text, "9d61b1"));
    }
    struct audit_trust t;
    struct err err = ERR_NONE;
    assert_int_equal(audit_trust_parse(KEY_FILE, &t, &err), -1);
    assert_int_equal(audit_trust_load("/no/such/file", &t, &err), -1);
    assert_null(audit_key_load("/no/such/file", &err));
    assert_string_equal(err.code, "audit_key_unreadable");
}

static void a_new_signing_key_leaves_the_old_one_believed(void **state)
{
    struct err err = ERR_NONE;
    struct audit_key *old = key();
    struct audit_key *k = audit_key_parse(KEY_FILE "sign " HEX32 "\n", &err);
    struct audit_head before = {.number = 1}, after = {.number = 2};
    audit_head_sign(old, &before);
    audit_head_sign(k, &after);
    assert_memory_not_equal(before.key_id, after.key_id, AUDIT_KEY_ID_LEN);
    assert_int_equal(audit_head_check(&before, audit_key_trust(k), &err), 0);
    assert_int_equal(audit_head_check(&after, audit_key_trust(k), &err), 0);
    assert_int_equal(audit_head_check(&after, audit_key_trust(old), &err), -1);
    audit_key_free(old);
    audit_key_free(k);
}

/* ---- leaves */

/* The form of a leaf, written out once more: what was recorded depends on it for ever. */
static void a_leaf_is_made_of_these_bytes(void **state)
{
    static const uint8_t place[] = "\x08intake.0\x00\x11\x00\x00\x00\x00\x00\x00\x01\x02";
    struct audit_key *k = key();
    const struct audit_event e = event();
    uint8_t mac[32], nonce[AUDIT_NONCE_LEN], commitment[128], leaf[128] = {0};
    size_t n = 0;
    (void)crypto_auth_hmacsha256(mac, place, sizeof(place) - 1, audit_key_salt(k));
    audit_nonce(k, &e.place, nonce);
    assert_memory_equal(nonce, mac, sizeof(nonce));
    memcpy(commitment, nonce, 16);
    /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): bytes */
    memcpy(commitment + 16,
           "\0\0\0\0\0\0\x11\x11\0\0\0\0\0\0\0\x03\x0b"
           "case_openedbody",
           32);
    leaf[n++] = 0; /* RFC 6962: a leaf */
    leaf[n++] = 1; /* this form */
    memcpy(leaf + n, place, sizeof(place) - 1);
    n += sizeof(place) - 1;
    memcpy(leaf + n, "\x00\x06\x0a\x24\x18\x1e\x40\x00", 8);
    n += 8;
    (void)crypto_hash_sha256(leaf + n, commitment, 48);
    n += 32;
    (void)crypto_hash_sha256(mac, leaf, n);
    const struct merkle_hash got = audit_leaf(&e, nonce);
    assert_memory_equal(got.bytes, mac, sizeof(mac));
    audit_key_free(k);
}

static void every_part_of_an_event_changes_its_leaf(void **state)
{
    struct audit_key *k = key();
    struct audit_event e[9];
    struct merkle_hash leaves[ARRAY_LEN(e)];
    for (size_t i = 0; i < ARRAY_LEN(e); i++) {
        e[i] = event();
    }
    e[1].place.stream = "intake.1";
    e[2].place.bucket = 18;
    e[3].place.seq++;
    e[4].at_us++;
    e[5].customer++;
    e[6].version++;
    e[7].kind = "case_openedb"; /* and the body without it: the same bytes in a row */
    e[7].body = (struct bytes){(const uint8_t *)"ody", 3};
    e[8].body = (struct bytes){(const uint8_t *)"bodz", 4};
    for (size_t i = 0; i < ARRAY_LEN(e); i++) {
        uint8_t nonce[AUDIT_NONCE_LEN];
        audit_nonce(k, &e[i].place, nonce);
        leaves[i] = audit_leaf(&e[i], nonce);
        for (size_t j = 0; j < i; j++) {
            assert_false(merkle_hash_equal(&leaves[i], &leaves[j]));
        }
    }
    char word[AUDIT_WORD_MAX + 2];
    memset(word, 'x', sizeof(word));
    word[AUDIT_WORD_MAX] = '\0';
    e[0].kind = word;
    assert_true(audit_event_is_valid(&e[0]));
    word[AUDIT_WORD_MAX] = 'x';
    word[AUDIT_WORD_MAX + 1] = '\0';
    assert_false(audit_event_is_valid(&e[0]));
    audit_key_free(k);
}

/* ---- heads */

static void a_head_is_read_as_it_was_printed_and_each_field_is_signed(void **state)
{
    struct audit_key *k = key();
    const struct audit_trust t = trust();
    struct err err = ERR_NONE;
    char line[AUDIT_HEAD_LINE_SIZE];
    struct audit_head h = {.number = 7, .root = {.size = 12345}, .at_us = 1700000000123456};
    struct audit_head changed[7], read;
    h.root.hash.bytes[3] = 0xab;
    audit_head_sign(k, &h);
    audit_head_print(&h, line);
    assert_int_equal(line[strlen(line) - 1], '\n');
    assert_int_equal(audit_head_parse(line, strlen(line), &read, &err), 0);
    assert_true(audit_head_equal(&h, &read));
    assert_int_equal(audit_head_check(&read, &t, &err), 0);
    for (size_t i = 0; i < ARRAY_LEN(changed); i++) {
        changed[i] = h;
    }
    changed[0].number++;
    changed[1].root.size++;
    changed[2].root.hash.bytes[31] ^= 1;
    changed[3].at_us--;
    changed[4].installation[0] = 'h';
    changed[5].key_id[7] ^= 1;
    changed[6].signature[63] ^= 1;
    for (size_t i = 0; i < ARRAY_LEN(changed); i++) {
        assert_false(audit_head_equal(&h, &changed[i]));
        assert_int_equal(audit_head_check(&changed[i], &t, &err), -1);
        assert_string_equal(err.code, "head_invalid");
    }
    assert_int_equal(audit_head_parse("{}", 2, &read, &err), -1);
    assert_int_equal(audit_head_parse(line, strlen(line) / 2, &read, &err), -1);
    for (size_t bit = 0; bit < 8 * strlen(line) - 8; bit++) {
        line[bit / 8] = (char)((unsigned char)line[bit / 8] ^ 1U << bit % 8);
        if (audit_head_parse(line, strlen(line), &read, &err) == 0) {
            assert_int_equal(audit_head_check(&read, &t, &err), -1);
        }
        line[bit / 8] = (char)((unsigned char)line[bit / 8] ^ 1U << bit % 8);
    }
    assert_int_equal(audit_head_parse(line, strlen(line) - 1, &read, &err), 0);
    audit_key_free(k);
}

static bool is_read(const char *line)
{
    struct audit_head h;
    struct err err = ERR_NONE;
    return audit_head_parse(line, strlen(line), &h, &err) == 0;
}

static void a_line_that_is_no_head_as_it_was_written_is_refused(void **state)
{
    static const struct audit_head good = {.installation = "garage", .number = 1, .at_us = -1};
    static const char *const ends[] = {" ", "\n ", "\n\n", "\r\n"};
    struct audit_head never[] = {good, good, good};
    char line[AUDIT_HEAD_LINE_SIZE + 2];
    never[0].number = 0;
    never[1].root.size = UINT64_MAX; /* as JSON it is -1 */
    (void)text_copy(never[2].installation, sizeof(never[2].installation), "two words");
    audit_head_print(&good, line);
    assert_true(is_read(line));
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        char *end = strchr(line, '}') + 1;
        (void)text_copy(end, 3, ends[i]);
        assert_false(is_read(line));
    }
    for (size_t i = 0; i < ARRAY_LEN(never); i++) {
        audit_head_print(&never[i], line);
        assert_false(is_read(line));
    }
}

static void a_field_that_is_missing_or_of_another_form_is_told(void **state)
{
    static const struct {
        const char *json;
        int hex, number; /* what reading it as such returns */
    } cases[] = {
        {"{}",                  -1, -1},
        {"{\"b\": \"00ff\"}",   -1, -1},
        {"{\"a\": null}",       -1, -1},
        {"{\"a\": 1}",          -1, -1},
        {"{\"a\": 2}",          -1, 0 },
        {"{\"a\": 2.0}",        -1, -1},
        {"{\"a\": \"2\"}",      -1, -1},
        {"{\"a\": \"00f\"}",    -1, -1},
        {"{\"a\": \"00ff00\"}", -1, -1},
        {"{\"a\": \"00fg\"}",   -1, -1},
        {"{\"a\": \"00ff\"}",   0,  -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        json_t *json = json_loads(cases[i].json, 0, NULL);
        uint8_t bytes[2] = {0};
        int64_t number = 0;
        assert_non_null(json);
        if (audit_json_hex(json, "a", bytes, sizeof(bytes)) != cases[i].hex ||
            audit_json_int(json, "a", 2, &number) != cases[i].number) {
            fail_msg("%s", cases[i].json);
        }
        assert_int_equal(number, cases[i].number < 0 ? 0 : 2);
        json_decref(json);
    }
}

/* ---- proofs */

static char *proof_text(struct audit_key *k, size_t entries)
{
    const struct audit_event e = event();
    struct audit_entry entry = {.event = e};
    audit_nonce(k, &e.place, entry.nonce);
    const struct merkle_hash leaf = audit_leaf(&e, entry.nonce), left = merkle_leaf(e.body);
    struct audit_head h = {
        .number = 1, .root = {2, merkle_node(&left, &leaf)}
    };
    audit_head_sign(k, &h);
    entry.position = 1;
    entry.path = (struct merkle_path){.count = 1, .hashes = {left}};
    json_t *list = json_array();
    for (size_t i = 0; i < entries; i++) {
        entry.words = json_object();
        json_array_append_new(list, audit_proof_entry_json(&entry));
    }
    json_t *json =
        json_pack("{s:s, s:s, s:i, s:o, s:o}", "format", "troth-proof-1", "case", "C-256-4",
                  "number", 256, "head", audit_head_to_json(&h), "entries", list);
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return text;
}

/* Returns whether it was read, and whether it holds. */
static bool holds(const char *text, bool *ret_is_read)
{
    const struct audit_trust t = trust();
    struct audit_proof p = {.case_number = 0};
    struct err err = ERR_NONE;
    *ret_is_read = audit_proof_read(text, strlen(text), &p, &err) == 0;
    const bool is_proven = *ret_is_read && audit_proof_check(&p, &t, &err) == 0;
    audit_proof_clear(&p);
    return is_proven;
}

static void a_proof_holds_and_with_any_other_character_it_does_not(void **state)
{
    struct audit_key *k = key();
    char *text = proof_text(k, 1);
    bool is_read = false;
    assert_true(holds(text, &is_read));
    /* What is no part of it: names for people, and how the bytes are written. */
    const size_t people = (size_t)(strstr(text, "\"C-256-4\"") - text);
    const size_t at = (size_t)(strstr(text, "\"at\":") - text);
    const size_t words = (size_t)(strstr(text, "\"event\":") - text);
    for (size_t i = 0; i < strlen(text); i++) {
        const bool is_digit = strchr("0123456789abcdef", text[i]) != NULL;
        const bool is_unsigned = (i >= people && i < people + 24) || (i >= at && i < at + 34) ||
                                 (i >= words && i < words + 7);
        if (is_digit && !is_unsigned) {
            const char old = text[i];
            text[i] = old == '0' ? '1' : '0';
            assert_false(holds(text, &is_read));
            text[i] = old;
        }
    }
    free(text);
    text = proof_text(k, 0);
    assert_false(holds(text, &is_read));
    assert_true(is_read);
    free(text);
    text = proof_text(k, 2); /* the same entry twice */
    assert_false(holds(text, &is_read));
    free(text);
    audit_key_free(k);
}

static void a_kept_head_is_compared_with_the_proof(void **state)
{
    struct audit_key *k = key();
    const struct audit_trust t = trust();
    char *text = proof_text(k, 1);
    struct audit_proof p = {.case_number = 0};
    struct err err = ERR_NONE;
    assert_int_equal(audit_proof_read(text, strlen(text), &p, &err), 0);
    struct audit_head kept = p.head;
    assert_int_equal(audit_proof_check_head(&p, &kept, &t, &err), 0);
    kept.root.hash.bytes[0] ^= 1;
    assert_int_equal(audit_proof_check_head(&p, &kept, &t, &err), -1);
    assert_string_equal(err.code, "head_invalid");
    audit_head_sign(k, &kept); /* two heads of one installation that contradict each other */
    assert_int_equal(audit_proof_check_head(&p, &kept, &t, &err), -1);
    assert_string_equal(err.code, "head_differs");
    kept.root.size = 1;
    audit_head_sign(k, &kept);
    assert_int_equal(audit_proof_check_head(&p, &kept, &t, &err), -1);
    assert_string_equal(err.code, "head_unrelated");
    audit_proof_clear(&p);
    free(text);
    audit_key_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_file_gives_the_public_key_of_its_seed),
        cmocka_unit_test(wrong_key_files_are_refused_without_telling_their_secrets),
        cmocka_unit_test(a_new_signing_key_leaves_the_old_one_believed),
        cmocka_unit_test(a_leaf_is_made_of_these_bytes),
        cmocka_unit_test(every_part_of_an_event_changes_its_leaf),
        cmocka_unit_test(a_head_is_read_as_it_was_printed_and_each_field_is_signed),
        cmocka_unit_test(a_line_that_is_no_head_as_it_was_written_is_refused),
        cmocka_unit_test(a_field_that_is_missing_or_of_another_form_is_told),
        cmocka_unit_test(a_proof_holds_and_with_any_other_character_it_does_not),
        cmocka_unit_test(a_kept_head_is_compared_with_the_proof),
    };

    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
