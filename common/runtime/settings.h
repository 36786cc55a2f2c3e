/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings.h - every setting is one row: name, type, default, range, reload, where it goes, help.
 *
 * The same table reads the libconfig file, --set name=value, prints --print-config and --help, and
 * is what the documentation test compares the READMEs with. Order: default, then file, then --set.
 * Unknown names are errors.
 */
#ifndef TROTH_COMMON_RUNTIME_SETTINGS_H
#define TROTH_COMMON_RUNTIME_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/base/err.h"

enum setting_type {
    SETTING_END = 0,
    SETTING_TEXT,     /* char *, owned by the struct; min and max are unused */
    SETTING_COUNT,    /* int64_t */
    SETTING_DURATION, /* int64_t, microseconds */
    SETTING_REAL,     /* double */
    SETTING_BOOL,     /* bool: true, false */
};

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): people read a row in this order
struct setting {
    const char *name; /* lower_snake_case */
    enum setting_type type;
    const char *default_value;
    const char *min; /* NULL: no limit */
    const char *max;
    bool may_reload;  /* SIGHUP takes a new value; others need a restart */
    size_t offset;    /* offsetof() in the struct of settings */
    const char *help; /* one sentence */
};

/* Fills *values (zeroed memory of the struct the table describes) with the defaults. */
void settings_set_defaults(const struct setting *table, void *values);

/* Reads a libconfig file; a name must stand in one of the tables. tables[i] fills values[i]; count
 * tables. Returns 0, or -1 with err naming file, line, setting and accepted range; *values are then
 * half set. */
MUST_CHECK int settings_read_file(const struct setting *const *tables, void *const *values,
                                  size_t count, const char *path, struct err *err);

/* One "name=value" from --set. */
MUST_CHECK int settings_set(const struct setting *const *tables, void *const *values, size_t count,
                            const char *assignment, struct err *err);

/* A libconfig file with the values in force and the help as comments. Names ending in "password"
 * and conninfo passwords are hidden. */
void settings_print(const struct setting *table, const void *values, FILE *out);

void settings_print_help(const struct setting *table, FILE *out);

/* Copies what may_reload from fresh to values; returns the number of changed settings that need a
 * restart. */
size_t settings_reload(const struct setting *table, void *values, const void *fresh);

void settings_free(const struct setting *table, void *values);

#endif
