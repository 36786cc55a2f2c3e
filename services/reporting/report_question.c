/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_question.h"

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/reporting/report_frame.h"

static int take_day(const char *text, const char *field, char ret_day[REPORT_DAY_SIZE],
                    int64_t *ret_days, struct err *err)
{
    if (text_is_empty(text)) {
        return 0;
    }
    if (report_day_parse(text, ret_days) < 0) {
        return err_set_field(err, "range_invalid", field, "a day is written 2026-11-01");
    }
    report_day_format(*ret_days, ret_day);
    return 0;
}

static int of_overview(const Troth__V1__OverviewRequest *asked, struct report_question *q,
                       struct err *err)
{
    int64_t from = INT64_MIN, to = INT64_MAX;

    q->kind = REPORT_OVERVIEW;
    if (take_day(asked->from_day, "overview.from_day", q->from_day, &from, err) < 0 ||
        take_day(asked->to_day, "overview.to_day", q->to_day, &to, err) < 0) {
        return -1;
    }
    if (from > to) {
        return err_set_field(err, "range_invalid", "overview.to_day",
                             "the range ends before it begins");
    }
    if (asked->branch != NULL && !text_copy(q->branch, sizeof(q->branch), asked->branch)) {
        return err_set_field(err, "request_invalid", "overview.branch", "at most 64 bytes");
    }
    return 0;
}

static int of_case(const Troth__V1__CaseRequest *asked, struct report_question *q, struct err *err)
{
    q->kind = REPORT_CASE;
    if (text_is_empty(asked->case_number) ||
        identifier_parse(IDENTIFIER_CASE, asked->case_number, &q->number, err) < 0) {
        return err_set_field(err, "case_unknown", "service_case.case_number",
                             "this is not the number of a case: C-...");
    }
    return 0;
}

static int of_customer(const Troth__V1__CustomerRequest *asked, struct report_question *q,
                       struct err *err)
{
    if (!text_is_empty(asked->customer_number)) {
        q->kind = REPORT_CUSTOMER_NUMBER;
        if (identifier_parse(IDENTIFIER_CUSTOMER, asked->customer_number, &q->number, err) < 0) {
            return err_set_field(err, "customer_unknown", "customer.customer_number",
                                 "this is not the number of a customer: K-...");
        }
        return 0;
    }
    q->kind = REPORT_CUSTOMER_REFERENCE;
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

static int of_figures(const Troth__V1__ReportRequest *request, const struct report_options *options,
                      struct report_question *q, struct err *err)
{
    q->kind = REPORT_FIGURES;
    return report_frame_of(request->figures, request->language, options, q->now_us, &q->frame, err);
}

static int of_cases(const Troth__V1__CasesRequest *asked, const struct report_options *options,
                    struct report_question *q, struct err *err)
{
    q->kind = REPORT_CASES;
    return report_list_of(asked, options, q->now_us, &q->list, err);
}

static int of_today(const Troth__V1__TodayRequest *asked, struct report_question *q,
                    struct err *err)
{
    q->kind = REPORT_TODAY;
    if (asked->branch != NULL && !text_copy(q->branch, sizeof(q->branch), asked->branch)) {
        return err_set_field(err, "request_invalid", "today.branch", "at most 64 bytes");
    }
    return 0;
}

int report_question_of(const Troth__V1__ReportRequest *request,
                       const struct report_options *options, int64_t now_us,
                       struct report_question *q, struct err *err)
{
    q->now_us = now_us;
    q->language = report_language_of(request->language);
    if (request->request_id != NULL &&
        !text_copy(q->request_id, sizeof(q->request_id), request->request_id)) {
        q->request_id[0] = '\0';
        return err_set_field(err, "request_invalid", "request_id", "at most 64 bytes");
    }
    switch (request->body_case) {
    case TROTH__V1__REPORT_REQUEST__BODY_OVERVIEW:
        return of_overview(request->overview, q, err);
    case TROTH__V1__REPORT_REQUEST__BODY_SERVICE_CASE:
        return of_case(request->service_case, q, err);
    case TROTH__V1__REPORT_REQUEST__BODY_CUSTOMER:
        return of_customer(request->customer, q, err);
    case TROTH__V1__REPORT_REQUEST__BODY_BACKLOG:
        q->kind = REPORT_BACKLOG;
        return 0;
    case TROTH__V1__REPORT_REQUEST__BODY_IDENTITY_QUESTIONS:
        q->kind = REPORT_IDENTITY_QUESTIONS;
        return 0;
    case TROTH__V1__REPORT_REQUEST__BODY_FIGURES:
        return of_figures(request, options, q, err);
    case TROTH__V1__REPORT_REQUEST__BODY_CATALOGUE:
        q->kind = REPORT_CATALOGUE;
        return 0;
    case TROTH__V1__REPORT_REQUEST__BODY_CASES:
        return of_cases(request->cases, options, q, err);
    case TROTH__V1__REPORT_REQUEST__BODY_TODAY:
        return of_today(request->today, q, err);
    case TROTH__V1__REPORT_REQUEST__BODY_PROGRESS_LINK:
        q->kind = REPORT_PROGRESS_LINK;
        return progress_link_read(request->progress_link, &q->link, err);
    case TROTH__V1__REPORT_REQUEST__BODY__NOT_SET:
    case _TROTH__V1__REPORT_REQUEST__BODY__CASE_IS_INT_SIZE:
        break;
    }
    return err_set_field(err, "request_invalid", "body",
                         "ask for figures, catalogue, cases, today, overview, service_case, "
                         "customer, backlog, identity_questions or progress_link");
}
