/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_sums.h - figures of many days, lanes and values added up: only of the measures that a
 * report needs. Pure.
 */
#ifndef TROTH_REPORTING_REPORT_SUMS_H
#define TROTH_REPORTING_REPORT_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/model/log_histogram.h"
#include "services/reporting/figure_sums.h"
#include "services/reporting/report_column.h"

enum {
    REPORT_SLOTS_MAX = 64
};

/* Which measures are added up, with REPORT_SETTLED or REPORT_EARLIER; each once. */
struct report_slots {
    uint16_t code[REPORT_SLOTS_MAX];
    size_t count;
    uint32_t sheets;  /* bits: 1u << enum figure_sheet */
    bool has_settled; /* some are REPORT_SETTLED */
    bool has_earlier; /* some are REPORT_EARLIER */
};

/* Those of the columns of a report. */
void report_slots_of(const struct report_column *columns, struct report_slots *ret_slots);

struct report_sum {
    int64_t count;
    figure_total sum;
    struct log_histogram histogram;
};

/* Starts with {0}; has room for the slots of one report once something is added: there may be one
 * of these for each of very many values. */
struct report_sums {
    struct report_sum *list; /* NULL: all are 0 */
    size_t count;
};
void report_sums_free(struct report_sums *s); /* {0} again */

/* That of a slot, made when it is not there. */
struct report_sum *report_sums_at(struct report_sums *s, const struct report_slots *slots,
                                  size_t slot);

/* NULL: the report does not need it. */
const struct report_sum *report_sums_get(const struct report_sums *s,
                                         const struct report_slots *slots, uint16_t code);

enum report_part {
    REPORT_IN_RANGE = 1,
    REPORT_IN_RANGE_SETTLED, /* the same, of days whose return window has passed */
    REPORT_BEFORE_RANGE,     /* counts for REPORT_EARLIER alone */
};

/* Adds a packed FigureSheet. Returns 0, or -1 with err (malformed): s may then have a part of it.
 */
MUST_CHECK int report_sums_add_sheet(struct report_sums *s, const struct report_slots *slots,
                                     enum report_part part, struct bytes packed, struct err *err);
void report_sums_merge(struct report_sums *to, const struct report_slots *slots,
                       const struct report_sums *from);
/* Nothing was counted, or everything was taken back. */
bool report_sums_is_empty(const struct report_sums *s);

#endif
