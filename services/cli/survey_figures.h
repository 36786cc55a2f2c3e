/* SPDX-License-Identifier: Apache-2.0 */
/*
 * survey_figures.h - what counted answers say of each group, by the models of common/model. Pure.
 *
 * A figure that rests on fewer than SURVEY_FEW answers might tell what one customer said, so it is
 * not there; neither is any of a group that has fewer in all. A dimension so left out counts
 * nowhere, or the mean would tell it.
 *
 * Fuzzy evaluation: the seven points of a perception are the grades. An item belongs to each by the
 * share of its answers; the items of a dimension weigh the same; the dimensions by the points that
 * are given, else by entropy over the groups (three or more that have every dimension the company
 * has), else the same. Points of missing dimensions go to the others. Of two grades with the same
 * membership the worse one counts.
 */
#ifndef TROTH_SERVICES_CLI_SURVEY_FIGURES_H
#define TROTH_SERVICES_CLI_SURVEY_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/model/fuzzy_evaluation.h"
#include "common/model/importance_performance.h"
#include "common/model/interval.h"
#include "common/model/nps.h"
#include "common/model/rating.h"
#include "common/model/servqual.h"
#include "services/cli/survey_tally.h"

enum {
    SURVEY_FEW = 5,
    SURVEY_ALPHA_MIN = 30,     /* complete answers */
    SURVEY_ENTROPY_GROUPS = 3, /* at least */
    SURVEY_ORDER_ANSWERS = 10  /* of the company that each group is filled up with, to order them */
};

struct survey_grade {
    bool is_known;
    size_t grade;                      /* 1 to 7, by maximum membership */
    double memberships[SURVEY_GRADES]; /* add up to 1 */
    double score;                      /* the grades by their memberships */
};

struct survey_dimension {
    double answers; /* with a perception */
    struct servqual_dimension servqual;
    size_t complete; /* answers with all its items */
    bool has_alpha;
    double alpha;
    bool has_quadrant; /* when the points were given */
    enum quadrant quadrant;
    struct survey_grade grade;
};

struct survey_figures {
    const char *name; /* of the tally; NULL: the company */
    bool is_too_few;  /* then nothing else is there */
    double answers;
    bool has_csat, has_nps, has_ces, has_gap;
    bool has_weighted_gap; /* points were given, and some to what was answered */
    struct rating csat, ces;
    struct interval csat_share; /* 95 %, Wilson */
    double nps_answers;
    struct nps nps;
    struct interval nps_score; /* 95 %, adjusted Wald */
    double gap, weighted_gap;
    struct survey_dimension dimensions[SURVEY_DIMENSIONS];
    struct survey_grade grade;
    double order; /* drawn to the company's mean */
};

enum survey_weighing {
    SURVEY_WEIGHTS_GIVEN = 1,
    SURVEY_WEIGHTS_ENTROPY,
    SURVEY_WEIGHTS_EQUAL
};

/* Start with {0}. */
struct survey_report {
    struct survey_figures company;
    struct survey_figures *groups; /* the least satisfied first, those with too few last */
    size_t count;
    double beyond; /* as in the tally */
    enum fuzzy_operator op;
    enum survey_weighing weighing;
    double points[SURVEY_DIMENSIONS]; /* of 100 */
    int ordered_by; /* the instrument asked most (survey_instrument); 0: none, so by name */
};

/* points: checked (servqual.h), or NULL. The report borrows the tally's names. */
void survey_figures_report(const struct survey_tally *t, const double *points,
                           enum fuzzy_operator op, struct survey_report *r);
void survey_figures_free(struct survey_report *r);

#endif
