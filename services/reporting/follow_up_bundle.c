/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/follow_up_bundle.h"

#include <string.h>

#include "common/base/compiler.h"
#include "services/reporting/answer_bundle.h"

#define OUTCOME(name) TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_##name
#define STATE(name)   TROTH__V1__FOLLOW_UP_STATE__FOLLOW_UP_STATE_##name

/* Of one whose cause its source took back: it might never have been planned, but calls were made.
 * Of one from an old record: nobody was ever to make it. */
static bool is_counted(const char *reason)
{
    return reason == NULL || (strcmp(reason, "record_void") != 0 && strcmp(reason, "history") != 0);
}

/* Whether a telephone rang; and whether the customer was there, who may not want to talk, or not
 * now. What is not in the table never rang: a mail, a number that there is not. */
static const struct {
    bool rang, reached;
} calls[] = {
    [OUTCOME(ANSWERED)] = {true, true },
      [OUTCOME(BUSY)] = {true, false},
    [OUTCOME(NO_ANSWER)] = {true, false},
      [OUTCOME(VOICEMAIL)] = {true, false},
    [OUTCOME(REFUSED)] = {true, true },
      [OUTCOME(WRONG_NUMBER)] = {true, false},
    [OUTCOME(PARTLY_ANSWERED)] = {true, true },
      [OUTCOME(MACHINE)] = {true, false},
    [OUTCOME(CALL_BACK)] = {true, true },
      [OUTCOME(LANGUAGE)] = {true, false},
};

/* How it ended; 0: it has not. */
static const enum figure_measure ends[] = {
    [STATE(DONE)] = MEASURE_FOLLOW_UPS_DONE,
    [STATE(MISSED)] = MEASURE_FOLLOW_UPS_MISSED,
    [STATE(SUPPRESSED)] = MEASURE_FOLLOW_UPS_SUPPRESSED,
    [STATE(FAILED)] = MEASURE_FOLLOW_UPS_FAILED,
    [STATE(LISTED)] = MEASURE_FOLLOW_UPS_LISTED,
    [STATE(MERGED)] = MEASURE_FOLLOW_UPS_MERGED,
};

static void add_call(const struct follow_up_call *c, const struct zone *zone,
                     struct figure_bundle *to)
{
    size_t outcome = (size_t)c->outcome;
    int32_t day = figure_day(zone, c->at_us);

    if (outcome < ARRAY_LEN(calls) && calls[outcome].rang) {
        figure_entry_set(figure_bundle_add(to, MEASURE_CALLS_PLACED, day), DIMENSION_CHANNEL,
                         answer_channel_name(c->channel));
    }
    if (outcome < ARRAY_LEN(calls) && calls[outcome].reached) {
        figure_entry_set(figure_bundle_add(to, MEASURE_CALLS_REACHED, day), DIMENSION_CHANNEL,
                         answer_channel_name(c->channel));
    }
}

/* The follow-up itself, and how it ended. */
static void add_plan(const struct follow_up_rows *f, const struct zone *zone,
                     struct figure_bundle *to)
{
    int32_t due = figure_day(zone, f->due_us);
    int64_t late_us = f->tried_us > f->due_us ? f->tried_us - f->due_us : 0;

    (void)figure_bundle_add(to, MEASURE_FOLLOW_UPS_PLANNED, figure_day(zone, f->planned_us));
    (void)figure_bundle_add(to, MEASURE_FOLLOW_UPS_DUE, due);
    if ((size_t)f->state < ARRAY_LEN(ends) && ends[f->state] != 0) {
        figure_entry_set(figure_bundle_add(to, ends[f->state], due), DIMENSION_REASON, f->reason);
    }
    if (f->tried_us != INT64_MIN) {
        figure_bundle_add(to, MEASURE_FOLLOW_UP_LATENESS, due)->sum = late_us;
    }
}

void follow_up_bundle_make(const struct follow_up_rows *f, const struct zone *zone,
                           struct figure_bundle *ret)
{
    ret->values[DIMENSION_BRANCH] = f->branch;
    ret->values[DIMENSION_CHANNEL] = answer_channel_name(f->channel);
    ret->values[DIMENSION_RULE] = f->rule;
    ret->values[DIMENSION_TRIGGER] = answer_trigger_name(f->trigger);
    if (is_counted(f->reason)) {
        add_plan(f, zone, ret);
    }
    for (size_t i = 0; i < f->call_count; i++) {
        add_call(&f->calls[i], zone, ret);
    }
    figure_bundle_sort(ret);
}
