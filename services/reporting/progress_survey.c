/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_survey.h"

#include <string.h>

#include "common/base/text.h"

#define OWN ((int32_t)TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_OWN)

static bool is_asked_now(const struct progress_case *c)
{
    return (c->state == TROTH__V1__CASE_STATE__CASE_STATE_RESOLVED ||
            c->state == TROTH__V1__CASE_STATE__CASE_STATE_CLOSED) &&
           c->resolved_us != PROGRESS_NO_TIME;
}

static bool is_answered(const struct progress_case *c, const struct questionnaire_question *q)
{
    bool is_solved = strcmp(q->code, QUESTIONNAIRE_SOLVED) == 0;
    const struct progress_promise *resolution = progress_case_resolution(c);

    if (is_solved && resolution && resolution->customer_word) {
        return true;
    }
    for (size_t i = 0; i < c->answered_count; i++) {
        const struct progress_answered *a = &c->answered[i];
        bool is_own = is_solved || q->instrument == OWN;
        if (is_own ? a->instrument == OWN && strcmp(a->question, q->code) == 0
                   : a->instrument == q->instrument) {
            return true;
        }
    }
    return false;
}

void progress_survey_of(const struct questionnaire *q, const struct progress_case *c,
                        struct answer_link *ret)
{
    const struct questionnaire_script *script =
        q ? questionnaire_find_script(q, "case_resolved") : NULL;

    (void)text_copy(ret->language, sizeof(ret->language), c->language);
    ret->item_count = 0;
    if (!script || !is_asked_now(c)) {
        return;
    }
    size_t language = questionnaire_language_for(q, c->language);
    for (size_t i = 0; i < script->ask_count && ret->item_count < ANSWER_LINK_ITEMS_MAX; i++) {
        const struct questionnaire_question *question =
            questionnaire_question(q, script->asks[i].question);
        if (is_answered(c, question)) {
            continue;
        }
        struct answer_link_item *item = &ret->items[ret->item_count++];
        *item = (struct answer_link_item){
            .instrument = question->instrument,
            .low = question->low,
            .high = question->high,
            .service_case = c->number,
        };
        (void)text_copy(item->code, sizeof(item->code), question->code);
        (void)text_copy(item->question, sizeof(item->question), question->text.in[language]);
    }
}

const char *progress_survey_category(const struct questionnaire *q, const struct progress_case *c)
{
    if (!q || text_is_empty(c->category)) {
        return NULL;
    }
    size_t language = questionnaire_language_for(q, c->language);
    const char *name = questionnaire_name(q, QUESTIONNAIRE_CATEGORY, c->category, language);
    const char *usual = questionnaire_name(q, QUESTIONNAIRE_CATEGORY, NULL, language);

    return name && usual && strcmp(name, usual) == 0 ? NULL : name;
}
