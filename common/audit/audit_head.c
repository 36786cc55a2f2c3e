/* SPDX-License-Identifier: Apache-2.0 */
#include "common/audit/audit_head.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/base/instant.h"

enum {
    SIGNED_SIZE = 512
};

static struct bytes signed_text(const struct audit_head *h, char text[SIGNED_SIZE])
{
    char root[2 * MERKLE_HASH_LEN + 1];
    bytes_to_hex((struct bytes){h->root.hash.bytes, MERKLE_HASH_LEN}, root);
    (void)text_format(text, SIGNED_SIZE,
                      "troth-audit-head 1\ninstallation %s\nnumber %" PRId64 "\nsize %" PRIu64
                      "\nroot %s\nat %" PRId64 "\n",
                      h->installation, h->number, h->root.size, root, h->at_us);
    return bytes_of_text(text);
}

void audit_head_sign(const struct audit_key *k, struct audit_head *h)
{
    const struct audit_trust *t = audit_key_trust(k);
    char text[SIGNED_SIZE];
    (void)text_copy(h->installation, sizeof(h->installation), t->installation);
    audit_key_id(t->keys[t->count - 1], h->key_id);
    audit_key_sign(k, signed_text(h, text), h->signature);
}

int audit_head_check(const struct audit_head *h, const struct audit_trust *t, struct err *err)
{
    char text[SIGNED_SIZE];
    const uint8_t *key = audit_trust_find(t, (struct bytes){h->key_id, sizeof(h->key_id)});
    const struct bytes b = signed_text(h, text);
    if (strcmp(h->installation, t->installation) != 0) {
        return err_set(err, "head_invalid", "head %" PRId64 " is of another installation",
                       h->number);
    }
    if (!key) {
        return err_set(err, "head_invalid", "head %" PRId64 " is signed by a key that is not ours",
                       h->number);
    }
    if (crypto_sign_verify_detached(h->signature, b.data, b.len, key) != 0) {
        return err_set(err, "head_invalid", "head %" PRId64 ": its signature is wrong: changed",
                       h->number);
    }
    return 0;
}

bool audit_head_equal(const struct audit_head *a, const struct audit_head *b)
{
    return strcmp(a->installation, b->installation) == 0 && a->number == b->number &&
           a->root.size == b->root.size && merkle_hash_equal(&a->root.hash, &b->root.hash) &&
           a->at_us == b->at_us && memcmp(a->key_id, b->key_id, sizeof(a->key_id)) == 0 &&
           memcmp(a->signature, b->signature, sizeof(a->signature)) == 0;
}

/* ---- JSON */

int audit_json_hex(const json_t *object, const char *name, uint8_t *ret, size_t len)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? bytes_from_hex(text, ret, len) : -1;
}

int audit_json_int(const json_t *object, const char *name, int64_t min, int64_t *ret)
{
    const json_t *value = json_object_get(object, name);
    if (!json_is_integer(value) || json_integer_value(value) < min) {
        return -1;
    }
    *ret = json_integer_value(value);
    return 0;
}

json_t *audit_head_to_json(const struct audit_head *h)
{
    char root[2 * MERKLE_HASH_LEN + 1], key[2 * AUDIT_KEY_ID_LEN + 1];
    char signature[2 * AUDIT_SIGNATURE_LEN + 1], at[INSTANT_TEXT_SIZE];
    bytes_to_hex((struct bytes){h->root.hash.bytes, MERKLE_HASH_LEN}, root);
    bytes_to_hex((struct bytes){h->key_id, AUDIT_KEY_ID_LEN}, key);
    bytes_to_hex((struct bytes){h->signature, AUDIT_SIGNATURE_LEN}, signature);
    return json_pack("{s:s, s:I, s:I, s:s, s:I, s:s, s:s, s:s}", "installation", h->installation,
                     "number", (json_int_t)h->number, "size", (json_int_t)h->root.size, "root",
                     root, "at_us", (json_int_t)h->at_us, "at", instant_format(h->at_us, at), "key",
                     key, "signature", signature);
}

int audit_head_from_json(const json_t *json, struct audit_head *ret, struct err *err)
{
    struct audit_head h = {.number = 0};
    int64_t size = 0;
    const char *name = json_string_value(json_object_get(json, "installation"));
    if (!name || !audit_name_is_valid(name) || audit_json_int(json, "number", 1, &h.number) < 0 ||
        audit_json_int(json, "size", 0, &size) < 0 ||
        audit_json_int(json, "at_us", INT64_MIN, &h.at_us) < 0 ||
        audit_json_hex(json, "root", h.root.hash.bytes, MERKLE_HASH_LEN) < 0 ||
        audit_json_hex(json, "key", h.key_id, AUDIT_KEY_ID_LEN) < 0 ||
        audit_json_hex(json, "signature", h.signature, AUDIT_SIGNATURE_LEN) < 0) {
        return err_set(err, "head_unreadable", "this is no signed head");
    }
    h.root.size = (uint64_t)size;
    (void)text_copy(h.installation, sizeof(h.installation), name);
    *ret = h;
    return 0;
}

void audit_head_print(const struct audit_head *h, char ret_line[AUDIT_HEAD_LINE_SIZE])
{
    json_t *json = audit_head_to_json(h);
    const size_t len = json_dumpb(json, ret_line, AUDIT_HEAD_LINE_SIZE - 2, JSON_COMPACT);
    ret_line[len] = '\n';
    ret_line[len + 1] = '\0';
    json_decref(json);
}

static bool is_as_printed(const char *line, size_t len, const struct audit_head *h)
{
    char printed[AUDIT_HEAD_LINE_SIZE];
    audit_head_print(h, printed);
    const size_t want = strlen(printed) - 1;
    return (len == want || (len == want + 1 && line[want] == '\n')) &&
           memcmp(line, printed, want) == 0;
}

int audit_head_parse(const char *line, size_t len, struct audit_head *ret, struct err *err)
{
    json_t *json = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
    int rc = json ? audit_head_from_json(json, ret, err)
                  : err_set(err, "head_unreadable", "this is no line of JSON");
    json_decref(json);
    if (rc == 0 && !is_as_printed(line, len, ret)) {
        rc = err_set(err, "head_unreadable", "this is no head as it was written");
    }
    return rc;
}
