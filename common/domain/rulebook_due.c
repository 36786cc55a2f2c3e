/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rulebook_due.c - the wall clock is a number: the civil time as if it were UTC. Dates are added
 * and compared there; instants come last, by the zone.
 */
#include "common/domain/rulebook_due.h"

#include "common/base/duration.h"

/* 0001-01-02T00:00:00Z and 9999-12-31T00:00:00Z: a day inside of what civil times can say. */
#define EARLIEST_US (INT64_C(-719161) * DURATION_DAY)
#define LATEST_US   (INT64_C(2932896) * DURATION_DAY)

static int64_t within_years(int64_t us)
{
    if (us < EARLIEST_US) {
        return EARLIEST_US;
    }
    return us > LATEST_US ? LATEST_US : us;
}

static int64_t add(int64_t us, int64_t more_us)
{
    int64_t sum;

    if (__builtin_add_overflow(us, more_us, &sum)) {
        return more_us < 0 ? EARLIEST_US : LATEST_US;
    }
    return within_years(sum);
}

static int64_t begin_of_day(int64_t local_us)
{
    const int64_t rest = local_us % DURATION_DAY;

    return local_us - rest - (rest < 0 ? DURATION_DAY : 0);
}

static int64_t wall_clock(int64_t us, const struct zone *z)
{
    return us + (z ? zone_offset_s(z, us) * DURATION_S : 0);
}

int64_t rulebook_due_resolve(int64_t local_due_us, const struct zone *z)
{
    struct civil_time local;

    if (!z) {
        return local_due_us;
    }
    zone_from_instant(NULL, local_due_us, &local);
    return zone_to_instant(z, &local);
}

static int64_t moved(const struct rulebook_rule *r, int64_t us)
{
    return add(add(within_years(us), -r->measure.lead_us), r->after_us);
}

static void set_moment(const struct rulebook_rule *r, int64_t due_us, int64_t local_due_us,
                       struct rulebook_moment *ret_moment)
{
    *ret_moment = (struct rulebook_moment){
        .due_us = due_us,
        .window_end_us = add(due_us, r->window_us),
        .is_local = local_due_us != INT64_MIN,
        .local_due_us = local_due_us,
    };
}

void rulebook_due_after(const struct rulebook_rule *r, int64_t anchor_us, const struct zone *z,
                        struct rulebook_moment *ret_moment)
{
    const int64_t earliest_us = moved(r, anchor_us);
    int64_t local_us;
    int64_t due_us;

    if (r->at_minute < 0 || !z) {
        set_moment(r, earliest_us, INT64_MIN, ret_moment);
        return;
    }
    local_us = begin_of_day(wall_clock(earliest_us, z)) + r->at_minute * DURATION_MIN;
    /* Compared as instants: when an hour comes twice, its first time may be over in the second. */
    while ((due_us = rulebook_due_resolve(local_us, z)) < earliest_us) {
        local_us += DURATION_DAY;
    }
    set_moment(r, due_us, local_us, ret_moment);
}

void rulebook_due_on(const struct rulebook_rule *r, struct civil_date day, const struct zone *z,
                     struct rulebook_moment *ret_moment)
{
    const int64_t earliest_us = moved(r, civil_to_days(day) * DURATION_DAY);
    int64_t local_us = earliest_us;

    if (r->at_minute >= 0) {
        local_us = begin_of_day(earliest_us) + r->at_minute * DURATION_MIN;
        local_us += local_us < earliest_us ? DURATION_DAY : 0;
    }
    set_moment(r, rulebook_due_resolve(local_us, z), z ? local_us : INT64_MIN, ret_moment);
}
