/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_reply.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/reporting/report_table.h"

Troth__V1__ReportReply *report_reply_new(const char *request_id, const char *code, const char *text)
{
    Troth__V1__ReportReply *reply = xcalloc(1, sizeof(*reply));

    troth__v1__report_reply__init(reply);
    reply->request_id = text_is_empty(request_id) ? NULL : xstrdup(request_id);
    reply->code = text_is_empty(code) ? NULL : xstrdup(code);
    reply->text = text_is_empty(text) ? NULL : xstrdup(text);
    return reply;
}

/* Takes the last of a list of pointers to messages; false: there is none. */
static bool drop_last(const void *list, size_t *count)
{
    void *last;

    if (*count == 0) {
        return false;
    }
    *count -= 1;
    memcpy(&last, (const char *)list + *count * sizeof(last), sizeof(last));
    protobuf_c_message_free_unpacked(last, NULL);
    return true;
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

/* Lists stand with the newest first, history apart. */
static bool shrink_case(Troth__V1__CaseView *c)
{
    return drop_oldest_history(c) || drop_last(c->calls, &c->n_calls) ||
           drop_last(c->contacts, &c->n_contacts) || drop_last(c->answers, &c->n_answers) ||
           drop_last(c->expectations, &c->n_expectations) ||
           drop_last(c->compensations, &c->n_compensations) ||
           drop_last(c->follow_ups, &c->n_follow_ups) || drop_last(c->promises, &c->n_promises);
}

static bool shrink_customer(Troth__V1__CustomerView *c)
{
    return drop_last(c->calls, &c->n_calls) || drop_last(c->bought, &c->n_bought) ||
           drop_last(c->contacts, &c->n_contacts) || drop_last(c->answers, &c->n_answers) ||
           drop_last(c->follow_ups, &c->n_follow_ups) || drop_last(c->cases, &c->n_cases) ||
           drop_last(c->references, &c->n_references);
}

/* The help of the columns first: their names and labels say most of it. */
static bool shrink_catalogue(Troth__V1__Catalogue *c)
{
    for (size_t i = c->n_reports; i > 0; i--) {
        Troth__V1__ReportEntry *entry = c->reports[i - 1];
        bool has_help = false;
        for (size_t k = 0; k < entry->n_columns; k++) {
            has_help |= entry->columns[k]->help != NULL;
            free(entry->columns[k]->help);
            entry->columns[k]->help = NULL;
        }
        if (has_help) {
            return true;
        }
    }
    return false;
}

static bool shrink_today(Troth__V1__Today *t)
{
    return drop_last(t->differences, &t->n_differences) ||
           drop_last(t->missed_follow_ups, &t->n_missed_follow_ups) ||
           drop_last(t->listed, &t->n_listed) || drop_last(t->warnings, &t->n_warnings) ||
           drop_last(t->due_next, &t->n_due_next) || drop_last(t->overdue, &t->n_overdue) ||
           drop_last(t->unknown_calls, &t->n_unknown_calls);
}

/* Many rows at once: to measure a large table for each of them would take long. */
static bool shrink_figures(Troth__V1__FigureTable *table, size_t size, size_t max)
{
    size_t rows = table->n_rows, drop = size > 0 ? rows * (size - max) / size : 0;

    for (size_t i = 0; i <= drop; i++) {
        if (!report_table_drop(table)) {
            return i > 0;
        }
    }
    return true;
}

static bool shrink(Troth__V1__ReportReply *reply, size_t size, size_t max)
{
    if (reply->body_case == TROTH__V1__REPORT_REPLY__BODY_FIGURES) {
        return shrink_figures(reply->figures, size, max);
    }
    if (reply->body_case == TROTH__V1__REPORT_REPLY__BODY_CATALOGUE) {
        return shrink_catalogue(reply->catalogue);
    }
    if (reply->body_case == TROTH__V1__REPORT_REPLY__BODY_TODAY) {
        return shrink_today(reply->today);
    }
    if (reply->body_case == TROTH__V1__REPORT_REPLY__BODY_SERVICE_CASE) {
        return shrink_case(reply->service_case);
    }
    return reply->body_case == TROTH__V1__REPORT_REPLY__BODY_CUSTOMER &&
           shrink_customer(reply->customer);
}

void report_reply_fit(Troth__V1__ReportReply *reply, size_t max)
{
    size_t size = troth__v1__report_reply__get_packed_size(reply);

    if (size <= max) {
        return;
    }
    free(reply->text);
    reply->text = xstrdup("not everything is shown: the reply would be too large");
    size = troth__v1__report_reply__get_packed_size(reply);
    while (size > max && shrink(reply, size, max)) {
        size = troth__v1__report_reply__get_packed_size(reply);
    }
}
