/* SPDX-License-Identifier: Apache-2.0 */
/* progress_html.h - a customer's progress page, in English or 简体中文. Pure. */
#ifndef TROTH_REPORTING_PROGRESS_HTML_H
#define TROTH_REPORTING_PROGRESS_HTML_H

#include <stdbool.h>

#include "common/base/text.h"
#include "common/base/zone.h"
#include "services/reporting/progress_case.h"
#include "services/reporting/progress_finish.h"
#include "services/reporting/progress_form.h"
#include "services/reporting/progress_slots.h"
#include "services/reporting/progress_words.h"

/* All that is on the page; borrowed. */
struct progress_view {
    const struct progress_case *c;
    enum progress_language language;
    const struct zone *zone;              /* NULL: UTC */
    const char *about;                    /* in words; NULL: not said */
    const struct progress_finish *finish; /* NULL: it is open, and not known */
    struct progress_record record;        /* how right such dates were */
    const struct answer_link *survey;     /* what is asked now */
    const int64_t *slots;                 /* when we could call */
    size_t slot_count;
};

void progress_html_page(const struct progress_view *v, struct text *out);
/* progress_html_forms.c: what the customer can say. */
void progress_html_forms(const struct progress_view *v, struct text *out);

/* One sentence and the way back. title: the page's; back: there is a page to go back to. */
void progress_html_message(enum progress_language language, enum progress_word title,
                           enum progress_word message, bool has_back, struct text *out);
/* What was said is written down. */
void progress_html_saved(const struct progress_view *v, const struct progress_post *post,
                         struct text *out);
/* In both languages: nobody knows whose link it is. */
void progress_html_refusal(enum progress_word message, struct text *out);

#endif
