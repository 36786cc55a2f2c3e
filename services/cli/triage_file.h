/* SPDX-License-Identifier: Apache-2.0 */
/* triage_file.h - models of triage from their files and into them. */
#ifndef TROTH_SERVICES_CLI_TRIAGE_FILE_H
#define TROTH_SERVICES_CLI_TRIAGE_FILE_H

#include "common/base/bytes.h"
#include "common/base/err.h"
#include "common/domain/triage_model.h"

/* NULL: "file_unreadable" or "triage_model_invalid". ret_bytes, unless NULL, gets what stands in
 * the file; the caller frees both. */
struct triage_model *triage_file_load(const char *path, struct buffer *ret_bytes, struct err *err);

/* Returns 0, or -1 with "file_unwritable". */
MUST_CHECK int triage_file_save(const char *path, struct bytes file, struct err *err);

#endif
