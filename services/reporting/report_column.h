/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_column.h - a column of a report: its words, and the formula that makes a cell from
 * added-up figures.
 */
#ifndef TROTH_REPORTING_REPORT_COLUMN_H
#define TROTH_REPORTING_REPORT_COLUMN_H

#include <stdbool.h>
#include <stdint.h>

#include "services/reporting/report_book.h"

enum {
    REPORT_TERMS_MAX = 5
};

/* Added to the number of a measure: only of days whose return window has passed. */
#define REPORT_SETTLED 256
/* Added to the number of a measure: of everything before the range. */
#define REPORT_EARLIER 512

/* count(x), sum(x): added over the terms of x. Every share and mean has a 95 % interval and the
 * number of observations behind it. */
enum report_formula_kind {
    FORMULA_NONE,      /* filled by report_finish_fn or report_take_fn */
    FORMULA_COUNT,     /* count(of) */
    FORMULA_SUM,       /* sum(of) x scale */
    FORMULA_SHARE,     /* count(of) / count(by); Wilson */
    FORMULA_SHARE_IN,  /* sum(of) / count(of), a sum of zeros and ones; Wilson */
    FORMULA_SHARE_SUM, /* sum(of) / sum(by), of durations: nothing is known about its error */
    FORMULA_MEAN, /* sum(of) / count(of) x scale; the deviation from sum(by), the squares, else from
                     the histogram of the first term; without either there is no interval */
    FORMULA_QUANTILE,    /* quantile of the first term's histogram; interval by order statistics */
    FORMULA_NPS,         /* of: promoters, passives, detractors; in points of 100 */
    FORMULA_RATE,        /* 1,000 count(of) / count(by); Poisson, by Byar's approximation */
    FORMULA_STOCK,       /* count(of) of everything until the end of the range or period */
    FORMULA_PART,        /* count(of) / count(of) of the total row; Wilson */
    FORMULA_RUNNING,     /* the parts of this row and of all before it */
    FORMULA_SPREAD,      /* standard deviation of the first term, with sum(by) the squares */
    FORMULA_CALIBRATION, /* sum(of) / count(of) x scale less sum(by) / count(by) */
};

struct report_formula {
    enum report_formula_kind kind;
    uint16_t of[REPORT_TERMS_MAX]; /* enum figure_measure, ended by 0 */
    uint16_t by[REPORT_TERMS_MAX];
    double quantile; /* of FORMULA_QUANTILE, 0 to 1 */
    double scale;    /* 0: 1 */
};

struct report_column {
    const char *name; /* stable: "first_response_median" */
    struct report_words label, help;
    Troth__V1__FigureUnit unit;
    bool is_less_better;
    bool has_target;
    double target;
    bool is_money; /* says something in one currency alone */
    struct report_formula formula;
};

#endif
