/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer_page_records.h - the records that one answer from the page becomes: those that the same
 * answers on the telephone would (answer_writer.h). Pure.
 *
 * Their keys are made of the order's: whoever answers again sends the same keys, and intake takes
 * each once. So each question of a link can be answered once, without a table of ours. The comment
 * goes with "not solved", else with the first answer that has room for one, else it is a note.
 */
#ifndef TROTH_REPORTING_ANSWER_PAGE_RECORDS_H
#define TROTH_REPORTING_ANSWER_PAGE_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/domain/answer_writer.h"
#include "services/reporting/answer_form.h"

enum {
    ANSWER_PAGE_RECORDS_MAX = ANSWER_LINK_ITEMS_MAX + 4,
};

/* Whom and what the questions of a link are about. */
struct answer_page_subjects {
    struct answer_subject follow_up; /* without a case */
    struct answer_subject cases[ANSWER_LINK_ITEMS_MAX];
    size_t case_count;
};

struct answer_page_list {
    struct answer_record records[ANSWER_PAGE_RECORDS_MAX];
    size_t count;
    struct buffer packed;
};

/* now_us: business time. list starts with {0}; free with answer_page_list_free(). */
void answer_page_records(const struct answer_link *link, const struct answer_form *form,
                         const struct answer_page_subjects *subjects, int64_t now_us,
                         struct answer_page_list *ret_list);
void answer_page_list_free(struct answer_page_list *list);

#endif
