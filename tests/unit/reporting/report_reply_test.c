/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/xalloc.h"

static Troth__V1__CaseView *case_with(size_t history, size_t promises)
{
    Troth__V1__CaseView *view = xcalloc(1, sizeof(*view));

    troth__v1__case_view__init(view);
    view->case_number = xstrdup("C-1");
    view->history = xcalloc(history + 1, sizeof(void *));
    for (; view->n_history < history; view->n_history++) {
        Troth__V1__CaseHistory *entry = xcalloc(1, sizeof(*entry));
        troth__v1__case_history__init(entry);
        entry->has_at_us = 1;
        entry->at_us = (int64_t)view->n_history;
        entry->what = xstrdup("note");
        view->history[view->n_history] = entry;
    }
    view->promises = xcalloc(promises + 1, sizeof(void *));
    for (; view->n_promises < promises; view->n_promises++) {
        Troth__V1__PromiseView *promise = xcalloc(1, sizeof(*promise));
        troth__v1__promise_view__init(promise);
        promise->promise_number = xstrdup("P-1");
        view->promises[view->n_promises] = promise;
    }
    return view;
}

static void an_error_has_a_code_and_a_text(void **state)
{
    Troth__V1__ReportReply *reply =
        report_reply_new("r-1", "case_unknown", "there is no such case");

    assert_string_equal(reply->request_id, "r-1");
    assert_string_equal(reply->code, "case_unknown");
    assert_string_equal(reply->text, "there is no such case");
    assert_int_equal(reply->body_case, TROTH__V1__REPORT_REPLY__BODY__NOT_SET);
    troth__v1__report_reply__free_unpacked(reply, NULL);
}

static void a_large_case_loses_its_oldest_history_first(void **state)
{
    Troth__V1__ReportReply *reply = report_reply_new("r-1", NULL, NULL);

    reply->body_case = TROTH__V1__REPORT_REPLY__BODY_SERVICE_CASE;
    reply->service_case = case_with(200, 10);
    report_reply_fit(reply, 65536);
    assert_null(reply->text);
    assert_int_equal(reply->service_case->n_history, 200);
    report_reply_fit(reply, 1000);
    assert_true(troth__v1__report_reply__get_packed_size(reply) <= 1000);
    assert_in_range(reply->service_case->n_history, 1, 199);
    assert_int_equal(reply->service_case->history[reply->service_case->n_history - 1]->at_us, 199);
    assert_int_equal(reply->service_case->n_promises, 10);
    assert_non_null(reply->text);
    report_reply_fit(reply, 1);
    assert_int_equal(reply->service_case->n_history, 0);
    assert_int_equal(reply->service_case->n_promises, 0);
    troth__v1__report_reply__free_unpacked(reply, NULL);
}

static void a_large_customer_loses_the_oldest_cases(void **state)
{
    Troth__V1__ReportReply *reply = report_reply_new("r-1", NULL, NULL);
    Troth__V1__CustomerView *view = xcalloc(1, sizeof(*view));

    troth__v1__customer_view__init(view);
    view->cases = xcalloc(50, sizeof(void *));
    for (; view->n_cases < 50; view->n_cases++) {
        view->cases[view->n_cases] = case_with(0, 5);
    }
    view->follow_ups = xcalloc(1, sizeof(void *));
    view->follow_ups[0] = xcalloc(1, sizeof(*view->follow_ups[0]));
    troth__v1__worklist_entry__init(view->follow_ups[0]);
    view->n_follow_ups = 1;
    reply->body_case = TROTH__V1__REPORT_REPLY__BODY_CUSTOMER;
    reply->customer = view;
    report_reply_fit(reply, 1000);
    assert_true(troth__v1__report_reply__get_packed_size(reply) <= 1000);
    assert_in_range(view->n_cases, 1, 49);
    assert_int_equal(view->n_follow_ups, 0);
    troth__v1__report_reply__free_unpacked(reply, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_has_a_code_and_a_text),
        cmocka_unit_test(a_large_case_loses_its_oldest_history_first),
        cmocka_unit_test(a_large_customer_loses_the_oldest_cases),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
