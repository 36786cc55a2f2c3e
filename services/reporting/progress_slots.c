/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_slots.h"

enum {
    FIRST_HOUR = 8,
    END_HOUR = 20,
    DAYS_AHEAD = 10,
    DAYS_OFFERED = 5,
};
/* Somebody has to see that a call is wanted. */
#define LEAD_US (30 * DURATION_MIN)

static bool is_slot(const struct calendar *calendar, int64_t now_us, int64_t begin_us)
{
    return begin_us >= now_us + LEAD_US &&
           calendar_between(calendar, begin_us, begin_us + PROGRESS_SLOT_US) == PROGRESS_SLOT_US;
}

/* An hour that a change of the clock skips begins with the next one: it is offered once. */
static size_t add_day(const struct calendar *calendar, const struct zone *zone, int64_t now_us,
                      struct civil_time *hour, int64_t *ret_begins, size_t room)
{
    size_t count = 0;

    for (hour->hour = FIRST_HOUR; hour->hour < END_HOUR && count < room; hour->hour++) {
        int64_t begin_us =
            zone ? zone_to_instant(zone, hour)
                 : civil_to_days(hour->date) * DURATION_DAY + hour->hour * PROGRESS_SLOT_US;
        bool is_new = count == 0 || ret_begins[count - 1] != begin_us;
        if (is_new && is_slot(calendar, now_us, begin_us)) {
            ret_begins[count++] = begin_us;
        }
    }
    return count;
}

size_t progress_slots(const struct calendar *calendar, const struct zone *zone, int64_t now_us,
                      int64_t ret_begins[PROGRESS_SLOTS_MAX])
{
    struct civil_time now;
    size_t count = 0;

    zone_from_instant(zone, now_us, &now);
    for (int day = 0, offered = 0; day < DAYS_AHEAD && offered < DAYS_OFFERED; day++) {
        struct civil_time hour = {.date = civil_from_days(civil_to_days(now.date) + day)};
        size_t more =
            add_day(calendar, zone, now_us, &hour, ret_begins + count, PROGRESS_SLOTS_MAX - count);
        count += more;
        offered += more > 0;
    }
    return count;
}

bool progress_slots_has(const struct calendar *calendar, const struct zone *zone, int64_t now_us,
                        int64_t begin_us)
{
    int64_t begins[PROGRESS_SLOTS_MAX];
    size_t count = progress_slots(calendar, zone, now_us, begins);

    for (size_t i = 0; i < count; i++) {
        if (begins[i] == begin_us) {
            return true;
        }
    }
    return false;
}
