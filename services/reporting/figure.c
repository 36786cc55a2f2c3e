/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/figure.h"

#include <string.h>

#include "common/base/compiler.h"

#define BIT(name) (1U << DIMENSION_##name)

/* What every figure of a case is counted by. */
#define CASE                                                                                       \
    (BIT(ALL) | BIT(BRANCH) | BIT(CHANNEL) | BIT(TEAM) | BIT(STAFF) | BIT(CATEGORY) |              \
     BIT(PRODUCT) | BIT(TIER) | BIT(PRIORITY) | BIT(CONTACT_KIND))
#define PROMISE   (CASE | BIT(PROMISE_KIND) | BIT(STANDARD))
#define ANSWER    (CASE | BIT(ANSWER))
#define SERVQUAL  (CASE | BIT(SERVQUAL) | BIT(QUESTION))
#define FOLLOW_UP (BIT(ALL) | BIT(BRANCH) | BIT(CHANNEL) | BIT(RULE) | BIT(TRIGGER))
#define ENDED     (FOLLOW_UP | BIT(REASON))

/* Instants that decide the day. */
#define OPENED   "when the case was opened"
#define ANSWERED "when the first answer was given"
#define RESOLVED "when the case was last resolved"
#define MADE     "when it was made"
#define DONE     "when it was done"
#define DUE      "when it was due"
#define DECIDED  "kept: when it was done; broken: when it was due"
#define TOLD     "when the customer answered"
#define CALLED   "when the call ended"
#define HAPPENED "when it happened"
#define KNOWN    "when what moved it happened"

/* The columns are too wide for it. */
/* clang-format off */
static const struct figure_measure_row rows[] = {
    {MEASURE_CASES, SHEET_CASES, FORM_COUNT, "cases", CASE, OPENED,
     "Cases opened; what a machine wrote opens none."},
    {MEASURE_COMPLAINTS, SHEET_CASES, FORM_COUNT, "complaints", CASE, OPENED,
     "Cases opened that are complaints, as they are classified now."},
    {MEASURE_CONTACTS, SHEET_CASES, FORM_COUNT, "contacts", CASE, HAPPENED,
     "Contacts of customers about cases, the opening one and thanks included, those of machines not."},
    {MEASURE_FIRST_RESPONSE, SHEET_CASES, FORM_DURATION, "first_response", CASE, ANSWERED,
     "From the opening of the case until its first answer, by the calendar."},
    {MEASURE_FIRST_RESPONSE_WORKING, SHEET_CASES, FORM_DURATION, "first_response_working", CASE, ANSWERED,
     "The same in working time, as the clock of its promise counted."},
    {MEASURE_NEXT_RESPONSE, SHEET_CASES, FORM_DURATION, "next_response", CASE, "when the answer was given",
     "From the customer's oldest unanswered contact until the next answer; the first answer of a case is none."},
    {MEASURE_RESOLUTION, SHEET_CASES, FORM_DURATION, "resolution", CASE, RESOLVED,
     "From the opening of the case until it was last resolved, by the calendar; none while it is open again."},
    {MEASURE_RESOLUTION_WORKING, SHEET_CASES, FORM_DURATION, "resolution_working", CASE, RESOLVED,
     "The working time in which it was owed, as the clocks of its promises counted; what lies between a resolution and a reopening is none."},
    {MEASURE_FIRST_RESPONSE_IN_TARGET, SHEET_CASES, FORM_SUM, "first_response_in_target", CASE, DECIDED,
     "Promises of a first answer that were decided, and how many of them were kept in time."},
    {MEASURE_NEXT_RESPONSE_IN_TARGET, SHEET_CASES, FORM_SUM, "next_response_in_target", CASE, DECIDED,
     "The same of promises of a next update."},
    {MEASURE_RESOLUTION_IN_TARGET, SHEET_CASES, FORM_SUM, "resolution_in_target", CASE, DECIDED,
     "The same of promises of a resolution."},
    {MEASURE_REOPENINGS, SHEET_CASES, FORM_COUNT, "reopenings", CASE, "when it was opened again",
     "Cases that were resolved or closed and open again; counted for who had ended them."},
    {MEASURE_ESCALATIONS, SHEET_CASES, FORM_COUNT, "escalations", CASE | BIT(LEVEL), "when the step was due",
     "Steps of the ladder taken after a promise was broken."},
    {MEASURE_BACKLOG, SHEET_CASES, FORM_COUNT, "backlog", CASE, "when it opened, ended, opened again",
     "Up by one when a case opens or opens again, down by one when it is resolved, closed or merged: summed up to a day it is the open cases then."},
    {MEASURE_WAITED_FOR_US, SHEET_CASES, FORM_DURATION, "waited_for_us", CASE, RESOLVED,
     "How long it was our turn (new or open) before the case was resolved, by the calendar."},
    {MEASURE_WAITED_FOR_CUSTOMER, SHEET_CASES, FORM_DURATION, "waited_for_customer", CASE, RESOLVED,
     "How long it was the customer's turn before the case was resolved, by the calendar."},
    {MEASURE_WAITED_FOR_THIRD_PARTY, SHEET_CASES, FORM_DURATION, "waited_for_third_party", CASE, RESOLVED,
     "How long it was a third party's turn before the case was resolved, by the calendar."},
    {MEASURE_SOLVED_AT_FIRST, SHEET_CASES, FORM_COUNT, "solved_at_first", CASE, RESOLVED,
     "Resolved after one contact, never opened again, and the customer confirmed it."},
    {MEASURE_SOLVED_QUIETLY, SHEET_CASES, FORM_COUNT, "solved_quietly", CASE, RESOLVED,
     "Resolved after one contact, not confirmed, and the customer did not return until now."},
    {MEASURE_FALSE_SOLVED, SHEET_CASES, FORM_COUNT, "false_solved", CASE, "when we said that it was resolved",
     "Resolutions of which the customer said that they were none."},
    {MEASURE_EXPECTATIONS, SHEET_CASES, FORM_SUM, "expectations", CASE, RESOLVED,
     "Expectations with a time, of resolved cases, and how many of them were met by the resolution."},

    {MEASURE_PROMISES_MADE, SHEET_PROMISES, FORM_COUNT, "promises_made", PROMISE, MADE,
     "Promises made, those that were withdrawn later included."},
    {MEASURE_PROMISES_KEPT, SHEET_PROMISES, FORM_COUNT, "promises_kept", PROMISE, DONE,
     "Promises kept in time."},
    {MEASURE_PROMISES_KEPT_LATE, SHEET_PROMISES, FORM_COUNT, "promises_kept_late", PROMISE, DUE,
     "Promises done after they were due; they are broken ones too."},
    {MEASURE_PROMISES_BROKEN, SHEET_PROMISES, FORM_COUNT, "promises_broken", PROMISE | BIT(CAUSE), DUE,
     "Promises not done when they were due, whatever became of them after that."},
    {MEASURE_PROMISES_RENEGOTIATED, SHEET_PROMISES, FORM_COUNT, "promises_renegotiated", PROMISE, "when the customer agreed",
     "Promises for which the customer agreed to another date before they were due."},
    {MEASURE_PROMISES_RENEGOTIATED_LATE, SHEET_PROMISES, FORM_COUNT, "promises_renegotiated_late", PROMISE, DUE,
     "The same after they were due; they are broken ones too."},
    {MEASURE_PROMISES_WAIVED, SHEET_PROMISES, FORM_COUNT, "promises_waived", PROMISE, "when the customer said so",
     "Promises on which the customer did not insist."},
    {MEASURE_PROMISES_AT_RISK, SHEET_PROMISES, FORM_COUNT, "promises_at_risk", PROMISE, "when 80 % of the target had passed",
     "Promises that were not done when 80 % of their target had passed, for the first time."},
    {MEASURE_PROMISE_LATENESS, SHEET_PROMISES, FORM_DURATION, "promise_lateness", PROMISE, DUE,
     "Of promises kept late: from when they were due until they were done, by the calendar."},
    {MEASURE_PROMISE_FORECASTS, SHEET_PROMISES, FORM_SUM, "promise_forecasts", PROMISE | BIT(CHANCE), DECIDED,
     "Decided promises that had a forecast, and how many of them were kept in time."},
    {MEASURE_PROMISE_FORECAST_CHANCE, SHEET_PROMISES, FORM_SUM, "promise_forecast_chance", PROMISE | BIT(CHANCE), DECIDED,
     "The chance that was forecast for the same promises, in millionths."},
    {MEASURE_PROMISE_FORECAST_ERROR, SHEET_PROMISES, FORM_SUM, "promise_forecast_error", PROMISE | BIT(CHANCE), DECIDED,
     "How far that chance was from what came, 1 when kept and else 0: squared, in millionths."},
    {MEASURE_WORD_CONFIRMED, SHEET_PROMISES, FORM_COUNT, "word_confirmed", PROMISE, DECIDED,
     "Decided promises of which the customer says that they were kept."},
    {MEASURE_WORD_DENIED, SHEET_PROMISES, FORM_COUNT, "word_denied", PROMISE, DECIDED,
     "Decided promises of which the customer says that they were not kept."},
    {MEASURE_WORD_AGAINST_OURS, SHEET_PROMISES, FORM_COUNT, "word_against_ours", PROMISE, DONE,
     "Promises that we call kept in time, and the customer says that they were not kept."},
    {MEASURE_TARGET_USED, SHEET_PROMISES, FORM_RATIO, "target_used", PROMISE, DECIDED,
     "Counted time as a share of the target, in millionths, of promises that were done."},
    {MEASURE_COMPENSATIONS, SHEET_PROMISES, FORM_SUM, "compensations", CASE | BIT(CURRENCY), HAPPENED,
     "Compensations promised; their value is added up by currency alone."},

    {MEASURE_CSAT, SHEET_ANSWERS, FORM_SUM, "csat", ANSWER, TOLD,
     "Answers of how satisfied the customer is, 1 to 5."},
    {MEASURE_CSAT_SQUARES, SHEET_ANSWERS, FORM_SUM, "csat_squares", CASE, TOLD,
     "Their squares."},
    {MEASURE_CSAT_SATISFIED, SHEET_ANSWERS, FORM_COUNT, "csat_satisfied", CASE, TOLD,
     "Those of 4 and 5."},
    {MEASURE_NPS_PROMOTERS, SHEET_ANSWERS, FORM_COUNT, "nps_promoters", ANSWER, TOLD,
     "Answers of 9 and 10 whether the customer would recommend us."},
    {MEASURE_NPS_PASSIVES, SHEET_ANSWERS, FORM_COUNT, "nps_passives", ANSWER, TOLD,
     "Those of 7 and 8."},
    {MEASURE_NPS_DETRACTORS, SHEET_ANSWERS, FORM_COUNT, "nps_detractors", ANSWER, TOLD,
     "Those of 0 to 6."},
    {MEASURE_CES, SHEET_ANSWERS, FORM_SUM, "ces", ANSWER, TOLD,
     "Answers of how easy it was, 1 to 7."},
    {MEASURE_CES_SQUARES, SHEET_ANSWERS, FORM_SUM, "ces_squares", CASE, TOLD,
     "Their squares."},
    {MEASURE_CES_EASY, SHEET_ANSWERS, FORM_COUNT, "ces_easy", CASE, TOLD,
     "Those of 5 to 7."},
    {MEASURE_SERVQUAL_GAP, SHEET_ANSWERS, FORM_SUM, "servqual_gap", SERVQUAL, TOLD,
     "Items with both numbers: perception less expectation."},
    {MEASURE_SERVQUAL_GAP_SQUARES, SHEET_ANSWERS, FORM_SUM, "servqual_gap_squares", SERVQUAL, TOLD,
     "The squares of these gaps."},
    {MEASURE_SERVQUAL_EXPECTATION, SHEET_ANSWERS, FORM_SUM, "servqual_expectation", SERVQUAL, TOLD,
     "What was expected, 1 to 7."},
    {MEASURE_SERVQUAL_PERCEPTION, SHEET_ANSWERS, FORM_SUM, "servqual_perception", SERVQUAL | BIT(ANSWER), TOLD,
     "What was felt, 1 to 7."},
    {MEASURE_OWN_ANSWERS, SHEET_ANSWERS, FORM_SUM, "own_answers", CASE | BIT(QUESTION), TOLD,
     "Answers to the company's own questions, on the scale of each."},
    {MEASURE_PEAK_END, SHEET_ANSWERS, FORM_SUM, "peak_end", CASE, "when the last mark was given",
     "Cases with two marks or more: the mean of peak and end, from -1 to 1, in thousandths."},
    {MEASURE_LOW_ANSWERS, SHEET_ANSWERS, FORM_COUNT, "low_answers", CASE, TOLD,
     "Answers of CSAT 2, NPS 6, CES 3 or less."},

    {MEASURE_FOLLOW_UPS_PLANNED, SHEET_FOLLOW_UPS, FORM_COUNT, "follow_ups_planned", FOLLOW_UP, "when it was planned",
     "Follow-ups planned."},
    {MEASURE_FOLLOW_UPS_DUE, SHEET_FOLLOW_UPS, FORM_COUNT, "follow_ups_due", FOLLOW_UP, DUE,
     "Follow-ups due, also on days to come."},
    {MEASURE_FOLLOW_UPS_DONE, SHEET_FOLLOW_UPS, FORM_COUNT, "follow_ups_done", ENDED, DUE,
     "Those in which the customer was reached."},
    {MEASURE_FOLLOW_UPS_MERGED, SHEET_FOLLOW_UPS, FORM_COUNT, "follow_ups_merged", ENDED, DUE,
     "Those that the call of another one covered."},
    {MEASURE_FOLLOW_UPS_SUPPRESSED, SHEET_FOLLOW_UPS, FORM_COUNT, "follow_ups_suppressed", ENDED, DUE,
     "Those that were not made on purpose."},
    {MEASURE_FOLLOW_UPS_MISSED, SHEET_FOLLOW_UPS, FORM_COUNT, "follow_ups_missed", ENDED, DUE,
     "Those whose window passed."},
    {MEASURE_FOLLOW_UPS_FAILED, SHEET_FOLLOW_UPS, FORM_COUNT, "follow_ups_failed", ENDED, DUE,
     "Those whose attempts were used up."},
    {MEASURE_FOLLOW_UPS_LISTED, SHEET_FOLLOW_UPS, FORM_COUNT, "follow_ups_listed", ENDED, DUE,
     "Those that wait for a person to look."},
    {MEASURE_CALLS_PLACED, SHEET_FOLLOW_UPS, FORM_COUNT, "calls_placed", FOLLOW_UP, CALLED,
     "Attempts in which a telephone rang; a mail or message is no call."},
    {MEASURE_CALLS_REACHED, SHEET_FOLLOW_UPS, FORM_COUNT, "calls_reached", FOLLOW_UP, CALLED,
     "Those in which the customer was there: answered, wholly or in part, refused, or put off."},
    {MEASURE_FOLLOW_UP_LATENESS, SHEET_FOLLOW_UPS, FORM_DURATION, "follow_up_lateness", FOLLOW_UP, DUE,
     "From when a follow-up was due until it was first tried."},
    {MEASURE_FOLLOW_UP_ANSWERS, SHEET_FOLLOW_UPS, FORM_COUNT, "follow_up_answers", FOLLOW_UP, TOLD,
     "Answers that came from follow-ups."},

    {MEASURE_PURCHASES, SHEET_LOYALTY, FORM_COUNT, "purchases", BIT(ALL) | BIT(BRANCH) | BIT(PRODUCT), HAPPENED,
     "Purchases."},
    {MEASURE_REVENUE, SHEET_LOYALTY, FORM_SUM, "revenue", BIT(ALL) | BIT(BRANCH) | BIT(CURRENCY), HAPPENED,
     "Purchases and what was paid, added up by currency alone."},
    {MEASURE_REFUNDS, SHEET_LOYALTY, FORM_SUM, "refunds", BIT(ALL) | BIT(BRANCH) | BIT(CURRENCY), HAPPENED,
     "Refunds and what was given back, added up by currency alone."},
    {MEASURE_TIER_UP, SHEET_LOYALTY, FORM_COUNT, "tier_up", BIT(ALL) | BIT(MOVE), KNOWN,
     "Customers who rose to a higher tier."},
    {MEASURE_TIER_DOWN, SHEET_LOYALTY, FORM_COUNT, "tier_down", BIT(ALL) | BIT(MOVE), KNOWN,
     "Customers who fell to a lower tier."},
    {MEASURE_INDEX_ROSE, SHEET_LOYALTY, FORM_SUM, "index_rose", BIT(ALL) | BIT(REASON), KNOWN,
     "Moves of an index upwards by an event, and by how many hundredths."},
    {MEASURE_INDEX_FELL, SHEET_LOYALTY, FORM_SUM, "index_fell", BIT(ALL) | BIT(REASON), KNOWN,
     "Moves of an index downwards by an event, and by how many hundredths."},
    {MEASURE_CHURN_RAISED, SHEET_LOYALTY, FORM_COUNT, "churn_raised", BIT(ALL) | BIT(MOVE), KNOWN,
     "Customers whose risk to leave rose by a level."},
    {MEASURE_TRUST_BROKEN, SHEET_LOYALTY, FORM_COUNT, "trust_broken", BIT(ALL), KNOWN,
     "Customers whose trust fell below what the settings call broken."},
};
/* clang-format on */

static const char *const dimensions[DIMENSION_COUNT] = {
    [DIMENSION_ALL] = "all",
    [DIMENSION_BRANCH] = "branch",
    [DIMENSION_CHANNEL] = "channel",
    [DIMENSION_TEAM] = "team",
    [DIMENSION_STAFF] = "staff",
    [DIMENSION_CATEGORY] = "category",
    [DIMENSION_PRODUCT] = "product",
    [DIMENSION_TIER] = "tier",
    [DIMENSION_PRIORITY] = "priority",
    [DIMENSION_CONTACT_KIND] = "contact_kind",
    [DIMENSION_PROMISE_KIND] = "promise_kind",
    [DIMENSION_CAUSE] = "cause",
    [DIMENSION_RULE] = "rule",
    [DIMENSION_TRIGGER] = "trigger",
    [DIMENSION_REASON] = "reason",
    [DIMENSION_SERVQUAL] = "servqual",
    [DIMENSION_ANSWER] = "answer",
    [DIMENSION_CHANCE] = "chance",
    [DIMENSION_STANDARD] = "standard",
    [DIMENSION_CURRENCY] = "currency",
    [DIMENSION_LEVEL] = "level",
    [DIMENSION_MOVE] = "move",
    [DIMENSION_QUESTION] = "question",
};

const struct figure_measure_row *figure_measure_find(enum figure_measure measure)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].measure == measure) {
            return &rows[i];
        }
    }
    return NULL;
}

const struct figure_measure_row *figure_measure_by_name(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

size_t figure_measure_list(const struct figure_measure_row **ret_list)
{
    *ret_list = rows;
    return ARRAY_LEN(rows);
}

const char *figure_dimension_name(enum figure_dimension dimension)
{
    return (unsigned)dimension < DIMENSION_COUNT ? dimensions[dimension] : "";
}

enum figure_dimension figure_dimension_by_name(const char *name)
{
    for (unsigned i = 0; i < DIMENSION_COUNT; i++) {
        if (strcmp(dimensions[i], name) == 0) {
            return (enum figure_dimension)i;
        }
    }
    return DIMENSION_COUNT;
}

/* ---- parts */

int16_t figure_part_of(enum figure_dimension dimension)
{
    const uint32_t wide = BIT(STAFF) | BIT(CATEGORY) | BIT(PRODUCT) | BIT(STANDARD) | BIT(QUESTION);

    return (wide & (1U << dimension)) != 0 ? PART_WIDE : PART_NARROW;
}

int16_t figure_part_first(enum figure_dimension dimension)
{
    return (int16_t)(PART_STEP * (int)dimension);
}

int16_t figure_part_last(enum figure_dimension dimension)
{
    return (int16_t)(PART_STEP * (int)dimension + PART_STEP - 1);
}

/* Numbered as the nodes of a tree: below n are 8 n to 8 n + 7, by three bits of the hash. */
#define WAYS_BITS 3
#define WAYS      (1 << WAYS_BITS)

int16_t figure_part_below(int16_t part, enum figure_dimension dimension, struct bytes value)
{
    int node = part % PART_STEP;
    int depth = 0;

    if (dimension == DIMENSION_ALL || node * WAYS >= PART_STEP) {
        return 0;
    }
    if (part < PART_END) {
        return (int16_t)(figure_part_first(dimension) + 1);
    }
    for (int above = node; above >= WAYS; above /= WAYS) {
        depth++;
    }
    unsigned way = (unsigned)(bytes_hash64(value) >> (WAYS_BITS * depth)) % WAYS;
    return (int16_t)(figure_part_first(dimension) + node * WAYS + (int)way);
}
