/* SPDX-License-Identifier: Apache-2.0 */
/*
 * user_account.h - what the dashboard and the command line both know of an account: names, roles,
 * what a password must be, and how it is hashed.
 *
 * Argon2id with 19 MiB, 2 passes and 1 lane (OWASP's minimum of 2023): about 30 ms, in which the
 * caller waits.
 */
#ifndef TROTH_COMMON_RUNTIME_USER_ACCOUNT_H
#define TROTH_COMMON_RUNTIME_USER_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/compiler.h"
#include "common/base/err.h"

enum {
    USER_NAME_MAX = 64,
    USER_PASSWORD_MIN = 12,  /* characters */
    USER_PASSWORD_MAX = 128, /* bytes */
    USER_HASH_SIZE = 128,
};

/* "viewer", "agent", "manager", "admin": 1 to 4. 0 for an unknown name. */
int16_t user_role_parse(const char *name);
/* NULL for a number that is none. */
const char *user_role_name(int16_t role);

/* Code name_invalid. Small letters, digits, and . _ @ - behind the first. */
MUST_CHECK int user_name_check(const char *name, struct err *err);
/* Code language_invalid: "en", "zh-Hans" or "". */
MUST_CHECK int user_language_check(const char *language, struct err *err);
/* Code staff_invalid: at most 64 bytes of UTF-8. */
MUST_CHECK int user_staff_check(const char *staff, struct err *err);

/* Code password_invalid, with what is wrong: its length, no UTF-8, or that others would try it
 * first (it is common, made of few characters, or contains the name). */
MUST_CHECK int user_password_check(const char *name, struct bytes password, struct err *err);

/* Code internal: there is no memory for it. */
MUST_CHECK int user_password_hash(struct bytes password, char ret_hash[USER_HASH_SIZE],
                                  struct err *err);
bool user_password_is_right(const char *hash, struct bytes password);
/* It was made with other limits than ours: make a new one when its password is at hand. */
bool user_password_is_old(const char *hash);

#endif
