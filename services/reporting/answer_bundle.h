/* SPDX-License-Identifier: Apache-2.0 */
/* answer_bundle.h - what the answers of customers add to the figures, of a case or without one.
 * Pure. */
#ifndef TROTH_REPORTING_ANSWER_BUNDLE_H
#define TROTH_REPORTING_ANSWER_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/zone.h"
#include "intake.pb-c.h"
#include "services/reporting/figure_bundle.h"

struct answer_item {
    int item;
    Troth__V1__ServqualDimension dimension;
    int expectation, perception; /* 0: not told */
};

struct answer_row {
    int64_t number;
    int64_t at_us;
    Troth__V1__SurveyInstrument instrument;
    const char *question; /* of the company's own; else NULL */
    int value;            /* below 0: none */
    const char *branch;   /* of the answer: counts when there is no case */
    /* Of the follow-up that it came from; rule NULL: of none. */
    const char *rule;
    int trigger, channel;
    const struct answer_item *items;
    size_t item_count;
};

/* Appends what one answer adds. */
void answer_bundle_add(const struct answer_row *row, const struct zone *zone,
                       struct figure_bundle *to);
/* Fills an empty bundle with an answer that belongs to no case, sorted. */
void answer_bundle_make(const struct answer_row *row, const struct zone *zone,
                        struct figure_bundle *ret);

/* CSAT 2, NPS 6, CES 3 or less. */
bool answer_is_low(const struct answer_row *a);
/* CSAT 4, NPS 9, CES 5 or more: the customer says that it was solved. */
bool answer_is_good(const struct answer_row *a);
/* A mark that a peak and an end can be found in. */
bool answer_is_mark(const struct answer_row *a);
/* From -1 to 1, of a mark. */
double answer_scaled(const struct answer_row *a);

/* "call", "message", "mail", "person"; "" for others. */
const char *answer_channel_name(int channel);
/* "case_resolved", ...; "" for others. */
const char *answer_trigger_name(int trigger);

#endif
