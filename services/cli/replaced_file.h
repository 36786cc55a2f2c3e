/* SPDX-License-Identifier: Apache-2.0 */
/* replaced_file.h - files of keys: a new one never overwrites, another content comes as a whole. */
#ifndef TROTH_SERVICES_CLI_REPLACED_FILE_H
#define TROTH_SERVICES_CLI_REPLACED_FILE_H

#include <sys/types.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/base/text.h"

/* Codes of both: "file_unwritable". When they return 0, content and name are on the disk. */

/* A file that was not there. */
MUST_CHECK int replaced_file_make(const char *path, mode_t mode, const struct text *content,
                                  struct err *err);

/* Who reads path sees the old content or the new one. The file keeps its owner, group and mode, so
 * that who could read it still can; where we may not give it those, the old one stays. mode: of a
 * file that is not there. */
MUST_CHECK int replaced_file_write(const char *path, mode_t mode, const struct text *content,
                                   struct err *err);

#endif
