/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/rules_text.h"

#include "common/base/duration.h"
#include "common/domain/calendar_parts.h"
#include "common/domain/rulebook_terms.h"
#include "common/domain/rulebook_words.h"

const char *rules_part_name(enum rules_part part)
{
    static const char *const names[RULES_PART_COUNT] = {
        [RULES_FOR] = "for",           [RULES_WHEN] = "when",         [RULES_WINDOW] = "window",
        [RULES_PURPOSE] = "purpose",   [RULES_PRIORITY] = "priority", [RULES_CHANNELS] = "channels",
        [RULES_ATTEMPTS] = "attempts", [RULES_SCRIPT] = "script",     [RULES_TOPIC] = "topic",
    };

    return names[part];
}

const char *rules_minute(int minute, char ret[RULES_MINUTE_SIZE])
{
    (void)text_format(ret, RULES_MINUTE_SIZE, "%02d:%02d", minute / 60 % 24, minute % 60);
    return ret;
}

/* ---- whom */

static void append_conditions(struct text *t, const struct rulebook_rule *r)
{
    const char *separator = "";

    for (unsigned i = 0; i < RULEBOOK_CONDITION_COUNT; i++) {
        struct text one = {.data = NULL};

        rulebook_term_describe(r, (enum rulebook_term)i, &one);
        if (one.len > 0) {
            text_appendf(t, "%s%s", separator, one.data);
            separator = ", ";
        }
        text_free(&one);
    }
    if (!separator[0]) {
        text_append(t, "everybody");
    }
}

/* ---- when */

/* What the time is counted from, of triggers without a measure of their own. */
static const char *const happenings[FOLLOW_UP_TRIGGER_COUNT] = {
    [FOLLOW_UP_ON_CASE_RESOLVED] = "a case is resolved",
    [FOLLOW_UP_ON_PROMISE_AT_RISK] = "a promise is at risk",
    [FOLLOW_UP_ON_PROMISE_BROKEN] = "a promise is broken",
    [FOLLOW_UP_ON_LOW_ANSWER] = "a low answer",
    [FOLLOW_UP_ON_CHURN_RISK] = "the score says so",
    [FOLLOW_UP_ON_COMPENSATION] = "a compensation is promised",
    [FOLLOW_UP_ON_IMPROVEMENT] = "an improvement is shipped",
};

static void append_service(struct text *t, const struct rulebook_measure *m)
{
    const char *separator = "";
    char lead[DURATION_TEXT_SIZE];

    if (m->lead_us > 0) {
        text_appendf(t, "%s before ", duration_format(m->lead_us, lead));
    }
    if (m->months > 0) {
        text_appendf(t, "%d months after the purchase", (int)m->months);
        separator = " or ";
    }
    if (m->every_km > 0) {
        text_appendf(t, "%severy %.10g km", separator, m->every_km);
        separator = " or ";
    }
    if (m->every_usage > 0) {
        text_appendf(t, "%severy %.10g %s", separator, m->every_usage, m->usage_unit);
        separator = " or ";
    }
    if (m->on_fault) {
        text_appendf(t, "%sa device reports the fault", separator);
    }
}

static void append_anchor(struct text *t, const struct rulebook_rule *r)
{
    switch (r->trigger) {
    case FOLLOW_UP_ON_SILENCE:
        text_appendf(t, "%d months without a word", (int)r->measure.months);
        break;
    case FOLLOW_UP_ON_BIRTHDAY:
        text_append(t, "the birthday");
        break;
    case FOLLOW_UP_ON_FESTIVAL:
        text_append(t, r->measure.date);
        break;
    case FOLLOW_UP_ON_SERVICE_DUE:
        append_service(t, &r->measure);
        break;
    default:
        text_append(t, happenings[r->trigger]);
        break;
    }
}

static void append_when(struct text *t, const struct rulebook_rule *r)
{
    char length[DURATION_TEXT_SIZE];
    char minute[RULES_MINUTE_SIZE];

    if (r->after_us > 0) {
        text_appendf(t, "%s after ", duration_format(r->after_us, length));
    }
    append_anchor(t, r);
    if (r->at_minute >= 0) {
        text_appendf(t, ", at %s", rules_minute(r->at_minute, minute));
    }
}

/* ---- how */

static void append_channels(struct text *t, const struct rulebook_rule *r)
{
    for (size_t i = 0; i < r->channel_count; i++) {
        text_appendf(t, "%s%s", i > 0 ? ", then " : "",
                     rulebook_word(RULEBOOK_CHANNELS, r->channels[i]));
    }
}

void rules_text_part(struct text *t, const struct rulebook_rule *r, enum rules_part part)
{
    static const char *const priorities[] = {"", "urgent", "high", "normal", "low"};
    char length[DURATION_TEXT_SIZE];

    switch ((int)part) {
    case RULES_FOR:
        append_conditions(t, r);
        break;
    case RULES_WHEN:
        append_when(t, r);
        break;
    case RULES_WINDOW:
        text_append(t, duration_format(r->window_us, length));
        break;
    case RULES_PURPOSE:
        text_append(t, rulebook_word(RULEBOOK_PURPOSES, r->purpose));
        break;
    case RULES_PRIORITY:
        text_appendf(t, "%d (%s)", r->priority, priorities[r->priority]);
        break;
    case RULES_CHANNELS:
        append_channels(t, r);
        break;
    case RULES_ATTEMPTS:
        text_appendf(t, "%d", r->attempts);
        break;
    case RULES_SCRIPT:
        text_append(t, r->script);
        break;
    default:
        text_append(t, r->topic);
        break;
    }
}

/* ---- limits */

static void append_stretch(struct text *t, int from_minute, int until_minute)
{
    char from[RULES_MINUTE_SIZE];
    char until[RULES_MINUTE_SIZE];

    if (from_minute == until_minute) {
        text_append(t, "none");
    } else {
        text_appendf(t, "%s to %s", rules_minute(from_minute, from),
                     rules_minute(until_minute, until));
    }
}

static void append_days(struct text *t, unsigned days)
{
    const char *separator = "";

    if (days == 0x7f) {
        text_append(t, "every day");
        return;
    }
    for (int day = 0; day < 7; day++) {
        if (days & 1U << day) {
            text_appendf(t, "%s%s", separator, calendar_weekday_name(day));
            separator = ", ";
        }
    }
}

static void append_count(struct text *t, int count)
{
    if (count == 0) {
        text_append(t, "no limit");
    } else {
        text_appendf(t, "%d", count);
    }
}

static void append_span(struct text *t, int64_t us)
{
    char length[DURATION_TEXT_SIZE];

    text_append(t, us == 0 ? "none" : duration_format(us, length));
}

static void append_needed(struct text *t, int64_t needed)
{
    const char *separator = "";

    for (int bit = 0; bit < 63; bit++) {
        const char *purpose = rulebook_word(RULEBOOK_PURPOSES, bit % 8);
        const char *channel = rulebook_word(RULEBOOK_CHANNELS, bit / 8);

        if (needed >> bit & 1 && purpose) {
            text_appendf(t, "%s%s%s%s", separator, purpose, channel ? "/" : "",
                         channel ? channel : "");
            separator = ", ";
        }
    }
    text_append(t, separator[0] ? "" : "nothing");
}

enum limit {
    QUIET,
    DAYS,
    ZONE,
    SAFEST,
    PER_DAY,
    PER_WEEK,
    PER_MONTH,
    PER_NUMBER,
    ATTEMPTS,
    REFUSAL,
    AHEAD,
    CALLED_BACK,
    CONSENT,
    LIMIT_COUNT
};

const char *rules_limit_name(size_t i)
{
    static const char *const names[LIMIT_COUNT] = {
        [QUIET] = "quiet hours",
        [DAYS] = "days",
        [ZONE] = "usual time zone",
        [SAFEST] = "hours (UTC) without any zone",
        [PER_DAY] = "orders to one customer a day",
        [PER_WEEK] = "a week",
        [PER_MONTH] = "a month",
        [PER_NUMBER] = "orders to one number a week",
        [ATTEMPTS] = "attempts of one follow-up a day",
        [REFUSAL] = "pause after a refusal",
        [AHEAD] = "joins the call when due within",
        [CALLED_BACK] = "a contact ends the attempts within",
        [CONSENT] = "only with a consent",
    };

    return i < LIMIT_COUNT ? names[i] : NULL;
}

void rules_text_limit(struct text *t, const struct rulebook_limits *l, size_t i)
{
    switch ((int)i) {
    case QUIET:
        append_stretch(t, l->quiet_from_minute, l->quiet_until_minute);
        break;
    case DAYS:
        append_days(t, l->days);
        break;
    case ZONE:
        text_append(t, l->usual_zone ? l->usual_zone : "none");
        break;
    case SAFEST:
        append_stretch(t, l->safest_from_minute, l->safest_until_minute);
        break;
    case PER_DAY:
        append_count(t, l->per_day);
        break;
    case PER_WEEK:
        append_count(t, l->per_week);
        break;
    case PER_MONTH:
        append_count(t, l->per_month);
        break;
    case PER_NUMBER:
        append_count(t, l->per_number_week);
        break;
    case ATTEMPTS:
        append_count(t, l->attempts_per_day);
        break;
    case REFUSAL:
        append_span(t, l->refusal_pause_us);
        break;
    case AHEAD:
        append_span(t, l->agenda_ahead_us);
        break;
    case CALLED_BACK:
        append_span(t, l->called_back_us);
        break;
    default:
        append_needed(t, l->consent_needed);
        break;
    }
}

void rules_text_outcome(struct text *t, const struct rulebook_outcome *o)
{
    char length[DURATION_TEXT_SIZE];

    if (o->is_end) {
        text_append(t, "ends it");
        return;
    }
    if (o->other_channel) {
        text_append(t, "the next channel");
        return;
    }
    text_appendf(t, "again after %s", duration_format(o->retry_after_us, length));
    if (o->other_hour_us > 0) {
        text_appendf(t, ", %s away from that time of day",
                     duration_format(o->other_hour_us, length));
    }
    if (o->at_most > 0) {
        text_appendf(t, ", at most %d times", o->at_most);
    }
}
