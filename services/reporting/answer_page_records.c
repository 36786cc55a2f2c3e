/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/answer_page_records.h"

#include <string.h>

#include "common/base/text.h"
#include "common/domain/questionnaire.h"

#define SERVQUAL ((int32_t)TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_SERVQUAL)

static const struct answer_subject *subject_of(const struct answer_page_subjects *subjects,
                                               int64_t service_case)
{
    for (size_t i = 0; service_case && i < subjects->case_count; i++) {
        if (subjects->cases[i].service_case == service_case) {
            return &subjects->cases[i];
        }
    }
    return &subjects->follow_up;
}

static size_t list_values(const struct answer_link *link, const struct answer_form *form,
                          const struct answer_page_subjects *subjects,
                          struct answer_value ret_values[ANSWER_LINK_ITEMS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < link->item_count; i++) {
        if (form->has_value[i]) {
            ret_values[count++] = (struct answer_value){
                .code = link->items[i].code,
                .instrument = link->items[i].instrument,
                .value = form->value[i],
                .has_value = true,
                .subject = subject_of(subjects, link->items[i].service_case),
            };
        }
    }
    return count;
}

static bool is_unsolved(const struct answer_value *a)
{
    return strcmp(a->code, QUESTIONNAIRE_SOLVED) == 0 && a->value == 0;
}

/* NULL: none has room for words. */
static struct answer_value *with_room(struct answer_value *values, size_t count)
{
    struct answer_value *found = NULL;
    for (size_t i = 0; i < count; i++) {
        if (is_unsolved(&values[i])) {
            return &values[i];
        }
        bool has_room =
            values[i].instrument != SERVQUAL && strcmp(values[i].code, QUESTIONNAIRE_SOLVED) != 0;
        found = !found && has_room ? &values[i] : found;
    }
    return found;
}

void answer_page_records(const struct answer_link *link, const struct answer_form *form,
                         const struct answer_page_subjects *subjects, int64_t now_us,
                         struct answer_page_list *ret_list)
{
    char comment[ANSWER_COMMENT_SIZE];
    struct answer_value values[ANSWER_LINK_ITEMS_MAX];
    struct answer_writer w = {
        .order = link->key,
        .said_us = now_us,
        .out = &ret_list->packed,
        .records = ret_list->records,
        .capacity = ANSWER_PAGE_RECORDS_MAX,
    };
    size_t count = list_values(link, form, subjects, values);
    struct answer_value *commented = with_room(values, count);
    (void)text_copy(comment, sizeof(comment), form->comment);
    if (commented && comment[0]) {
        commented->comment = comment;
    }
    (void)answer_writer_values(&w, values, count, NULL);
    if (!commented && comment[0]) {
        answer_writer_note(
            &w, subjects->case_count > 0 ? &subjects->cases[0] : &subjects->follow_up, comment);
    }
    explicit_bzero(comment, sizeof(comment));
    ret_list->count = w.count;
}

void answer_page_list_free(struct answer_page_list *list)
{
    if (list->packed.data) {
        explicit_bzero(list->packed.data, list->packed.len);
    }
    buffer_free(&list->packed);
    list->count = 0;
}
