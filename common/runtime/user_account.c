/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/user_account.h"

#include <string.h>

#include <sodium.h>

#include "common/base/text.h"

#define PASSES       2
#define MEMORY_BYTES ((size_t)19 * 1024 * 1024)

enum {
    DISTINCT_MIN = 5, /* characters */
};

_Static_assert((int)USER_HASH_SIZE == (int)crypto_pwhash_STRBYTES, "libsodium writes so many");

/* ---- words */

static const char *const roles[] = {"", "viewer", "agent", "manager", "admin"};

int16_t user_role_parse(const char *name)
{
    for (int16_t i = 1; i < (int16_t)ARRAY_LEN(roles); i++) {
        if (strcmp(roles[i], name) == 0) {
            return i;
        }
    }
    return 0;
}

const char *user_role_name(int16_t role)
{
    return role >= 1 && role < (int16_t)ARRAY_LEN(roles) ? roles[role] : NULL;
}

int user_name_check(const char *name, struct err *err)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    static const char more[] = "abcdefghijklmnopqrstuvwxyz0123456789._@-";
    size_t len = strlen(name);
    if (len == 0 || len > USER_NAME_MAX || !strchr(first, name[0]) || strspn(name, more) != len) {
        return err_set_field(err, "name_invalid", "name",
                             "1 to %d small letters, digits, and . _ @ - behind the first",
                             USER_NAME_MAX);
    }
    return 0;
}

int user_language_check(const char *language, struct err *err)
{
    static const char *const known[] = {"", "en", "zh-Hans"};
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (strcmp(known[i], language) == 0) {
            return 0;
        }
    }
    return err_set_field(err, "language_invalid", "language", "en or zh-Hans");
}

int user_staff_check(const char *staff, struct err *err)
{
    if (strlen(staff) > USER_NAME_MAX || !text_is_utf8(bytes_of_text(staff))) {
        return err_set_field(err, "staff_invalid", "staff", "at most %d bytes", USER_NAME_MAX);
    }
    return 0;
}

/* ---- passwords that others would try first */

/* Those of the usual lists that are long enough to get this far. */
static const char *const common[] = {
    "1q2w3e4r5t6y7u8i9o0p", "1qaz2wsx3edc4rfv",
    "1qaz2wsx3edc",         "abcd1234abcd",
    "abcdefghijkl",         "abcdefghijklm",
    "adminadminadmin",      "administrator",
    "asdfghjkl123",         "asdfghjklqwertyuiop",
    "asdfghjklzxcvbnm",     "changeme1234",
    "changemenow1",         "correcthorsebatterystaple",
    "dashboard123",         "iloveyou1234",
    "letmein12345",         "letmeinplease",
    "mypassword123",        "p@ssw0rd1234",
    "p@ssword1234",         "pa55word1234",
    "passw0rd1234",         "password1234",
    "password12345",        "password123456",
    "passwordpassword",     "q1w2e3r4t5y6",
    "qazwsxedcrfv",         "qwer1234qwer",
    "qwerty123456",         "qwertyqwerty",
    "qwertyuiop12",         "qwertyuiop123",
    "qwertyuiopasdf",       "secret123456",
    "superman1234",         "temporary123",
    "trothtrothtroth",      "welcome12345",
    "welcome123456",        "woaini1314520",
    "woaini520520",         "zaq12wsxcde3",
    "zxcvbnm12345",         "zxcvbnmasdfghjkl",
};

static void lower(struct bytes password, char ret_text[USER_PASSWORD_MAX + 1])
{
    size_t i;
    for (i = 0; i < password.len; i++) {
        char c = (char)password.data[i];
        if (c >= 'A' && c <= 'Z') {
            c = (char)(c - 'A' + 'a');
        }
        ret_text[i] = c;
    }
    ret_text[i] = '\0';
}

/* "123456789012", "abcabcabcabc", "aaaaaaaaaaaa" */
static bool is_row(const char *text)
{
    bool is_up = true;
    bool is_down = true;
    for (const char *c = text; c[1]; c++) {
        int step = (unsigned char)c[1] - (unsigned char)c[0];
        bool is_wrap = (c[0] == '9' && c[1] == '0') || (c[0] == '0' && c[1] == '9');
        is_up = is_up && (step == 1 || is_wrap);
        is_down = is_down && (step == -1 || is_wrap);
    }
    return is_up || is_down;
}

static int count_distinct(const char *text)
{
    bool seen[256] = {false};
    int count = 0;
    for (const char *c = text; *c; c++) {
        count += seen[(unsigned char)*c] ? 0 : 1;
        seen[(unsigned char)*c] = true;
    }
    return count;
}

static const char *weakness_of(const char *name, const char *text)
{
    if (count_distinct(text) < DISTINCT_MIN || is_row(text)) {
        return "it is made of too few characters";
    }
    if (strlen(name) >= 4 && strstr(text, name)) {
        return "it contains the name";
    }
    for (size_t i = 0; i < ARRAY_LEN(common); i++) {
        if (strcmp(common[i], text) == 0) {
            return "it is one of those that everybody tries first";
        }
    }
    return NULL;
}

int user_password_check(const char *name, struct bytes password, struct err *err)
{
    char text[USER_PASSWORD_MAX + 1];
    if (password.len > USER_PASSWORD_MAX) {
        return err_set_field(err, "password_invalid", "password", "at most %d bytes",
                             USER_PASSWORD_MAX);
    }
    if (!text_is_utf8(password)) {
        return err_set_field(err, "password_invalid", "password", "it is no UTF-8");
    }
    lower(password, text);
    const char *weakness = NULL;
    bool is_short = text_code_points(text) < USER_PASSWORD_MIN;
    if (!is_short) {
        weakness = weakness_of(name, text);
    }
    explicit_bzero(text, sizeof(text));
    if (is_short) {
        return err_set_field(err, "password_invalid", "password", "at least %d characters",
                             USER_PASSWORD_MIN);
    }
    return weakness ? err_set_field(err, "password_invalid", "password", "%s", weakness) : 0;
}

/* ---- hashes */

int user_password_hash(struct bytes password, char ret_hash[USER_HASH_SIZE], struct err *err)
{
    char hash[USER_HASH_SIZE];
    if (crypto_pwhash_str_alg(hash, (const char *)password.data, password.len, PASSES, MEMORY_BYTES,
                              crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return err_set(err, "internal", "no memory to hash a password");
    }
    memcpy(ret_hash, hash, sizeof(hash));
    return 0;
}

bool user_password_is_right(const char *hash, struct bytes password)
{
    return crypto_pwhash_str_verify(hash, (const char *)password.data, password.len) == 0;
}

bool user_password_is_old(const char *hash)
{
    return crypto_pwhash_str_needs_rehash(hash, PASSES, MEMORY_BYTES) != 0;
}
