/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/answer_records.h"

#include "common/domain/identifier.h"
#include "intake.pb-c.h"
#include "services/followup/agenda_script.h"

#define REFUSAL(name) TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_##name

/* What is being made. */
struct maker {
    const struct answer_call *call;
    const struct call_told *told;
    struct answer_subject subjects[AGENDA_REASONS_MAX]; /* by reason */
    struct answer_writer writer;
};

static const struct agenda_reason *leader(const struct maker *m)
{
    return &m->call->agenda->reasons[0];
}

/* ---- answers */

static void list_subjects(struct maker *m)
{
    const struct agenda *a = m->call->agenda;
    for (size_t i = 0; i < a->count; i++) {
        m->subjects[i] = (struct answer_subject){
            .follow_up = a->reasons[i].follow_up,
            .customer = a->reasons[i].customer,
            .service_case = a->reasons[i].service_case,
            .resolution = a->reasons[i].resolution,
            .case_priority = a->reasons[i].case_priority,
        };
    }
}

/* Returns whether the note went with one of them. */
static bool add_answers(struct maker *m)
{
    const struct call_told *told = m->told;
    struct answer_value values[CALL_TOLD_ANSWERS_MAX];
    for (size_t i = 0; i < told->answer_count; i++) {
        const struct call_told_answer *a = &told->answers[i];
        values[i] = (struct answer_value){
            .code = a->code,
            .instrument = a->instrument,
            .value = a->value,
            .has_value = a->has_value,
            .comment = a->comment,
            .subject = &m->subjects[agenda_script_reason_of(m->call->questionnaire, m->call->agenda,
                                                            a->code)],
        };
    }
    return answer_writer_values(&m->writer, values, told->answer_count, told->note);
}

/* Of the first case that was talked about, if any. */
static void add_note(struct maker *m)
{
    const struct answer_subject *subject = &m->subjects[0];
    for (size_t i = 0; i < m->call->agenda->count && !subject->service_case; i++) {
        subject = m->subjects[i].service_case ? &m->subjects[i] : subject;
    }
    answer_writer_note(&m->writer, subject, m->told->note);
}

/* ---- the rest */

static void add_consent(struct maker *m)
{
    char customer[IDENTIFIER_TEXT_SIZE];
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    Troth__V1__Consent body = TROTH__V1__CONSENT__INIT;
    Troth__V1__ConsentChange change = TROTH__V1__CONSENT_CHANGE__INIT;
    Troth__V1__ConsentChange *changes[] = {&change};
    (void)identifier_format(IDENTIFIER_CUSTOMER, leader(m)->customer, customer);
    body.customer_number = customer;
    if (m->told->refusal == REFUSAL(EVERYTHING)) {
        body.has_do_not_call = body.do_not_call = true;
    } else {
        change.has_purpose = change.has_is_given = true;
        change.purpose = (Troth__V1__Purpose)leader(m)->purpose;
        change.is_given = false;
        body.n_consents = 1;
        body.consents = changes;
    }
    record.body_case = TROTH__V1__RECORD__BODY_CONSENT;
    record.consent = &body;
    answer_writer_add(&m->writer, &record, ANSWER_RECORDS_CONSENT);
}

/* One record each: a language that is none must not keep the number from being known. */
static void add_profile(struct maker *m, char *phone, char *language, const char *suffix)
{
    char customer[IDENTIFIER_TEXT_SIZE];
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    Troth__V1__CustomerProfile body = TROTH__V1__CUSTOMER_PROFILE__INIT;
    (void)identifier_format(IDENTIFIER_CUSTOMER, leader(m)->customer, customer);
    body.customer_number = customer;
    body.phone = phone;
    body.language = language;
    record.body_case = TROTH__V1__RECORD__BODY_CUSTOMER_PROFILE;
    record.customer_profile = &body;
    answer_writer_add(&m->writer, &record, suffix);
}

size_t answer_records_make(const struct answer_call *call, const struct call_told *told,
                           struct buffer *out, struct answer_record ret_records[ANSWER_RECORDS_MAX])
{
    char order[FOLLOWUP_ORDER_KEY_SIZE];
    struct maker m = {.call = call, .told = told};
    m.writer = (struct answer_writer){
        .order = followup_order_key(leader(&m)->follow_up, call->attempt, order),
        .said_us = call->ended_us,
        .trace = call->trace,
        .out = out,
        .records = ret_records,
        .capacity = ANSWER_RECORDS_MAX,
    };
    list_subjects(&m);
    if (answer_records_refusal(told)) { /* first: no other record is as urgent */
        add_consent(&m);
    }
    bool is_note_used = add_answers(&m);
    if (told->note && !is_note_used) {
        add_note(&m);
    }
    if (told->new_phone) {
        add_profile(&m, told->new_phone, NULL, "customer-phone");
    }
    if (told->language) {
        add_profile(&m, NULL, told->language, "customer-language");
    }
    return m.writer.count;
}

bool answer_records_refusal(const struct call_told *told)
{
    return told->refusal == REFUSAL(THIS_PURPOSE) || told->refusal == REFUSAL(EVERYTHING);
}
