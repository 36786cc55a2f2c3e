/* SPDX-License-Identifier: Apache-2.0 */
/* audit_key_file.h - makes the key of the tamper-evident record, and the file that checks it. */
#ifndef TROTH_SERVICES_CLI_AUDIT_KEY_FILE_H
#define TROTH_SERVICES_CLI_AUDIT_KEY_FILE_H

#include "common/audit/audit_key.h"

/* path, mode 0600, and public_path; never overwrites. Codes file_unwritable. */
MUST_CHECK int audit_key_file_make(const char *path, const char *public_path,
                                   const char *installation, struct err *err);

/* Adds a key that signs from then on to the file at path, and its public half to public_path; those
 * before stay, to be believed. Each file is replaced as a whole; a broken-off attempt changes at
 * most the secret one, which then has a key more. Codes also audit_key_*. */
MUST_CHECK int audit_key_file_rotate(const char *path, const char *public_path, struct err *err);

#endif
