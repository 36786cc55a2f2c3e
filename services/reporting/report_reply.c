/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_reply.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"

Troth__V1__ReportReply *report_reply_new(const char *request_id, const char *code, const char *text)
{
    Troth__V1__ReportReply *reply = xcalloc(1, sizeof(*reply));

    troth__v1__report_reply__init(reply);
    reply->request_id = text_is_empty(request_id) ? NULL : xstrdup(request_id);
    reply->code = text_is_empty(code) ? NULL : xstrdup(code);
    reply->text = text_is_empty(text) ? NULL : xstrdup(text);
    return reply;
}

static bool drop_oldest_history(Troth__V1__CaseView *c)
{
    if (c->n_history == 0) {
        return false;
    }
    troth__v1__case_history__free_unpacked(c->history[0], NULL);
    c->n_history--;
    memmove(&c->history[0], &c->history[1], c->n_history * sizeof(void *));
    return true;
}

static bool drop_follow_up(Troth__V1__WorklistEntry **list, size_t *count)
{
    if (*count == 0) {
        return false;
    }
    troth__v1__worklist_entry__free_unpacked(list[--*count], NULL);
    return true;
}

static bool drop_promise(Troth__V1__CaseView *c)
{
    if (c->n_promises == 0) {
        return false;
    }
    troth__v1__promise_view__free_unpacked(c->promises[--c->n_promises], NULL);
    return true;
}

static bool shrink_case(Troth__V1__CaseView *c)
{
    return drop_oldest_history(c) || drop_follow_up(c->follow_ups, &c->n_follow_ups) ||
           drop_promise(c);
}

static bool shrink_customer(Troth__V1__CustomerView *c)
{
    if (drop_follow_up(c->follow_ups, &c->n_follow_ups)) {
        return true;
    }
    if (c->n_cases > 0) {
        troth__v1__case_view__free_unpacked(c->cases[--c->n_cases], NULL);
        return true;
    }
    if (c->n_references > 0) {
        troth__v1__customer_reference_view__free_unpacked(c->references[--c->n_references], NULL);
        return true;
    }
    return false;
}

static bool shrink(Troth__V1__ReportReply *reply)
{
    if (reply->body_case == TROTH__V1__REPORT_REPLY__BODY_SERVICE_CASE) {
        return shrink_case(reply->service_case);
    }
    return reply->body_case == TROTH__V1__REPORT_REPLY__BODY_CUSTOMER &&
           shrink_customer(reply->customer);
}

void report_reply_fit(Troth__V1__ReportReply *reply, size_t max)
{
    if (troth__v1__report_reply__get_packed_size(reply) <= max) {
        return;
    }
    free(reply->text);
    reply->text = xstrdup("not everything is shown: the reply would be too large");
    while (troth__v1__report_reply__get_packed_size(reply) > max && shrink(reply)) {
    }
}
