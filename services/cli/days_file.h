/* SPDX-License-Identifier: Apache-2.0 */
/* days_file.h - adds a year of holidays to a file with a list of special days, such as
 * deploy/config/days-china.conf, and leaves everything else in it as it was written. */
#ifndef TROTH_SERVICES_CLI_DAYS_FILE_H
#define TROTH_SERVICES_CLI_DAYS_FILE_H

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/base/text.h"
#include "services/cli/holiday_json.h"

/* list: without "days_"; NULL: the only one in the file, or, for a file that is not there yet, NAME
 * of "days-NAME.conf". Returns 1 when the year was added, 0 when the list says all of it already,
 * -1 with err. A list that says something else about one of the days, or has another day of the
 * same papers, is refused (days_differ). The file is replaced as a whole: who reads it sees the old
 * or the new one. */
MUST_CHECK int days_file_add(const char *path, const char *list, const struct holiday_year *year,
                             struct err *err);

/* The same on texts: old is what the file says; the new text is appended when there is one. */
MUST_CHECK int days_text_add(const char *path, const char *old, const char *list,
                             const struct holiday_year *year, struct text *ret_text,
                             struct err *err);

#endif
