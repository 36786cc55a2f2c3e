/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/score_question.h"

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
    assert_int_equal(q.kind, SCORE_OF_NUMBER);
    assert_int_equal(q.customer, 0x12345);
    assert_string_equal(q.request_id, "r-1");

    customer.customer_number = NULL;
    customer.customer_ref = reference;
    customer.source = source;
    assert_int_equal(score_question_of(&request, &q, &err), 0);
    assert_int_equal(q.kind, SCORE_OF_REFERENCE);
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
    assert_int_equal(q.since_us, 0);
    fallen.has_since_us = true;
    fallen.since_us = 17;
    assert_int_equal(score_question_of(&request, &q, &err), 0);
    assert_int_equal(q.kind, SCORES_FALLEN);
    assert_int_equal(q.since_us, 17);
    assert_int_equal(q.limit, SCORE_FALLEN_USUAL);
    fallen.since_us =
        INT64_MAX; /* no instant of the database: it would answer "ask again" for ever */
    assert_int_equal(score_question_of(&request, &q, &err), -1);
    assert_string_equal(err.code, "request_invalid");
    fallen.since_us = -1;
    assert_int_equal(score_question_of(&request, &q, &err), -1);
    fallen.since_us = 17;
    fallen.has_limit = true;
    fallen.limit = SCORE_FALLEN_MAX;
    assert_int_equal(score_question_of(&request, &q, &err), 0);
    fallen.limit = SCORE_FALLEN_MAX + 1;
    assert_int_equal(score_question_of(&request, &q, &err), -1);
    fallen.limit = -1;
    assert_int_equal(score_question_of(&request, &q, &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_and_a_reference_are_both_understood),
        cmocka_unit_test(wrong_questions_say_what_is_wrong),
        cmocka_unit_test(falls_count_from_an_instant_and_have_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
