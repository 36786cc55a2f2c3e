/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_book.h - the reports there are: what each is called, can be grouped by, and is made of.
 *
 * Most reports are a list of columns, each a formula over measures (figure.h): they are read from
 * the daily and monthly facts by one engine. Others read tables of their own (early warnings,
 * improvements, words, standards) by a pair of functions. All answer the same FigureTable, and
 * whoever adds a report adds one row to report_book.c.
 */
#ifndef TROTH_REPORTING_REPORT_BOOK_H
#define TROTH_REPORTING_REPORT_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/zone.h"
#include "common/domain/questionnaire.h"
#include "common/runtime/db.h"
#include "report.pb-c.h"
#include "services/reporting/figure.h"
#include "services/reporting/report_day.h"

enum report_language {
    REPORT_ENGLISH,
    REPORT_CHINESE,
    REPORT_LANGUAGE_COUNT,
};

/* A text in both languages. */
struct report_words {
    const char *text[REPORT_LANGUAGE_COUNT];
};

enum {
    REPORT_FILTERS_MAX = 4,
    REPORT_VALUE_SIZE = 129,
};

/* What reports go by besides what was asked: from the settings. Borrowed texts. */
struct report_options {
    const char *time_zone;
    const struct zone *zone;    /* the same */
    int32_t return_window_days; /* who has not come back by then was served for good */
    int32_t least;              /* observations below which a team or person is not compared */
    const char *factors;        /* report_factors.h; "": none */
    const double *weights;      /* of the five SERVQUAL dimensions, adding up to 1; NULL: equal */
    /* Where the questionnaire in force stands, for its questions and names; NULL, or NULL there:
     * none is known. */
    const struct questionnaire *const *words;
};

struct report_filter {
    enum figure_dimension dimension;
    char value[REPORT_VALUE_SIZE];
};

enum report_grouping {
    GROUP_NONE,
    GROUP_DAY,
    GROUP_WEEK, /* begins on Monday */
    GROUP_MONTH,
    GROUP_DIMENSION,
};

/* A request that was read and checked: what every report is made from. */
struct report_frame {
    const struct report_kind *kind;
    char from_day[REPORT_DAY_SIZE]; /* both set, from <= to */
    char to_day[REPORT_DAY_SIZE];
    char before_from_day[REPORT_DAY_SIZE]; /* "" when not compared */
    char before_to_day[REPORT_DAY_SIZE];
    enum report_grouping grouping;
    enum figure_dimension dimension; /* with GROUP_DIMENSION */
    struct report_filter filters[REPORT_FILTERS_MAX];
    size_t filter_count;
    size_t limit;
    enum report_language language;
    const char *time_zone;
    int64_t now_us; /* business time */
    const struct report_options *options;
};

/* The value of the filter of a dimension, "" without one. */
const char *report_frame_filter(const struct report_frame *frame, enum figure_dimension dimension);

/* Rounds off the table of a report that the engine made: all rows are there, in order, and the
 * total; what is beyond the limit is cut afterwards. */
typedef void report_finish_fn(const struct report_frame *frame, Troth__V1__FigureTable *table);
/* Under which key a value of the dimension counts; into ret_key. */
typedef void report_key_fn(const struct report_frame *frame, const char *value,
                           char ret_key[REPORT_VALUE_SIZE]);

/* A report with tables of its own. ask queues statements (each with statement names of its own)
 * into a read-only snapshot that the caller began and commits; take reads their rows, the first of
 * them at rows[first], and appends rows and notes to a table whose frame and columns stand already.
 */
typedef void report_ask_fn(struct db *db, const struct report_frame *frame);
typedef void report_take_fn(const struct db_reply *reply, size_t first,
                            const struct report_frame *frame, Troth__V1__FigureTable *table);

struct report_column; /* report_column.h: name, words, unit, formula */

struct report_kind {
    const char *name;
    struct report_words title;
    struct report_words summary;
    const struct report_column *columns; /* ends with a column without a name */
    /* Bits of enum figure_dimension, and the usual grouping. */
    uint32_t groups;
    bool has_time_groups;
    bool is_daily; /* of these days alone: a stock, of which each day is taken down */
    enum report_grouping usual;
    enum figure_dimension usual_dimension;
    uint32_t filters;
    const char *cases;                /* name of the list of the cases behind it; NULL: none */
    const struct report_words *notes; /* ends with {NULL}; NULL: none */
    report_ask_fn *ask;               /* NULL: the engine reads the facts for the columns */
    report_take_fn *take;
    /* Of the engine; all may be left out. */
    enum figure_dimension read_dimension; /* 0: as asked, else read this one when grouped */
    report_key_fn *key_of;
    report_finish_fn *finish;
    bool
        is_cautious; /* rows with few observations in the first column have no rank, and are last */
    bool is_now;     /* says how things are, whatever the range */
};

const struct report_kind *report_book_find(const char *name); /* NULL: none */
size_t report_book_list(const struct report_kind *const **ret_list);

/* ---- for take functions. Tables are on the heap (free_unpacked with NULL). */

/* Zeroed cells, one for each column; owned by the table. */
Troth__V1__FigureRow *report_table_add(Troth__V1__FigureTable *table, const char *key,
                                       const char *label);
void report_cell_number(Troth__V1__FigureRow *row, size_t column, double value);
/* count: of observations behind it. */
void report_cell_estimate(Troth__V1__FigureRow *row, size_t column, double value, double low,
                          double high, int64_t count);
void report_cell_text(Troth__V1__FigureRow *row, size_t column, const char *text);
void report_table_note(Troth__V1__FigureTable *table, const char *note);

#endif
