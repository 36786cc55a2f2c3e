/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rulebook_limits.c - the sections limits and outcomes of a rulebook, and what is usual.
 *
 * The safest hours are UTC, for customers of whom nothing tells where they live. No hour of the day
 * is polite everywhere: from 12:00 to 13:00 UTC it is 08:00 in the east of North America, 09:00 in
 * Sao Paulo, 20:00 to 21:00 in China and 21:00 to 22:00 in Japan. Who knows where the customers
 * live writes better ones, or a usual zone.
 */
#include <stdbool.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/zone.h"
#include "common/domain/calendar_parts.h"
#include "common/domain/rulebook_read.h"

enum {
    DAYS_MAX = 366,
    OTHER_HOURS_MAX_MIN = 11 * 60, /* 12 hours away there is but one instant left */
    ORDERS_MAX = 1000,
    CONSENTS_MAX = 20, /* purposes, alone and with each channel */
    ANSWERED = 1,
    REFUSED = 5,
    SENT = 13,
};

static const struct rulebook_limits usual_limits = {
    .quiet_from_minute = 21 * 60,
    .quiet_until_minute = 8 * 60,
    .days = 0x7f,
    .safest_from_minute = 12 * 60,
    .safest_until_minute = 13 * 60,
    .attempts_per_day = 3,
    .refusal_pause_us = 30 * DURATION_DAY,
    .called_back_us = 3 * DURATION_DAY,
};

/* outcome, is_end, retry_after_us, other_channel, other_hour_us, at_most */
static const struct rulebook_outcome usual_outcomes[RULEBOOK_OUTCOME_COUNT] = {
    {0 },
    { 1,  true,  0,                 false, 0, 0},
    { 2,  false, 15 * DURATION_MIN, false, 0, 0},
    { 3,  false, 3 * DURATION_H,    false, 2 * DURATION_H, 0},
    { 4,  false, 4 * DURATION_H,    false, 2 * DURATION_H, 2},
    { 5,  true,  0,                 false, 0, 0},
    { 6,  false, 0,                 true,  0, 0},
    { 7,  false, 30 * DURATION_MIN, false, 0, 0},
    { 8,  true,  0,                 false, 0, 0},
    { 9,  false, 0,                 true,  0, 0},
    { 10, false, 4 * DURATION_H,    false, 0, 0},
    { 11, false, 0,                 true,  0, 0},
    { 12, false, 0,                 true,  0, 0},
    { 13, true,  0,                 false, 0, 0},
};

void rulebook_content_init(struct rulebook_content *c)
{
    *c = (struct rulebook_content){.limits = usual_limits};
    memcpy(c->outcomes, usual_outcomes, sizeof(c->outcomes));
}

/* ---- limits */

/* One stretch of the day; "none" is none at all where that is allowed. */
static int read_stretch(const struct standard_reader *r, const config_setting_t *setting,
                        bool may_be_none, int *ret_from, int *ret_until)
{
    const char *text = config_setting_get_string(setting);
    struct calendar_hours hours = {.count = 0};

    if (may_be_none && text && strcmp(text, "none") == 0) {
        *ret_from = *ret_until = 0;
        return 0;
    }
    if (calendar_read_hours(r, setting, &hours) < 0) {
        return -1;
    }
    if (hours.count != 1 || hours.intervals[0].end_min - hours.intervals[0].begin_min == 24 * 60) {
        return standard_read_refuse(r, setting,
                                    "must be one stretch of less than a day: \"21:00-08:00\"%s",
                                    may_be_none ? " or \"none\"" : "");
    }
    *ret_from = hours.intervals[0].begin_min;
    *ret_until = hours.intervals[0].end_min % (24 * 60);
    return 0;
}

static int read_quiet(const struct standard_reader *r, const config_setting_t *setting,
                      struct rulebook_limits *ret)
{
    return read_stretch(r, setting, true, &ret->quiet_from_minute, &ret->quiet_until_minute);
}

static int read_safest(const struct standard_reader *r, const config_setting_t *setting,
                       struct rulebook_limits *ret)
{
    return read_stretch(r, setting, false, &ret->safest_from_minute, &ret->safest_until_minute);
}

static int read_days(const struct standard_reader *r, const config_setting_t *setting,
                     struct rulebook_limits *ret)
{
    unsigned days = 0;
    size_t count = 0;

    if (calendar_count_texts(r, setting, 7, &count) < 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        const config_setting_t *text = calendar_text_at(setting, i);
        int weekday = 0;

        if (calendar_read_weekday(r, text, &weekday) < 0) {
            return -1;
        }
        if (days & 1U << weekday) {
            return standard_read_refuse(r, text, "is there twice");
        }
        days |= 1U << weekday;
    }
    ret->days = days;
    return 0;
}

static int read_usual_zone(const struct standard_reader *r, const config_setting_t *setting,
                           struct rulebook_limits *ret)
{
    const char *name = standard_read_text(r, setting, STANDARD_NAME_BYTES_MAX);
    struct err why = ERR_NONE;
    struct zone *zone = name ? zone_open(name, &why) : NULL;

    if (!name) {
        return -1;
    }
    if (!zone) {
        return standard_read_refuse(r, setting, "must be a time zone such as \"Asia/Shanghai\": %s",
                                    why.text);
    }
    zone_free(zone);
    ret->usual_zone = name;
    return 0;
}

/* "marketing", or "marketing/mail" of one channel alone. */
static int read_needed(const struct standard_reader *r, const config_setting_t *text,
                       int64_t *ret_bit)
{
    const char *said = standard_read_text(r, text, STANDARD_NAME_BYTES_MAX);
    const char *slash = said ? strchr(said, '/') : NULL;
    char purpose[STANDARD_NAME_BYTES_MAX + 1];

    if (!said) {
        return -1;
    }
    (void)text_copy(purpose, sizeof(purpose), said);
    purpose[slash ? (size_t)(slash - said) : strlen(purpose)] = '\0';
    const int32_t of = rulebook_word_find(RULEBOOK_PURPOSES, purpose);
    const int32_t by = slash ? rulebook_word_find(RULEBOOK_CHANNELS, slash + 1) : 0;
    if (of == 0 || (slash && by == 0)) {
        return standard_read_refuse(r, text,
                                    "must be a purpose (service_call, survey, greeting, "
                                    "marketing), or a purpose and a channel: \"marketing/mail\"");
    }
    *ret_bit = INT64_C(1) << (of + 8 * by);
    return 0;
}

static int read_consent(const struct standard_reader *r, const config_setting_t *setting,
                        struct rulebook_limits *ret)
{
    int64_t needed = 0;
    size_t count = 0;

    if (calendar_count_texts(r, setting, CONSENTS_MAX, &count) < 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        const config_setting_t *text = calendar_text_at(setting, i);
        int64_t bit = 0;

        if (read_needed(r, text, &bit) < 0) {
            return -1;
        }
        if (needed & bit) {
            return standard_read_refuse(r, text, "is there twice");
        }
        needed |= bit;
    }
    ret->consent_needed = needed;
    return 0;
}

static int *count_of(struct rulebook_limits *l, const char *name)
{
    const struct {
        const char *name;
        int *count;
    } counts[] = {
        {"per_day",          &l->per_day         },
        {"per_week",         &l->per_week        },
        {"per_month",        &l->per_month       },
        {"per_number_week",  &l->per_number_week },
        {"attempts_per_day", &l->attempts_per_day},
    };

    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        if (strcmp(counts[i].name, name) == 0) {
            return counts[i].count;
        }
    }
    return NULL;
}

static int64_t *span_of(struct rulebook_limits *l, const char *name)
{
    const struct {
        const char *name;
        int64_t *span;
    } spans[] = {
        {"refusal_pause", &l->refusal_pause_us},
        {"agenda_ahead",  &l->agenda_ahead_us },
        {"called_back",   &l->called_back_us  },
    };

    for (size_t i = 0; i < ARRAY_LEN(spans); i++) {
        if (strcmp(spans[i].name, name) == 0) {
            return spans[i].span;
        }
    }
    return NULL;
}

static int read_limit(const struct standard_reader *r, const config_setting_t *setting,
                      struct rulebook_limits *ret)
{
    static const struct {
        const char *name;
        int (*read)(const struct standard_reader *r, const config_setting_t *setting,
                    struct rulebook_limits *ret);
    } settings[] = {
        {"quiet",          read_quiet     },
        {"days",           read_days      },
        {"safest",         read_safest    },
        {"usual_zone",     read_usual_zone},
        {"consent_needed", read_consent   },
    };
    const char *name = config_setting_name(setting);

    for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
        if (strcmp(settings[i].name, name) == 0) {
            return settings[i].read(r, setting, ret);
        }
    }
    if (count_of(ret, name)) {
        return rulebook_read_count(r, setting, 0, ORDERS_MAX, count_of(ret, name));
    }
    if (span_of(ret, name)) {
        return rulebook_read_span(r, setting, DAYS_MAX, span_of(ret, name));
    }
    return standard_read_refuse(r, setting,
                                "limits have no such setting, only quiet, days, safest, "
                                "usual_zone, per_day, per_week, per_month, per_number_week, "
                                "attempts_per_day, refusal_pause, agenda_ahead, called_back and "
                                "consent_needed");
}

/* A limit above one that holds for longer would never be reached. */
static int check_budget(const struct standard_reader *r, const config_setting_t *group,
                        const struct rulebook_limits *l)
{
    if ((l->per_week > 0 && l->per_day > l->per_week) ||
        (l->per_month > 0 && (l->per_week > l->per_month || l->per_day > l->per_month))) {
        return standard_read_refuse(
            r, group, "allows more in a day or a week than in a longer time: %d, %d, %d",
            l->per_day, l->per_week, l->per_month);
    }
    return 0;
}

int rulebook_read_limits(const struct standard_reader *r, const config_setting_t *group,
                         struct rulebook_content *ret)
{
    if (!config_setting_is_group(group)) {
        return standard_read_refuse(r, group, "must be a group: { quiet = \"21:00-08:00\"; ... }");
    }
    for (int i = 0; i < config_setting_length(group); i++) {
        if (read_limit(r, config_setting_get_elem(group, (unsigned)i), &ret->limits) < 0) {
            return -1;
        }
    }
    return check_budget(r, group, &ret->limits);
}

/* ---- outcomes */

static int read_outcome_setting(const struct standard_reader *r, const config_setting_t *setting,
                                struct rulebook_outcome *ret)
{
    const char *name = config_setting_name(setting);

    if (strcmp(name, "outcome") == 0) {
        return rulebook_read_word(r, setting, RULEBOOK_OUTCOMES, &ret->outcome);
    }
    if (strcmp(name, "end") == 0) {
        return rulebook_read_flag(r, setting, &ret->is_end);
    }
    if (strcmp(name, "retry_after") == 0) {
        return standard_read_duration(r, setting, DAYS_MAX, &ret->retry_after_us);
    }
    if (strcmp(name, "other_channel") == 0) {
        return rulebook_read_flag(r, setting, &ret->other_channel);
    }
    if (strcmp(name, "other_hour") == 0) {
        if (standard_read_duration(r, setting, 1, &ret->other_hour_us) < 0) {
            return -1;
        }
        return ret->other_hour_us <= OTHER_HOURS_MAX_MIN * DURATION_MIN
                   ? 0
                   : standard_read_refuse(r, setting, "must be at most 11h");
    }
    if (strcmp(name, "at_most") == 0) {
        return rulebook_read_count(r, setting, 0, ORDERS_MAX, &ret->at_most);
    }
    return standard_read_refuse(r, setting,
                                "an outcome has no such setting, only outcome, end, retry_after, "
                                "other_channel, other_hour and at_most");
}

static int check_outcome(const struct standard_reader *r, const config_setting_t *group,
                         const struct rulebook_outcome *o)
{
    const int ways =
        (o->is_end ? 1 : 0) + (o->retry_after_us > 0 ? 1 : 0) + (o->other_channel ? 1 : 0);

    if (o->outcome == 0) {
        return standard_read_refuse(r, group, "needs 'outcome'");
    }
    if (ways != 1) {
        return standard_read_refuse(
            r, group, "needs one of end = true, other_channel = true and retry_after");
    }
    if (o->retry_after_us == 0 && (o->other_hour_us > 0 || o->at_most > 0)) {
        return standard_read_refuse(r, group, "other_hour and at_most go with retry_after");
    }
    if (!o->is_end && (o->outcome == ANSWERED || o->outcome == REFUSED || o->outcome == SENT)) {
        return standard_read_refuse(r, group, "nobody is called again after '%s'",
                                    rulebook_word(RULEBOOK_OUTCOMES, o->outcome));
    }
    return 0;
}

int rulebook_read_outcomes(const struct standard_reader *r, const config_setting_t *list,
                           struct rulebook_content *ret)
{
    bool is_there[RULEBOOK_OUTCOME_COUNT] = {false};

    if (!config_setting_is_list(list)) {
        return standard_read_refuse(r, list, "must be a list: ( { outcome = \"busy\"; ... } )");
    }
    for (int i = 0; i < config_setting_length(list); i++) {
        const config_setting_t *group = config_setting_get_elem(list, (unsigned)i);
        struct rulebook_outcome o = {.outcome = 0};

        if (!config_setting_is_group(group)) {
            return standard_read_refuse(r, group, "must be a group: { outcome = \"busy\"; ... }");
        }
        for (int k = 0; k < config_setting_length(group); k++) {
            if (read_outcome_setting(r, config_setting_get_elem(group, (unsigned)k), &o) < 0) {
                return -1;
            }
        }
        if (check_outcome(r, group, &o) < 0) {
            return -1;
        }
        if (is_there[o.outcome]) {
            return standard_read_refuse(r, group, "'%s' is there twice",
                                        rulebook_word(RULEBOOK_OUTCOMES, o.outcome));
        }
        is_there[o.outcome] = true;
        ret->outcomes[o.outcome] = o;
    }
    return 0;
}
