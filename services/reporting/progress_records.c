/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_records.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/reporting/progress_slots.h"
#include "services/reporting/progress_time.h"

enum {
    ORDER_SIZE = 24, /* of a case */
};

static void add_expectation(const struct progress_case *c, const struct progress_post *post,
                            struct answer_writer *w)
{
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    Troth__V1__Expectation body = TROTH__V1__EXPECTATION__INIT;
    char number[IDENTIFIER_TEXT_SIZE], suffix[ANSWER_KEY_SIZE];
    char reference[] = "progress_page";

    body.case_number = identifier_format(IDENTIFIER_CASE, c->number, number) ? number : NULL;
    body.expectation_ref = reference;
    body.has_expected_us = body.has_is_confirmed = body.is_confirmed = true;
    body.expected_us = post->at_us;
    record.body_case = TROTH__V1__RECORD__BODY_EXPECTATION;
    record.expectation = &body;
    (void)text_format(suffix, sizeof(suffix), "expect-%" PRIx64 "-%" PRIx64, (uint64_t)post->basis,
                      (uint64_t)(post->at_us / 1000000));
    answer_writer_add(w, &record, suffix);
}

void progress_records_call_words(const struct progress_case *c, const struct zone *zone,
                                 int64_t begin_us, struct text *out)
{
    enum progress_language language = progress_language_of(c->language);
    char begin[PROGRESS_TIME_SIZE], end[PROGRESS_TIME_SIZE];
    const char *const arguments[] = {
        progress_time(language, zone, begin_us, begin),
        progress_clock(zone, begin_us + PROGRESS_SLOT_US, end),
    };

    progress_words_append_plain(language, WORD_CALL_WORDS, arguments, ARRAY_LEN(arguments), out);
}

static void add_call(const struct progress_case *c, const struct zone *zone,
                     const struct progress_post *post, struct answer_writer *w)
{
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    Troth__V1__PromiseGiven body = TROTH__V1__PROMISE_GIVEN__INIT;
    char number[IDENTIFIER_TEXT_SIZE], suffix[ANSWER_KEY_SIZE], reference[2 * ANSWER_KEY_SIZE];
    char kind[] = "callback", order[ORDER_SIZE];
    struct answer_writer of_case = *w;
    struct text words = {0};

    /* Whatever hour is asked for, and on whichever link of the case: of two that are asked for at
     * the same time one is a call. */
    (void)text_format(order, sizeof(order), "case-%" PRIx64, (uint64_t)c->number);
    (void)text_format(suffix, sizeof(suffix), "call-%" PRIx64, (uint64_t)c->last_call);
    (void)text_format(reference, sizeof(reference), "%s/%s", order, suffix);
    of_case.order = order;
    progress_records_call_words(c, zone, post->at_us, &words);
    (void)identifier_format(IDENTIFIER_CASE, c->number, number);
    body.case_number = number;
    body.promise_ref = reference;
    body.kind = kind;
    body.words = words.data;
    body.has_due_us = true;
    body.due_us = post->at_us + PROGRESS_SLOT_US;
    record.body_case = TROTH__V1__RECORD__BODY_PROMISE_GIVEN;
    record.promise_given = &body;
    answer_writer_add(&of_case, &record, suffix);
    w->count = of_case.count;
    text_free(&words);
}

static void add_answers(const struct progress_case *c, const char *order,
                        struct progress_post *post, struct answer_page_list *list)
{
    struct answer_page_subjects subjects = {
        .follow_up = {.customer = c->customer},
        .case_count = 1,
    };

    subjects.cases[0] = (struct answer_subject){
        .customer = c->customer,
        .service_case = c->number,
        .resolution = c->resolution,
        .case_priority = c->priority,
    };
    (void)text_format(post->asked.key, sizeof(post->asked.key), "%s/%" PRIx64, order,
                      (uint64_t)post->basis);
    answer_page_records(&post->asked, &post->form, &subjects, c->now_us, list);
}

void progress_records(const struct progress_case *c, const char *order, const struct zone *zone,
                      struct progress_post *post, struct answer_page_list *ret_list)
{
    struct answer_writer w = {
        .order = order,
        .said_us = c->now_us,
        .out = &ret_list->packed,
        .records = ret_list->records,
        .capacity = ANSWER_PAGE_RECORDS_MAX,
    };

    if (post->deed == PROGRESS_EXPECT) {
        add_expectation(c, post, &w);
        ret_list->count = w.count;
    } else if (post->deed == PROGRESS_CALL) {
        add_call(c, zone, post, &w);
        ret_list->count = w.count;
    } else {
        add_answers(c, order, post, ret_list);
    }
}
