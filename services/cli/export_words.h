/* SPDX-License-Identifier: Apache-2.0 */
/* export_words.h - a row as the database has it becomes one that a person, and a program that knows
 * no table of ours, can read: proto/customer_export.schema.json has the form. */
#ifndef TROTH_SERVICES_CLI_EXPORT_WORDS_H
#define TROTH_SERVICES_CLI_EXPORT_WORDS_H

#include <jansson.h>

/* Changes row in place: numbers that people read out ("K-1234567-4"), enums in words, instants in
 * RFC 3339 and UTC, names of sources, no NULLs, no buckets and hashes. sources: names by the text
 * of their ids. */
void export_words_row(const char *section, const json_t *sources, json_t *row);

#endif
