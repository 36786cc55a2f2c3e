/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_validate.h"

#include <string.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "common/runtime/message_check.h"
#include "services/intake/intake_forms.h"
#include "services/intake/intake_limits.h"

static int missing(struct err *err, const char *field)
{
    return err_set_field(err, "field_missing", field, "%s is needed", field);
}

/* ---- key and time */

static int check_key(const Troth__V1__Record *m, const struct intake_validation *v, struct err *err)
{
    int64_t made_us;
    if (text_is_empty(m->key)) {
        return err_set_field(err, "key_missing", "key", "every record needs a key of its own");
    }
    if (strlen(m->key) > INTAKE_KEY_MAX) {
        return err_set_field(err, "key_too_long", "key", "a key has at most %d bytes",
                             INTAKE_KEY_MAX);
    }
    if (!m->is_permanent_key && intake_form_uuid7_time(m->key, &made_us) == 0 &&
        made_us < v->machine_now_us - v->key_age_us) {
        char age[DURATION_TEXT_SIZE];
        return err_set_field(err, "key_too_old", "key",
                             "this UUIDv7 was made more than %s ago, longer than keys are kept",
                             duration_for_people(v->key_age_us, age));
    }
    return 0;
}

static int check_time(const Troth__V1__Record *m, const struct intake_validation *v,
                      struct err *err)
{
    const int64_t end_us = civil_to_days((struct civil_date){10000, 1, 1}) * DURATION_DAY;
    char now[INSTANT_TEXT_SIZE];
    if (!m->has_occurred_us) {
        return missing(err, "occurred_us");
    }
    if (m->occurred_us < 0 || m->occurred_us >= end_us) {
        return err_set_field(err, "time_out_of_range", "occurred_us",
                             "microseconds since 1970 are expected");
    }
    if (m->occurred_us > v->now_us + v->clock_skew_us) {
        return err_set_field(err, "time_in_future", "occurred_us", "it is %s now",
                             instant_format(v->now_us, now));
    }
    return 0;
}

/* ---- texts */

static const void *body_of(const Troth__V1__Record *m)
{
    return m->body_case == TROTH__V1__RECORD__BODY__NOT_SET ? NULL : m->contact; /* of the union */
}

static int check_text(const struct intake_text_limit *limit, const char *text, struct err *err)
{
    if (text_is_empty(text)) {
        return limit->is_needed ? missing(err, limit->field) : 0;
    }
    size_t len = strlen(text);
    if (len > limit->max_bytes) {
        return err_set_field(err, "field_too_long", limit->field, "%zu bytes, at most %zu", len,
                             limit->max_bytes);
    }
    if (limit->form && !limit->form->is_valid(text)) {
        return err_set_field(err, limit->form->code, limit->field, "expected %s",
                             limit->form->expected);
    }
    return 0;
}

static int check_texts(const Troth__V1__Record *m, struct err *err)
{
    size_t count;
    const struct intake_text_limit *limits = intake_limits(&count);
    const char *body = body_of(m);
    for (size_t i = 0; i < count; i++) {
        const char *text;
        if (limits[i].body != m->body_case) {
            continue;
        }
        memcpy(&text, body + limits[i].offset, sizeof(text));
        if (check_text(&limits[i], text, err) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- numbers that name something */

static int read_number(enum identifier_kind kind, const char *text, const char *code,
                       const char *field, int64_t *ret_number, struct err *err)
{
    struct err why = ERR_NONE;
    if (text_is_empty(text)) {
        *ret_number = 0;
        return 0;
    }
    if (identifier_parse(kind, text, ret_number, &why) < 0 || *ret_number <= 0) {
        return err_set_field(err, code, field, "%s",
                             why.text[0] ? why.text : "numbers are larger than 0");
    }
    return 0;
}

static const char *or_null(const char *text)
{
    return text_is_empty(text) ? NULL : text;
}

/* ---- bodies */

static int check_profile(struct intake_record *r, const struct intake_validation *v,
                         struct err *err)
{
    const Troth__V1__CustomerProfile *p = r->message->customer_profile;
    r->names.customer_ref = p->customer_ref;
    if (!text_is_empty(p->time_zone) && !v->is_time_zone(v->zone_ctx, p->time_zone)) {
        return err_set_field(err, "time_zone_invalid", "customer_profile.time_zone",
                             "expected the name of an IANA time zone such as Asia/Shanghai");
    }
    if (p->n_consents > INTAKE_CONSENTS_MAX) {
        return err_set_field(err, "value_out_of_range", "customer_profile.consents", "at most %d",
                             INTAKE_CONSENTS_MAX);
    }
    for (size_t i = 0; i < p->n_consents; i++) {
        if (!p->consents[i]->purpose) {
            return err_set_field(err, "enum_unknown", "customer_profile.consents.purpose",
                                 "a consent needs a purpose");
        }
        if (!p->consents[i]->has_is_given) {
            return missing(err, "customer_profile.consents.is_given");
        }
    }
    return 0;
}

static int check_contact(struct intake_record *r, const struct intake_validation *v,
                         struct err *err)
{
    (void)v;
    const Troth__V1__Contact *c = r->message->contact;
    r->names.customer_ref = c->customer_ref;
    r->names.case_ref = or_null(c->case_ref);
    if (!c->kind) {
        return err_set_field(err, "enum_unknown", "contact.kind", "a contact needs a kind");
    }
    return read_number(IDENTIFIER_CASE, c->case_number, "case_number_invalid",
                       "contact.case_number", &r->names.case_number, err);
}

static int check_case_update(struct intake_record *r, const struct intake_validation *v,
                             struct err *err)
{
    (void)v;
    const Troth__V1__CaseUpdate *u = r->message->case_update;
    r->names.customer_ref = or_null(u->customer_ref);
    r->names.case_ref = or_null(u->case_ref);
    if (!u->action) {
        return err_set_field(err, "enum_unknown", "case_update.action",
                             "an update needs an action");
    }
    if (read_number(IDENTIFIER_CASE, u->case_number, "case_number_invalid",
                    "case_update.case_number", &r->names.case_number, err) < 0) {
        return -1;
    }
    if (!r->names.case_number && !(r->names.customer_ref && r->names.case_ref)) {
        return err_set_field(err, "field_missing", "case_update.case_number",
                             "name the case by case_number, or by customer_ref and case_ref");
    }
    return 0;
}

static int check_answer_value(const Troth__V1__SurveyAnswer *a, struct err *err)
{
    static const struct {
        int32_t min, max;
    } ranges[] = {
        [TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CSAT] = {1, 5 },
        [TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_NPS] = {0, 10},
        [TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CES] = {1, 7 },
    };
    if (!a->instrument || (size_t)a->instrument >= ARRAY_LEN(ranges)) {
        return err_set_field(err, "enum_unknown", "survey_answer.instrument",
                             "an answer needs an instrument");
    }
    if (!a->has_value) {
        return missing(err, "survey_answer.value");
    }
    if (a->value < ranges[a->instrument].min || a->value > ranges[a->instrument].max) {
        return err_set_field(err, "value_out_of_range", "survey_answer.value", "%d to %d",
                             ranges[a->instrument].min, ranges[a->instrument].max);
    }
    return 0;
}

static int check_answer(struct intake_record *r, const struct intake_validation *v, struct err *err)
{
    (void)v;
    const Troth__V1__SurveyAnswer *a = r->message->survey_answer;
    struct intake_names *n = &r->names;
    n->customer_ref = or_null(a->customer_ref);
    n->case_ref = or_null(a->case_ref);
    if (check_answer_value(a, err) < 0 ||
        read_number(IDENTIFIER_CUSTOMER, a->customer_number, "customer_number_invalid",
                    "survey_answer.customer_number", &n->customer_number, err) < 0 ||
        read_number(IDENTIFIER_CASE, a->case_number, "case_number_invalid",
                    "survey_answer.case_number", &n->case_number, err) < 0 ||
        read_number(IDENTIFIER_FOLLOW_UP, a->follow_up_number, "follow_up_number_invalid",
                    "survey_answer.follow_up_number", &n->follow_up_number, err) < 0) {
        return -1;
    }
    if (!n->customer_ref && (n->case_ref || (!n->customer_number && !n->case_number))) {
        return err_set_field(err, "field_missing", "survey_answer.customer_ref",
                             "name the customer by customer_ref, customer_number or case_number");
    }
    return 0;
}

static int check_purchase(struct intake_record *r, const struct intake_validation *v,
                          struct err *err)
{
    (void)v;
    const Troth__V1__Purchase *p = r->message->purchase;
    r->names.customer_ref = p->customer_ref;
    if (!p->has_amount_minor) {
        return missing(err, "purchase.amount_minor");
    }
    if (p->amount_minor < 0 || p->amount_minor > INTAKE_AMOUNT_MAX) {
        return err_set_field(err, "value_out_of_range", "purchase.amount_minor", "0 to %lld",
                             (long long)INTAKE_AMOUNT_MAX);
    }
    return 0;
}

typedef int check_body_fn(struct intake_record *r, const struct intake_validation *v,
                          struct err *err);

static check_body_fn *const check_bodies[] = {
    [TROTH__V1__RECORD__BODY_CUSTOMER_PROFILE] = check_profile,
    [TROTH__V1__RECORD__BODY_CONTACT] = check_contact,
    [TROTH__V1__RECORD__BODY_CASE_UPDATE] = check_case_update,
    [TROTH__V1__RECORD__BODY_SURVEY_ANSWER] = check_answer,
    [TROTH__V1__RECORD__BODY_PURCHASE] = check_purchase,
};

/* ---- the whole */

/* Where the customer's rows are, or will be. */
static int16_t bucket_of(const struct intake_names *n, int32_t source_id)
{
    if (n->case_number) {
        return identifier_bucket(n->case_number);
    }
    if (n->customer_number) {
        return identifier_bucket(n->customer_number);
    }
    return identifier_bucket_of_reference(source_id, n->customer_ref);
}

/* Over the record as it would be packed without key and trace: the same for every way it can come.
 */
static void digest_of(const Troth__V1__Record *m, uint8_t ret_digest[BYTES_DIGEST_LEN])
{
    Troth__V1__Record body = *m;
    struct buffer packed = {0};
    body.key = NULL;
    body.trace = NULL;
    message_pack((const ProtobufCMessage *)&body, &packed);
    bytes_digest((struct bytes){.data = packed.data, .len = packed.len}, ret_digest);
    buffer_free(&packed);
}

int intake_validate(struct intake_record *r, const struct intake_validation *v, struct err *err)
{
    const Troth__V1__Record *m = r->message;
    check_body_fn *check_body =
        (size_t)m->body_case < ARRAY_LEN(check_bodies) ? check_bodies[m->body_case] : NULL;
    if (check_key(m, v, err) < 0) {
        return -1;
    }
    if (!check_body) {
        return err_set_field(err, "body_missing", "body", "a record needs one body");
    }
    if (check_time(m, v, err) < 0 || check_texts(m, err) < 0 || check_body(r, v, err) < 0) {
        return -1;
    }
    int32_t source_id = r->request->sender.source_id;
    r->bucket = bucket_of(&r->names, source_id);
    r->receipt_bucket = identifier_bucket_of_reference(source_id, m->key);
    r->is_historical =
        r->request->sender.is_historical || m->occurred_us < v->now_us - v->history_us;
    digest_of(m, r->digest);
    return 0;
}
