/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_period.h"

#include "common/base/instant.h"
#include "services/reporting/report_frame.h"

/* Far earlier than anything that was written down, and a date that PostgreSQL knows. */
#define FIRST_DAY "0001-01-01"

static int64_t day_of(const char *text)
{
    int64_t day = 0;

    return report_day_parse(text, &day) == 0 ? day : 0; /* was checked */
}

struct report_span report_frame_span(const struct report_frame *frame)
{
    return (struct report_span){.from = day_of(frame->from_day), .to = day_of(frame->to_day)};
}

struct report_span report_frame_before(const struct report_frame *frame)
{
    return (struct report_span){.from = day_of(frame->before_from_day),
                                .to = day_of(frame->before_to_day)};
}

int64_t report_frame_settled(const struct report_frame *frame)
{
    /* What was resolved late on a day has its whole window only at the end of the last day. */
    return report_day_at(frame->options->zone, frame->now_us) - frame->options->return_window_days -
           1;
}

/* ---- periods */

static int64_t monday_of(int64_t day)
{
    const int64_t since = (day + 3) % 7; /* 1970-01-01 was a Thursday */

    return day - (since < 0 ? since + 7 : since);
}

static int64_t month_number(int64_t day)
{
    const struct civil_date date = civil_from_days(day);

    return (int64_t)date.year * 12 + date.month - 1;
}

static int64_t month_start(int64_t number)
{
    return civil_to_days(
        (struct civil_date){.year = (int)(number / 12), .month = (int)(number % 12) + 1, .day = 1});
}

size_t report_period_of(const struct report_frame *frame, int64_t day)
{
    const int64_t from = report_frame_span(frame).from;

    switch (frame->grouping) {
    case GROUP_DAY:
        return (size_t)(day - from);
    case GROUP_WEEK:
        return (size_t)((monday_of(day) - monday_of(from)) / 7);
    case GROUP_MONTH:
        return (size_t)(month_number(day) - month_number(from));
    case GROUP_NONE:
    case GROUP_DIMENSION:
        break;
    }
    return 0;
}

size_t report_period_count(const struct report_frame *frame)
{
    return report_period_of(frame, report_frame_span(frame).to) + 1;
}

struct report_span report_period_span(const struct report_frame *frame, size_t period)
{
    const struct report_span range = report_frame_span(frame);
    struct report_span span = range;

    switch (frame->grouping) {
    case GROUP_DAY:
        span.from = span.to = range.from + (int64_t)period;
        break;
    case GROUP_WEEK:
        span.from = monday_of(range.from) + 7 * (int64_t)period;
        span.to = span.from + 6;
        break;
    case GROUP_MONTH:
        span.from = month_start(month_number(range.from) + (int64_t)period);
        span.to = month_start(month_number(range.from) + (int64_t)period + 1) - 1;
        break;
    case GROUP_NONE:
    case GROUP_DIMENSION:
        break;
    }
    span.from = span.from < range.from ? range.from : span.from;
    span.to = span.to > range.to ? range.to : span.to;
    return span;
}

/* ---- pieces */

struct cut {
    struct report_piece *pieces;
    size_t count;
};

static void add(struct cut *c, struct report_piece piece)
{
    if (piece.span.from <= piece.span.to) {
        c->pieces[c->count++] = piece;
    }
}

/* Days before the first whole month, whole months, days after the last one. */
static void add_months(struct cut *c, struct report_piece all)
{
    struct report_piece piece = all;
    const int64_t first = month_number(all.span.from - 1) + 1;
    const int64_t after = month_number(all.span.to + 1);

    if (first >= after) {
        add(c, all);
        return;
    }
    piece.span = (struct report_span){.from = all.span.from, .to = month_start(first) - 1};
    add(c, piece);
    piece.span = (struct report_span){.from = month_start(first), .to = month_start(after) - 1};
    piece.is_monthly = true;
    add(c, piece);
    piece.span = (struct report_span){.from = month_start(after), .to = all.span.to};
    piece.is_monthly = false;
    add(c, piece);
}

static void add_span(struct cut *c, const struct report_frame *frame, struct report_piece piece)
{
    /* Rows of months cannot be laid beside other months of another length. */
    const bool is_by_day = frame->grouping == GROUP_DAY || frame->grouping == GROUP_WEEK ||
                           (frame->grouping == GROUP_MONTH && piece.use == REPORT_USE_BEFORE);

    if (is_by_day) {
        add(c, piece);
    } else if (piece.span.from <= piece.span.to) {
        add_months(c, piece);
    }
}

static void add_range(struct cut *c, const struct report_frame *frame, bool has_settled,
                      struct report_piece piece)
{
    const struct report_span all = piece.span;
    const int64_t settled = report_frame_settled(frame);

    if (!has_settled) {
        add_span(c, frame, piece);
        return;
    }
    piece.is_settled = true;
    piece.span.to = all.to < settled ? all.to : settled;
    add_span(c, frame, piece);
    piece.is_settled = false;
    piece.span =
        (struct report_span){.from = all.from > settled ? all.from : settled + 1, .to = all.to};
    add_span(c, frame, piece);
}

static void add_earlier(struct cut *c, struct report_piece piece, int64_t before)
{
    const int64_t month = month_start(month_number(before));

    piece.is_monthly = true;
    piece.span = (struct report_span){.from = day_of(FIRST_DAY), .to = month - 1};
    add(c, piece);
    piece.is_monthly = false;
    piece.span = (struct report_span){.from = month, .to = before - 1};
    add(c, piece);
}

size_t report_pieces(const struct report_frame *frame, bool has_settled, bool has_earlier,
                     struct report_piece ret_pieces[REPORT_PIECES_MAX])
{
    struct cut c = {.pieces = ret_pieces};
    const bool is_compared = frame->before_from_day[0] != '\0';
    const int passes = frame->grouping == GROUP_DIMENSION ? 2 : 1;

    for (int pass = 0; pass < passes; pass++) {
        struct report_piece piece = {.is_total = pass == 1};
        piece.use = REPORT_USE_RANGE;
        piece.span = report_frame_span(frame);
        add_range(&c, frame, has_settled, piece);
        if (is_compared) {
            piece.use = REPORT_USE_BEFORE;
            piece.span = report_frame_before(frame);
            add_range(&c, frame, has_settled, piece);
        }
        if (has_earlier) {
            piece.use = REPORT_USE_EARLIER;
            add_earlier(&c, piece, report_frame_span(frame).from);
        }
        if (has_earlier && is_compared) {
            piece.use = REPORT_USE_BEFORE_EARLIER;
            add_earlier(&c, piece, report_frame_before(frame).from);
        }
    }
    return c.count;
}
