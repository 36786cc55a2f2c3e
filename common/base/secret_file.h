/* SPDX-License-Identifier: Apache-2.0 */
/* secret_file.h - may a file be taken for a secret, or could others read it too? */
#ifndef TROTH_COMMON_BASE_SECRET_FILE_H
#define TROTH_COMMON_BASE_SECRET_FILE_H

#include <stdbool.h>

/* Mode 0600 or less. A mount of secrets sets its own mode (fsGroup in Kubernetes, LoadCredential of
 * systemd, a group that root lends it to): what is neither ours nor ours to write is not ours to
 * close. Of our own file the mode counts, on a disk that is mounted read-only too (systemd's
 * ProtectSystem=strict). fd: of the open file at path. */
bool secret_file_is_private(int fd, const char *path);

#endif
