/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export_sections_store.h - what belongs to one customer, table by table: which section of the
 * export shows it, or why none does. A table that is in neither list is found by
 * tests/system/test_export.py.
 */
#ifndef TROTH_SERVICES_CLI_EXPORT_SECTIONS_STORE_H
#define TROTH_SERVICES_CLI_EXPORT_SECTIONS_STORE_H

#include <stddef.h>

#include "common/runtime/db.h"

struct export_section {
    const char *name;   /* of the array in the file */
    const char *title;  /* for people */
    const char *tables; /* "schema.table schema.table": what it shows */
    /* $1: the numbers of the person, int8[]; $2: the key after which to go on; $3: how many rows.
     * Columns: key, row as JSON text. */
    struct db_query query;
};

/* Ends with one that has no name. */
extern const struct export_section export_sections[];

struct export_left_out {
    const char *tables; /* as above */
    const char *why;
};

/* Ends with one without tables. */
extern const struct export_left_out export_left_out[];

#endif
