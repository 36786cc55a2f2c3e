/* SPDX-License-Identifier: Apache-2.0 */
/* cli_table.h - results for people: aligned columns, wide characters counted as two, and a few
 * usual forms. */
#ifndef TROTH_SERVICES_CLI_CLI_TABLE_H
#define TROTH_SERVICES_CLI_CLI_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

#include "common/base/compiler.h"

#define CLI_TABLE_COLUMNS_MAX 16

/* Start with {.titles = ..., .count = ...}. A title that begins with '>' makes the column flush
 * right. */
struct cli_table {
    const char *const *titles;
    size_t count;
    char **cells; /* row by row */
    size_t cell_count;
};

/* The next cell, row by row. */
void cli_table_add(struct cli_table *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Prints title and rows, nothing when there are no rows, and empties the table. */
void cli_table_print(struct cli_table *t, FILE *out);

/* JSON with line ends. Takes over the reference. */
void cli_put_json(json_t *json, FILE *out);

/* The message as JSON with line ends, in the order of its fields. */
void cli_print_json(const ProtobufCMessage *m, FILE *out);

#define CLI_NAME_SIZE 64
/* "complaint", "waiting customer": the short name in lower case. "-" for 0 and what is not known;
 * then ret is left alone. */
const char *cli_enum_text(const ProtobufCEnumDescriptor *type, int value, char ret[CLI_NAME_SIZE]);

/* "2026-11-21 08:15Z"; "-" when it is not set. */
const char *cli_time_text(int has_value, int64_t us, char ret[CLI_NAME_SIZE]);

/* "-" for what is absent. */
const char *cli_text(const char *text);

#endif
