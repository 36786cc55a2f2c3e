/* SPDX-License-Identifier: Apache-2.0 */
/* calendar_text.h - calendars from a text in the test, without a file. */
#ifndef TROTH_TESTS_SUPPORT_CALENDAR_TEXT_H
#define TROTH_TESTS_SUPPORT_CALENDAR_TEXT_H

#include "common/base/err.h"
#include "common/domain/calendar_read.h"

/* NULL with err on failure; messages call the text "test.conf". */
struct calendar_book *calendar_text_read(const char *text, struct err *err);
/* Ends the test program when the text is refused. */
struct calendar_book *calendar_text_must(const char *text);

/* A book of one calendar "c": its zone, the inside of its week, and what else its group says
 * ("days = \"x\";"), after the lists in `lists`. Both may be "". */
struct calendar_book *calendar_text_one(const char *zone, const char *week, const char *more,
                                        const char *lists);

#endif
