/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/rules_warnings.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/domain/rulebook_words.h"
#include "services/cli/rules_text.h"

enum { /* Purpose, Channel, CallOutcome */
    SERVICE_CALL = 1,
    GREETING = 3,
    CHANNEL_PERSON = 4,
    CHANNEL_MAIL = 3,
    NO_ANSWER = 3,
    DAY_MINUTES = 24 * 60,
};

static void warn(json_t *list, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void warn(json_t *list, const char *fmt, ...)
{
    char text[512];
    va_list args;

    va_start(args, fmt);
    (void)text_vformat(text, sizeof(text), fmt, args);
    va_end(args);
    json_array_append_new(list, json_string(text));
}

/* ---- hours */

static bool is_quiet(const struct rulebook_limits *l, int minute)
{
    const int from = l->quiet_from_minute;
    const int until = l->quiet_until_minute;

    return from <= until ? minute >= from && minute < until : minute >= from || minute < until;
}

/* Minutes from a quiet one to the end of the quiet. */
static int quiet_left(const struct rulebook_limits *l, int minute)
{
    return (l->quiet_until_minute - minute + DAY_MINUTES) % DAY_MINUTES;
}

/* A whole week without the days on which nobody calls is never shorter than the window of these. */
static int64_t longest_pause_us(unsigned days)
{
    int longest = 0;
    int run = 0;

    for (int i = 0; i < 14; i++) {
        run = (days & 1U << i % 7) ? 0 : run + 1;
        longest = run > longest ? run : longest;
    }
    return longest * DURATION_DAY;
}

static int64_t quiet_length_us(const struct rulebook_limits *l)
{
    const int minutes = (l->quiet_until_minute - l->quiet_from_minute + DAY_MINUTES) % DAY_MINUTES;

    return minutes * DURATION_MIN;
}

static void check_hours(json_t *list, const struct rulebook_limits *l,
                        const struct rulebook_rule *r)
{
    char at[RULES_MINUTE_SIZE];
    char window[DURATION_TEXT_SIZE];

    if (r->at_minute >= 0 && is_quiet(l, r->at_minute)) {
        const int64_t left_us = quiet_left(l, r->at_minute) * DURATION_MIN;

        warn(list,
             r->window_us <= left_us
                 ? "%s: %s and all of its window of %s lie in the quiet hours: nobody is ever "
                   "called"
                 : "%s: %s lies in the quiet hours, so everybody waits for their end (window %s)",
             r->name, rules_minute(r->at_minute, at), duration_format(r->window_us, window));
    }
    if (r->at_minute < 0 && r->window_us <= quiet_length_us(l)) {
        warn(list,
             "%s: its window of %s is no longer than the quiet hours: what is due in the "
             "evening is missed",
             r->name, duration_format(r->window_us, window));
    }
    if (longest_pause_us(l->days) >= r->window_us) {
        warn(list, "%s: its window of %s can lie wholly on days without calls", r->name,
             duration_format(r->window_us, window));
    }
    if (r->at_minute < 0 && r->purpose == GREETING) {
        warn(list, "%s: a greeting without a time of day (at) is due when the day begins", r->name);
    }
}

/* ---- attempts */

static void check_attempts(json_t *list, const struct rulebook *b, const struct rulebook_rule *r)
{
    const struct rulebook_outcome *o = rulebook_outcome(b, NO_ANSWER);
    const int per_day = rulebook_limits(b)->attempts_per_day;
    const int64_t retries_us = (r->attempts - 1) * o->retry_after_us;
    char retry[DURATION_TEXT_SIZE];
    char window[DURATION_TEXT_SIZE];

    if (retries_us > r->window_us) {
        warn(list, "%s: %d attempts %s apart do not fit into its window of %s", r->name,
             r->attempts, duration_format(o->retry_after_us, retry),
             duration_format(r->window_us, window));
    }
    if (per_day > 0 && (r->attempts + per_day - 1) / per_day > r->window_us / DURATION_DAY + 1) {
        warn(list, "%s: %d attempts at %d a day do not fit into its window of %s", r->name,
             r->attempts, per_day, duration_format(r->window_us, window));
    }
}

static void check_channels(json_t *list, const struct rulebook_rule *r)
{
    const bool is_one = r->channel_count == 1;

    if (is_one && r->channels[0] == CHANNEL_MAIL && r->purpose == SERVICE_CALL) {
        warn(list, "%s: mail alone does not reach who has no address", r->name);
    }
    if (r->purpose == SERVICE_CALL || (r->channel_count > 1 && r->purpose == GREETING)) {
        return;
    }
    for (size_t i = 0; i < r->channel_count; i++) {
        if (r->channels[i] == CHANNEL_PERSON && r->priority == 4) {
            warn(list, "%s: takes people's time for %s of the lowest priority", r->name,
                 rulebook_word(RULEBOOK_PURPOSES, r->purpose));
        }
    }
}

/* ---- the whole */

/* What is no service needs a consent in many countries; said once, with the rules it is about. */
static void check_consents(json_t *list, const struct rulebook *b)
{
    struct text names = {.data = NULL};

    for (size_t i = 0; i < rulebook_rule_count(b); i++) {
        const struct rulebook_rule *r = rulebook_rule(b, i);

        if (r->purpose != SERVICE_CALL) {
            text_appendf(&names, "%s%s (%s)", names.len > 0 ? ", " : "", r->name,
                         rulebook_word(RULEBOOK_PURPOSES, r->purpose));
        }
    }
    if (names.len > 0) {
        json_t *text = json_sprintf("customers can refuse these, and in many countries have to "
                                    "consent to them: %s",
                                    names.data);

        json_array_append_new(list, text);
    }
    text_free(&names);
}

static void check_triggers(json_t *list, const struct rulebook *b)
{
    for (int trigger = 1; trigger < FOLLOW_UP_TRIGGER_COUNT; trigger++) {
        if (!rulebook_has_trigger(b, trigger)) {
            warn(list, "no rule for %s: nobody is called then", follow_up_trigger_name(trigger));
        }
    }
}

static void check_limits(json_t *list, const struct rulebook_limits *l)
{
    if (l->quiet_from_minute == l->quiet_until_minute) {
        warn(list, "no quiet hours: people are called at night");
    }
    if (l->per_day == 0 && l->per_week == 0 && l->per_month == 0) {
        warn(list, "no limit of orders to one customer (per_day, per_week, per_month)");
    }
    if (!l->usual_zone) {
        warn(list, "no usual_zone: customers whose zone nobody knows are called in the safest "
                   "hours alone");
    }
    if (l->refusal_pause_us == 0) {
        warn(list, "no pause after a refusal (refusal_pause)");
    }
}

json_t *rules_warnings(const struct rulebook *b)
{
    json_t *list = json_array();

    check_limits(list, rulebook_limits(b));
    check_triggers(list, b);
    for (size_t i = 0; i < rulebook_rule_count(b); i++) {
        const struct rulebook_rule *r = rulebook_rule(b, i);

        check_hours(list, rulebook_limits(b), r);
        check_attempts(list, b, r);
        check_channels(list, r);
    }
    check_consents(list, b);
    return list;
}
