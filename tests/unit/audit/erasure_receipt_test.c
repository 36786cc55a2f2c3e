/* SPDX-License-Identifier: Apache-2.0 */
#include "common/audit/erasure_receipt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"

#define HEX32 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define OTHER "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"

static struct audit_key *key(const char *text)
{
    struct err err = ERR_NONE;
    struct audit_key *k = audit_key_parse(text, &err);
    assert_non_null(k);
    return k;
}

static json_t *receipt(void)
{
    return json_pack("{s:i, s:s, s:{s:i}}", "troth_erasure", 1, "customer", "K-257-1", "removed",
                     "person", 1);
}

static const char *checked(const json_t *r, const struct audit_key *k)
{
    static struct err err;
    err = ERR_NONE;
    return erasure_receipt_check(r, audit_key_trust(k), &err) == 0 ? "good" : err.code;
}

static void what_was_signed_is_good_in_any_order_and_white_space(void **state)
{
    struct audit_key *k = key("installation garage\nsalt " HEX32 "\nsign " HEX32 "\n");
    struct audit_key *newer =
        key("installation garage\nsalt " HEX32 "\nsign " HEX32 "\nsign " OTHER "\n");
    json_t *r = receipt();
    erasure_receipt_sign(r, k);
    assert_string_equal(checked(r, k), "good");
    assert_string_equal(checked(r, newer), "good"); /* an older key is still believed */
    char *text = json_dumps(r, JSON_INDENT(7));
    json_t *again = json_loads(text, 0, NULL);
    assert_string_equal(checked(again, k), "good");
    json_decref(again);
    free(text);
    json_decref(r);
    audit_key_free(newer);
    audit_key_free(k);
}

static void whatever_is_changed_shows(void **state)
{
    static const struct {
        const char *name, *value;
        const char *want;
    } cases[] = {
        {"customer",      "K-1-1",   "signature_wrong"   },
        {"added",         "x",       "signature_wrong"   },
        {"installation",  "another", "wrong_installation"},
        {"key",           "00",      "receipt_unreadable"},
        {"signature",     NULL,      "receipt_not_signed"},
        {"troth_erasure", NULL,      "receipt_unreadable"},
        {"removed",       NULL,      "signature_wrong"   },
    };
    struct audit_key *k = key("installation garage\nsalt " HEX32 "\nsign " HEX32 "\n");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        json_t *r = receipt();
        erasure_receipt_sign(r, k);
        if (cases[i].value) {
            (void)json_object_set_new(r, cases[i].name, json_string(cases[i].value));
        } else {
            (void)json_object_del(r, cases[i].name);
        }
        assert_string_equal(checked(r, k), cases[i].want);
        json_decref(r);
    }
    audit_key_free(k);
}

static void another_key_is_not_believed(void **state)
{
    struct audit_key *k = key("installation garage\nsalt " HEX32 "\nsign " HEX32 "\n");
    struct audit_key *other = key("installation garage\nsalt " HEX32 "\nsign " OTHER "\n");
    json_t *r = receipt();
    erasure_receipt_sign(r, other);
    assert_string_equal(checked(r, k), "key_unknown");
    json_decref(r);
    audit_key_free(other);
    audit_key_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_signed_is_good_in_any_order_and_white_space),
        cmocka_unit_test(whatever_is_changed_shows),
        cmocka_unit_test(another_key_is_not_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
