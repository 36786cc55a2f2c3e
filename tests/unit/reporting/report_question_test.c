/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_question.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"

#define NOW_US INT64_C(1795276800000000) /* 2026-11-21 16:00 UTC */

static const struct report_options options = {.time_zone = "UTC", .factors = ""};

static char *given(const char *text, char room[64])
{
    if (text == NULL) {
        return NULL;
    }
    (void)text_copy(room, 64, text);
    return room;
}

static void ranges_are_checked(void **state)
{
    static const struct {
        const char *name, *from, *to, *branch;
        const char *code; /* "": fine */
    } cases[] = {
        {"everything",          NULL,         NULL,         NULL,    ""             },
        {"empty means nothing", "",           "",           "",      ""             },
        {"one day",             "2026-11-21", "2026-11-21", NULL,    ""             },
        {"open end",            "2026-11-21", NULL,         "north", ""             },
        {"backwards",           "2026-11-22", "2026-11-21", NULL,    "range_invalid"},
        {"no such day",         "2026-02-30", NULL,         NULL,    "range_invalid"},
        {"no day at all",       NULL,         "today",      NULL,    "range_invalid"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char from[64], to[64], branch[64];
        Troth__V1__OverviewRequest overview = TROTH__V1__OVERVIEW_REQUEST__INIT;
        Troth__V1__ReportRequest request = TROTH__V1__REPORT_REQUEST__INIT;
        struct report_question q = {.number = 0};
        struct err err = ERR_NONE;

        overview.from_day = given(cases[i].from, from);
        overview.to_day = given(cases[i].to, to);
        overview.branch = given(cases[i].branch, branch);
        request.body_case = TROTH__V1__REPORT_REQUEST__BODY_OVERVIEW;
        request.overview = &overview;
        int rc = report_question_of(&request, &options, NOW_US, &q, &err);
        if (rc != (cases[i].code[0] == '\0' ? 0 : -1) || strcmp(err.code, cases[i].code) != 0) {
            fail_msg("%s: %s", cases[i].name, err.code);
        }
        if (rc == 0 && cases[i].from != NULL) {
            assert_string_equal(q.from_day, cases[i].from);
        }
    }
}

static void a_case_is_named_by_its_number(void **state)
{
    Troth__V1__CaseRequest named = TROTH__V1__CASE_REQUEST__INIT;
    Troth__V1__ReportRequest request = TROTH__V1__REPORT_REQUEST__INIT;
    struct report_question q = {.number = 0};
    struct err err = ERR_NONE;
    char number[IDENTIFIER_TEXT_SIZE];

    request.body_case = TROTH__V1__REPORT_REQUEST__BODY_SERVICE_CASE;
    request.service_case = &named;
    assert_int_equal(report_question_of(&request, &options, NOW_US, &q, &err), -1);
    assert_string_equal(err.code, "case_unknown");
    identifier_format(IDENTIFIER_CASE, 0x4711, number);
    named.case_number = number;
    assert_int_equal(report_question_of(&request, &options, NOW_US, &q, &err), 0);
    assert_int_equal(q.kind, REPORT_CASE);
    assert_int_equal(q.number, 0x4711);
    identifier_format(IDENTIFIER_CUSTOMER, 0x4711, number);
    assert_int_equal(report_question_of(&request, &options, NOW_US, &q, &err), -1);
}

static void a_customer_is_named_by_number_or_reference(void **state)
{
    Troth__V1__CustomerRequest named = TROTH__V1__CUSTOMER_REQUEST__INIT;
    Troth__V1__ReportRequest request = TROTH__V1__REPORT_REQUEST__INIT;
    struct report_question q = {.number = 0};
    struct err err = ERR_NONE;
    char number[IDENTIFIER_TEXT_SIZE], reference[] = "vip-7";

    request.body_case = TROTH__V1__REPORT_REQUEST__BODY_CUSTOMER;
    request.customer = &named;
    assert_int_equal(report_question_of(&request, &options, NOW_US, &q, &err), -1);
    assert_string_equal(err.code, "request_invalid");
    named.customer_ref = reference;
    assert_int_equal(report_question_of(&request, &options, NOW_US, &q, &err), 0);
    assert_int_equal(q.kind, REPORT_CUSTOMER_REFERENCE);
    assert_string_equal(q.reference, "vip-7");
    assert_string_equal(q.source, "");
    identifier_format(IDENTIFIER_CUSTOMER, 0x4711, number);
    named.customer_number = number;
    assert_int_equal(report_question_of(&request, &options, NOW_US, &q, &err), 0);
    assert_int_equal(q.kind, REPORT_CUSTOMER_NUMBER);
    number[2] = 'x';
    assert_int_equal(report_question_of(&request, &options, NOW_US, &q, &err), -1);
    assert_string_equal(err.code, "customer_unknown");
}

static void a_request_without_a_body_is_refused_by_its_id(void **state)
{
    Troth__V1__ReportRequest request = TROTH__V1__REPORT_REQUEST__INIT;
    Troth__V1__BacklogRequest backlog = TROTH__V1__BACKLOG_REQUEST__INIT;
    struct report_question q = {.number = 0};
    struct err err = ERR_NONE;
    char id[] = "r-9", long_id[80];

    request.request_id = id;
    assert_int_equal(report_question_of(&request, &options, NOW_US, &q, &err), -1);
    assert_string_equal(q.request_id, "r-9");
    assert_string_equal(err.code, "request_invalid");
    request.body_case = TROTH__V1__REPORT_REQUEST__BODY_BACKLOG;
    request.backlog = &backlog;
    assert_int_equal(report_question_of(&request, &options, NOW_US, &q, &err), 0);
    assert_int_equal(q.kind, REPORT_BACKLOG);
    memset(long_id, 'x', sizeof(long_id) - 1);
    long_id[sizeof(long_id) - 1] = '\0';
    request.request_id = long_id;
    assert_int_equal(report_question_of(&request, &options, NOW_US, &q, &err), -1);
    assert_string_equal(q.request_id, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_are_checked),
        cmocka_unit_test(a_case_is_named_by_its_number),
        cmocka_unit_test(a_customer_is_named_by_number_or_reference),
        cmocka_unit_test(a_request_without_a_body_is_refused_by_its_id),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
