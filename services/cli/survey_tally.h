/* SPDX-License-Identifier: Apache-2.0 */
/*
 * survey_tally.h - answers counted by grade, for each group (a branch, a product, a team) and the
 * whole company: all that survey_figures.h needs to know. Pure.
 *
 * Counts are added, in any order. What lies outside of its scale is not counted.
 */
#ifndef TROTH_SERVICES_CLI_SURVEY_TALLY_H
#define TROTH_SERVICES_CLI_SURVEY_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "common/model/nps.h"
#include "common/model/rating.h"
#include "common/model/servqual.h"

enum {
    SURVEY_ITEMS = 22,
    SURVEY_DIMENSIONS = 5, /* of servqual_scale_1988, in its order */
    SURVEY_GRADES = 7,     /* of an item */
    SURVEY_COMPLETE_MAX = 10000,
    SURVEY_GROUPS_MAX = 500
};

/* As stored. */
enum survey_instrument {
    SURVEY_CSAT = 1,
    SURVEY_NPS,
    SURVEY_CES,
    SURVEY_SERVQUAL
};

struct survey_part {
    double perceived, expected; /* answers with at least one perception, one expectation */
    /* scores[answer * items + item], of answers that have all perceptions, the first
     * SURVEY_COMPLETE_MAX of them: alpha needs them one by one. */
    double *scores;
    size_t complete;
};

struct survey_group {
    char *name; /* "": the answers name none; of the company NULL */
    double answers;
    double csat[RATING_CSAT_GRADES], ces[RATING_CES_GRADES];
    struct nps_counts nps;
    struct servqual_sums sums;
    double perceptions[SURVEY_ITEMS][SURVEY_GRADES];
    struct survey_part parts[SURVEY_DIMENSIONS];
};

/* Start with {0}. */
struct survey_tally {
    struct survey_group company;
    struct survey_group *groups;
    size_t count;
    double beyond; /* answers of groups after the first SURVEY_GROUPS_MAX: the company's alone */
};

/* The same answer given by count people. */
struct survey_value {
    int64_t instrument, value, count; /* of SURVEY_SERVQUAL no value */
};
struct survey_item {
    int64_t item;                    /* 1 to 22 */
    int64_t expectation, perception; /* 1 to 7; 0: not answered */
    int64_t count;
};
struct survey_form {
    int64_t dimension;       /* from 0 */
    const char *perceptions; /* a digit for each item; "": not all were answered */
    int64_t perceived, expected;
};

/* All: name NULL: the company alone. */
void survey_tally_value(struct survey_tally *t, const char *name, const struct survey_value *v);
void survey_tally_item(struct survey_tally *t, const char *name, const struct survey_item *i);
void survey_tally_form(struct survey_tally *t, const char *name, const struct survey_form *f);
void survey_tally_free(struct survey_tally *t);

/* How many items the dimension has. */
size_t survey_tally_items(size_t dimension);

#endif
