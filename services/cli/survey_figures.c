/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/survey_figures.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/xalloc.h"
#include "common/model/cronbach_alpha.h"
#include "common/model/entropy_weights.h"
#include "common/model/proportion.h"
#include "common/model/shrinkage.h"

/* ---- CSAT, NPS, CES */

static bool rate(const double *counts, size_t grades, size_t top_boxes, struct rating *ret)
{
    struct rating r;
    const bool is_known = rating_of(counts, grades, top_boxes, &r) && r.count >= SURVEY_FEW;

    if (is_known) {
        *ret = r;
    }
    return is_known;
}

static void set_ratings(const struct survey_group *g, struct survey_figures *f)
{
    struct nps adjusted;

    f->has_csat = rate(g->csat, RATING_CSAT_GRADES, RATING_CSAT_TOP_BOXES, &f->csat);
    if (f->has_csat) {
        f->csat_share = proportion_wilson_95(f->csat.hits, f->csat.count);
    }
    f->has_ces = rate(g->ces, RATING_CES_GRADES, RATING_CES_TOP_BOXES, &f->ces);
    const double asked = g->nps.detractors + g->nps.passives + g->nps.promoters;
    f->has_nps = asked >= SURVEY_FEW && nps_of(g->nps, &f->nps);
    if (f->has_nps) {
        f->nps_answers = asked;
        nps_adjusted_wald(g->nps, INTERVAL_Z_95, &adjusted, &f->nps_score);
    }
}

/* ---- SERVQUAL */

static bool has_perceptions(const struct survey_part *part)
{
    return part->perceived >= SURVEY_FEW;
}

static void set_gaps(const struct survey_group *g, const double *points, struct survey_figures *f)
{
    struct servqual_sums sums = g->sums;
    struct servqual s;

    for (size_t i = 0; i < SURVEY_ITEMS; i++) {
        const struct survey_part *part = &g->parts[servqual_scale_1988.dimension_of[i]];

        if (!has_perceptions(part) || part->expected < SURVEY_FEW) {
            sums.items[i] = (struct servqual_item_sum){0};
        }
    }
    f->has_weighted_gap = points && servqual_of(&servqual_scale_1988, &sums, points, &s);
    f->has_gap = f->has_weighted_gap || servqual_of(&servqual_scale_1988, &sums, NULL, &s);
    if (!f->has_gap) {
        return;
    }
    f->gap = s.gap;
    f->weighted_gap = f->has_weighted_gap ? s.weighted_gap : 0;
    for (size_t d = 0; d < SURVEY_DIMENSIONS; d++) {
        f->dimensions[d].servqual = s.dimensions[d];
    }
}

static void set_parts(const struct survey_group *g, struct survey_figures *f)
{
    for (size_t d = 0; d < SURVEY_DIMENSIONS; d++) {
        const struct survey_part *part = &g->parts[d];
        struct survey_dimension *dimension = &f->dimensions[d];

        if (!has_perceptions(part)) {
            continue;
        }
        dimension->answers = part->perceived;
        dimension->complete = part->complete;
        dimension->has_alpha =
            part->complete >= SURVEY_ALPHA_MIN &&
            cronbach_alpha(part->scores, part->complete, survey_tally_items(d), &dimension->alpha);
    }
}

static void set_quadrants(const struct survey_report *r, struct survey_figures *f)
{
    struct importance_performance places[SURVEY_DIMENSIONS], cross;
    struct survey_dimension *placed[SURVEY_DIMENSIONS];
    size_t count = 0;

    for (size_t d = 0; d < SURVEY_DIMENSIONS; d++) {
        if (f->dimensions[d].servqual.mean.has_gap) {
            placed[count] = &f->dimensions[d];
            places[count].importance = r->points[d];
            places[count++].performance = f->dimensions[d].servqual.mean.perception;
        }
    }
    if (count < 2) {
        return; /* nothing to compare with */
    }
    cross = importance_performance_cross(places, count);
    for (size_t i = 0; i < count; i++) {
        placed[i]->has_quadrant = true;
        placed[i]->quadrant = importance_performance_quadrant(places[i], cross);
    }
}

/* ---- fuzzy evaluation */

static void grade(const double *result, struct survey_grade *ret)
{
    static const double values[SURVEY_GRADES] = {1, 2, 3, 4, 5, 6, 7};

    memcpy(ret->memberships, result, sizeof(ret->memberships));
    ret->is_known = fuzzy_normalise(ret->memberships, SURVEY_GRADES);
    ret->grade = fuzzy_grade(ret->memberships, SURVEY_GRADES) + 1;
    ret->score = fuzzy_score(ret->memberships, values, SURVEY_GRADES);
}

/* Of the items of a dimension that have answers: filled from weights and rows on. */
static struct fuzzy_factors factors_of(const struct survey_group *g, size_t dimension,
                                       double *weights, double *rows)
{
    struct fuzzy_factors factors = {.weights = weights, .memberships = rows};

    for (size_t i = 0; i < SURVEY_ITEMS; i++) {
        if (servqual_scale_1988.dimension_of[i] == (int8_t)dimension &&
            fuzzy_membership(g->perceptions[i], SURVEY_GRADES,
                             rows + factors.count * SURVEY_GRADES)) {
            factors.count++;
        }
    }
    for (size_t i = 0; i < factors.count; i++) {
        weights[i] = 1.0 / (double)factors.count;
    }
    return factors;
}

static void set_grades(const struct survey_group *g, const struct survey_report *r,
                       struct survey_figures *f)
{
    double weights[SURVEY_ITEMS], rows[SURVEY_ITEMS * SURVEY_GRADES], result[SURVEY_GRADES];
    double points[SURVEY_DIMENSIONS], total = 0;
    struct fuzzy_factors factors[SURVEY_DIMENSIONS];
    size_t used = 0, count = 0;

    for (size_t d = 0; d < SURVEY_DIMENSIONS; d++) {
        if (!has_perceptions(&g->parts[d])) {
            continue;
        }
        factors[count] = factors_of(g, d, weights + used, rows + used * SURVEY_GRADES);
        fuzzy_evaluate(r->op, &factors[count], SURVEY_GRADES, result);
        grade(result, &f->dimensions[d].grade);
        used += factors[count].count;
        points[count++] = r->points[d];
        total += r->points[d];
    }
    if (total <= 0) {
        return; /* those that weigh were not answered */
    }
    for (size_t i = 0; i < count; i++) {
        points[i] /= total;
    }
    fuzzy_evaluate_dimensions(r->op, factors, points, count, SURVEY_GRADES, result);
    grade(result, &f->grade);
}

/* ---- weights */

/* The mean perception of each dimension that the company has, of a group that has them all. */
static bool fill_row(const struct survey_report *r, const struct survey_figures *f, double *row)
{
    size_t columns = 0;

    for (size_t d = 0; d < SURVEY_DIMENSIONS; d++) {
        if (!r->company.dimensions[d].servqual.mean.has_gap) {
            continue;
        }
        if (!f->dimensions[d].servqual.mean.has_gap) {
            return false;
        }
        row[columns++] = f->dimensions[d].servqual.mean.perception;
    }
    return columns > 0;
}

static bool weigh_by_entropy(struct survey_report *r)
{
    double weights[SURVEY_DIMENSIONS], *rows = NULL;
    struct err err = ERR_NONE;
    size_t count = 0, columns = 0;
    bool is_weighed;

    for (size_t d = 0; d < SURVEY_DIMENSIONS; d++) {
        columns += r->company.dimensions[d].servqual.mean.has_gap;
    }
    rows = xreallocarray(NULL, (r->count + 1) * SURVEY_DIMENSIONS, sizeof(*rows));
    for (size_t i = 0; i < r->count; i++) {
        count += fill_row(r, &r->groups[i], rows + count * columns);
    }
    is_weighed =
        count >= SURVEY_ENTROPY_GROUPS && entropy_weights(rows, count, columns, weights, &err) == 0;
    free(rows);
    columns = 0;
    for (size_t d = 0; is_weighed && d < SURVEY_DIMENSIONS; d++) {
        r->points[d] =
            r->company.dimensions[d].servqual.mean.has_gap ? 100 * weights[columns++] : 0;
    }
    return is_weighed;
}

static void choose_weights(struct survey_report *r, const double *points)
{
    r->weighing = SURVEY_WEIGHTS_GIVEN;
    if (points) {
        memcpy(r->points, points, sizeof(r->points));
    } else if (weigh_by_entropy(r)) {
        r->weighing = SURVEY_WEIGHTS_ENTROPY;
    } else {
        r->weighing = SURVEY_WEIGHTS_EQUAL;
        for (size_t d = 0; d < SURVEY_DIMENSIONS; d++) {
            r->points[d] = 100.0 / SURVEY_DIMENSIONS;
        }
    }
}

/* ---- order */

struct mean {
    double sum, count;
};

static struct mean mean_of(const struct survey_figures *f, int instrument)
{
    if (instrument == SURVEY_CSAT && f->has_csat) {
        return (struct mean){f->csat.mean * f->csat.count, f->csat.count};
    }
    if (instrument == SURVEY_NPS && f->has_nps) {
        return (struct mean){f->nps.score * f->nps_answers, f->nps_answers};
    }
    if (instrument == SURVEY_CES && f->has_ces) {
        return (struct mean){f->ces.mean * f->ces.count, f->ces.count};
    }
    return (struct mean){0, 0};
}

static int by_order(const void *a, const void *b)
{
    const struct survey_figures *x = a, *y = b;

    if (x->is_too_few != y->is_too_few) {
        return x->is_too_few ? 1 : -1;
    }
    if (x->order < y->order || x->order > y->order) {
        return x->order < y->order ? -1 : 1;
    }
    return strcmp(x->name, y->name);
}

static void set_order(struct survey_report *r)
{
    struct mean all = {0, 0};

    for (int i = SURVEY_CSAT; i <= SURVEY_CES; i++) {
        const struct mean m = mean_of(&r->company, i);

        if (m.count > all.count) {
            all = m;
            r->ordered_by = i;
        }
    }
    for (size_t i = 0; r->ordered_by && i < r->count; i++) {
        const struct mean m = mean_of(&r->groups[i], r->ordered_by);

        r->groups[i].order = shrunk_mean(m.sum, m.count, all.sum / all.count, SURVEY_ORDER_ANSWERS);
    }
    if (r->count > 0) {
        qsort(r->groups, r->count, sizeof(*r->groups), by_order);
    }
}

/* ---- the report */

static void begin(const struct survey_group *g, const double *points, struct survey_figures *f)
{
    *f = (struct survey_figures){.name = g->name, .is_too_few = g->answers < SURVEY_FEW};
    if (!f->is_too_few) {
        f->answers = g->answers;
        set_ratings(g, f);
        set_gaps(g, points, f);
        set_parts(g, f);
    }
}

static void finish(const struct survey_group *g, const struct survey_report *r,
                   struct survey_figures *f)
{
    if (f->is_too_few) {
        return;
    }
    if (r->weighing == SURVEY_WEIGHTS_GIVEN) {
        set_quadrants(r, f);
    }
    set_grades(g, r, f);
}

void survey_figures_report(const struct survey_tally *t, const double *points,
                           enum fuzzy_operator op, struct survey_report *r)
{
    r->op = op;
    r->count = t->count;
    r->beyond = t->beyond;
    r->groups = xreallocarray(NULL, t->count + 1, sizeof(*r->groups));
    begin(&t->company, points, &r->company);
    for (size_t i = 0; i < t->count; i++) {
        begin(&t->groups[i], points, &r->groups[i]);
    }
    choose_weights(r, points);
    finish(&t->company, r, &r->company);
    for (size_t i = 0; i < t->count; i++) {
        finish(&t->groups[i], r, &r->groups[i]);
    }
    set_order(r);
}

void survey_figures_free(struct survey_report *r)
{
    free(r->groups);
    *r = (struct survey_report){.groups = NULL};
}
