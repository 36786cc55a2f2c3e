/* SPDX-License-Identifier: Apache-2.0 */
/* cli_user_password.h - a new password from who sits there, or from a pipe: never from the
 * arguments, which everybody on the machine sees. */
#ifndef TROTH_SERVICES_CLI_CLI_USER_PASSWORD_H
#define TROTH_SERVICES_CLI_CLI_USER_PASSWORD_H

#include "common/base/err.h"
#include "common/runtime/user_account.h"

/* On a terminal it is asked for twice and not shown; else the first line of standard input. Then
 * hashed, and wiped. Codes password_invalid, password_missing, internal. */
MUST_CHECK int cli_user_password_hash(const char *user, char ret_hash[USER_HASH_SIZE],
                                      struct err *err);

#endif
