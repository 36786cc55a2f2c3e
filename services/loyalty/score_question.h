/* SPDX-License-Identifier: Apache-2.0 */
/* score_question.h - what a score request asks, checked and copied out of the message. */
#ifndef TROTH_LOYALTY_SCORE_QUESTION_H
#define TROTH_LOYALTY_SCORE_QUESTION_H

#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "score.pb-c.h"

enum score_question_kind {
    SCORE_OF_NUMBER = 1,
    SCORE_OF_REFERENCE,
    SCORES_FALLEN,
};

#define SCORE_REQUEST_ID_SIZE 65 /* 64 bytes and the NUL */
#define SCORE_FALLEN_MAX      100
#define SCORE_FALLEN_USUAL    10

struct score_question {
    enum score_question_kind kind;
    char request_id[SCORE_REQUEST_ID_SIZE];
    int64_t customer;    /* of NUMBER */
    char source[64];     /* of REFERENCE; "": any */
    char reference[129]; /* of REFERENCE */
    int64_t since_us;    /* of FALLEN */
    int32_t limit;       /* of FALLEN: 1 to SCORE_FALLEN_MAX */
};

/* Fills q->request_id whenever it fits, so that an error can be answered by it. Returns 0, or -1
 * with code "customer_unknown" (a number that cannot be one) or "request_invalid". */
MUST_CHECK int score_question_of(const Troth__V1__ScoreRequest *request, struct score_question *q,
                                 struct err *err);

#endif
