/* SPDX-License-Identifier: Apache-2.0 */
/* score_question.h - what a score request asks, checked and copied out of the message. */
#ifndef TROTH_LOYALTY_SCORE_QUESTION_H
#define TROTH_LOYALTY_SCORE_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/err.h"
#include "score.pb-c.h"
#include "services/loyalty/score_policy.h"

enum score_question_kind {
    SCORE_OF_CUSTOMER = 1,
    SCORES_OF_CUSTOMERS,
    SCORES_FALLEN,
    SCORES_OF_SEGMENT,
    TRUST_OF_GROUPS,
    POINTS_OF_CUSTOMER,
};

#define SCORE_REQUEST_ID_SIZE 65 /* 64 bytes and the NUL */
#define SCORE_LIST_MAX        100
#define SCORE_LIST_USUAL      10
#define SCORE_FALLEN_USUAL_US (30 * DURATION_DAY)

/* Which customers, by the figures of the last look. All of it has to hold. */
struct score_segment {
    enum tier tier;                /* 0: any */
    enum churn_level churn_level;  /* 0: any */
    int32_t index_from_hundredths; /* 0 to 10001 */
    int32_t index_below_hundredths;
    bool has_trust_broken, is_trust_broken;
    Troth__V1__SegmentOrder order;
};

struct score_question {
    enum score_question_kind kind;
    char request_id[SCORE_REQUEST_ID_SIZE];
    bool is_chinese;
    int64_t customers[SCORE_LIST_MAX]; /* of CUSTOMER, CUSTOMERS and POINTS; each once */
    size_t customer_count;             /* 0: by reference */
    char source[64];                   /* "": any */
    char reference[129];
    int64_t as_of_us;  /* of CUSTOMER; INT64_MAX: now */
    bool is_replayed;  /* of CUSTOMER */
    int64_t since_us;  /* of FALLEN */
    int64_t within_us; /* of FALLEN: above 0 instead of since_us, so long before now */
    struct score_segment segment;
    Troth__V1__TrustGrouping grouping;
    int32_t limit; /* of FALLEN, SEGMENT and GROUPS: 1 to SCORE_LIST_MAX */
};

/* Fills q->request_id whenever it fits, so that an error can be answered by it. Returns 0, or -1
 * with code "customer_unknown" (a number or reference that cannot be one) or "request_invalid" and
 * the field at fault. */
MUST_CHECK int score_question_of(const Troth__V1__ScoreRequest *request, struct score_question *q,
                                 struct err *err);

#endif
