/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/user_account.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <sodium.h>

static void passwords_that_others_would_try_first_are_refused(void **state)
{
    static const struct {
        const char *name, *password;
        const char *why; /* part of the text; NULL: it is fine */
    } cases[] = {
        {"mei",      "tall trees near the gate",                         NULL                },
        {"mei",      "twelve chars",                                     NULL                },
        {"mei",      "eleven char",                                      "at least 12"       },
        {"mei",      "",                                                 "at least 12"       },
        {"mei",      "\xe5\xa5\xbd\xe5\xa5\xbd\xe5\xa5\xbd\xe5\xa5\xbd", "at least 12"       },
        {"mei",      "passwordpassword",                                 "everybody tries"   },
        {"mei",      "PassWordPassWord",                                 "everybody tries"   },
        {"mei",      "aaaaaaaaaaaaaaaa",                                 "too few characters"},
        {"mei",      "abababababab1",                                    "too few characters"},
        {"mei",      "1234567890123",                                    "too few characters"},
        {"mei",      "9876543210987",                                    "too few characters"},
        {"mei",      "abcdefghijklmnop",                                 "too few characters"},
        {"magnolia", "my MAGNOLIA tree 7",                               "contains the name" },
        {"mei",      "mei goes for a walk",                              NULL                },
        {"mei",      "caf\xe9 au lait please",                           "no UTF-8"          },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;
        int rc = user_password_check(cases[i].name, bytes_of_text(cases[i].password), &err);
        if ((rc == 0) != (cases[i].why == NULL) ||
            (cases[i].why &&
             (strcmp(err.code, "password_invalid") != 0 || !strstr(err.text, cases[i].why)))) {
            fail_msg("%s: %s", cases[i].password, err.text);
        }
    }
}

static void a_password_has_128_bytes_at_most(void **state)
{
    char password[USER_PASSWORD_MAX + 1];
    struct err err = ERR_NONE;
    (void)state;
    for (size_t i = 0; i < sizeof(password); i++) {
        password[i] = (char)('a' + (i * 7) % 26);
    }
    struct bytes longest = {(const uint8_t *)password, USER_PASSWORD_MAX};
    struct bytes longer = {(const uint8_t *)password, USER_PASSWORD_MAX + 1};
    assert_int_equal(user_password_check("mei", longest, &err), 0);
    assert_int_equal(user_password_check("mei", longer, &err), -1);
}

static void names_roles_and_languages_are_known_ones(void **state)
{
    static const char *const good[] = {"mei", "li.wei", "a", "7", "a@b-c_d.e"};
    static const char *const bad[] = {"", "Mei", "-a", ".a", "a b", "a/b", "\xe5\xa5\xbd", "a'"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_int_equal(user_name_check(good[i], NULL), 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(user_name_check(bad[i], NULL), -1);
    }
    for (int16_t i = 1; i <= 4; i++) {
        assert_int_equal(user_role_parse(user_role_name(i)), i);
    }
    assert_null(user_role_name(0));
    assert_null(user_role_name(5));
    assert_int_equal(user_role_parse(""), 0);
    assert_int_equal(user_role_parse("Admin"), 0);
    assert_int_equal(user_language_check("zh-Hans", NULL), 0);
    assert_int_equal(user_language_check("zh", NULL), -1);
    assert_int_equal(user_staff_check("\xff", NULL), -1);
}

static void a_hash_is_of_its_password_alone_and_says_when_it_is_old(void **state)
{
    char hash[USER_HASH_SIZE];
    char again[USER_HASH_SIZE];
    char old[crypto_pwhash_STRBYTES];
    const struct bytes password = bytes_of_text("tall trees near the gate");
    (void)state;
    assert_int_equal(user_password_hash(password, hash, NULL), 0);
    assert_int_equal(user_password_hash(password, again, NULL), 0);
    assert_string_not_equal(hash, again);
    assert_non_null(strstr(hash, "$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_true(user_password_is_right(hash, password));
    assert_false(user_password_is_right(hash, bytes_of_text("tall trees near the gatE")));
    assert_false(user_password_is_right("", password));
    assert_false(user_password_is_old(hash));
    assert_int_equal(crypto_pwhash_str_alg(old, (const char *)password.data, password.len, 1,
                                           crypto_pwhash_MEMLIMIT_MIN,
                                           crypto_pwhash_ALG_ARGON2ID13),
                     0);
    assert_true(user_password_is_old(old));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passwords_that_others_would_try_first_are_refused),
        cmocka_unit_test(a_password_has_128_bytes_at_most),
        cmocka_unit_test(names_roles_and_languages_are_known_ones),
        cmocka_unit_test(a_hash_is_of_its_password_alone_and_says_when_it_is_old),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
