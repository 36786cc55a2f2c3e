/* SPDX-License-Identifier: Apache-2.0 */
/* clock_story.h - a case as a few lines of text, and the clock of one of its promises. For the
 * tests of clocks; include it last. */
#ifndef TROTH_TESTS_DOMAIN_CLOCK_STORY_H
#define TROTH_TESTS_DOMAIN_CLOCK_STORY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/domain/clock_timeline.h"
#include "tests/support/calendar_text.h"

/* A garage: two intervals a day, half a Saturday; the Spring Festival of 2026 as it was decreed. */
#define GARAGE_WEEK "mon-fri = (\"08:00-12:00\", \"13:00-18:00\"); sat = \"09:00-15:00\";"
#define GARAGE_DAYS                                                                                \
    "days_china = ( { notice = \"notice\"; days = ("                                               \
    " { name = \"春节\"; off = \"2026-02-15..2026-02-23\"; work = (\"2026-02-14\", "             \
    "\"2026-02-28\"); } ); } );"

enum {
    STORY_MOST = 16
};

struct story_step {
    const char *at; /* "2026-01-05T09:30+08:00", see instant(); NULL ends a story */
    enum clock_event event;
};

struct story {
    enum clock_kind kind;
    int64_t target_us;
    const struct calendar *calendar;
    size_t made_by; /* index of the step that starts the clock */
    struct story_step steps[STORY_MOST];
};

/* Seconds may be left out. */
static inline int64_t instant(const char *text)
{
    char whole[INSTANT_TEXT_SIZE];
    int64_t us;

    (void)snprintf(whole, sizeof(whole), "%.16s%s%s", text, text[16] == ':' ? "" : ":00",
                   text + 16);
    if (instant_parse(whole, &us) < 0) {
        fail_msg("not an instant: %s", text);
    }
    return us;
}

static inline struct calendar_book *garage_book(void)
{
    return calendar_text_one("Asia/Shanghai", GARAGE_WEEK, "days = \"china\";", GARAGE_DAYS);
}

/* The caller frees it. */
static inline struct clock_timeline *tell_story(const struct story *s)
{
    const struct clock_timeline_terms terms = {
        .kind = s->kind,
        .made_by = (int64_t)s->made_by,
        .started_us = instant(s->steps[s->made_by].at),
        .target_us = s->target_us,
        .calendar = s->calendar,
    };
    struct clock_timeline *t = clock_timeline_new(&terms);

    for (size_t i = 0; i < STORY_MOST && s->steps[i].at; i++) {
        const struct clock_timeline_event event = {
            .number = (int64_t)i,
            .event = s->steps[i].event,
            .at_us = instant(s->steps[i].at),
        };
        (void)clock_timeline_feed(t, &event);
    }
    return t;
}

static inline void assert_due(const struct clock_timeline *t, const char *want)
{
    const struct clock c = clock_timeline_clock(t);
    const int64_t due_us = clock_step_us(&c, 100);
    char got[INSTANT_TEXT_SIZE];

    if (due_us != (want ? instant(want) : CLOCK_NEVER)) {
        fail_msg("due %s, not %s", due_us == CLOCK_NEVER ? "never" : instant_format(due_us, got),
                 want ? want : "never");
    }
}

static inline void assert_counted(const struct clock_timeline *t, const char *at, int64_t want_us)
{
    const int64_t counted_us = clock_timeline_read(t, instant(at)).counted_us;

    if (counted_us != want_us) {
        char got[DURATION_TEXT_SIZE];
        char wanted[DURATION_TEXT_SIZE];

        fail_msg("counted %s, not %s", duration_format(counted_us, got),
                 duration_format(want_us, wanted));
    }
}

#endif
