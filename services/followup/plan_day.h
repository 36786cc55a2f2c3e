/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_day.h - the triggers that no event sets off, but a day: birthday, festival, silence, and
 * service due so many months after a purchase. Pure.
 *
 * A round plans one local day of one topic; the day is the same date for everybody, the instant is
 * that of each customer's zone.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_PLAN_DAY_H
#define TROTH_SERVICES_FOLLOWUP_PLAN_DAY_H

#include "services/followup/plan.h"

enum {
    PLAN_DAY_AHEAD =
        2, /* days: the local day is one ahead of UTC in the far east, and one to spare */
    PLAN_DAY_DATES_MAX = 4,
    PLAN_DAY_SPANS_MAX = 32, /* rules of one topic with different numbers of months */
};

/* A customer, or a purchase of one, that may be due on the day. */
struct plan_candidate {
    int64_t number; /* of the customer or purchase: rounds go on after it */
    int64_t customer;
    const char *zone_name;   /* NULL or "": not known */
    const struct zone *zone; /* of zone_name, else the branch's, else the usual one; may be NULL */
    const char *tier, *product, *branch;
    int birth_month, birth_day;
    bool is_lunar, is_leap_month;
    int64_t at_us; /* silence: the last contact; service: the purchase */
};

/* The triggers of rounds. */
bool plan_day_has(int trigger);

/* How far ahead of today (UTC) the days of a topic are planned: PLAN_DAY_AHEAD, and the lead of its
 * rules. 0: no rule has that topic. */
int plan_day_ahead(const struct rulebook *rules, const char *topic);

/* Whether anybody can be due on that day: festivals are on few. */
bool plan_day_is_on(const struct rulebook *rules, const char *topic, struct civil_date day);

/* As what a birthday on that day may be stored: a date of the Chinese calendar or not. More than
 * fall on the day, never fewer; plan_day_candidate() decides. Returns how many. */
struct plan_day_date {
    bool is_lunar;
    int month, day;
};
size_t plan_day_birthdays(struct civil_date day, struct plan_day_date ret[PLAN_DAY_DATES_MAX]);

/* When what is due on that day may have happened, in any zone, for silence and services: spans of
 * instants, each up to before `until`. Returns how many. */
struct plan_day_span {
    int64_t from_us, until_us;
};
size_t plan_day_spans(const struct rulebook *rules, const char *topic, struct civil_date day,
                      struct plan_day_span ret[PLAN_DAY_SPANS_MAX]);

/* Plans what the candidate is due for on that day by that topic, unless it is planned. */
void plan_day_candidate(struct plan *p, const char *topic, struct civil_date day,
                        const struct plan_candidate *c);

#endif
