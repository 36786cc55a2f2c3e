/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csv_reader.h - comma-separated values as RFC 4180 has them, row by row from a stream.
 *
 * Quoted fields may contain commas, doubled quotes and line breaks; rows end with CRLF or LF, the
 * last one with the file too; a byte order mark at the start is skipped; empty lines are skipped.
 * Every row knows the line it began on, which is what people need to find it, and which no small
 * CSV library offers.
 */
#ifndef TROTH_SERVICES_CLI_CSV_READER_H
#define TROTH_SERVICES_CLI_CSV_READER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/base/bytes.h"
#include "common/base/err.h"

#define CSV_FIELDS_MAX 4096
#define CSV_ROW_BYTES_MAX                                                                          \
    ((size_t)16 * 1024 * 1024) /* an unclosed quote ends here and not with the memory */

struct csv_row {
    const char *const *fields; /* NUL-terminated; a NUL inside is an error */
    size_t count;
    size_t line; /* 1 is the first line of the file */
};

struct csv_reader;

struct csv_reader *csv_reader_new(FILE *in); /* in is borrowed */
void csv_reader_free(struct csv_reader *r);  /* NULL is fine */

/* Returns 1 with a row, borrowed until the next call; 0 at the end; -1 with err (code
 * "csv_malformed") naming the line. After an error nothing more can be read: where the next row
 * begins is a guess. */
MUST_CHECK int csv_reader_next(struct csv_reader *r, struct csv_row *ret_row, struct err *err);

int64_t csv_reader_bytes(const struct csv_reader *r); /* read so far, for progress */

/* Appends one field, in quotes where it needs them. */
struct text;
void csv_append_field(struct text *line, const char *field);

#endif
