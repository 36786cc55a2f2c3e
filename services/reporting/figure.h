/* SPDX-License-Identifier: Apache-2.0 */
/*
 * figure.h - what is counted: one definition of each measure and dimension, in one table
 * (figure.c). Pure.
 *
 * A measure is counted on the day on which it happened (figure_measure.day says which instant
 * that is), once over all, and once for each value of each dimension that it has: over all
 * branches and in its own branch. So any one dimension can be grouped by, and one branch chosen,
 * at a cost of days x values; two other dimensions at once are a question to the cases.
 *
 * Customers who were merged are told apart, here as in all figures: a return under another number
 * of the same person leaves a case solved quietly. Finding it would be a look-up; but a case is
 * counted in rows of its customer's lane, which whoever counts the other number's case may not
 * write, and with each merge and each one that is taken back cases of all numbers of the person,
 * however old, would have to be counted anew in all their lanes. What is asked about persons is
 * made each night from the facts: value and recovery (night_person_store.h), standing.
 *
 * Numbers are stored: never change one, never use one again.
 */
#ifndef TROTH_REPORTING_FIGURE_H
#define TROTH_REPORTING_FIGURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"

/* Measures that are usually asked for together stand in one row. */
enum figure_sheet {
    SHEET_CASES = 1,
    SHEET_PROMISES = 2,
    SHEET_ANSWERS = 3,
    SHEET_FOLLOW_UPS = 4,
    SHEET_LOYALTY = 5,
    SHEET_END,
};

enum figure_dimension {
    DIMENSION_ALL = 0, /* value "" */
    DIMENSION_BRANCH = 1,
    DIMENSION_CHANNEL = 2, /* of the case's first contact; of a follow-up: that of its attempts */
    DIMENSION_TEAM = 3,
    DIMENSION_STAFF = 4,    /* who answered, resolved; of a case: the first of them */
    DIMENSION_CATEGORY = 5, /* as the case is classified now */
    DIMENSION_PRODUCT = 6,
    DIMENSION_TIER = 7,         /* of the customer when the case was opened */
    DIMENSION_PRIORITY = 8,     /* "1" to "4" */
    DIMENSION_CONTACT_KIND = 9, /* "complaint", ... */
    DIMENSION_PROMISE_KIND = 10,
    DIMENSION_CAUSE =
        11, /* of a break: "would_not", "could_not", "understood_differently", "untold" */
    DIMENSION_RULE = 12, /* of a follow-up */
    DIMENSION_TRIGGER = 13,
    DIMENSION_REASON = 14, /* why a follow-up ended as it did; of an index: what moved it */
    DIMENSION_SERVQUAL =
        15, /* "tangibles", "reliability", "responsiveness", "assurance", "empathy" */
    DIMENSION_ANSWER = 16, /* the value that was answered: "4" */
    DIMENSION_CHANCE = 17, /* forecast when it was promised, in tenths: "0.9" is 0.9 to 1.0 */
    DIMENSION_STANDARD =
        18, /* rule of the standard and kind of promise: "complaint/first_response" */
    DIMENSION_CURRENCY = 19,
    DIMENSION_LEVEL = 20,    /* step of the escalation after a break: "1", "2" */
    DIMENSION_MOVE = 21,     /* of a tier or risk: "silver>gold" */
    DIMENSION_QUESTION = 22, /* code of the company's own question; SERVQUAL: "item/7" */
    DIMENSION_COUNT,
};

/* Dimensions that stand in one row: those of few values, which are asked for most, and those of
 * many. A row that has grown large is split: its cells, but for that of DIMENSION_ALL, then stand
 * in a row of each dimension, and those that grow large are split by a hash of the value, in up to
 * 512 rows. So whoever wants the cells of a dimension reads the rows of figure_part_of() and those
 * from figure_part_first() to figure_part_last(), and finds each cell in one of them. */
enum figure_part {
    PART_NARROW = 1,
    PART_WIDE = 2, /* staff, category, product, standard, question */
    PART_END,
    PART_STEP =
        1024, /* the part of a dimension's own row is 1 more than this times the dimension */
};

enum figure_measure {
    /* SHEET_CASES */
    MEASURE_CASES = 1,          /* opened */
    MEASURE_COMPLAINTS = 2,     /* opened, as it is classified now */
    MEASURE_CONTACTS = 3,       /* of customers, the opening one included; not machines' */
    MEASURE_FIRST_RESPONSE = 4, /* duration: opened until answered */
    MEASURE_FIRST_RESPONSE_WORKING =
        5, /* duration in working time, as its promise's clock counted */
    MEASURE_NEXT_RESPONSE =
        6,                  /* duration: oldest unanswered contact until answered; not the first */
    MEASURE_RESOLUTION = 7, /* duration: opened until last resolved; none while open again */
    MEASURE_RESOLUTION_WORKING = 8,
    MEASURE_FIRST_RESPONSE_IN_TARGET =
        9, /* promises of that kind decided: count; sum: kept in time */
    MEASURE_NEXT_RESPONSE_IN_TARGET = 10, /* kind next_update, likewise */
    MEASURE_RESOLUTION_IN_TARGET = 11,
    MEASURE_REOPENINGS = 12,
    MEASURE_ESCALATIONS = 13,   /* steps taken after a break; DIMENSION_LEVEL */
    MEASURE_BACKLOG = 14,       /* +1 the day it opened or opened again, -1 the day it was resolved,
                                   closed or merged: summed up to a day it is the open cases then */
    MEASURE_WAITED_FOR_US = 15, /* duration, on the day of resolution: new or open */
    MEASURE_WAITED_FOR_CUSTOMER = 16,    /* likewise */
    MEASURE_WAITED_FOR_THIRD_PARTY = 17, /* likewise */
    MEASURE_SOLVED_AT_FIRST = 18, /* on the day of resolution: one contact, never reopened, and the
                                     customer confirmed it */
    MEASURE_SOLVED_QUIETLY = 19,  /* likewise, not confirmed, and no return until now: believed once
                                     the  window has passed. A return is a reopening, a further
                                     contact after  the resolution, or a new case of the same
                                     number  and category  within the window */
    MEASURE_FALSE_SOLVED = 20,    /* resolved, and the customer said that it was not */
    MEASURE_EXPECTATIONS = 21,    /* stated with a time: count; sum: met, by the resolution */

    /* SHEET_PROMISES: dimensions of the case, DIMENSION_PROMISE_KIND, DIMENSION_STANDARD */
    MEASURE_PROMISES_MADE = 40,
    MEASURE_PROMISES_KEPT = 41,         /* in time, on the day it was done */
    MEASURE_PROMISES_KEPT_LATE = 42,    /* on the day it was due; counted as broken too */
    MEASURE_PROMISES_BROKEN = 43,       /* on the day it was due: kept late and renegotiated late
                                           included;       DIMENSION_CAUSE */
    MEASURE_PROMISES_RENEGOTIATED = 44, /* before it was due, on the day of it */
    MEASURE_PROMISES_RENEGOTIATED_LATE = 45, /* on the day it was due; counted as broken too */
    MEASURE_PROMISES_WAIVED = 46,
    MEASURE_PROMISES_AT_RISK = 47,  /* on the day of the step */
    MEASURE_PROMISE_LATENESS = 48,  /* duration: due until done, on the day it was due */
    MEASURE_PROMISE_FORECASTS = 49, /* decided ones that had a forecast: count; sum: kept in time;
                                       DIMENSION_CHANCE; on the day it was decided or due */
    MEASURE_PROMISE_FORECAST_CHANCE = 50, /* of the same: count; sum: chance in millionths */
    MEASURE_WORD_CONFIRMED =
        51,                   /* the customer says that it was kept; on the day of the decision */
    MEASURE_WORD_DENIED = 52, /* that it was not */
    MEASURE_WORD_AGAINST_OURS = 53, /* that it was not, and we say kept */
    MEASURE_TARGET_USED = 54, /* histogram of counted time / target in millionths, of kept ones and
                                 broken ones done since; not a duration */
    MEASURE_COMPENSATIONS = 55, /* promised: count; sum: minor units; DIMENSION_CURRENCY */
    MEASURE_PROMISE_FORECAST_ERROR =
        56, /* as FORECASTS: count; sum: (chance - 1 if kept, else 0) squared, in millionths; its
               mean is the score of G. W. Brier, Monthly Weather Review 78 (1950) 1-3 */

    /* SHEET_ANSWERS: dimensions of the case; DIMENSION_ANSWER for CSAT, NPS and CES */
    MEASURE_CSAT = 80,           /* count; sum of 1 to 5 */
    MEASURE_CSAT_SQUARES = 81,   /* sum of squares */
    MEASURE_CSAT_SATISFIED = 82, /* 4 or 5 */
    MEASURE_NPS_PROMOTERS = 83,  /* 9 or 10 */
    MEASURE_NPS_PASSIVES = 84,
    MEASURE_NPS_DETRACTORS = 85, /* 0 to 6 */
    MEASURE_CES = 86,            /* count; sum of 1 to 7 */
    MEASURE_CES_SQUARES = 87,
    MEASURE_CES_EASY = 88,     /* 5 to 7 */
    MEASURE_SERVQUAL_GAP = 89, /* items with both: count; sum of perception - expectation;
                                  DIMENSION_SERVQUAL */
    MEASURE_SERVQUAL_GAP_SQUARES = 90,
    MEASURE_SERVQUAL_EXPECTATION = 91, /* count; sum */
    MEASURE_SERVQUAL_PERCEPTION = 92,  /* count; sum; DIMENSION_ANSWER: "reliability/5" */
    MEASURE_OWN_ANSWERS = 93,          /* count; sum; DIMENSION_QUESTION */
    MEASURE_PEAK_END = 94,    /* cases with two marks or more, on the day of the last: count; sum of
                                 the    peak-end mean in thousandths (common/model/peak_end.h) */
    MEASURE_LOW_ANSWERS = 95, /* CSAT 2, NPS 6, CES 3 or less */

    /* SHEET_FOLLOW_UPS: DIMENSION_BRANCH, CHANNEL, RULE, TRIGGER, REASON (of how it ended). Those
     * planned from old records, and those whose cause was taken back, are none: their calls are */
    MEASURE_FOLLOW_UPS_PLANNED = 120,
    MEASURE_FOLLOW_UPS_DUE = 121, /* on the day it was due; so are those of how it ended: */
    MEASURE_FOLLOW_UPS_DONE = 122,
    MEASURE_FOLLOW_UPS_MERGED = 123,
    MEASURE_FOLLOW_UPS_SUPPRESSED = 124,
    MEASURE_FOLLOW_UPS_MISSED = 125,
    MEASURE_FOLLOW_UPS_FAILED = 126,
    MEASURE_FOLLOW_UPS_LISTED = 127,
    MEASURE_CALLS_PLACED = 128, /* on the day of the call: it rang; a mail is no call */
    MEASURE_CALLS_REACHED = 129,
    MEASURE_FOLLOW_UP_LATENESS = 130, /* duration: due until first tried, on the day it was due */
    MEASURE_FOLLOW_UP_ANSWERS = 131,  /* answers that came from it, on the day of the answer */

    /* SHEET_LOYALTY: DIMENSION_BRANCH of purchases alone */
    MEASURE_PURCHASES = 160, /* count; DIMENSION_PRODUCT */
    MEASURE_REVENUE = 161,   /* count; sum: minor units; DIMENSION_CURRENCY */
    MEASURE_REFUNDS = 162,   /* count; sum: minor units; DIMENSION_CURRENCY */
    MEASURE_TIER_UP = 163,   /* DIMENSION_MOVE */
    MEASURE_TIER_DOWN = 164,
    MEASURE_INDEX_ROSE = 165,   /* moves by events: count; sum: hundredths; DIMENSION_REASON */
    MEASURE_INDEX_FELL = 166,   /* count; sum: hundredths, over 0; DIMENSION_REASON */
    MEASURE_CHURN_RAISED = 167, /* level rose; DIMENSION_MOVE */
    MEASURE_TRUST_BROKEN = 168,
    MEASURE_END,
};

enum figure_form {
    FORM_COUNT,    /* count */
    FORM_SUM,      /* count and sum */
    FORM_DURATION, /* count, sum and a histogram; microseconds */
    FORM_RATIO,    /* likewise, in millionths */
};

struct figure_measure_row {
    enum figure_measure measure;
    enum figure_sheet sheet;
    enum figure_form form;
    const char *name;       /* "first_response" */
    uint32_t dimensions;    /* bits: 1u << enum figure_dimension; those it is counted by */
    const char *day;        /* which instant decides its day, in words */
    const char *definition; /* one sentence, for the catalogue */
};

/* NULL: no such measure. */
const struct figure_measure_row *figure_measure_find(enum figure_measure measure);
const struct figure_measure_row *figure_measure_by_name(const char *name);
/* All of them, in the order of their numbers. */
size_t figure_measure_list(const struct figure_measure_row **ret_list);

/* "channel"; DIMENSION_COUNT when there is no such name. */
const char *figure_dimension_name(enum figure_dimension dimension);
enum figure_dimension figure_dimension_by_name(const char *name);

int16_t figure_part_of(enum figure_dimension dimension);
/* The rows into which it may be split: none in between has cells of another dimension. */
int16_t figure_part_first(enum figure_dimension dimension);
int16_t figure_part_last(enum figure_dimension dimension);
/* In which row a cell stands when the row of this part was split; 0: it stays where it is, for it
 * is that of DIMENSION_ALL, or the row is not split any more. */
int16_t figure_part_below(int16_t part, enum figure_dimension dimension, struct bytes value);

#endif
