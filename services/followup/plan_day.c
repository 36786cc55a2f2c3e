/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/plan_day.h"

#include <math.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/domain/lunar.h"
#include "common/domain/yearly_date.h"

#define DAY_US (24 * DURATION_H)

/* ---- dates */

static bool is_same_day(struct civil_date a, struct civil_date b)
{
    return a.year == b.year && a.month == b.month && a.day == b.day;
}

static struct civil_date local_day(const struct zone *zone, int64_t us)
{
    struct civil_time local;
    zone_from_instant(zone, us, &local);
    return local.date;
}

static const char *format_day(struct civil_date day, char ret_text[FOLLOW_UP_OCCURRENCE_SIZE])
{
    (void)text_format(ret_text, FOLLOW_UP_OCCURRENCE_SIZE, "%04d-%02d-%02d", day.year, day.month,
                      day.day);
    return ret_text;
}

/* The yearly day is on that day: its year, else 0. */
static int year_on(const struct yearly_date *date, struct civil_date day)
{
    struct civil_date on;
    int year;
    return yearly_date_next(date, day, &year, &on) == 0 && is_same_day(on, day) ? year : 0;
}

/* ---- what a round has to look at */

bool plan_day_has(int trigger)
{
    return trigger == FOLLOW_UP_ON_BIRTHDAY || trigger == FOLLOW_UP_ON_FESTIVAL ||
           trigger == FOLLOW_UP_ON_SILENCE || trigger == FOLLOW_UP_ON_SERVICE_DUE;
}

static bool is_of_round(const struct rulebook_rule *r, const char *topic)
{
    return strcmp(r->topic, topic) == 0 && plan_day_has(r->trigger) &&
           (r->trigger != FOLLOW_UP_ON_SERVICE_DUE || r->measure.months > 0);
}

int plan_day_ahead(const struct rulebook *rules, const char *topic)
{
    int ahead = 0;
    for (size_t i = 0; i < rulebook_rule_count(rules); i++) {
        const struct rulebook_rule *r = rulebook_rule(rules, i);
        if (is_of_round(r, topic)) {
            int days = PLAN_DAY_AHEAD + (int)((r->measure.lead_us + DAY_US - 1) / DAY_US);
            ahead = days > ahead ? days : ahead;
        }
    }
    return ahead;
}

static bool is_festival_on(const struct rulebook_rule *r, struct civil_date day)
{
    struct yearly_date date;
    return r->measure.date && yearly_date_parse(r->measure.date, &date, NULL) == 0 &&
           year_on(&date, day) != 0;
}

bool plan_day_is_on(const struct rulebook *rules, const char *topic, struct civil_date day)
{
    for (size_t i = 0; i < rulebook_rule_count(rules); i++) {
        const struct rulebook_rule *r = rulebook_rule(rules, i);
        if (is_of_round(r, topic) &&
            (r->trigger != FOLLOW_UP_ON_FESTIVAL || is_festival_on(r, day))) {
            return true;
        }
    }
    return false;
}

size_t plan_day_birthdays(struct civil_date day, struct plan_day_date ret[PLAN_DAY_DATES_MAX])
{
    struct lunar_date lunar;
    size_t count = 0;
    ret[count++] = (struct plan_day_date){.month = day.month, .day = day.day};
    if (day.month == 2 && day.day == 28) {
        ret[count++] = (struct plan_day_date){.month = 2, .day = 29};
    }
    if (lunar_from_civil(day, &lunar) == 0) {
        ret[count++] =
            (struct plan_day_date){.is_lunar = true, .month = lunar.month, .day = lunar.day};
        if (lunar.day == 29) {
            ret[count++] =
                (struct plan_day_date){.is_lunar = true, .month = lunar.month, .day = 30};
        }
    }
    return count;
}

/* A month that is too short moves up to three dates to its last day, and no zone is more than a day
 * away from UTC. */
static struct plan_day_span span_of(struct civil_date day, int months)
{
    int64_t back = civil_to_days(civil_months_later(day, -months));
    return (struct plan_day_span){.from_us = (back - 1) * DAY_US, .until_us = (back + 5) * DAY_US};
}

size_t plan_day_spans(const struct rulebook *rules, const char *topic, struct civil_date day,
                      struct plan_day_span ret[PLAN_DAY_SPANS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < rulebook_rule_count(rules) && count < PLAN_DAY_SPANS_MAX; i++) {
        const struct rulebook_rule *r = rulebook_rule(rules, i);
        if (!is_of_round(r, topic) || r->measure.months <= 0) {
            continue;
        }
        const struct plan_day_span span = span_of(day, r->measure.months);
        size_t same = 0;
        while (same < count && ret[same].from_us != span.from_us) {
            same++;
        }
        if (same == count) {
            ret[count++] = span;
        }
    }
    return count;
}

/* ---- who is due */

/* Due on that day because of that rule: its occurrence; false: not due. */
static bool name_occurrence(const struct rulebook_rule *r, struct civil_date day,
                            const struct plan_candidate *c,
                            char ret_text[FOLLOW_UP_OCCURRENCE_SIZE])
{
    struct yearly_date date;
    struct civil_date on = local_day(c->zone, c->at_us);
    int year = 0;
    switch (r->trigger) {
    case FOLLOW_UP_ON_BIRTHDAY:
        if (yearly_date_of_birthday(c->birth_month, c->birth_day, c->is_lunar, c->is_leap_month,
                                    &date, NULL) == 0) {
            year = year_on(&date, day);
        }
        (void)text_format(ret_text, FOLLOW_UP_OCCURRENCE_SIZE, "%d", year);
        return year != 0;
    case FOLLOW_UP_ON_FESTIVAL:
        (void)format_day(day, ret_text);
        return is_festival_on(r, day);
    case FOLLOW_UP_ON_SILENCE:
        (void)format_day(on, ret_text);
        return is_same_day(civil_months_later(on, r->measure.months), day);
    default: /* FOLLOW_UP_ON_SERVICE_DUE */
        (void)text_format(ret_text, FOLLOW_UP_OCCURRENCE_SIZE, "%d months", r->measure.months);
        return is_same_day(civil_months_later(on, r->measure.months), day);
    }
}

void plan_day_candidate(struct plan *p, const char *topic, struct civil_date day,
                        const struct plan_candidate *c)
{
    char occurrence[FOLLOW_UP_OCCURRENCE_SIZE];
    struct rulebook_facts facts = {
        .product = c->product,
        .branch = c->branch,
        .tier = c->tier,
        .score = (double)NAN,
        .churn = (double)NAN,
    };
    const struct plan_seed seed = {
        .customer = c->customer,
        .subject = c->number,
        .occurrence = occurrence,
        .branch = c->branch,
        .zone = c->zone,
        .day = &day,
        .latest_us = INT64_MAX,
    };
    for (size_t i = 0; i < rulebook_rule_count(p->rules); i++) {
        const struct rulebook_rule *r = rulebook_rule(p->rules, i);
        facts.trigger = r->trigger;
        if (!is_of_round(r, topic) || !name_occurrence(r, day, c, occurrence) ||
            !rulebook_matches(r, &facts, NULL)) {
            continue;
        }
        if (!plan_find(p, topic, c->number, occurrence)) {
            (void)plan_add(p, r, &seed);
        }
        return; /* the first rule that matches is taken */
    }
}
