/* SPDX-License-Identifier: Apache-2.0 */
/* weekly_files.h - the weekly report on disk: the page, and a CSV beside it for each of its
 * reports. */
#ifndef TROTH_REPORTING_WEEKLY_FILES_H
#define TROTH_REPORTING_WEEKLY_FILES_H

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "services/reporting/weekly_page.h"

/* FOLDER/troth-2026-11-16.en.html, FOLDER/troth-2026-11-16.en.timeliness-day.csv, ... Each is
 * written beside and renamed: nobody reads half of one. Returns 0, or -1 with err (io_failed). */
MUST_CHECK int weekly_files_write(const char *folder, const struct weekly_page *page,
                                  struct err *err);

#endif
