/* SPDX-License-Identifier: Apache-2.0 */
/*
 * overview_view.h - rows of figures become the overview that is answered.
 *
 * Messages made here are on the heap: the caller ends a reply with
 * troth__v1__report_reply__free_unpacked(reply, NULL).
 */
#ifndef TROTH_REPORTING_OVERVIEW_VIEW_H
#define TROTH_REPORTING_OVERVIEW_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report.pb-c.h"

#define OVERVIEW_DAYS_MAX     366
#define OVERVIEW_BRANCHES_MAX 200
#define OVERVIEW_KEY_SIZE     65

/* Sums of one day or branch, or of everything. */
struct overview_figures {
    char key[OVERVIEW_KEY_SIZE];       /* the day, the branch, or "" */
    char first_day[OVERVIEW_KEY_SIZE]; /* first and last day with a figure; "" without one */
    char last_day[OVERVIEW_KEY_SIZE];
    int64_t cases, promises_made, promises_kept, promises_broken;
    int64_t promises_waived, promises_renegotiated;
    int64_t calls_placed, calls_reached, follow_ups_planned, purchases;
    int64_t csat_count, csat_sum;
    int64_t nps_count, nps_net; /* net: promoters less detractors */
    int64_t first_responses, resolved;
    bool has_first_response;
    int64_t first_response_median_us, first_response_p90_us;
};

enum overview_list {
    OVERVIEW_TOTAL = 0,
    OVERVIEW_PER_DAY,
    OVERVIEW_PER_BRANCH,
    OVERVIEW_LIST_COUNT,
};

/* Three lists of figures, each key at most once; start with {0}. */
struct overview {
    struct overview_figures *list[OVERVIEW_LIST_COUNT];
    size_t count[OVERVIEW_LIST_COUNT];
    int64_t events_behind;
};
void overview_free(struct overview *o);
/* Zeros under that key at the end of the list. Valid until the next call for the same list. */
struct overview_figures *overview_add(struct overview *o, enum overview_list which,
                                      const char *key);

struct overview_frame {
    const char *request_id;
    const char *from_day; /* "": the first day with a figure */
    const char *to_day;
    const char *time_zone;
};

/* Days from old to new, branches from many cases to few. The newest OVERVIEW_DAYS_MAX days and the
 * OVERVIEW_BRANCHES_MAX largest branches are shown, or as many as fit into max bytes packed; the
 * reply's text says what was left out. */
Troth__V1__ReportReply *overview_reply(struct overview *o, const struct overview_frame *frame,
                                       size_t max);

#endif
