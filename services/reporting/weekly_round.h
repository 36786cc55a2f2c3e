/* SPDX-License-Identifier: Apache-2.0 */
/*
 * weekly_round.h - when a week has ended, its report is written as files and mailed; and whoever
 * may see figures can have that of any week: GET /v1/weekly?week=2026-11-16&language=en.
 *
 * 1. a while after the week's end (weekly_after), the process with the first lane makes the page in
 *    each of weekly_languages
 * 2. FOLDER/troth-2026-11-16.en.html and one CSV for each report, by a new name and a rename
 * 3. reporting.weekly_report says that it is written; then each address of weekly_to gets the page
 *    of the first language, tried again each minute until the mail server takes or refuses it
 *
 * Who dies before step 3 writes the same files again. An address gets the mail twice only when we
 * die between the server's word and the row that remembers it.
 */
#ifndef TROTH_REPORTING_WEEKLY_ROUND_H
#define TROTH_REPORTING_WEEKLY_ROUND_H

#include <stdbool.h>

#include "services/reporting/reporting.h"

struct weekly_round;

/* After the lanes and the door. NULL with err: setting_invalid. */
struct weekly_round *weekly_round_new(struct reporting *r, struct err *err);
void weekly_round_free(struct weekly_round *w); /* after the desk of inquiries; NULL is fine */
/* While the process stops, nothing new is begun. NULL: true. */
bool weekly_round_is_idle(const struct weekly_round *w);

#endif
