/* SPDX-License-Identifier: Apache-2.0 */
/* case_maker.h - between the two files that make the bundle of a case. */
#ifndef TROTH_REPORTING_CASE_MAKER_H
#define TROTH_REPORTING_CASE_MAKER_H

#include "services/reporting/case_bundle.h"

/* intake.promise.customer_word */
enum {
    CASE_WORD_KEPT = 1,
    CASE_WORD_NOT_KEPT = 2,
};

struct case_maker {
    const struct case_rows *rows;
    const struct zone *zone;
    struct figure_bundle *to;
};

struct figure_entry *case_add(const struct case_maker *m, enum figure_measure measure,
                              int64_t at_us);
struct figure_entry *case_add_sum(const struct case_maker *m, enum figure_measure measure,
                                  int64_t at_us, int64_t sum);
struct figure_entry *case_add_duration(const struct case_maker *m, enum figure_measure measure,
                                       int64_t at_us, int64_t us);

/* Resolved now, by itself: not open again, not merged. */
bool case_is_resolved(const struct case_rows *c);

/* The working time that the promises of a kind counted until they were kept or renegotiated. False,
 * *ret_us untouched: none was kept. */
bool case_promise_working(const struct case_rows *c, const char *kind, int64_t *ret_us);
void case_promise_bundle_add(const struct case_maker *m);
void case_promise_mark(const struct case_rows *c, struct case_marks *marks);

#endif
