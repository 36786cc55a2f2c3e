/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import_rejects.h - the rows that were refused, as a CSV file with the reason before the row's own
 * columns.
 *
 * The columns of the reason are named troth_..., which a mapping ignores: the file can be put right
 * and imported again as it is.
 */
#ifndef TROTH_SERVICES_CLI_IMPORT_REJECTS_H
#define TROTH_SERVICES_CLI_IMPORT_REJECTS_H

#include <stdint.h>

#include "common/base/err.h"
#include "services/cli/csv_reader.h"

struct import_rejects;

/* Nothing is written before the first row; then path is made or replaced. header is borrowed. */
struct import_rejects *import_rejects_new(const char *path, const struct csv_row *header);

struct import_reject {
    const char *code, *field, *text;
};
MUST_CHECK int import_rejects_add(struct import_rejects *r, const struct csv_row *row,
                                  const struct import_reject *why, struct err *err);

/* Writes what is buffered and closes. ret_path: where, NULL when there was nothing to write;
 * borrowed until free. */
MUST_CHECK int import_rejects_finish(struct import_rejects *r, const char **ret_path,
                                     struct err *err);
void import_rejects_free(struct import_rejects *r); /* NULL is fine */

#endif
