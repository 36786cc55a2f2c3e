/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock_gap.c - cuts a closed stretch at the local midnights, names each piece by what its day is,
 * and joins neighbours that have the same name.
 */
#include "common/domain/clock_gap.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "common/base/compiler.h"

static enum clock_gap_reason reason_of(const struct calendar *c, const struct clock_gap *piece,
                                       int64_t begin_us, int64_t end_us)
{
    const bool works_before = calendar_between(c, begin_us, piece->from_us) > 0;
    const bool works_after = calendar_between(c, piece->to_us, end_us) > 0;
    const bool is_special = piece->day != NULL;

    if (works_before && works_after) {
        return CLOCK_GAP_BREAK;
    }
    if (works_before || works_after) {
        return is_special ? CLOCK_GAP_SPECIAL_HOURS : CLOCK_GAP_NIGHT;
    }
    return is_special ? CLOCK_GAP_SPECIAL_DAY : CLOCK_GAP_DAY_OFF;
}

/* The part of the stretch that lies in the day of from_us. */
static struct clock_gap cut(const struct calendar *c, int64_t from_us, int64_t to_us)
{
    const int64_t day = calendar_day_of(c, from_us);
    const int64_t begin_us = calendar_day_begin(c, day);
    const int64_t end_us = calendar_day_begin(c, day + 1);
    struct clock_gap piece = {
        .from_us = from_us,
        .to_us = end_us > from_us && end_us < to_us ? end_us : to_us,
        .day = calendar_special_day(c, from_us),
        .notice = calendar_special_notice(c, from_us),
    };

    piece.reason = reason_of(c, &piece, begin_us, end_us);
    if (piece.reason == CLOCK_GAP_BREAK) { /* it needs no other reason */
        piece.day = piece.notice = NULL;
    }
    return piece;
}

static bool is_same(const struct clock_gap *a, const struct clock_gap *b)
{
    const bool is_same_day =
        a->day && b->day ? strcmp(a->day, b->day) == 0 : a->day == NULL && b->day == NULL;

    return a->reason == b->reason && is_same_day;
}

void clock_gap_split(const struct calendar *c, int64_t from_us, int64_t to_us, clock_gap_fn *fn,
                     void *ctx)
{
    struct clock_gap whole;

    if (from_us >= to_us) {
        return;
    }
    whole = cut(c, from_us, to_us);
    while (whole.to_us < to_us) {
        const struct clock_gap piece = cut(c, whole.to_us, to_us);

        if (is_same(&whole, &piece)) {
            whole.to_us = piece.to_us;
        } else {
            fn(ctx, &whole);
            whole = piece;
        }
    }
    fn(ctx, &whole);
}

const char *clock_gap_reason_name(enum clock_gap_reason reason)
{
    static const char *const names[] = {
        [CLOCK_GAP_NIGHT] = "night",
        [CLOCK_GAP_BREAK] = "break",
        [CLOCK_GAP_DAY_OFF] = "day_off",
        [CLOCK_GAP_SPECIAL_DAY] = "special_day",
        [CLOCK_GAP_SPECIAL_HOURS] = "special_hours",
    };

    return (size_t)reason < ARRAY_LEN(names) && names[reason] ? names[reason] : "unknown";
}
