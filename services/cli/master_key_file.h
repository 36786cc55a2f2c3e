/* SPDX-License-Identifier: Apache-2.0 */
/*
 * master_key_file.h - makes the file that intake's setting master_key_file names.
 *
 *     lookup HEX64              key of the hashes by which phones and e-mails are found
 *     master GENERATION HEX64   wraps the keys of the customers; the newest one counts
 */
#ifndef TROTH_SERVICES_CLI_MASTER_KEY_FILE_H
#define TROTH_SERVICES_CLI_MASTER_KEY_FILE_H

#include "common/base/compiler.h"
#include "common/base/err.h"

/* A new file with generation 1, mode 0600; never overwrites. */
MUST_CHECK int master_key_file_make(const char *path, struct err *err);

/* Adds the next generation. The file is replaced as a whole, so that a crash leaves the old one or
 * the new one; what stands in it stays. */
MUST_CHECK int master_key_file_rotate(const char *path, int *ret_generation, struct err *err);

#endif
