/* SPDX-License-Identifier: Apache-2.0 */
/* check_compare.h - figures beside facts: which of them are not equal. Pure. */
#ifndef TROTH_REPORTING_CHECK_COMPARE_H
#define TROTH_REPORTING_CHECK_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/reporting/figure_sums.h"

enum {
    CHECK_VALUE_SIZE = 129,
    CHECK_NAME_SIZE = 64,
};

/* What of a measure is compared. */
enum check_part {
    CHECK_COUNT,
    CHECK_SUM,    /* modulo 2^62: check_sum_of() */
    CHECK_MEDIAN, /* within 1 % of the facts', and over all branches alone; of this one lane:
                     quantiles are no sums */
    CHECK_P90,
    CHECK_MONTH, /* of a sheet, not of a measure: what its monthly rows count, and the daily */
    CHECK_MONTH_CONTENT, /* likewise: checksums, modulo 2^31 */
    CHECK_PART_COUNT,
};

struct check_compare;
struct check_compare *check_compare_new(void);
void check_compare_free(struct check_compare *c); /* NULL is fine */

struct check_key {
    int64_t day;                 /* since 1970-01-01 */
    enum figure_measure measure; /* or enum figure_sheet */
    enum check_part part;
    const char *branch; /* "": over all */
};
/* A sum may be longer than an int64_t (figure_sums.h); as small as they usually are it is itself.
 */
int64_t check_sum_of(figure_total sum);

/* Of the lane that is being compared; added to what was there. Those of CHECK_MEDIAN and CHECK_P90
 * are not added. */
void check_compare_figure(struct check_compare *c, const struct check_key *key, int64_t value);
void check_compare_fact(struct check_compare *c, const struct check_key *key, int64_t value);
/* The lane is read: whatever is not equal in it is different, however the lanes add up. */
void check_compare_lane(struct check_compare *c);
/* Nothing of this lane counts: it is read once more. */
void check_compare_again(struct check_compare *c);

struct check_difference {
    int64_t day;
    char figure[CHECK_NAME_SIZE]; /* "cases", "first_response_sum", "resolution_p90",
                                     "cases_month" */
    const char *branch;           /* borrowed */
    int64_t figures, facts;       /* over all lanes; of quantiles in one of the lanes that differ */
};
typedef void check_difference_fn(void *ctx, const struct check_difference *d);
void check_compare_list(const struct check_compare *c, check_difference_fn *take, void *ctx);

/* How many were compared on a day, and how many of them differ. */
void check_compare_day(const struct check_compare *c, int64_t day, int32_t *ret_figures,
                       int32_t *ret_different);

#endif
