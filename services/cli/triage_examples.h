/* SPDX-License-Identifier: Apache-2.0 */
/* triage_examples.h - texts and their labels from CSV files. */
#ifndef TROTH_SERVICES_CLI_TRIAGE_EXAMPLES_H
#define TROTH_SERVICES_CLI_TRIAGE_EXAMPLES_H

#include "common/base/compiler.h"
#include "common/base/err.h"

enum triage_part {
    TRIAGE_ALL = 1,
    TRIAGE_LEARNED,
    TRIAGE_HELD_OUT,
};

/* Names in the header. */
struct triage_columns {
    const char *text, *label;
    const char *held_out; /* "1", "true" or "test": the row is held out; "", "0", "false" or
                             "train": it is not. NULL: none is */
};

/* text and label are of the row. Returns 0, or -1 with err, which ends the reading. */
typedef int triage_example_fn(void *ctx, const char *text, const char *label, struct err *err);

/* Which rows somebody wants, and who. */
struct triage_rows {
    struct triage_columns columns;
    enum triage_part part;
    triage_example_fn *each;
    void *ctx;
};

/* Calls rows->each for the rows of that part, in order; those without a text or a label are left
 * out. Returns 0, or -1: "file_unreadable", "csv_malformed", "csv_empty", "column_unknown",
 * "held_out_unclear" or what each() said, with the path and the line before it. */
MUST_CHECK int triage_examples_each(const char *path, const struct triage_rows *rows,
                                    struct err *err);

/* The label of a mood as models call it: "positive" and "1", "negative" and "0". NULL: neither. */
const char *triage_examples_mood(const char *label);

#endif
