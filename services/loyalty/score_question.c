/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/score_question.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "common/base/text.h"
#include "common/domain/identifier.h"

#define INSTANT_MAX_US (INT64_C(253402300799) * 1000000)
#define INDEX_MAX      10000 /* in hundredths */

/* ---- parts */

static int take_number(const char *text, const char *field, struct score_question *q,
                       struct err *err)
{
    int64_t number;

    if (identifier_parse(IDENTIFIER_CUSTOMER, text, &number, NULL) < 0) {
        return err_set_field(err, "customer_unknown", field,
                             "this is not the number of a customer: K-...");
    }
    for (size_t i = 0; i < q->customer_count; i++) {
        if (q->customers[i] == number) {
            return 0;
        }
    }
    q->customers[q->customer_count++] = number;
    return 0;
}

/* One customer by number or reference; the fields are named <message>.<field>. */
static int take_customer(const char *message, const char *number,
                         const Troth__V1__ScoreOfCustomer *asked, struct score_question *q,
                         struct err *err)
{
    char field[64];

    text_format(field, sizeof(field), "%s.customer_number", message);
    if (!text_is_empty(number)) {
        return take_number(number, field, q, err);
    }
    if (text_is_empty(asked->customer_ref)) {
        return err_set_field(err, "request_invalid", message,
                             "name a customer by customer_number or customer_ref");
    }
    text_format(field, sizeof(field), "%s.customer_ref", message);
    if (!text_copy(q->reference, sizeof(q->reference), asked->customer_ref) ||
        (asked->source != NULL && !text_copy(q->source, sizeof(q->source), asked->source))) {
        return err_set_field(err, "customer_unknown", field,
                             "no source is called so, or no reference is that long");
    }
    return 0;
}

static int take_limit(bool has_limit, int32_t limit, const char *field, struct score_question *q,
                      struct err *err)
{
    q->limit = has_limit && limit != 0 ? limit : SCORE_LIST_USUAL;
    if (q->limit < 1 || q->limit > SCORE_LIST_MAX) {
        return err_set_field(err, "request_invalid", field, "limit must be 1 to %d",
                             SCORE_LIST_MAX);
    }
    return 0;
}

static int take_instant(int64_t us, const char *field, int64_t *to, struct err *err)
{
    if (us < 0 || us > INSTANT_MAX_US) {
        return err_set_field(err, "request_invalid", field,
                             "it must be 0 to the end of the year 9999");
    }
    *to = us;
    return 0;
}

/* ---- the questions */

static int of_customer(const Troth__V1__ScoreOfCustomer *asked, struct score_question *q,
                       struct err *err)
{
    q->kind = SCORE_OF_CUSTOMER;
    q->is_replayed = asked->is_replayed;
    if (asked->has_as_of_us &&
        take_instant(asked->as_of_us, "customer.as_of_us", &q->as_of_us, err) < 0) {
        return -1;
    }
    return take_customer("customer", asked->customer_number, asked, q, err);
}

static int of_customers(const Troth__V1__ScoresOfCustomers *asked, struct score_question *q,
                        struct err *err)
{
    q->kind = SCORES_OF_CUSTOMERS;
    if (asked->n_customer_numbers == 0 || asked->n_customer_numbers > SCORE_LIST_MAX) {
        return err_set_field(err, "request_invalid", "customers.customer_numbers",
                             "give 1 to %d numbers", SCORE_LIST_MAX);
    }
    for (size_t i = 0; i < asked->n_customer_numbers; i++) {
        char field[64];

        text_format(field, sizeof(field), "customers.customer_numbers[%zu]", i);
        if (take_number(asked->customer_numbers[i], field, q, err) < 0) {
            return -1;
        }
    }
    return 0;
}

static int of_fallen(const Troth__V1__FallenScores *asked, struct score_question *q,
                     struct err *err)
{
    q->kind = SCORES_FALLEN;
    if (take_instant(asked->since_us, "fallen.since_us", &q->since_us, err) < 0 ||
        take_instant(asked->within_us, "fallen.within_us", &q->within_us, err) < 0) {
        return -1;
    }
    if (asked->has_since_us && asked->has_within_us) {
        return err_set_field(err, "request_invalid", "fallen.within_us",
                             "give since_us or within_us");
    }
    if (!asked->has_since_us && !asked->has_within_us) {
        q->within_us = SCORE_FALLEN_USUAL_US;
    }
    return take_limit(asked->has_limit, asked->limit, "fallen.limit", q, err);
}

static int take_tier(const char *name, struct score_segment *s, struct err *err)
{
    for (int t = TIER_BRONZE; t < TIER_END; t++) {
        if (strcmp(name, tier_name((enum tier)t)) == 0) {
            s->tier = (enum tier)t;
            return 0;
        }
    }
    return err_set_field(err, "request_invalid", "segment.tier",
                         "tier is one of bronze, silver and gold");
}

static int take_churn_level(const char *name, struct score_segment *s, struct err *err)
{
    for (int l = CHURN_LOW; l < CHURN_END; l++) {
        if (strcmp(name, churn_level_name((enum churn_level)l)) == 0) {
            s->churn_level = (enum churn_level)l;
            return 0;
        }
    }
    return err_set_field(err, "request_invalid", "segment.churn_level",
                         "churn_level is one of low, raised and high");
}

/* The first hundredth that is not below the bound. */
static int take_index(double index, const char *field, int32_t *to, struct err *err)
{
    if (!(index >= 0 && index <= 100)) {
        return err_set_field(err, "request_invalid", field, "an index is 0 to 100");
    }
    /* 64.1 is a little less than 6410 hundredths: not a reason to round it up to 6411. */
    *to = (int32_t)ceil(100 * index - 1e-6);
    return 0;
}

static int take_bounds(const Troth__V1__ScoresOfSegment *asked, struct score_segment *s,
                       struct err *err)
{
    s->index_below_hundredths = INDEX_MAX + 1;
    if (asked->has_index_below && take_index(asked->index_below, "segment.index_below",
                                             &s->index_below_hundredths, err) < 0) {
        return -1;
    }
    if (asked->has_index_at_least && take_index(asked->index_at_least, "segment.index_at_least",
                                                &s->index_from_hundredths, err) < 0) {
        return -1;
    }
    return 0;
}

static int of_segment(const Troth__V1__ScoresOfSegment *asked, struct score_question *q,
                      struct err *err)
{
    struct score_segment *s = &q->segment;

    q->kind = SCORES_OF_SEGMENT;
    if (!text_is_empty(asked->tier) && take_tier(asked->tier, s, err) < 0) {
        return -1;
    }
    if (!text_is_empty(asked->churn_level) && take_churn_level(asked->churn_level, s, err) < 0) {
        return -1;
    }
    if (take_bounds(asked, s, err) < 0) {
        return -1;
    }
    s->has_trust_broken = asked->has_is_trust_broken;
    s->is_trust_broken = asked->is_trust_broken;
    s->order = asked->has_order && asked->order != 0
                   ? asked->order
                   : TROTH__V1__SEGMENT_ORDER__SEGMENT_ORDER_LOWEST_INDEX;
    if (s->order > TROTH__V1__SEGMENT_ORDER__SEGMENT_ORDER_HIGHEST_CHURN) {
        return err_set_field(err, "request_invalid", "segment.order", "there is no such order");
    }
    if (s->order == TROTH__V1__SEGMENT_ORDER__SEGMENT_ORDER_HIGHEST_CHURN &&
        s->churn_level == CHURN_LOW) {
        return err_set_field(err, "request_invalid", "segment.order",
                             "by churn come only those whose level is raised or high");
    }
    return take_limit(asked->has_limit, asked->limit, "segment.limit", q, err);
}

static int of_groups(const Troth__V1__TrustOfGroups *asked, struct score_question *q,
                     struct err *err)
{
    q->kind = TRUST_OF_GROUPS;
    q->grouping = asked->grouping;
    if (asked->grouping < TROTH__V1__TRUST_GROUPING__TRUST_GROUPING_COMPANY ||
        asked->grouping > TROTH__V1__TRUST_GROUPING__TRUST_GROUPING_PROMISE_KIND) {
        return err_set_field(err, "request_invalid", "groups.grouping",
                             "group by company, branch, team or promise kind");
    }
    return take_limit(asked->has_limit, asked->limit, "groups.limit", q, err);
}

static int of_points(const Troth__V1__PointsOfCustomer *asked, struct score_question *q,
                     struct err *err)
{
    Troth__V1__ScoreOfCustomer customer = TROTH__V1__SCORE_OF_CUSTOMER__INIT;

    q->kind = POINTS_OF_CUSTOMER;
    customer.source = asked->source;
    customer.customer_ref = asked->customer_ref;
    return take_customer("points", asked->customer_number, &customer, q, err);
}

/* ---- all of it */

static int take_language(const char *language, struct score_question *q, struct err *err)
{
    q->is_chinese = !text_is_empty(language) && strcasecmp(language, "zh-Hans") == 0;
    if (!text_is_empty(language) && !q->is_chinese && strcasecmp(language, "en") != 0) {
        return err_set_field(err, "request_invalid", "language", "language is en or zh-Hans");
    }
    return 0;
}

int score_question_of(const Troth__V1__ScoreRequest *request, struct score_question *q,
                      struct err *err)
{
    *q = (struct score_question){.as_of_us = INT64_MAX};
    if (request->request_id != NULL &&
        !text_copy(q->request_id, sizeof(q->request_id), request->request_id)) {
        q->request_id[0] = '\0';
        return err_set_field(err, "request_invalid", "request_id", "at most 64 bytes");
    }
    if (take_language(request->language, q, err) < 0) {
        return -1;
    }
    switch (request->body_case) {
    case TROTH__V1__SCORE_REQUEST__BODY_CUSTOMER:
        return of_customer(request->customer, q, err);
    case TROTH__V1__SCORE_REQUEST__BODY_CUSTOMERS:
        return of_customers(request->customers, q, err);
    case TROTH__V1__SCORE_REQUEST__BODY_FALLEN:
        return of_fallen(request->fallen, q, err);
    case TROTH__V1__SCORE_REQUEST__BODY_SEGMENT:
        return of_segment(request->segment, q, err);
    case TROTH__V1__SCORE_REQUEST__BODY_GROUPS:
        return of_groups(request->groups, q, err);
    case TROTH__V1__SCORE_REQUEST__BODY_POINTS:
        return of_points(request->points, q, err);
    case TROTH__V1__SCORE_REQUEST__BODY__NOT_SET:
    case _TROTH__V1__SCORE_REQUEST__BODY__CASE_IS_INT_SIZE:
        break;
    }
    return err_set_field(err, "request_invalid", "body",
                         "ask for customer, customers, segment, fallen, groups or points");
}
