/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/clock_words.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/domain/calendar_build.h"

enum {
    LUNCH_FROM_HOUR = 11,
    LUNCH_TO_HOUR = 14,
    EVENING_HOUR = 17,
    MORNING_HOUR = 10,
    FRIDAY = 4, /* Monday is 0 */
};

static struct civil_time local_time(const struct zone *zone, int64_t us)
{
    struct civil_time t;

    zone_from_instant(zone, us, &t);
    return t;
}

static int weekday_of(struct civil_date date)
{
    return calendar_weekday(civil_to_days(date));
}

const char *clock_words_instant(const struct zone *zone, int64_t us, char ret[CLOCK_WORDS_SIZE])
{
    static const char *const weekdays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    const struct civil_time t = local_time(zone, us);
    char seconds[8] = "";

    if (t.second != 0) {
        text_format(seconds, sizeof(seconds), ":%02d", t.second);
    }
    text_format(ret, CLOCK_WORDS_SIZE, "%s %04d-%02d-%02d %02d:%02d%s",
                weekdays[weekday_of(t.date)], t.date.year, t.date.month, t.date.day, t.hour,
                t.minute, seconds);
    return ret;
}

int64_t clock_words_seconds(int64_t us)
{
    return us / DURATION_S + (us % DURATION_S * 2) / DURATION_S;
}

const char *clock_words_length(int64_t us, char ret[CLOCK_WORDS_SIZE])
{
    const int64_t rounded_s = clock_words_seconds(us);
    const int64_t s = rounded_s < 0 ? -rounded_s : rounded_s;
    const struct {
        int64_t count;
        const char *unit;
    } parts[] = {
        {s / 3600,    "h"  },
        {s / 60 % 60, "min"},
        {s % 60,      "s"  },
    };
    size_t used = 0;

    ret[0] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (parts[i].count > 0) {
            text_format(ret + used, CLOCK_WORDS_SIZE - used, "%s%" PRId64 " %s",
                        used > 0 ? " " : (rounded_s < 0 ? "-" : ""), parts[i].count, parts[i].unit);
            used = strlen(ret);
        }
    }
    if (used == 0) {
        text_copy(ret, CLOCK_WORDS_SIZE, "0 s");
    }
    return ret;
}

/* ---- why */

static const char *break_words(const struct zone *zone, const struct clock_gap *gap)
{
    const int hour = local_time(zone, gap->from_us).hour;

    return hour >= LUNCH_FROM_HOUR && hour <= LUNCH_TO_HOUR ? "lunch" : "break";
}

/* A stretch of Saturdays and Sundays, or with other days off among them. */
static bool is_weekend(const struct zone *zone, const struct clock_gap *gap)
{
    const int first = weekday_of(local_time(zone, gap->from_us).date);
    const int last = weekday_of(local_time(zone, gap->to_us - 1).date);

    return first > FRIDAY && last > FRIDAY && gap->to_us - gap->from_us <= 3 * DURATION_DAY;
}

/* A day that makes up for a holiday has a usual night; half a day ends early. */
static const char *special_words(const struct zone *zone, const struct clock_gap *gap,
                                 char ret[CLOCK_WORDS_SIZE])
{
    const bool is_evening = local_time(zone, gap->from_us).hour >= EVENING_HOUR;
    const struct civil_time to = local_time(zone, gap->to_us);
    const bool is_morning = to.hour < MORNING_HOUR && !(to.hour == 0 && to.minute == 0);

    if (is_evening || is_morning) {
        return "night";
    }
    text_format(ret, CLOCK_WORDS_SIZE, "closed (%s)", gap->day);
    return ret;
}

static const char *gap_words(const struct zone *zone, const struct clock_gap *gap,
                             char ret[CLOCK_WORDS_SIZE])
{
    switch (gap->reason) {
    case CLOCK_GAP_NIGHT:
        return "night";
    case CLOCK_GAP_BREAK:
        return break_words(zone, gap);
    case CLOCK_GAP_DAY_OFF:
        return is_weekend(zone, gap) ? "weekend" : "day off";
    case CLOCK_GAP_SPECIAL_DAY:
        return gap->day;
    case CLOCK_GAP_SPECIAL_HOURS:
        return special_words(zone, gap, ret);
    }
    return "closed";
}

const char *clock_words_reason(const struct zone *zone, const struct clock_interval *i,
                               char ret[CLOCK_WORDS_SIZE])
{
    if (i->kind == CLOCK_INTERVAL_COUNTED) {
        return i->is_late ? "counted, after it was due" : "counted";
    }
    if (i->gap) {
        return gap_words(zone, i->gap, ret);
    }
    return i->because ? i->because : "";
}

const char *clock_words_why(const struct zone *zone, const struct clock_interval *i,
                            char ret[CLOCK_WORDS_SIZE])
{
    const char *reason = clock_words_reason(zone, i, ret);
    struct civil_time from, to;

    if (!i->gap || i->gap->reason != CLOCK_GAP_BREAK) {
        return reason;
    }
    from = local_time(zone, i->gap->from_us);
    to = local_time(zone, i->gap->to_us);
    text_format(ret, CLOCK_WORDS_SIZE, "%s %02d:%02d-%02d:%02d", reason, from.hour, from.minute,
                to.hour, to.minute);
    return ret;
}
