/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/survey_print.h"

#include "common/base/compiler.h"
#include "services/cli/cli_table.h"
#include "services/cli/survey_words.h"

static const char *label(const struct survey_print *p, enum survey_label which)
{
    return survey_label(which, p->is_chinese);
}

static const char *who_label(const struct survey_print *p)
{
    return label(p, (enum survey_label)(SURVEY_LABEL_WHO + (int)p->question->by));
}

static const char *name_of(const struct survey_print *p, const struct survey_figures *f)
{
    if (!f->name) {
        return label(p, SURVEY_LABEL_COMPANY);
    }
    return f->name[0] ? f->name : label(p, SURVEY_LABEL_UNNAMED);
}

/* ---- satisfaction, recommendation, effort */

static void add_mean(struct cli_table *t, bool has, const struct rating *r)
{
    if (has) {
        cli_table_add(t, "%.2f", r->mean);
    } else {
        cli_table_add(t, "-");
    }
}

static void add_count(struct cli_table *t, bool has, double count)
{
    if (has) {
        cli_table_add(t, "%.0f", count);
    } else {
        cli_table_add(t, "-");
    }
}

static void add_answers(const struct survey_print *p, struct cli_table *t,
                        const struct survey_figures *f)
{
    cli_table_add(t, "%s", name_of(p, f));
    if (f->is_too_few) {
        cli_table_add(t, "%s", label(p, SURVEY_LABEL_TOO_FEW));
    } else {
        cli_table_add(t, "%.0f", f->answers);
    }
    add_mean(t, f->has_csat, &f->csat);
    if (f->has_csat) {
        cli_table_add(t, "%.0f %% (%.0f, %.0f)", 100 * f->csat.share, 100 * f->csat_share.low,
                      100 * f->csat_share.high);
    } else {
        cli_table_add(t, "-");
    }
    add_count(t, f->has_csat, f->csat.count);
    if (f->has_nps) {
        cli_table_add(t, "%+.0f (%+.0f, %+.0f)", 100 * f->nps.score, 100 * f->nps_score.low,
                      100 * f->nps_score.high);
    } else {
        cli_table_add(t, "-");
    }
    add_count(t, f->has_nps, f->nps_answers);
    add_mean(t, f->has_ces, &f->ces);
    add_count(t, f->has_ces, f->ces.count);
}

static void print_order(const struct survey_print *p, const struct survey_report *r)
{
    static const enum survey_label columns[] = {
        [SURVEY_CSAT] = SURVEY_LABEL_CSAT,
        [SURVEY_NPS] = SURVEY_LABEL_NPS,
        [SURVEY_CES] = SURVEY_LABEL_CES,
    };

    if (r->count == 0) {
        return;
    }
    if (r->ordered_by == 0) {
        (void)fprintf(p->out, "%s\n", label(p, SURVEY_LABEL_BY_NAME));
    } else if (p->is_chinese) {
        (void)fprintf(p->out, "按%s", label(p, columns[r->ordered_by]) + 1);
        (void)fprintf(p->out, "%s\n", label(p, SURVEY_LABEL_ORDERED));
    } else {
        (void)fprintf(p->out, "By %s, %s\n", label(p, columns[r->ordered_by]) + 1,
                      label(p, SURVEY_LABEL_ORDERED));
    }
    if (r->beyond > 0) {
        (void)fprintf(p->out, "%s%.0f\n", label(p, SURVEY_LABEL_BEYOND), r->beyond);
    }
}

static void print_answers(const struct survey_print *p, const struct survey_report *r)
{
    const char *const titles[] = {
        who_label(p),
        label(p, SURVEY_LABEL_ANSWERS),
        label(p, SURVEY_LABEL_CSAT),
        label(p, SURVEY_LABEL_SATISFIED),
        label(p, SURVEY_LABEL_OF),
        label(p, SURVEY_LABEL_NPS),
        label(p, SURVEY_LABEL_OF),
        label(p, SURVEY_LABEL_CES),
        label(p, SURVEY_LABEL_OF),
    };
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};

    add_answers(p, &table, &r->company);
    for (size_t i = 0; i < r->count; i++) {
        add_answers(p, &table, &r->groups[i]);
    }
    cli_table_print(&table, p->out);
    (void)fprintf(p->out, "\n%s\n", label(p, SURVEY_LABEL_ABOUT_FEW));
    print_order(p, r);
}

/* ---- SERVQUAL */

static bool has_dimension(const struct survey_dimension *d)
{
    return d->servqual.mean.has_gap || d->grade.is_known;
}

static void add_grade(const struct survey_print *p, struct cli_table *t,
                      const struct survey_grade *g)
{
    if (g->is_known) {
        cli_table_add(t, "%s (%.0f %%)", survey_grade_word(g->grade, p->is_chinese),
                      100 * g->memberships[g->grade - 1]);
    } else {
        cli_table_add(t, "-");
    }
}

static void add_alpha(struct cli_table *t, const struct survey_dimension *d)
{
    if (d->has_alpha) {
        cli_table_add(t, "%.2f", d->alpha);
    } else if (d->complete < SURVEY_ALPHA_MIN) {
        cli_table_add(t, "%zu/%d", d->complete, SURVEY_ALPHA_MIN);
    } else {
        cli_table_add(t, "-"); /* all said the same */
    }
}

static bool has_quadrants(const struct survey_report *r)
{
    return r->weighing == SURVEY_WEIGHTS_GIVEN;
}

static void add_dimension(const struct survey_print *p, const struct survey_report *r,
                          struct cli_table *t, size_t index, const struct survey_dimension *d)
{
    const struct servqual_mean *m = &d->servqual.mean;

    cli_table_add(t, "%s", survey_dimension_word(index, p->is_chinese));
    if (m->has_gap) {
        cli_table_add(t, "%.2f", m->expectation);
        cli_table_add(t, "%.2f", m->perception);
        cli_table_add(t, "%+.2f", m->gap);
    } else {
        cli_table_add(t, "-");
        cli_table_add(t, "-");
        cli_table_add(t, "-");
    }
    cli_table_add(t, "%.0f", d->answers);
    add_alpha(t, d);
    if (has_quadrants(r)) {
        cli_table_add(t, "%s",
                      d->has_quadrant ? survey_quadrant_word(d->quadrant, p->is_chinese) : "-");
    }
    add_grade(p, t, &d->grade);
}

/* Below the dimensions; its grade follows. */
static void add_whole(const struct survey_print *p, const struct survey_report *r,
                      struct cli_table *t, enum survey_label words, double gap)
{
    cli_table_add(t, "%s", "");
    cli_table_add(t, "%s", label(p, words));
    cli_table_add(t, "%s", "");
    cli_table_add(t, "%s", "");
    cli_table_add(t, "%+.2f", gap);
    cli_table_add(t, "%s", "");
    cli_table_add(t, "%s", "");
    if (has_quadrants(r)) {
        cli_table_add(t, "%s", "");
    }
}

static void add_servqual(const struct survey_print *p, const struct survey_report *r,
                         struct cli_table *t, const struct survey_figures *f)
{
    static const struct survey_grade none = {.is_known = false};
    bool is_first = true;

    for (size_t d = 0; d < SURVEY_DIMENSIONS; d++) {
        if (has_dimension(&f->dimensions[d])) {
            cli_table_add(t, "%s", is_first ? name_of(p, f) : "");
            add_dimension(p, r, t, d, &f->dimensions[d]);
            is_first = false;
        }
    }
    if (f->has_gap) {
        add_whole(p, r, t, SURVEY_LABEL_MEAN, f->gap);
        add_grade(p, t, f->has_weighted_gap ? &none : &f->grade);
    }
    if (f->has_weighted_gap) {
        add_whole(p, r, t, SURVEY_LABEL_WEIGHTED, f->weighted_gap);
        add_grade(p, t, &f->grade);
    }
}

static void print_servqual(const struct survey_print *p, const struct survey_report *r)
{
    const char *const titles[] = {
        who_label(p),
        label(p, SURVEY_LABEL_DIMENSION),
        label(p, SURVEY_LABEL_EXPECTED),
        label(p, SURVEY_LABEL_PERCEIVED),
        label(p, SURVEY_LABEL_GAP),
        label(p, SURVEY_LABEL_ANSWERS),
        label(p, SURVEY_LABEL_ALPHA),
        label(p, has_quadrants(r) ? SURVEY_LABEL_QUADRANT : SURVEY_LABEL_GRADE),
        label(p, SURVEY_LABEL_GRADE),
    };
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles) - !has_quadrants(r)};

    add_servqual(p, r, &table, &r->company);
    for (size_t i = 0; i < r->count; i++) {
        add_servqual(p, r, &table, &r->groups[i]);
    }
    if (table.cell_count == 0) {
        return;
    }
    (void)fputc('\n', p->out);
    cli_table_print(&table, p->out);
    (void)fprintf(p->out, "\n%s\n%s\n", label(p, SURVEY_LABEL_ABOUT_ALPHA),
                  label(p, (enum survey_label)(SURVEY_LABEL_GIVEN - 1 + (int)r->weighing)));
}

void survey_print_tables(const struct survey_print *p, const struct survey_report *r)
{
    char since[CLI_NAME_SIZE], until[CLI_NAME_SIZE];

    (void)fprintf(p->out, "%s%s %s %s\n\n", label(p, SURVEY_LABEL_ANSWERS_FROM),
                  cli_time_text(1, p->question->since_us, since), label(p, SURVEY_LABEL_TO),
                  cli_time_text(1, p->question->until_us, until));
    if (r->company.is_too_few) {
        (void)fprintf(p->out, "%s\n", label(p, SURVEY_LABEL_NONE));
        return;
    }
    print_answers(p, r);
    print_servqual(p, r);
}

/* ---- JSON */

static json_t *interval_json(struct interval i)
{
    return json_pack("[f, f]", i.low, i.high);
}

static json_t *grade_json(const struct survey_grade *g)
{
    json_t *memberships = json_array();

    for (size_t i = 0; i < SURVEY_GRADES; i++) {
        json_array_append_new(memberships, json_real(g->memberships[i]));
    }
    return json_pack("{s:I, s:s, s:s, s:f, s:o}", "grade", (json_int_t)g->grade, "words",
                     survey_grade_word(g->grade, false), "words_zh",
                     survey_grade_word(g->grade, true), "score", g->score, "memberships",
                     memberships);
}

static json_t *dimension_json(size_t index, const struct survey_dimension *d)
{
    const struct servqual_mean *m = &d->servqual.mean;
    json_t *json =
        json_pack("{s:s, s:I, s:I}", "dimension", survey_dimension_word(index, false), "answers",
                  (json_int_t)d->answers, "complete_answers", (json_int_t)d->complete);

    if (m->has_gap) {
        json_object_set_new(json, "expectation", json_real(m->expectation));
        json_object_set_new(json, "perception", json_real(m->perception));
        json_object_set_new(json, "gap", json_real(m->gap));
        json_object_set_new(json, "item_expectations", json_integer((json_int_t)m->expectations));
        json_object_set_new(json, "item_perceptions", json_integer((json_int_t)m->perceptions));
    }
    if (d->has_alpha) {
        json_object_set_new(json, "alpha", json_real(d->alpha));
        json_object_set_new(json, "is_alpha_of_the_first",
                            json_boolean(d->complete == SURVEY_COMPLETE_MAX));
    }
    if (d->has_quadrant) {
        json_object_set_new(json, "quadrant", json_string(quadrant_name(d->quadrant)));
    }
    if (d->grade.is_known) {
        json_object_set_new(json, "fuzzy", grade_json(&d->grade));
    }
    return json;
}

static json_t *servqual_json(const struct survey_figures *f)
{
    json_t *dimensions = json_array();
    json_t *json = json_pack("{s:o}", "dimensions", dimensions);

    for (size_t d = 0; d < SURVEY_DIMENSIONS; d++) {
        if (has_dimension(&f->dimensions[d])) {
            json_array_append_new(dimensions, dimension_json(d, &f->dimensions[d]));
        }
    }
    if (f->has_gap) {
        json_object_set_new(json, "gap", json_real(f->gap));
    }
    if (f->has_weighted_gap) {
        json_object_set_new(json, "weighted_gap", json_real(f->weighted_gap));
    }
    if (f->grade.is_known) {
        json_object_set_new(json, "fuzzy", grade_json(&f->grade));
    }
    return json;
}

static json_t *figures_json(const struct survey_figures *f)
{
    json_t *json = json_pack("{s:s?, s:b}", "name", f->name, "is_too_few", f->is_too_few);

    if (f->is_too_few) {
        return json;
    }
    json_object_set_new(json, "answers", json_integer((json_int_t)f->answers));
    if (f->has_csat) {
        json_object_set_new(json, "csat",
                            json_pack("{s:I, s:f, s:f, s:o}", "answers", (json_int_t)f->csat.count,
                                      "mean", f->csat.mean, "top_two", f->csat.share, "top_two_95",
                                      interval_json(f->csat_share)));
    }
    if (f->has_nps) {
        json_object_set_new(json, "nps",
                            json_pack("{s:I, s:f, s:f, s:o}", "answers", (json_int_t)f->nps_answers,
                                      "score", f->nps.score, "standard_error",
                                      f->nps.standard_error, "score_95",
                                      interval_json(f->nps_score)));
    }
    if (f->has_ces) {
        json_object_set_new(
            json, "ces",
            json_pack("{s:I, s:f}", "answers", (json_int_t)f->ces.count, "mean", f->ces.mean));
    }
    json_object_set_new(json, "servqual", servqual_json(f));
    return json;
}

void survey_print_json(const struct survey_print *p, const struct survey_report *r)
{
    static const char *const bases[] = {
        [SURVEY_WEIGHTS_GIVEN] = "given",
        [SURVEY_WEIGHTS_ENTROPY] = "entropy",
        [SURVEY_WEIGHTS_EQUAL] = "equal",
    };
    static const char *const orders[] = {"name", "csat", "nps", "ces"};
    json_t *groups = json_array(), *weights = json_object(), *json;

    for (size_t i = 0; i < r->count; i++) {
        json_t *group = figures_json(&r->groups[i]);

        if (r->ordered_by && !r->groups[i].is_too_few) {
            json_object_set_new(group, "order_mean", json_real(r->groups[i].order));
        }
        json_array_append_new(groups, group);
    }
    for (size_t d = 0; d < SURVEY_DIMENSIONS; d++) {
        json_object_set_new(weights, survey_dimension_word(d, false), json_real(r->points[d]));
    }
    json = json_pack("{s:I, s:I, s:s, s:o, s:s, s:I, s:o, s:o}", "since_us",
                     (json_int_t)p->question->since_us, "until_us",
                     (json_int_t)p->question->until_us, "weighed_by", bases[r->weighing], "weights",
                     weights, "ordered_by", orders[r->ordered_by], "beyond", (json_int_t)r->beyond,
                     "company", figures_json(&r->company), "groups", groups);
    cli_put_json(json, p->out);
}
