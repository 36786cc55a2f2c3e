/* SPDX-License-Identifier: Apache-2.0 */
/* report_list.h - which cases a list has: what is asked, checked; and the place to go on from.
 * Pure. */
#ifndef TROTH_REPORTING_REPORT_LIST_H
#define TROTH_REPORTING_REPORT_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "services/reporting/report_book.h"

/* Those before REPORT_LIST_OPEN have a range, and the newest first. */
enum report_list_kind {
    REPORT_LIST_OPENED,
    REPORT_LIST_ANSWERED,
    REPORT_LIST_RESOLVED,
    REPORT_LIST_REOPENED,
    REPORT_LIST_BROKEN,
    REPORT_LIST_LOW_ANSWER,
    REPORT_LIST_OPEN,     /* now; the oldest first */
    REPORT_LIST_DUE_NEXT, /* now; what is due first */
    REPORT_LIST_COUNT,
};

enum {
    REPORT_LIST_USUAL = 50,
    REPORT_LIST_MAX = 200
};

/* The last case of the page before. */
struct report_place {
    int64_t at_us;
    int64_t case_number;
};

struct report_list {
    enum report_list_kind kind;
    int64_t from_us, until_us; /* of a range; until is not part of it */
    struct report_filter filters[REPORT_FILTERS_MAX];
    size_t filter_count;
    int32_t limit;
    bool has_after;
    struct report_place after;
};

/* Returns 0, or -1 with err: request_invalid (list, limit, after), range_invalid, filter_invalid.
 */
MUST_CHECK int report_list_of(const Troth__V1__CasesRequest *asked,
                              const struct report_options *options, int64_t now_us,
                              struct report_list *ret_list, struct err *err);

#define REPORT_PLACE_SIZE 48
/* As CaseList.next has it. Returns ret_text. */
const char *report_place_format(struct report_place place, char ret_text[REPORT_PLACE_SIZE]);

#endif
