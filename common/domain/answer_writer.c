/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/answer_writer.h"

#include <string.h>

#include "common/base/text.h"
#include "common/base/trace_context.h"
#include "common/domain/identifier.h"
#include "common/domain/questionnaire.h"

#define INSTRUMENT(name) TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_##name

/* The code of a note that belongs to no case: of a birthday call, say. */
static const char note_question[] = "note";

enum {
    CODE_SIZE = 64
};

/* Numbers as records name them. */
struct spoken_numbers {
    char customer[IDENTIFIER_TEXT_SIZE];
    char service_case[IDENTIFIER_TEXT_SIZE];
    char follow_up[IDENTIFIER_TEXT_SIZE];
    char resolution[IDENTIFIER_TEXT_SIZE];
};

static void speak(const struct answer_subject *s, struct spoken_numbers *ret)
{
    (void)identifier_format(IDENTIFIER_CUSTOMER, s->customer, ret->customer);
    (void)identifier_format(IDENTIFIER_CASE, s->service_case, ret->service_case);
    (void)identifier_format(IDENTIFIER_FOLLOW_UP, s->follow_up, ret->follow_up);
    (void)identifier_format(IDENTIFIER_PROMISE, s->resolution, ret->resolution);
}

void answer_writer_add(struct answer_writer *w, Troth__V1__Record *record, const char *suffix)
{
    if (w->count == w->capacity) {
        return;
    }
    struct answer_record *r = &w->records[w->count++];
    char trace[TRACE_CONTEXT_SIZE];
    record->trace = trace_context_read(w->trace, trace) ? trace : NULL;
    (void)text_format(r->key, sizeof(r->key), "%s/%s", w->order, suffix);
    record->key = r->key;
    record->has_occurred_us = true;
    record->occurred_us = w->said_us;
    r->offset = w->out->len;
    r->len = troth__v1__record__get_packed_size(record);
    (void)troth__v1__record__pack(record, buffer_extend(w->out, r->len));
    record->trace = NULL;
}

/* ---- surveys */

static void add_survey(struct answer_writer *w, const struct answer_subject *subject,
                       Troth__V1__SurveyAnswer body, const char *suffix)
{
    struct spoken_numbers n;
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    speak(subject, &n);
    body.customer_number = n.customer;
    body.case_number = subject->service_case ? n.service_case : NULL;
    body.follow_up_number = subject->follow_up ? n.follow_up : NULL;
    body.has_instrument = true;
    record.body_case = TROTH__V1__RECORD__BODY_SURVEY_ANSWER;
    record.survey_answer = &body;
    answer_writer_add(w, &record, suffix);
}

static void add_value(struct answer_writer *w, const struct answer_value *a)
{
    char code[CODE_SIZE];
    Troth__V1__SurveyAnswer body = TROTH__V1__SURVEY_ANSWER__INIT;
    (void)text_copy(code, sizeof(code), a->code);
    /* Words that no number stands for are no measure of that instrument; "solved" has none. */
    body.instrument = a->has_value && a->instrument ? (Troth__V1__SurveyInstrument)a->instrument
                                                    : INSTRUMENT(OWN);
    body.has_value = a->has_value;
    body.value = a->value;
    body.comment = a->comment;
    body.question = body.instrument == INSTRUMENT(OWN) ? code : NULL;
    add_survey(w, a->subject, body, code);
}

static Troth__V1__ServqualItem *item_of(Troth__V1__ServqualItem *items,
                                        Troth__V1__ServqualItem **list, size_t *count, int number)
{
    for (size_t i = 0; i < *count; i++) {
        if (list[i]->item == number) {
            return list[i];
        }
    }
    Troth__V1__ServqualItem *item = &items[*count];
    troth__v1__servqual_item__init(item);
    item->has_item = item->has_dimension = true;
    item->item = number;
    item->dimension = (Troth__V1__ServqualDimension)questionnaire_servqual_dimension(number);
    list[(*count)++] = item;
    return item;
}

static void add_servqual(struct answer_writer *w, const struct answer_value *values, size_t count)
{
    Troth__V1__ServqualItem items[QUESTIONNAIRE_SERVQUAL_ITEMS];
    Troth__V1__ServqualItem *list[QUESTIONNAIRE_SERVQUAL_ITEMS];
    Troth__V1__SurveyAnswer body = TROTH__V1__SURVEY_ANSWER__INIT;
    const struct answer_subject *subject = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct answer_value *a = &values[i];
        int number;
        bool is_expectation;
        if (!a->has_value || !questionnaire_servqual_item(a->code, &number, &is_expectation)) {
            continue;
        }
        Troth__V1__ServqualItem *item = item_of(items, list, &body.n_items, number);
        *(is_expectation ? &item->has_expectation : &item->has_perception) = true;
        *(is_expectation ? &item->expectation : &item->perception) = a->value;
        subject = subject ? subject : a->subject;
    }
    body.items = list;
    body.instrument = INSTRUMENT(SERVQUAL);
    if (subject) {
        add_survey(w, subject, body, "servqual");
    }
}

/* ---- is it solved? */

static void add_word(struct answer_writer *w, const struct answer_subject *subject, bool is_solved)
{
    struct spoken_numbers n;
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    Troth__V1__PromiseUpdate body = TROTH__V1__PROMISE_UPDATE__INIT;
    speak(subject, &n);
    body.promise_number = n.resolution;
    body.has_action = true;
    body.action = is_solved ? TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_CONFIRMED
                            : TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_DISPUTED;
    record.body_case = TROTH__V1__RECORD__BODY_PROMISE_UPDATE;
    record.promise_update = &body;
    answer_writer_add(w, &record, "solved-1-word");
}

static void add_case_update(struct answer_writer *w, const struct answer_subject *subject,
                            Troth__V1__CaseUpdate body, const char *suffix)
{
    struct spoken_numbers n;
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    speak(subject, &n);
    body.case_number = n.service_case;
    body.has_action = true;
    record.body_case = TROTH__V1__RECORD__BODY_CASE_UPDATE;
    record.case_update = &body;
    answer_writer_add(w, &record, suffix);
}

/* One step more urgent than it was, and high at least: the customer has waited once already. */
static int32_t priority_again(int32_t before)
{
    return before == 1 || before == 2 ? 1 : 2;
}

/* First it is open again, then it is urgent. */
static void add_reopened(struct answer_writer *w, const struct answer_subject *subject, char *words)
{
    Troth__V1__CaseUpdate reopened = TROTH__V1__CASE_UPDATE__INIT;
    Troth__V1__CaseUpdate urgent = TROTH__V1__CASE_UPDATE__INIT;
    reopened.action = TROTH__V1__CASE_ACTION__CASE_ACTION_REOPENED;
    reopened.note = words;
    add_case_update(w, subject, reopened, "solved-2-reopened");
    urgent.action = TROTH__V1__CASE_ACTION__CASE_ACTION_RECLASSIFIED;
    urgent.has_priority = true;
    urgent.priority = priority_again(subject->case_priority);
    add_case_update(w, subject, urgent, "solved-3-urgent");
}

/* What of it is neither a word on a promise nor on a case is an answer like others. Returns whether
 * the note went with it. */
static bool add_solved(struct answer_writer *w, const struct answer_value *a, char *note)
{
    struct answer_value rest = *a;
    bool is_about_case = a->has_value && a->subject->service_case;
    bool is_solved = is_about_case && a->value == 1;
    bool is_unsolved = is_about_case && a->value == 0;
    if ((is_solved || is_unsolved) && a->subject->resolution) {
        add_word(w, a->subject, is_solved);
        rest.has_value = false;
    }
    if (is_unsolved) {
        add_reopened(w, a->subject, note ? note : a->comment);
        rest.has_value = false;
        rest.comment = note ? a->comment : NULL;
    }
    if (rest.has_value || rest.comment) {
        rest.value = rest.has_value ? a->value : 0;
        add_value(w, &rest);
    }
    return is_unsolved && note;
}

/* ---- */

bool answer_writer_values(struct answer_writer *w, const struct answer_value *values, size_t count,
                          char *note)
{
    bool is_note_used = false;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(values[i].code, QUESTIONNAIRE_SOLVED) == 0) {
            is_note_used |= add_solved(w, &values[i], note);
        } else if (values[i].instrument != (int32_t)INSTRUMENT(SERVQUAL)) {
            add_value(w, &values[i]);
        }
    }
    add_servqual(w, values, count);
    return is_note_used;
}

void answer_writer_note(struct answer_writer *w, const struct answer_subject *subject, char *note)
{
    char question[sizeof(note_question)];
    Troth__V1__CaseUpdate of_case = TROTH__V1__CASE_UPDATE__INIT;
    Troth__V1__SurveyAnswer of_nothing = TROTH__V1__SURVEY_ANSWER__INIT;
    if (subject->service_case) {
        of_case.action = TROTH__V1__CASE_ACTION__CASE_ACTION_NOTE;
        of_case.note = note;
        add_case_update(w, subject, of_case, "case-note");
        return;
    }
    (void)text_copy(question, sizeof(question), note_question);
    of_nothing.instrument = INSTRUMENT(OWN);
    of_nothing.question = question;
    of_nothing.comment = note;
    add_survey(w, subject, of_nothing, "own-note");
}
