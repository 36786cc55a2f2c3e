/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mapping.h - which column, constant, date format or lookup table fills which field: a file of CSV
 * rows into records.
 *
 * The language is described in services/cli/README.md. A mapping is checked against the generated
 * descriptors when it is loaded, so that a wrong field, a wrong constant or a wrong value in a
 * table is found with file and line before anything is sent. Applying it is a function of the row
 * alone.
 */
#ifndef TROTH_SERVICES_CLI_MAPPING_H
#define TROTH_SERVICES_CLI_MAPPING_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/bytes.h"
#include "common/base/err.h"
#include "intake.pb-c.h"
#include "services/cli/csv_reader.h"

struct mapping;

/* NULL with err "file:line: what is wrong". */
struct mapping *mapping_load(const char *path, struct err *err);
void mapping_free(struct mapping *m); /* NULL is fine */

const char *mapping_name(const struct mapping *m);
size_t mapping_records_max(const struct mapping *m); /* from one row */

/* Looks up the columns the mapping names. Returns -1 with err naming those that are missing. Call
 * before mapping_apply. */
MUST_CHECK int mapping_bind(struct mapping *m, const struct csv_row *header, struct err *err);

/* Turns one row into records without keys: ret_records has mapping_records_max() places, one for
 * each rule, NULL where its condition does not hold. All or nothing: returns -1 with err (code,
 * field "contact.body", text naming the column) when a value does not fit. The records stand in the
 * arena. */
MUST_CHECK int mapping_apply(const struct mapping *m, const struct csv_row *row,
                             struct arena *arena, Troth__V1__Record **ret_records, struct err *err);

/* What makes the row the same row in a repeated import: a hash of the mapping's name and of the
 * identity columns (setting `identity`; all columns but those named troth_... when unset). */
void mapping_row_identity(const struct mapping *m, const struct csv_row *row,
                          uint8_t ret_digest[BYTES_DIGEST_LEN]);

#endif
