/* SPDX-License-Identifier: Apache-2.0 */
/* import_progress.h - how far an import is: a bar on a terminal, else a line every few seconds, on
 * standard error. */
#ifndef TROTH_SERVICES_CLI_IMPORT_PROGRESS_H
#define TROTH_SERVICES_CLI_IMPORT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "services/cli/import_tally.h"

struct import_progress { /* see import_progress_start() */
    bool is_terminal;
    int64_t start_us;
    int64_t next_us;
    int64_t bytes_total; /* -1: unknown */
};

void import_progress_start(struct import_progress *p, int64_t now_us, int64_t bytes_total);

/* Call as often as you like; prints when it is time. bytes_read counts what has been read of the
 * file. */
void import_progress_show(struct import_progress *p, int64_t now_us, int64_t bytes_read,
                          const struct import_tally *t);

/* The same for an undo: how many of the records have their answer. */
void import_progress_show_undo(struct import_progress *p, int64_t now_us, int64_t done,
                               int64_t records);

/* Takes the bar away. */
void import_progress_end(const struct import_progress *p);

/* The line without its line end, at most 79 columns: for tests. */
struct text;
void import_progress_line(const struct import_progress *p, int64_t now_us, int64_t bytes_read,
                          const struct import_tally *t, struct text *out);

#endif
