/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/score_question.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/domain/identifier.h"

static Troth__V1__ScoreRequest about_customer(Troth__V1__ScoreOfCustomer *customer)
{
    Troth__V1__ScoreRequest request = TROTH__V1__SCORE_REQUEST__INIT;

    request.body_case = TROTH__V1__SCORE_REQUEST__BODY_CUSTOMER;
    request.customer = customer;
    return request;
}

static void a_number_and_a_reference_are_both_understood(void **state)
{
    Troth__V1__ScoreOfCustomer customer = TROTH__V1__SCORE_OF_CUSTOMER__INIT;
    Troth__V1__ScoreRequest request = about_customer(&customer);
    struct score_question q = {.limit = 0};
    char number[IDENTIFIER_TEXT_SIZE], id[] = "r-1", reference[] = "vip-7", source[] = "garage";
    struct err err = ERR_NONE;

    identifier_format(IDENTIFIER_CUSTOMER, 0x12345, number);
    customer.customer_number = number;
    request.request_id = id;
    assert_int_equal(score_question_of(&request, &q, &err), 0);
    assert_int_equal(q.kind, SCORE_OF_CUSTOMER);
    assert_int_equal(q.customer_count, 1);
    assert_int_equal(q.customers[0], 0x12345);
    assert_int_equal(q.as_of_us, INT64_MAX);
    assert_false(q.is_chinese);
    assert_string_equal(q.request_id, "r-1");

    customer.customer_number = NULL;
    customer.customer_ref = reference;
    customer.source = source;
    assert_int_equal(score_question_of(&request, &q, &err), 0);
    assert_int_equal(q.kind, SCORE_OF_CUSTOMER);
    assert_int_equal(q.customer_count, 0);
    assert_string_equal(q.reference, "vip-7");
    assert_string_equal(q.source, "garage");
}

static void wrong_questions_say_what_is_wrong(void **state)
{
    Troth__V1__ScoreOfCustomer customer = TROTH__V1__SCORE_OF_CUSTOMER__INIT;
    Troth__V1__ScoreRequest request = about_customer(&customer);
    struct score_question q = {.limit = 0};
    char number[] = "K-12-0", reference[200], id[80];
    struct err err = ERR_NONE;

    assert_int_equal(score_question_of(&request, &q, &err), -1);
    assert_string_equal(err.code, "request_invalid");
    customer.customer_number = number;
    assert_int_equal(score_question_of(&request, &q, &err), -1);
    assert_string_equal(err.code, "customer_unknown");

    memset(reference, 'a', sizeof(reference) - 1);
    reference[sizeof(reference) - 1] = '\0';
    customer.customer_number = NULL;
    customer.customer_ref = reference;
    assert_int_equal(score_question_of(&request, &q, &err), -1);
    assert_string_equal(err.code, "customer_unknown");

    memset(id, 'a', sizeof(id) - 1);
    id[sizeof(id) - 1] = '\0';
    request.request_id = id;
    assert_int_equal(score_question_of(&request, &q, &err), -1);
    assert_string_equal(err.field, "request_id");
    assert_string_equal(q.request_id, "");

    request = (Troth__V1__ScoreRequest)TROTH__V1__SCORE_REQUEST__INIT;
    assert_int_equal(score_question_of(&request, &q, &err), -1);
    assert_string_equal(err.code, "request_invalid");
}

static void falls_count_from_an_instant_and_have_a_limit(void **state)
{
    Troth__V1__FallenScores fallen = TROTH__V1__FALLEN_SCORES__INIT;
    Troth__V1__ScoreRequest request = TROTH__V1__SCORE_REQUEST__INIT;
    struct score_question q = {.limit = 0};
    struct err err = ERR_NONE;

    request.body_case = TROTH__V1__SCORE_REQUEST__BODY_FALLEN;
    request.fallen = &fallen;
    assert_int_equal(score_question_of(&request, &q, &err), 0);
    assert_int_equal(q.within_us, SCORE_FALLEN_USUAL_US);
    fallen.has_since_us = true;
    fallen.since_us = 17;
    assert_int_equal(score_question_of(&request, &q, &err), 0);
    assert_int_equal(q.kind, SCORES_FALLEN);
    assert_int_equal(q.since_us, 17);
    assert_int_equal(q.within_us, 0);
    assert_int_equal(q.limit, SCORE_LIST_USUAL);
    fallen.since_us =
        INT64_MAX; /* no instant of the database: it would answer "ask again" for ever */
    assert_int_equal(score_question_of(&request, &q, &err), -1);
    assert_string_equal(err.code, "request_invalid");
    fallen.since_us = -1;
    assert_int_equal(score_question_of(&request, &q, &err), -1);
    fallen.since_us = 17;
    fallen.has_limit = true;
    fallen.limit = SCORE_LIST_MAX;
    assert_int_equal(score_question_of(&request, &q, &err), 0);
    fallen.limit = SCORE_LIST_MAX + 1;
    assert_int_equal(score_question_of(&request, &q, &err), -1);
    fallen.limit = -1;
    assert_int_equal(score_question_of(&request, &q, &err), -1);
}

/* ---- the others: what is asked, what is wrong with it */

static Troth__V1__ScoresOfSegment segment;
static Troth__V1__TrustOfGroups groups;

static int ask_segment(struct score_question *q, struct err *err)
{
    Troth__V1__ScoreRequest request = TROTH__V1__SCORE_REQUEST__INIT;

    request.body_case = TROTH__V1__SCORE_REQUEST__BODY_SEGMENT;
    request.segment = &segment;
    return score_question_of(&request, q, err);
}

static void a_segment_is_everybody_lowest_first_unless_it_says_more(void **state)
{
    struct score_question q;
    struct err err = ERR_NONE;
    char tier[] = "silver", level[] = "high";

    segment = (Troth__V1__ScoresOfSegment)TROTH__V1__SCORES_OF_SEGMENT__INIT;
    assert_int_equal(ask_segment(&q, &err), 0);
    assert_int_equal(q.kind, SCORES_OF_SEGMENT);
    assert_int_equal(q.segment.tier, 0);
    assert_int_equal(q.segment.index_from_hundredths, 0);
    assert_int_equal(q.segment.index_below_hundredths, 10001); /* 100 is below it */
    assert_int_equal(q.segment.order, TROTH__V1__SEGMENT_ORDER__SEGMENT_ORDER_LOWEST_INDEX);
    assert_int_equal(q.limit, SCORE_LIST_USUAL);

    segment.tier = tier;
    segment.churn_level = level;
    segment.has_is_trust_broken = segment.is_trust_broken = true;
    assert_int_equal(ask_segment(&q, &err), 0);
    assert_int_equal(q.segment.tier, TIER_SILVER);
    assert_int_equal(q.segment.churn_level, CHURN_HIGH);
    assert_true(q.segment.has_trust_broken && q.segment.is_trust_broken);
}

static void bounds_of_an_index_are_whole_hundredths(void **state)
{
    static const struct {
        double bound;
        int32_t want; /* the first hundredth that is not below */
    } cases[] = {
        {0,      0    },
        {64.1,   6410 },
        {64.101, 6411 },
        {59.99,  5999 },
        {100,    10000},
    };
    struct score_question q;
    struct err err = ERR_NONE;

    segment = (Troth__V1__ScoresOfSegment)TROTH__V1__SCORES_OF_SEGMENT__INIT;
    segment.has_index_below = segment.has_index_at_least = true;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        segment.index_below = segment.index_at_least = cases[i].bound;
        assert_int_equal(ask_segment(&q, &err), 0);
        assert_int_equal(q.segment.index_below_hundredths, cases[i].want);
        assert_int_equal(q.segment.index_from_hundredths, cases[i].want);
    }
    segment.index_below = (double)NAN;
    assert_int_equal(ask_segment(&q, &err), -1);
    assert_string_equal(err.field, "segment.index_below");
}

static void groups_need_a_grouping_that_there_is(void **state)
{
    Troth__V1__ScoreRequest request = TROTH__V1__SCORE_REQUEST__INIT;
    struct score_question q;
    struct err err = ERR_NONE;

    groups = (Troth__V1__TrustOfGroups)TROTH__V1__TRUST_OF_GROUPS__INIT;
    request.body_case = TROTH__V1__SCORE_REQUEST__BODY_GROUPS;
    request.groups = &groups;
    assert_int_equal(score_question_of(&request, &q, &err), -1);
    assert_string_equal(err.field, "groups.grouping");
    groups.has_grouping = true;
    groups.grouping = TROTH__V1__TRUST_GROUPING__TRUST_GROUPING_TEAM;
    assert_int_equal(score_question_of(&request, &q, &err), 0);
    assert_int_equal(q.kind, TRUST_OF_GROUPS);
    assert_int_equal(q.grouping, TROTH__V1__TRUST_GROUPING__TRUST_GROUPING_TEAM);
}

static void a_list_of_numbers_names_the_one_that_is_wrong(void **state)
{
    Troth__V1__ScoreRequest request = TROTH__V1__SCORE_REQUEST__INIT;
    Troth__V1__ScoresOfCustomers customers = TROTH__V1__SCORES_OF_CUSTOMERS__INIT;
    char first[IDENTIFIER_TEXT_SIZE], second[] = "K-12-0";
    char *numbers[] = {first, second};
    struct score_question q;
    struct err err = ERR_NONE;

    identifier_format(IDENTIFIER_CUSTOMER, 0x12345, first);
    request.body_case = TROTH__V1__SCORE_REQUEST__BODY_CUSTOMERS;
    request.customers = &customers;
    customers.customer_numbers = numbers;
    customers.n_customer_numbers = 2;
    assert_int_equal(score_question_of(&request, &q, &err), -1);
    assert_string_equal(err.field, "customers.customer_numbers[1]");
    customers.n_customer_numbers = 1;
    assert_int_equal(score_question_of(&request, &q, &err), 0);
    assert_int_equal(q.kind, SCORES_OF_CUSTOMERS);
    assert_int_equal(q.customers[0], 0x12345);
}

static void the_language_is_one_of_two(void **state)
{
    Troth__V1__FallenScores fallen = TROTH__V1__FALLEN_SCORES__INIT;
    Troth__V1__ScoreRequest request = TROTH__V1__SCORE_REQUEST__INIT;
    char english[] = "EN", chinese[] = "zh-hans", other[] = "de";
    struct score_question q;
    struct err err = ERR_NONE;

    request.body_case = TROTH__V1__SCORE_REQUEST__BODY_FALLEN;
    request.fallen = &fallen;
    request.language = english;
    assert_int_equal(score_question_of(&request, &q, &err), 0);
    assert_false(q.is_chinese);
    request.language = chinese;
    assert_int_equal(score_question_of(&request, &q, &err), 0);
    assert_true(q.is_chinese);
    request.language = other;
    assert_int_equal(score_question_of(&request, &q, &err), -1);
    assert_string_equal(err.field, "language");
}

static void a_fall_is_since_an_instant_or_within_a_time(void **state)
{
    Troth__V1__FallenScores fallen = TROTH__V1__FALLEN_SCORES__INIT;
    Troth__V1__ScoreRequest request = TROTH__V1__SCORE_REQUEST__INIT;
    struct score_question q;
    struct err err = ERR_NONE;

    request.body_case = TROTH__V1__SCORE_REQUEST__BODY_FALLEN;
    request.fallen = &fallen;
    fallen.has_within_us = true;
    fallen.within_us = 7;
    assert_int_equal(score_question_of(&request, &q, &err), 0);
    assert_int_equal(q.within_us, 7);
    fallen.has_since_us = true;
    assert_int_equal(score_question_of(&request, &q, &err), -1);
    assert_string_equal(err.field, "fallen.within_us");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_and_a_reference_are_both_understood),
        cmocka_unit_test(wrong_questions_say_what_is_wrong),
        cmocka_unit_test(falls_count_from_an_instant_and_have_a_limit),
        cmocka_unit_test(a_segment_is_everybody_lowest_first_unless_it_says_more),
        cmocka_unit_test(bounds_of_an_index_are_whole_hundredths),
        cmocka_unit_test(groups_need_a_grouping_that_there_is),
        cmocka_unit_test(a_list_of_numbers_names_the_one_that_is_wrong),
        cmocka_unit_test(the_language_is_one_of_two),
        cmocka_unit_test(a_fall_is_since_an_instant_or_within_a_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
