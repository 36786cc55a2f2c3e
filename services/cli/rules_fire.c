/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/rules_fire.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/domain/rulebook_due.h"
#include "common/domain/yearly_date.h"

enum {
    TIMES_MAX =
        200, /* a rule is due because of one happening; steps in which a device is looked at */
};

/* ---- which rule */

static bool matches(const struct rulebook_rule *r, const struct rules_happening *h,
                    const char **ret_why)
{
    struct rulebook_facts facts = h->facts;

    facts.trigger = r->trigger;
    return rulebook_matches(r, &facts, ret_why);
}

bool rules_fire_takes(const struct rulebook *b, const struct rulebook_rule *r,
                      const struct rules_happening *h, char ret_why[RULES_WHY_SIZE])
{
    const char *why = NULL;

    if (!matches(r, h, &why)) {
        if (ret_why) {
            (void)text_copy(ret_why, RULES_WHY_SIZE, why);
        }
        return false;
    }
    for (size_t i = 0; rulebook_rule(b, i) != r; i++) {
        const struct rulebook_rule *earlier = rulebook_rule(b, i);

        if (strcmp(earlier->topic, r->topic) == 0 && rules_source_is_for(h->source, earlier) &&
            matches(earlier, h, NULL)) {
            if (ret_why) {
                (void)text_format(ret_why, RULES_WHY_SIZE, "rule %s", earlier->name);
            }
            return false;
        }
    }
    return true;
}

/* ---- when */

/* What is the same for all occurrences of a rule and a happening. */
struct shot {
    const struct rulebook_rule *rule;
    const struct rules_happening *h;
    const struct zone *zone;
    int64_t from_us, to_us;
    rules_fire_fn *each;
    void *ctx;
    const struct usage_forecast *forecast; /* NULL: it is known */
};

static void emit(const struct shot *s, const struct rulebook_moment *m, const char *occurrence)
{
    const int64_t until_us = s->h->until_us;
    struct rules_firing f = {
        .rule = s->rule,
        .customer = s->h->customer,
        .subject = s->h->subject,
        .due_us = m->due_us,
        .window_end_us = m->window_end_us,
        .early_us = s->forecast ? s->forecast->early_us : DB_NO_TIME,
        .late_us = s->forecast ? s->forecast->late_us : DB_NO_TIME,
    };

    if (m->due_us < s->from_us || m->due_us >= s->to_us) {
        return;
    }
    if (s->rule->trigger == FOLLOW_UP_ON_SILENCE && until_us != DB_NO_TIME &&
        until_us <= m->due_us) {
        return; /* the customer spoke before it was silence */
    }
    if (s->rule->trigger == FOLLOW_UP_ON_PROMISE_AT_RISK && until_us != DB_NO_TIME &&
        until_us < f.window_end_us) {
        f.window_end_us = until_us; /* after the break there is something else to say */
    }
    (void)text_copy(f.occurrence, sizeof(f.occurrence), occurrence);
    s->each(s->ctx, &f);
}

static struct civil_date local_day(const struct zone *zone, int64_t us)
{
    struct civil_time local;

    zone_from_instant(zone, us, &local);
    return local.date;
}

static void fire_at(const struct shot *s)
{
    char occurrence[RULES_OCCURRENCE_SIZE];
    struct rulebook_moment m;

    (void)text_copy(occurrence, sizeof(occurrence), s->h->occurrence);
    if (s->rule->trigger == FOLLOW_UP_ON_CHURN_RISK) {
        const struct civil_date day = local_day(s->zone, s->h->at_us);

        (void)text_format(occurrence, sizeof(occurrence), "%04dQ%d", day.year, (day.month + 2) / 3);
    }
    rulebook_due_after(s->rule, s->h->at_us, s->zone, &m);
    emit(s, &m, occurrence);
}

static void name_day(struct civil_date day, char ret_text[RULES_OCCURRENCE_SIZE])
{
    (void)text_format(ret_text, RULES_OCCURRENCE_SIZE, "%04d-%02d-%02d", day.year, day.month,
                      day.day);
}

static void fire_months_later(const struct shot *s)
{
    const struct civil_date first = local_day(s->zone, s->h->at_us);
    char occurrence[RULES_OCCURRENCE_SIZE];
    struct rulebook_moment m;

    if (s->h->source == RULES_PURCHASES) {
        (void)text_format(occurrence, sizeof(occurrence), "%d months",
                          (int)s->rule->measure.months);
    } else {
        name_day(first, occurrence);
    }
    rulebook_due_on(s->rule, civil_months_later(first, s->rule->measure.months), s->zone, &m);
    emit(s, &m, occurrence);
}

/* The first day looked at is earlier than any whose follow-up is due in the range. */
static void fire_yearly(const struct shot *s, const struct yearly_date *date)
{
    struct civil_date day = local_day(s->zone, s->from_us - s->rule->after_us);

    day = civil_from_days(civil_to_days(day) - 2);
    for (int i = 0; i < TIMES_MAX; i++) {
        char occurrence[RULES_OCCURRENCE_SIZE];
        struct rulebook_moment m;
        int year;

        if (yearly_date_next(date, day, &year, &day) < 0) {
            return;
        }
        rulebook_due_on(s->rule, day, s->zone, &m);
        if (m.due_us >= s->to_us) {
            return;
        }
        if (s->rule->trigger == FOLLOW_UP_ON_BIRTHDAY) {
            (void)text_format(occurrence, sizeof(occurrence), "%d", year);
        } else {
            name_day(day, occurrence);
        }
        emit(s, &m, occurrence);
        day = civil_from_days(civil_to_days(day) + 1);
    }
}

static void fire_customer(const struct shot *s)
{
    const struct rules_happening *h = s->h;
    struct yearly_date date;
    struct err err = ERR_NONE;

    if (s->rule->trigger == FOLLOW_UP_ON_FESTIVAL) {
        if (yearly_date_parse(s->rule->measure.date, &date, &err) == 0) {
            fire_yearly(s, &date);
        }
    } else if (h->birth_month > 0 &&
               yearly_date_of_birthday(h->birth_month, h->birth_day, h->birth_is_lunar,
                                       h->birth_is_leap_month, &date, &err) == 0) {
        fire_yearly(s, &date);
    }
}

/* The forecast of a device's next service as of that instant. False: there is none. */
static bool forecast(const struct shot *s, int64_t now_us, struct usage_forecast *ret)
{
    const struct rulebook_measure *m = &s->rule->measure;
    const struct rules_happening *h = s->h;
    const bool is_km = m->every_km > 0;
    const struct usage_question q = {
        .readings = is_km ? h->km : h->usage,
        .count = is_km ? h->km_count : h->usage_count,
        .every = is_km ? m->every_km : m->every_usage,
        .base_us = INT64_MIN,
        .now_us = now_us,
    };
    const bool is_unit = is_km || (h->usage_unit && strcmp(h->usage_unit, m->usage_unit) == 0);

    return is_unit && q.count > 0 && usage_forecast_make(&q, ret, NULL) == 0 &&
           ret->likely_us < USAGE_NEVER;
}

/* One service after another. Each is planned with its first forecast and moves with every later
 * one until it is due: looked at in steps, not at each reading. */
static void fire_device(const struct shot *of_device)
{
    struct usage_forecast told = {.service = 0}; /* of the one that waits */
    struct shot forecasted = *of_device;
    const struct shot *s = &forecasted;
    const int64_t step_us = (s->to_us - s->from_us) / TIMES_MAX + 1;
    char occurrence[RULES_OCCURRENCE_SIZE];
    struct rulebook_moment moment;
    int64_t planned = 0; /* the service that waits for its day; 0: none */
    int64_t last = 0;

    forecasted.forecast = &told;
    for (int64_t now_us = s->from_us; now_us < s->to_us; now_us += step_us) {
        const int64_t first_us = now_us + s->rule->measure.lead_us; /* not before it is known */
        struct usage_forecast next;

        if (planned > 0 && moment.due_us <= now_us) {
            emit(s, &moment, occurrence);
            last = planned;
            planned = 0;
        }
        if (forecast(s, now_us, &next) && next.service > last) {
            told = next;
            planned = next.service;
            rulebook_due_after(s->rule, next.likely_us > first_us ? next.likely_us : first_us,
                               s->zone, &moment);
            (void)text_format(occurrence, sizeof(occurrence), "%s %" PRId64,
                              s->rule->measure.every_km > 0 ? "km" : "usage", planned);
        }
    }
    if (planned > 0) {
        emit(s, &moment, occurrence);
    }
}

void rules_fire(const struct rulebook_rule *r, const struct rules_happening *h,
                const struct zone *zone, const int64_t range_us[2], rules_fire_fn *each, void *ctx)
{
    const struct shot s = {
        .rule = r,
        .h = h,
        .zone = zone,
        .from_us = range_us[0],
        .to_us = range_us[1],
        .each = each,
        .ctx = ctx,
    };

    switch ((int)h->source) {
    case RULES_CUSTOMERS:
        fire_customer(&s);
        break;
    case RULES_CONTACTS:
    case RULES_PURCHASES:
        fire_months_later(&s);
        break;
    case RULES_READINGS:
        fire_device(&s);
        break;
    default:
        fire_at(&s);
        break;
    }
}
