/* SPDX-License-Identifier: Apache-2.0 */
/*
 * case_entries.h - the figures of a case, worked out by hand, as text.
 *
 * A line of what is expected is one entry: measure, day (d0 is 2026-11-21 in Shanghai), x the count
 * unless it is 1, the sum (of durations in minutes), and the dimensions that are the entry's own.
 */
#ifndef TROTH_TESTS_SUPPORT_CASE_ENTRIES_H
#define TROTH_TESTS_SUPPORT_CASE_ENTRIES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "services/reporting/case_bundle.h"

/* 2026-11-21T00:00 in Shanghai. */
#define BEGIN_US          INT64_C(1795190400000000)
#define DAY_0             20778
#define AT(minutes)       (BEGIN_US + (int64_t)(minutes)*DURATION_MIN)
#define HOURS(h, minutes) AT((h)*60 + (minutes))

#define STATE(name)   TROTH__V1__CASE_STATE__CASE_STATE_##name
#define ACTION(name)  TROTH__V1__CASE_ACTION__CASE_ACTION_##name
#define CSAT          TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CSAT
#define NPS           TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_NPS
#define CES           TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CES
#define PROMISE(name) TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name

static struct zone *zone;

static inline int set_up(void **state)
{
    struct err err = ERR_NONE;

    zone = zone_open("Asia/Shanghai", &err);
    return zone == NULL ? -1 : 0;
}

static inline int tear_down(void **state)
{
    zone_free(zone);
    return 0;
}

/* An enquiry by telephone, opened at noon of the first day; the opening contact is contacts[0]. */
static inline struct case_rows case_of(void)
{
    static const struct case_contact opening[] = {
        {.number = 1, .at_us = HOURS(12, 0)}
    };

    return (struct case_rows){
        .number = 256,
        .customer = 512,
        .version = 9,
        .state = STATE(OPEN),
        .kind = TROTH__V1__CONTACT_KIND__CONTACT_KIND_ENQUIRY,
        .channel = "phone",
        .branch = "north",
        .priority = 3,
        .opened_us = HOURS(12, 0),
        .first_response_us = CASE_NO_TIME,
        .resolved_us = CASE_NO_TIME,
        .contacts = opening,
        .contact_count = 1,
    };
}

static inline void write_entry(struct text *to, const struct figure_entry *e)
{
    const struct figure_measure_row *m = figure_measure_find(e->measure);

    text_appendf(to, "%s d%d", m->name, (int)e->day - DAY_0);
    if (e->count != 1) {
        text_appendf(to, " x%d", (int)e->count);
    }
    if (m->form == FORM_DURATION) {
        text_appendf(to, " %lldm", (long long)(e->sum / DURATION_MIN));
    } else if (m->form != FORM_COUNT) {
        text_appendf(to, " %lld", (long long)e->sum);
    }
    for (size_t i = 0; i < e->value_count; i++) {
        text_appendf(to, " %s=%s", figure_dimension_name(e->values[i].dimension),
                     e->values[i].value);
    }
    text_append(to, "\n");
}

/* Entries of measures of which the name is in about (parted by blanks), or all of them. */
static inline bool is_about(const char *about, const char *name)
{
    const char *found = about;
    size_t len = strlen(name);

    while (about != NULL && (found = strstr(found, name)) != NULL) {
        bool begins = found == about || found[-1] == ' ';
        if (begins && (found[len] == ' ' || found[len] == '\0')) {
            return true;
        }
        found += len;
    }
    return about == NULL;
}

static inline void assert_entries(const struct case_rows *c, const char *about, const char *want)
{
    struct figure_bundle bundle = {.count = 0};
    struct text found = {0};

    case_bundle_make(c, zone, &bundle);
    for (size_t i = 0; i < bundle.count; i++) {
        if (is_about(about, figure_measure_find(bundle.entries[i].measure)->name)) {
            write_entry(&found, &bundle.entries[i]);
        }
    }
    assert_string_equal(text_or_empty(&found), want);
    text_free(&found);
    figure_bundle_free(&bundle);
}

#define BACKLOG_AND_TURNS                                                                          \
    "backlog waited_for_us waited_for_customer waited_for_third_party resolution reopenings"

/* Answered, waited for the customer and for a third party, resolved the day after. */
/* clang-format off */
static const struct case_move simple[] = {
    {.version = 2, .at_us = HOURS(13, 30), .action = ACTION(RESPONDED), .from = STATE(NEW), .to = STATE(OPEN), .staff = "ann"},
    {.version = 3, .at_us = HOURS(15, 0), .action = ACTION(WAITING_CUSTOMER), .from = STATE(OPEN), .to = STATE(WAITING_CUSTOMER), .staff = "ann"},
    {.version = 4, .at_us = HOURS(25, 0), .action = ACTION(RESUMED), .from = STATE(WAITING_CUSTOMER), .to = STATE(OPEN)},
    {.version = 5, .at_us = HOURS(26, 0), .action = ACTION(WAITING_THIRD_PARTY), .from = STATE(OPEN), .to = STATE(WAITING_THIRD_PARTY)},
    {.version = 6, .at_us = HOURS(29, 0), .action = ACTION(RESOLVED), .from = STATE(WAITING_THIRD_PARTY), .to = STATE(RESOLVED), .staff = "bob"},
};
/* clang-format on */

static inline struct case_rows resolved_case(void)
{
    struct case_rows c = case_of();

    c.state = STATE(RESOLVED);
    c.first_response_us = HOURS(13, 30);
    c.resolved_us = HOURS(29, 0);
    c.moves = simple;
    c.move_count = 5;
    return c;
}

static const struct case_promise usual = {
    .number = 1,
    .kind = "resolution",
    .rule = "complaint",
    .made_us = HOURS(12, 0),
    .target_us = 240 * DURATION_MIN,
    .due_us = HOURS(20, 0),
    .done_us = CASE_NO_TIME,
    .said_us = CASE_NO_TIME,
    .counted_us = -1,
    .chance = -1,
};

#endif
