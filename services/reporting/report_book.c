/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_book.h"

#include <string.h>

#include "common/base/compiler.h"
#include "services/reporting/report_book_private.h"

/* In the order of the catalogue. */
static const struct report_kind *const book[] = {
    &report_timeliness, &report_backlog,      &report_backlog_now,  &report_waiting,
    &report_promises,   &report_forecast,     &report_word,         &report_compensations,
    &report_solving,    &report_complaints,   &report_satisfaction, &report_servqual,
    &report_quadrant,   &report_evaluation,   &report_questions,    &report_follow_ups,
    &report_reasons,    &report_movements,    &report_causes,       &report_factors,
    &report_purchases,  &report_teams,        &report_loyalty,      &report_value,
    &report_recovery,   &report_words_rising, &report_warnings,     &report_improvements,
    &report_trainings,  &report_skills,       &report_standards,
};

const struct report_kind *report_book_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(book); i++) {
        if (strcmp(book[i]->name, name) == 0) {
            return book[i];
        }
    }
    return NULL;
}

size_t report_book_list(const struct report_kind *const **ret_list)
{
    *ret_list = book;
    return ARRAY_LEN(book);
}
