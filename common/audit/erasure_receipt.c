/* SPDX-License-Identifier: Apache-2.0 */
#include "common/audit/erasure_receipt.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/base/log.h"

#define FORM "troth erasure receipt 1\n"

/* What is signed, as one text. */
static void write_signed(const json_t *receipt, struct text *out)
{
    union {
        const json_t *in;
        json_t *out; /* jansson takes no const, and json_copy() changes nothing */
    } u = {.in = receipt};
    json_t *copy = json_copy(u.out);
    (void)json_object_del(copy, "signature");
    char *json = json_dumps(copy, JSON_COMPACT | JSON_SORT_KEYS);
    if (!json) {
        BUG("a receipt cannot be written");
    }
    text_append(out, FORM);
    text_append(out, json);
    free(json);
    json_decref(copy);
}

void erasure_receipt_sign(json_t *receipt, const struct audit_key *key)
{
    const struct audit_trust *trust = audit_key_trust(key);
    uint8_t id[AUDIT_KEY_ID_LEN], signature[AUDIT_SIGNATURE_LEN];
    char hex[2 * AUDIT_SIGNATURE_LEN + 1];
    struct text text = {0};
    audit_key_id(trust->keys[trust->count - 1], id);
    bytes_to_hex((struct bytes){id, sizeof(id)}, hex);
    (void)json_object_set_new(receipt, "installation", json_string(trust->installation));
    (void)json_object_set_new(receipt, "key", json_string(hex));
    write_signed(receipt, &text);
    audit_key_sign(key, bytes_of_text(text_or_empty(&text)), signature);
    text_free(&text);
    bytes_to_hex((struct bytes){signature, sizeof(signature)}, hex);
    (void)json_object_set_new(receipt, "signature", json_string(hex));
}

static const char *text_of(const json_t *receipt, const char *name)
{
    return json_string_value(json_object_get(receipt, name));
}

int erasure_receipt_check(const json_t *receipt, const struct audit_trust *trust, struct err *err)
{
    uint8_t id[AUDIT_KEY_ID_LEN], signature[AUDIT_SIGNATURE_LEN];
    struct text text = {0};
    const char *installation = text_of(receipt, "installation");
    if (!json_is_integer(json_object_get(receipt, "troth_erasure"))) {
        return err_set(err, "receipt_unreadable", "this is no receipt of an erasure");
    }
    if (!text_of(receipt, "signature") || !installation) {
        return err_set(err, "receipt_not_signed", "the receipt is not signed");
    }
    if (bytes_from_hex(text_of(receipt, "key") ? text_of(receipt, "key") : "", id, sizeof(id)) <
            0 ||
        bytes_from_hex(text_of(receipt, "signature"), signature, sizeof(signature)) < 0) {
        return err_set(err, "receipt_unreadable", "key or signature is not of its form");
    }
    if (strcmp(installation, trust->installation) != 0) {
        return err_set(err, "wrong_installation", "the receipt is of another installation");
    }
    const uint8_t *key = audit_trust_find(trust, (struct bytes){id, sizeof(id)});
    if (!key) {
        return err_set(err, "key_unknown", "it was signed with a key that is not in the file");
    }
    write_signed(receipt, &text);
    const struct bytes plain = bytes_of_text(text_or_empty(&text));
    int rc = crypto_sign_verify_detached(signature, plain.data, plain.len, key);
    text_free(&text);
    return rc == 0 ? 0
                   : err_set(err, "signature_wrong",
                             "the receipt is not what was signed: something in it was changed");
}
