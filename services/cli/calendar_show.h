/* SPDX-License-Identifier: Apache-2.0 */
/* calendar_show.h - what the calendars of a file mean, day by day. */
#ifndef TROTH_SERVICES_CLI_CALENDAR_SHOW_H
#define TROTH_SERVICES_CLI_CALENDAR_SHOW_H

#include <stdbool.h>
#include <stdint.h>

#include "common/domain/calendar_read.h"
#include "services/cli/cli.h"

struct calendar_view {
    const char *calendar; /* NULL: all of the file */
    /* Days since 1970-01-01; first > last: no days, only which calendars there are. */
    int64_t first_day;
    int64_t last_day;
    bool is_year; /* sums of months and the special days alone, instead of every day */
};

/* A standards file, or one of calendars alone; both with what they include. NULL with err on
 * failure; the caller frees it. */
struct calendar_book *calendar_file_read(const char *path, struct err *err);

/* Name, zone and branches of each, as a table on standard output; nothing when there are none. */
void calendar_show_list(const struct calendar_book *book);

/* On standard output, as JSON when asked for. Returns an enum cli_exit. */
int calendar_show(const struct cli *cli, const struct calendar_book *book,
                  const struct calendar_view *view);

#endif
