/* SPDX-License-Identifier: Apache-2.0 */
/* case_entries.h - cases, and their figures as text (bundle_entries.h). */
#ifndef TROTH_TESTS_SUPPORT_CASE_ENTRIES_H
#define TROTH_TESTS_SUPPORT_CASE_ENTRIES_H

#include "services/reporting/case_bundle.h"
#include "tests/support/bundle_entries.h"

#define STATE(name)   TROTH__V1__CASE_STATE__CASE_STATE_##name
#define ACTION(name)  TROTH__V1__CASE_ACTION__CASE_ACTION_##name
#define CSAT          TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CSAT
#define NPS           TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_NPS
#define CES           TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CES
#define PROMISE(name) TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name

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

static inline void assert_entries(const struct case_rows *c, const char *about, const char *want)
{
    struct figure_bundle bundle = {.count = 0};

    case_bundle_make(c, zone, &bundle);
    assert_bundle(&bundle, about, want);
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
