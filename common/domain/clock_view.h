/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock_view.h - the clock of a promise under one set of terms: as they are, or as another
 * standard would have set them. Everything that is printed is computed here.
 */
#ifndef TROTH_COMMON_DOMAIN_CLOCK_VIEW_H
#define TROTH_COMMON_DOMAIN_CLOCK_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/zone.h"
#include "common/domain/clock_timeline.h"
#include "common/domain/clock_words.h"
#include "common/domain/promise_history.h"
#include "common/domain/standard.h"

/* The terms, all borrowed. */
struct clock_terms {
    const char *rule;                /* NULL: a person promised it */
    const struct standard *standard; /* NULL: not known */
    int64_t target_us;
    const struct calendar *calendar;
    const struct standard_ladder *ladder; /* NULL: not known */
};

struct clock_view_row {
    enum clock_interval_kind kind;
    int64_t from_us;
    int64_t to_us;
    int64_t working_us;
    bool is_late;
    char why[CLOCK_WORDS_SIZE];
    char reason[CLOCK_WORDS_SIZE]; /* the same without times: what sums are by */
    const char *notice;            /* of a holiday; NULL: none */
};

struct clock_view_sum { /* of what did not count, by reason */
    const char *reason; /* of the first such row */
    int64_t lasted_us;
    int64_t working_us;
};

struct clock_view {
    struct clock_terms terms;
    const char *calendar_name;
    const char *zone_name;
    struct zone *zone; /* for local times; NULL: UTC */
    struct clock_timeline *timeline;
    int64_t until_us;   /* now, or when it was over */
    int64_t counted_us; /* until then */
    int64_t paused_us;
    int64_t closed_us;
    int64_t due_us;     /* CLOCK_NEVER: not as things stand */
    int64_t stopped_us; /* CLOCK_NEVER: it runs */
    bool is_paused;
    struct clock_view_row *rows;
    size_t row_count;
    struct clock_view_sum *sums;
    size_t sum_count;
    struct promise_history_effect *effects; /* one for each entry of the history */
};

/* As they stand in the promise; the calendar and the ladder are found by its rule. */
void clock_terms_of_promise(const struct promise_history *h, const struct standard *standard,
                            struct clock_terms *ret_terms);

/* The caller ends with clock_view_free(). The history and the terms must live as long. */
void clock_view_make(const struct promise_history *h, const struct clock_terms *terms,
                     struct clock_view *ret_view);
void clock_view_free(struct clock_view *v); /* zeroed is fine */

/* "kept", "kept late", "broken", "open", "paused", "over": of the promise, had it had these terms.
 * What somebody has waived, withdrawn or renegotiated stays that. */
const char *clock_view_verdict(const struct promise_history *h, const struct clock_view *v);

/* The intervals that counted add up to what the clock has counted. */
bool clock_view_adds_up(const struct clock_view *v);
/* Intake keeps the same due time. */
bool clock_view_agrees(const struct promise_history *h, const struct clock_view *v);

#endif
