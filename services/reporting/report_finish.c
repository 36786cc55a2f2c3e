/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_finish.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/compiler.h"
#include "common/base/xalloc.h"
#include "common/model/fuzzy_evaluation.h"
#include "common/model/importance_performance.h"
#include "services/reporting/report_labels.h"
#include "services/reporting/report_table.h"

/* ---- importance and performance */

enum {
    IMPORTANCE = 1,
    PERFORMANCE,
    QUADRANT
};

static const struct report_words quadrant_words[] = {
    [QUADRANT_KEEP_UP] = {{"keep up", "继续保持"}},
    [QUADRANT_CONCENTRATE_HERE] = {{"concentrate here", "重点改进"}},
    [QUADRANT_LOW_PRIORITY] = {{"low priority", "次要"}},
    [QUADRANT_POSSIBLE_OVERKILL] = {{"possible overkill", "可能过度"}},
};

void report_finish_quadrant(const struct report_frame *frame, Troth__V1__FigureTable *table)
{
    struct importance_performance *items = xcalloc(table->n_rows + 1, sizeof(*items));
    Troth__V1__FigureRow **rows = xcalloc(table->n_rows + 1, sizeof(Troth__V1__FigureRow *));
    size_t count = 0;

    for (size_t i = 0; i < table->n_rows; i++) {
        const Troth__V1__FigureRow *row = table->rows[i];
        if (row->cells[IMPORTANCE]->has_value && row->cells[PERFORMANCE]->has_value) {
            items[count].importance = row->cells[IMPORTANCE]->value;
            items[count].performance = row->cells[PERFORMANCE]->value;
            rows[count++] = table->rows[i];
        }
    }
    if (count > 1) { /* one alone is compared with itself */
        const struct importance_performance cross = importance_performance_cross(items, count);
        for (size_t i = 0; i < count; i++) {
            const enum quadrant q = importance_performance_quadrant(items[i], cross);
            report_cell_text(rows[i], QUADRANT, quadrant_words[q].text[frame->language]);
        }
    }
    free(rows);
    free(items);
}

/* ---- fuzzy evaluation */

enum {
    DIMENSIONS = 5,
    GRADES = 7,
    GRADE = 1,
    MEMBERSHIP,
    SCORE,
    WEIGHT,
    FIRST_GRADE
};

static const char *const dimensions[DIMENSIONS] = {"tangibles", "reliability", "responsiveness",
                                                   "assurance", "empathy"};

struct opinions {
    double counts[DIMENSIONS][GRADES];
    double answers[DIMENSIONS];
};

static void read_opinion(const Troth__V1__FigureRow *row, struct opinions *o)
{
    const char *slash = strchr(row->key, '/');
    const int grade = slash != NULL ? slash[1] - '0' : 0;

    for (size_t d = 0; d < DIMENSIONS && grade >= 1 && grade <= GRADES; d++) {
        if (strlen(dimensions[d]) == (size_t)(slash - row->key) &&
            strncmp(dimensions[d], row->key, strlen(dimensions[d])) == 0 &&
            row->cells[0]->has_value && row->cells[0]->value > 0) {
            o->counts[d][grade - 1] += row->cells[0]->value;
            o->answers[d] += row->cells[0]->value;
        }
    }
}

static void put_grades(Troth__V1__FigureRow *row, const double *result, double answers,
                       double weight)
{
    static const double values[GRADES] = {1, 2, 3, 4, 5, 6, 7};
    const size_t grade = fuzzy_grade(result, GRADES);

    report_cell_number(row, 0, answers);
    row->cells[0]->has_count = true;
    row->cells[0]->count = (int64_t)answers;
    report_cell_number(row, GRADE, (double)grade + 1);
    report_cell_number(row, MEMBERSHIP, result[grade]);
    report_cell_number(row, SCORE, fuzzy_score(result, values, GRADES));
    report_cell_number(row, WEIGHT, weight);
    for (size_t g = 0; g < GRADES; g++) {
        report_cell_number(row, FIRST_GRADE + g, result[g]);
    }
}

/* Weights of the dimensions that were answered, adding up to 1. */
static double weigh(const struct report_frame *frame, const struct opinions *o,
                    double ret_weights[DIMENSIONS])
{
    double sum = 0;

    for (size_t d = 0; d < DIMENSIONS; d++) {
        ret_weights[d] = o->answers[d] <= 0                ? 0
                         : frame->options->weights != NULL ? frame->options->weights[d]
                                                           : 1.0 / DIMENSIONS;
        sum += ret_weights[d];
    }
    for (size_t d = 0; d < DIMENSIONS && sum > 0; d++) {
        ret_weights[d] /= sum;
    }
    return sum;
}

void report_finish_evaluation(const struct report_frame *frame, Troth__V1__FigureTable *table)
{
    struct opinions o = {.answers = {0}};
    double weights[DIMENSIONS], memberships[DIMENSIONS * GRADES] = {0}, result[GRADES], all = 0;
    const struct fuzzy_factors factors = {
        .count = DIMENSIONS, .weights = weights, .memberships = memberships};

    for (size_t i = 0; i < table->n_rows; i++) {
        read_opinion(table->rows[i], &o);
    }
    report_table_clear(table);
    const double weighed = weigh(frame, &o, weights);
    for (size_t d = 0; d < DIMENSIONS; d++) {
        double *row = memberships + d * GRADES;
        if (fuzzy_membership(o.counts[d], GRADES, row)) {
            put_grades(
                report_table_add(table, dimensions[d],
                                 report_label(DIMENSION_SERVQUAL, dimensions[d], frame->language)),
                row, o.answers[d], weights[d]);
            all += o.answers[d];
        }
    }
    if (weighed > 0) {
        fuzzy_evaluate(FUZZY_PRODUCT_SUM, &factors, GRADES, result);
        if (fuzzy_normalise(result, GRADES)) {
            put_grades(report_table_total(table), result, all, 1);
        }
    }
}
