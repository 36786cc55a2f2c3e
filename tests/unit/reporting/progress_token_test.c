/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/bytes.h"
#include "common/base/compiler.h"

/* SHA-256 of sixteen zero bytes, and of 00 01 ... 0f, by coreutils. */
static const struct {
    const char *name, *token, *hash;
} cases[] = {
    {"zeros",            "AAAAAAAAAAAAAAAAAAAAAA",
     "374708fff7719dd5979ec875d56cd2286f6d3cf7ec317a3b25632aab28ec37bb"},
    {"counting",         "AAECAwQFBgcICQoLDA0ODw",
     "be45cb2605bf36bebde684841a28f0fd43c69850a3dce5fedba69928ee3a8991"},
    {"another spelling", "AAECAwQFBgcICQoLDA0OD_",  NULL               },
    {"too short",        "AAECAwQFBgcICQoLDA0OD",   NULL               },
    {"too long",         "AAECAwQFBgcICQoLDA0ODwA", NULL               },
    {"the other base64", "AAECAwQFBgcICQoLDA0O+/",  NULL               },
    {"padded",
     "AAECAwQFBgcICQoLDA0="
     "==",                                          NULL               },
    {"nothing",          "",                        NULL               },
    {"a path",           "../../../../etc/passwd",  NULL               },
};

static void a_token_has_one_spelling_and_one_hash(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t hash[PROGRESS_HASH_LEN];
        char hex[2 * PROGRESS_HASH_LEN + 1];
        bool is_token = progress_token_hash(cases[i].token, hash);
        if (is_token != (cases[i].hash != NULL)) {
            fail_msg("%s", cases[i].name);
        }
        if (is_token) {
            bytes_to_hex((struct bytes){hash, sizeof(hash)}, hex);
            assert_string_equal(hex, cases[i].hash);
        }
    }
}

static void new_tokens_differ_and_are_tokens(void **state)
{
    char one[PROGRESS_TOKEN_SIZE], other[PROGRESS_TOKEN_SIZE];
    uint8_t hash[PROGRESS_HASH_LEN];
    (void)state;
    progress_token_new(one);
    progress_token_new(other);
    assert_string_not_equal(one, other);
    assert_true(progress_token_hash(one, hash) && progress_token_hash(other, hash));
}

static void the_order_of_a_link_has_room_for_its_keys(void **state)
{
    uint8_t hash[PROGRESS_HASH_LEN] = {0xff};
    char order[PROGRESS_ORDER_SIZE];
    (void)state;
    assert_string_equal(progress_token_order(hash, order), "page-_wAAAAAAAAAAAAAA");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_has_one_spelling_and_one_hash),
        cmocka_unit_test(new_tokens_differ_and_are_tokens),
        cmocka_unit_test(the_order_of_a_link_has_room_for_its_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
