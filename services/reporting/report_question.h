/* SPDX-License-Identifier: Apache-2.0 */
/* report_question.h - what a report request asks, checked and copied out of the message. */
#ifndef TROTH_REPORTING_REPORT_QUESTION_H
#define TROTH_REPORTING_REPORT_QUESTION_H

#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "report.pb-c.h"
#include "services/reporting/progress_links.h"
#include "services/reporting/report_book.h"
#include "services/reporting/report_day.h"
#include "services/reporting/report_list.h"

enum report_question_kind {
    REPORT_OVERVIEW = 1,
    REPORT_CASE,
    REPORT_CUSTOMER_NUMBER,
    REPORT_CUSTOMER_REFERENCE,
    REPORT_BACKLOG,
    REPORT_IDENTITY_QUESTIONS,
    REPORT_FIGURES,
    REPORT_CATALOGUE,
    REPORT_CASES,
    REPORT_TODAY,
    REPORT_PROGRESS_LINK,
};

#define REPORT_REQUEST_ID_SIZE 65 /* 64 bytes and the NUL */

struct report_question {
    enum report_question_kind kind;
    char request_id[REPORT_REQUEST_ID_SIZE];
    char from_day[REPORT_DAY_SIZE]; /* of OVERVIEW; "": no limit */
    char to_day[REPORT_DAY_SIZE];
    char branch[65];                 /* of OVERVIEW, TODAY; "": all */
    int64_t number;                  /* of CASE, CUSTOMER_NUMBER */
    char source[64];                 /* of CUSTOMER_REFERENCE; "": any */
    char reference[129];             /* of CUSTOMER_REFERENCE */
    struct report_frame frame;       /* of FIGURES */
    struct report_list list;         /* of CASES */
    struct progress_link_asked link; /* of PROGRESS_LINK, but for who asks */
    char token[PROGRESS_LINK_TOKEN_SIZE];
    bool may_read; /* who asks: what is personal; each look is written down */
    char who[80];  /* who asks, but for our own pages */
    enum report_language language;
    int64_t now_us;    /* business time when it was asked */
    size_t answer_max; /* bytes of the packed reply */
};

/* Fills q->request_id whenever it fits, so that an error can be answered by it. options are
 * borrowed by q, now_us is business time. Returns 0, or -1 with code "range_invalid",
 * "case_unknown", "customer_unknown" (numbers that cannot be one), "report_unknown",
 * "group_invalid", "filter_invalid", "zone_not_counted" or "request_invalid". */
MUST_CHECK int report_question_of(const Troth__V1__ReportRequest *request,
                                  const struct report_options *options, int64_t now_us,
                                  struct report_question *q, struct err *err);

#endif
