/* SPDX-License-Identifier: Apache-2.0 */
/* audit_copy_file.h - a file with copies of signed heads, whole. */
#ifndef TROTH_SERVICES_CLI_AUDIT_COPY_FILE_H
#define TROTH_SERVICES_CLI_AUDIT_COPY_FILE_H

#include "common/base/err.h"

/* Its text, which the caller frees; NULL with err: code file_unreadable. */
char *audit_copy_file_read(const char *path, struct err *err);

#endif
