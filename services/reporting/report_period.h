/* SPDX-License-Identifier: Apache-2.0 */
/* report_period.h - the days of a report: its periods, and from which tables they are read. Pure.
 */
#ifndef TROTH_REPORTING_REPORT_PERIOD_H
#define TROTH_REPORTING_REPORT_PERIOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/reporting/report_book.h"

/* ---- days, since 1970-01-01 */

struct report_span {
    int64_t from, to; /* both included; from > to: none */
};
struct report_span report_frame_span(const struct report_frame *frame);
struct report_span report_frame_before(const struct report_frame *frame); /* when compared */

/* The last day whose return window has passed. */
int64_t report_frame_settled(const struct report_frame *frame);

/* Groups by time: how many periods the range has, those at its ends cut; which one a day of the
 * range is in; the days of one. */
size_t report_period_count(const struct report_frame *frame);
size_t report_period_of(const struct report_frame *frame, int64_t day);
struct report_span report_period_span(const struct report_frame *frame, size_t period);

enum report_use {
    REPORT_USE_RANGE = 1,
    REPORT_USE_EARLIER,        /* everything before it */
    REPORT_USE_BEFORE,         /* the range it is compared with */
    REPORT_USE_BEFORE_EARLIER, /* everything before that */
};

/* Rows of days, or of whole months. */
struct report_piece {
    enum report_use use;
    bool is_total;   /* of the total alone */
    bool is_monthly; /* from and to are whole months */
    bool is_settled; /* all its days are: report_frame_settled() */
    struct report_span span;
};

enum {
    REPORT_PIECES_MAX = 40
};

/* Each day of the range once; whole months where the group lets. has_settled and has_earlier: as in
 * struct report_slots. Returns their number. */
size_t report_pieces(const struct report_frame *frame, bool has_settled, bool has_earlier,
                     struct report_piece ret_pieces[REPORT_PIECES_MAX]);

#endif
