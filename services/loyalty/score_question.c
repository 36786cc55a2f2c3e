/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/score_question.h"

#include "common/base/text.h"
#include "common/domain/identifier.h"

#define SINCE_MAX_US (INT64_C(253402300799) * 1000000)

static int of_customer(const Troth__V1__ScoreOfCustomer *asked, struct score_question *q,
                       struct err *err)
{
    if (!text_is_empty(asked->customer_number)) {
        q->kind = SCORE_OF_NUMBER;
        if (identifier_parse(IDENTIFIER_CUSTOMER, asked->customer_number, &q->customer, err) < 0) {
            return err_set_field(err, "customer_unknown", "customer.customer_number",
                                 "this is not the number of a customer: K-...");
        }
        return 0;
    }
    q->kind = SCORE_OF_REFERENCE;
    if (text_is_empty(asked->customer_ref)) {
        return err_set_field(err, "request_invalid", "customer",
                             "name a customer by customer_number or customer_ref");
    }
    if (!text_copy(q->reference, sizeof(q->reference), asked->customer_ref) ||
        (asked->source != NULL && !text_copy(q->source, sizeof(q->source), asked->source))) {
        return err_set_field(err, "customer_unknown", "customer.customer_ref",
                             "no source is called so, or no reference is that long");
    }
    return 0;
}

static int of_fallen(const Troth__V1__FallenScores *asked, struct score_question *q,
                     struct err *err)
{
    q->kind = SCORES_FALLEN;
    q->since_us = asked->since_us; /* 0 when unset: since the beginning */
    if (q->since_us < 0 || q->since_us > SINCE_MAX_US) {
        return err_set_field(err, "request_invalid", "fallen.since_us",
                             "since_us must lie between the years 1970 and 9999");
    }
    q->limit = asked->has_limit && asked->limit != 0 ? asked->limit : SCORE_FALLEN_USUAL;
    if (q->limit < 1 || q->limit > SCORE_FALLEN_MAX) {
        return err_set_field(err, "request_invalid", "fallen.limit", "limit must be 1 to %d",
                             SCORE_FALLEN_MAX);
    }
    return 0;
}

int score_question_of(const Troth__V1__ScoreRequest *request, struct score_question *q,
                      struct err *err)
{
    if (request->request_id != NULL &&
        !text_copy(q->request_id, sizeof(q->request_id), request->request_id)) {
        q->request_id[0] = '\0';
        return err_set_field(err, "request_invalid", "request_id", "at most 64 bytes");
    }
    switch (request->body_case) {
    case TROTH__V1__SCORE_REQUEST__BODY_CUSTOMER:
        return of_customer(request->customer, q, err);
    case TROTH__V1__SCORE_REQUEST__BODY_FALLEN:
        return of_fallen(request->fallen, q, err);
    case TROTH__V1__SCORE_REQUEST__BODY__NOT_SET:
    case _TROTH__V1__SCORE_REQUEST__BODY__CASE_IS_INT_SIZE:
        break;
    }
    return err_set_field(err, "request_invalid", "body", "ask for customer or fallen");
}
