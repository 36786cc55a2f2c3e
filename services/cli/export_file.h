/* SPDX-License-Identifier: Apache-2.0 */
/* export_file.h - where an export goes, row by row: one JSON object, or words for people. */
#ifndef TROTH_SERVICES_CLI_EXPORT_FILE_H
#define TROTH_SERVICES_CLI_EXPORT_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

struct export_file {
    FILE *out;
    bool is_json;
    bool is_section_open, has_rows; /* of the section at hand */
    const char *title;
};

/* head: its members come first. Borrows it. */
void export_file_begin(struct export_file *f, json_t *head);
void export_file_section(struct export_file *f, const char *name, const char *title);
void export_file_row(struct export_file *f, json_t *row);
/* tail: its members come last; in words, only what is missing is said. */
void export_file_end(struct export_file *f, json_t *tail);

#endif
