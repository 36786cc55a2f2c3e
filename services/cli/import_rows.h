/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import_rows.h - a CSV file read through a mapping: rows with their records, keys included.
 *
 * Keys are made from the row's content, the position of the record in the row and, for identical
 * rows, how many came before; so the same file gives the same keys whenever and wherever it is
 * read, and they are marked permanent.
 */
#ifndef TROTH_SERVICES_CLI_IMPORT_ROWS_H
#define TROTH_SERVICES_CLI_IMPORT_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "intake.pb-c.h"
#include "services/cli/csv_reader.h"

struct import_rows;

/* csv_path "-" is standard input. The header has been read and the mapping's columns found. */
struct import_rows *import_rows_open(const char *csv_path, const char *mapping_path,
                                     struct err *err);
void import_rows_close(struct import_rows *r); /* NULL is fine */

/* Makes other keys than without, so that rows whose import was taken back can be imported again.
 * 0: none. Before the first row. */
void import_rows_set_edition(struct import_rows *r, int64_t edition);

struct import_row {
    const struct csv_row *fields;
    Troth__V1__Record *const *records;
    size_t record_count;
    struct err refused; /* code "" unless the mapping could not make records of this row; then there
                           are none */
};

/* Returns 1 with a row, borrowed until the next call; 0 at the end; -1 with err when the file is
 * broken here. */
MUST_CHECK int import_rows_next(struct import_rows *r, struct import_row *ret_row, struct err *err);

const struct csv_row *import_rows_header(const struct import_rows *r);
int64_t import_rows_bytes_read(const struct import_rows *r);
int64_t
import_rows_bytes_total(const struct import_rows *r); /* -1 when the input is no plain file */

#endif
