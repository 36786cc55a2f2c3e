/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arbitration.c - the table of questions, and the arithmetic of permitted hours.
 *
 * A question is one row: who asks comes first in the table decides first. A row answers with the
 * verdict, or not at all; what may only wait is gathered by the last one, because all that stands
 * against now has to be over at once.
 *
 * Permitted hours are looked at on the wall clock of the zone: from each instant that is not
 * permitted to the next at which the answer may change (the end of the quiet hours, midnight, or a
 * change of the clock, whichever comes first). So an hour that a change of the clock repeats or
 * skips needs no case of its own.
 */
#include "common/domain/arbitration.h"

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/instant.h"

enum {
    SERVICE_CALL = 1, /* Purpose */
    CALL = 1,         /* Channel */
    MESSAGE,
    MAIL,
    PERSON,
    BITS_PER_CHANNEL = 8,
    MINUTES_PER_DAY = 24 * 60,
    DAYS_PER_WEEK = 7,
    STEPS_MAX = 64, /* boundaries looked at: more than a week has */
};

/* ---- permitted hours */

struct wall {
    int minute;             /* of the local day */
    int64_t day;            /* since 1970-01-01 */
    int64_t into_minute_us; /* since that minute began */
};

static void read_wall(const struct zone *zone, int64_t us, struct wall *ret)
{
    struct civil_time local;
    zone_from_instant(zone, us, &local);
    ret->minute = local.hour * 60 + local.minute;
    ret->day = civil_to_days(local.date);
    ret->into_minute_us = local.second * DURATION_S + local.microsecond;
}

/* 0 is Monday; 1970-01-01 was a Thursday. */
static int weekday(int64_t day)
{
    return (int)(((day + 3) % DAYS_PER_WEEK + DAYS_PER_WEEK) % DAYS_PER_WEEK);
}

/* Whether a minute of the day is in [from, until), which may go over midnight; nothing is in an
 * empty one. */
static bool is_within(int minute, int from, int until)
{
    return from <= until ? minute >= from && minute < until : minute >= from || minute < until;
}

/* Why not at that moment, and at which minute of the day (at most midnight) to look again. */
static const char *why_not(const struct rulebook_limits *limits, bool is_zone_known,
                           const struct wall *w, int *ret_look_again)
{
    *ret_look_again = MINUTES_PER_DAY;
    if (!(limits->days & 1U << weekday(w->day))) {
        return ARBITRATION_DAY_NOT_PERMITTED;
    }
    int open = is_zone_known ? limits->quiet_until_minute : limits->safest_from_minute;
    bool is_closed =
        is_zone_known
            ? is_within(w->minute, limits->quiet_from_minute, limits->quiet_until_minute)
            : limits->safest_from_minute != limits->safest_until_minute &&
                  !is_within(w->minute, limits->safest_from_minute, limits->safest_until_minute);
    if (!is_closed) {
        return NULL;
    }
    *ret_look_again = w->minute < open ? open : MINUTES_PER_DAY;
    return is_zone_known ? ARBITRATION_QUIET_HOURS : ARBITRATION_ZONE_UNKNOWN;
}

/* The instant after us at which the wall shows that minute of the day (midnight: of the next day),
 * or at which the clock is changed, if that comes first. */
static int64_t instant_of_minute(const struct zone *zone, int64_t us, const struct wall *w,
                                 int minute)
{
    int64_t at_us = us - w->into_minute_us + (minute - w->minute) * DURATION_MIN;
    int64_t change_us = zone ? zone_next_change(zone, us) : INT64_MAX;
    return at_us < change_us ? at_us : change_us;
}

int64_t arbitration_next_permitted(const struct rulebook_limits *limits, const struct zone *zone,
                                   int64_t from_us, const char **ret_reason)
{
    const char *first = NULL;
    int64_t found_us = INT64_MAX;
    int64_t us = from_us;
    for (int i = 0; i < STEPS_MAX; i++) {
        struct wall w;
        int look_again;
        read_wall(zone, us, &w);
        const char *reason = why_not(limits, zone != NULL, &w, &look_again);
        if (!reason) {
            found_us = us;
            break;
        }
        first = first ? first : reason;
        us = instant_of_minute(zone, us, &w, look_again);
    }
    if (ret_reason) {
        *ret_reason = first;
    }
    return found_us;
}

int64_t arbitration_other_hour(const struct rulebook_limits *limits, const struct zone *zone,
                               int64_t from_us, int64_t failed_us, int64_t gap_us)
{
    struct wall failed;
    int64_t us = arbitration_next_permitted(limits, zone, from_us, NULL);
    int64_t any_us = us;
    int gap = (int)(gap_us / DURATION_MIN);
    if (failed_us == INT64_MIN || gap <= 0) {
        return any_us;
    }
    read_wall(zone, failed_us, &failed);
    for (int i = 0; i < STEPS_MAX && us != INT64_MAX; i++) {
        struct wall w;
        read_wall(zone, us, &w);
        int ahead = (w.minute - failed.minute + MINUTES_PER_DAY) % MINUTES_PER_DAY;
        int distance = ahead < MINUTES_PER_DAY - ahead ? ahead : MINUTES_PER_DAY - ahead;
        if (distance > gap) {
            return us;
        }
        int leave = w.minute + (ahead <= gap ? gap - ahead : MINUTES_PER_DAY - ahead + gap) + 1;
        us = instant_of_minute(zone, us, &w, leave);
        us = arbitration_next_permitted(limits, zone, us, NULL);
    }
    return any_us;
}

/* ---- channels */

static bool is_refused(int64_t refusals, int32_t purpose, int32_t channel)
{
    return (refusals & (INT64_C(1) << purpose)) != 0 ||
           (refusals & (INT64_C(1) << (purpose + BITS_PER_CHANNEL * channel))) != 0;
}

/* Whether the limits ask for a consent that nobody gave. */
static bool is_consent_missing(const struct rulebook_limits *limits, int64_t consents,
                               int32_t purpose, int32_t channel)
{
    const int64_t bits = INT64_C(1) << purpose | INT64_C(1)
                                                     << (purpose + BITS_PER_CHANNEL * channel);
    return (limits->consent_needed & bits) != 0 && (consents & bits) == 0;
}

static bool can_reach(const struct arbitration_question *q, int32_t channel)
{
    return channel == MAIL ? q->has_email : q->has_phone;
}

struct channel_choice {
    bool is_found;
    size_t index;
    bool any_barred; /* by do_not_call */
    size_t refused;  /* by a refusal of the purpose */
    size_t missing;  /* not refused, and not allowed where that is needed */
    size_t left;     /* looked at */
};

static void choose_channel(const struct rulebook_limits *limits,
                           const struct arbitration_question *q, struct channel_choice *ret)
{
    *ret = (struct channel_choice){.is_found = false};
    for (size_t i = q->first_channel; i < q->channel_count && !ret->is_found; i++) {
        int32_t channel = q->channels[i];
        ret->left++;
        if (q->do_not_call && channel != MAIL) {
            ret->any_barred = true;
        } else if (is_refused(q->refusals, q->purpose, channel)) {
            ret->refused++;
        } else if (is_consent_missing(limits, q->consents, q->purpose, channel)) {
            ret->missing++;
        } else if (can_reach(q, channel)) {
            ret->is_found = true;
            ret->index = i;
        }
    }
}

/* ---- the questions */

struct context {
    const struct rulebook_limits *limits;
    const struct arbitration_question *q;
    struct channel_choice channel;
};

/* Answers with true and the verdict, or leaves it to the next row. */
typedef bool question_fn(const struct context *c, struct arbitration_verdict *ret);

static bool answer(struct arbitration_verdict *ret, enum arbitration_step step, const char *reason)
{
    ret->step = step;
    ret->reason = reason;
    return true;
}

static bool is_it_history(const struct context *c, struct arbitration_verdict *ret)
{
    return c->q->is_historical && answer(ret, ARBITRATION_MISS, ARBITRATION_HISTORY);
}

static bool is_customer_erased(const struct context *c, struct arbitration_verdict *ret)
{
    return c->q->is_erased && answer(ret, ARBITRATION_SUPPRESS, ARBITRATION_ERASED);
}

/* Whoever said "do not call" is on no person's list either: a person would call. */
static bool may_not_be_called(const struct context *c, struct arbitration_verdict *ret)
{
    return !c->channel.is_found && c->channel.any_barred &&
           answer(ret, ARBITRATION_SUPPRESS, ARBITRATION_DO_NOT_CALL);
}

static bool was_purpose_refused(const struct context *c, struct arbitration_verdict *ret)
{
    return !c->channel.is_found && c->channel.left > 0 && c->channel.refused == c->channel.left &&
           answer(ret, ARBITRATION_SUPPRESS, ARBITRATION_CONSENT_REFUSED);
}

/* Nobody said no, and nobody said yes where that is needed. */
static bool is_purpose_not_allowed(const struct context *c, struct arbitration_verdict *ret)
{
    return !c->channel.is_found && c->channel.missing > 0 &&
           c->channel.refused + c->channel.missing == c->channel.left &&
           answer(ret, ARBITRATION_SUPPRESS, ARBITRATION_CONSENT_MISSING);
}

static bool was_case_reopened(const struct context *c, struct arbitration_verdict *ret)
{
    return c->q->is_reopened && answer(ret, ARBITRATION_SUPPRESS, ARBITRATION_CASE_REOPENED);
}

static bool is_promise_settled(const struct context *c, struct arbitration_verdict *ret)
{
    return c->q->is_settled && answer(ret, ARBITRATION_SUPPRESS, ARBITRATION_PROMISE_SETTLED);
}

static bool is_complaint_open(const struct context *c, struct arbitration_verdict *ret)
{
    return c->q->purpose != SERVICE_CALL && c->q->has_open_complaint &&
           answer(ret, ARBITRATION_SUPPRESS, ARBITRATION_OPEN_COMPLAINT);
}

static bool is_promise_broken(const struct context *c, struct arbitration_verdict *ret)
{
    return c->q->purpose != SERVICE_CALL && c->q->has_broken_promise &&
           answer(ret, ARBITRATION_SUPPRESS, ARBITRATION_BROKEN_PROMISE);
}

/* INT64_MIN: there is none. */
static int64_t end_of_pause(const struct context *c)
{
    const struct arbitration_question *q = c->q;
    bool has_pause = q->purpose != SERVICE_CALL && q->last_refusal_us != INT64_MIN &&
                     c->limits->refusal_pause_us > 0;
    return has_pause ? q->last_refusal_us + c->limits->refusal_pause_us : INT64_MIN;
}

/* A pause that ends within the window only defers: see not_now(). */
static bool was_refused_lately(const struct context *c, struct arbitration_verdict *ret)
{
    int64_t end_us = end_of_pause(c);
    return end_us > c->q->now_us && end_us >= c->q->window_end_us &&
           answer(ret, ARBITRATION_SUPPRESS, ARBITRATION_REFUSED_LATELY);
}

static bool is_no_longer_true(const struct context *c, struct arbitration_verdict *ret)
{
    return c->q->is_untrue && answer(ret, ARBITRATION_SUPPRESS, ARBITRATION_NO_LONGER_TRUE);
}

static bool has_window_passed(const struct context *c, struct arbitration_verdict *ret)
{
    return c->q->window_end_us <= c->q->now_us &&
           answer(ret, ARBITRATION_MISS, ARBITRATION_WINDOW_PASSED);
}

/* A conversation covers everything but what a refusal still bars; a mail or a message only what may
 * be said that way. */
static bool is_covered(const struct context *c, struct arbitration_verdict *ret)
{
    const struct arbitration_question *q = c->q;
    bool is_covered_by = q->agenda_channel == CALL || q->agenda_channel == PERSON;
    if (q->agenda_leader == 0 || is_refused(q->refusals, q->purpose, q->agenda_channel) ||
        is_consent_missing(c->limits, q->consents, q->purpose, q->agenda_channel) ||
        end_of_pause(c) > q->now_us) {
        return false;
    }
    for (size_t i = q->first_channel; i < q->channel_count && !is_covered_by; i++) {
        is_covered_by = q->channels[i] == q->agenda_channel;
    }
    if (!is_covered_by) {
        return false;
    }
    ret->into = q->agenda_leader;
    return answer(ret, ARBITRATION_MERGE, q->is_joined ? ARBITRATION_JOINED : ARBITRATION_AGENDA);
}

static bool is_unreachable(const struct context *c, struct arbitration_verdict *ret)
{
    return !c->channel.is_found && answer(ret, ARBITRATION_LIST, ARBITRATION_NO_CHANNEL);
}

/* ---- not now */

struct wait {
    int64_t until_us;   /* all that was asked so far is over */
    const char *reason; /* the first of them; NULL: nothing stands against now */
};

static void wait_for(struct wait *w, bool is_full, int64_t until_us, const char *reason)
{
    if (is_full) {
        w->reason = w->reason ? w->reason : reason;
        w->until_us = until_us > w->until_us ? until_us : w->until_us;
    }
}

static bool is_full(int32_t count, int limit)
{
    return limit > 0 && count >= limit;
}

static int64_t next_local_day(const struct arbitration_question *q)
{
    struct wall w;
    int64_t us = q->now_us;
    read_wall(q->zone, us, &w);
    int64_t today = w.day;
    do {
        us = instant_of_minute(q->zone, us, &w, MINUTES_PER_DAY);
        read_wall(q->zone, us, &w);
    } while (w.day <= today);
    return us;
}

static void wait_for_budget(struct wait *w, const struct context *c)
{
    const struct arbitration_question *q = c->q;
    const struct rulebook_limits *l = c->limits;
    bool is_mail = q->channels[c->channel.index] == MAIL;
    wait_for(w, is_full(q->orders_day, l->per_day), q->budget_frees_day_us, ARBITRATION_BUDGET_DAY);
    wait_for(w, is_full(q->orders_week, l->per_week), q->budget_frees_week_us,
             ARBITRATION_BUDGET_WEEK);
    wait_for(w, is_full(q->orders_month, l->per_month), q->budget_frees_month_us,
             ARBITRATION_BUDGET_MONTH);
    wait_for(w,
             is_full(is_mail ? q->orders_address_week : q->orders_number_week, l->per_number_week),
             is_mail ? q->budget_frees_address_us : q->budget_frees_number_us,
             ARBITRATION_BUDGET_NUMBER);
    wait_for(w, is_full(q->attempts_today, l->attempts_per_day), next_local_day(q),
             ARBITRATION_ATTEMPTS_DAY);
}

static bool not_now(const struct context *c, struct arbitration_verdict *ret)
{
    const struct arbitration_question *q = c->q;
    const struct rulebook_limits *l = c->limits;
    struct wait w = {.until_us = q->now_us};
    const char *hours_reason;
    int64_t hours_us = arbitration_next_permitted(l, q->zone, q->now_us, &hours_reason);
    wait_for(&w, end_of_pause(c) > q->now_us, end_of_pause(c), ARBITRATION_REFUSED_LATELY);
    wait_for(&w, hours_reason != NULL, hours_us, hours_reason);
    if (!q->is_asked_for) {
        wait_for_budget(&w, c);
    }
    wait_for(&w, q->is_under_way, q->now_us + ARBITRATION_LOOK_AGAIN_US,
             ARBITRATION_CALL_UNDER_WAY);
    if (!w.reason) {
        return false;
    }
    ret->until_us = w.until_us == INT64_MAX
                        ? INT64_MAX
                        : arbitration_next_permitted(l, q->zone, w.until_us, NULL);
    if (ret->until_us >= q->window_end_us) {
        ret->until_us = 0;
        return answer(ret, ARBITRATION_MISS, ARBITRATION_NOTHING_PERMITTED);
    }
    return answer(ret, ARBITRATION_DEFER, w.reason);
}

/* In the order in which they are asked. */
static question_fn *const questions[] = {
    is_it_history,       is_customer_erased,     may_not_be_called,
    was_purpose_refused, is_purpose_not_allowed, was_case_reopened,
    is_promise_settled,  is_complaint_open,      is_promise_broken,
    was_refused_lately,  is_no_longer_true,      has_window_passed,
    is_covered,          is_unreachable,         not_now,
};

void arbitrate(const struct rulebook_limits *limits, const struct arbitration_question *q,
               struct arbitration_verdict *ret)
{
    struct context c = {.limits = limits, .q = q};
    choose_channel(limits, q, &c.channel);
    *ret = (struct arbitration_verdict){.step = ARBITRATION_CALL};
    for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
        if (questions[i](&c, ret)) {
            return;
        }
    }
    ret->channel = q->channels[c.channel.index];
    ret->channel_index = c.channel.index;
}
