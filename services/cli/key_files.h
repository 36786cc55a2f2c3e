/* SPDX-License-Identifier: Apache-2.0 */
/* key_files.h - the files of a key pair, and keys as people compare them. */
#ifndef TROTH_SERVICES_CLI_KEY_FILES_H
#define TROTH_SERVICES_CLI_KEY_FILES_H

#include "common/base/err.h"
#include "common/base/text.h"
#include "common/runtime/bus.h"

/* 1 to 63 of a-z, 0-9, '_', '.', '-', not beginning with one of the last three: what the database
 * accepts. */
bool key_name_is_valid(const char *name);

/* "keys/garage.key" has its public half in "keys/garage.pub". Appends to out. */
void key_files_public_path(const char *pair_path, struct text *out);

/* Makes a pair and both files; never overwrites. */
MUST_CHECK int key_files_make(const char *pair_path, const char *public_path,
                              struct bus_keys *ret_keys, struct err *err);

/* A bearer token: "troth_" and 256 random bits, in letters, digits, '-' and '_'. */
#define KEY_TOKEN_SIZE 50
void key_token_make(char ret_token[KEY_TOKEN_SIZE]);

/* Z85 (ZeroMQ RFC 32), as in the files. */
void key_text(const uint8_t key[PRINCIPAL_KEY_LEN], char ret_text[BUS_KEY_TEXT_SIZE]);

#endif
