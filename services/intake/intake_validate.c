/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_validate.h"

#include <string.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "common/runtime/message_check.h"
#include "services/intake/intake_check.h"
#include "services/intake/intake_forms.h"
#include "services/intake/intake_limits.h"

int intake_check_missing(struct err *err, const char *field)
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
        return intake_check_missing(err, "occurred_us");
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
        return limit->is_needed ? intake_check_missing(err, limit->field) : 0;
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

int intake_check_number(enum identifier_kind kind, const char *text, const char *code,
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

const char *intake_check_or_null(const char *text)
{
    return text_is_empty(text) ? NULL : text;
}

/* ---- bodies */

static intake_check_fn *const check_bodies[] = {
    [TROTH__V1__RECORD__BODY_CUSTOMER_PROFILE] = intake_check_profile,
    [TROTH__V1__RECORD__BODY_CONTACT] = intake_check_contact,
    [TROTH__V1__RECORD__BODY_CASE_UPDATE] = intake_check_case_update,
    [TROTH__V1__RECORD__BODY_SURVEY_ANSWER] = intake_check_answer,
    [TROTH__V1__RECORD__BODY_PURCHASE] = intake_check_purchase,
    [TROTH__V1__RECORD__BODY_REFUND] = intake_check_refund,
    [TROTH__V1__RECORD__BODY_DEVICE_SIGNAL] = intake_check_device_signal,
    [TROTH__V1__RECORD__BODY_CONSENT] = intake_check_consent,
    [TROTH__V1__RECORD__BODY_CUSTOMER_LINK] = intake_check_customer_link,
    [TROTH__V1__RECORD__BODY_BRANCH_PROFILE] = intake_check_branch,
    [TROTH__V1__RECORD__BODY_STAFF_PROFILE] = intake_check_staff,
    [TROTH__V1__RECORD__BODY_RECORD_VOID] = intake_check_void,
    [TROTH__V1__RECORD__BODY_PROMISE_GIVEN] = intake_check_promise_given,
    [TROTH__V1__RECORD__BODY_PROMISE_UPDATE] = intake_check_promise_update,
    [TROTH__V1__RECORD__BODY_COMPENSATION] = intake_check_compensation,
    [TROTH__V1__RECORD__BODY_EXPECTATION] = intake_check_expectation,
    [TROTH__V1__RECORD__BODY_IMPROVEMENT] = intake_check_improvement,
    [TROTH__V1__RECORD__BODY_POINTS_REDEMPTION] = intake_check_redemption,
    [TROTH__V1__RECORD__BODY_CUSTOMER_ERASURE] = intake_check_erasure,
};

/* ---- the whole */

/* Where the customer's rows are, or will be. */
static int16_t bucket_of(const struct intake_names *n, int32_t source_id)
{
    if (n->case_number) {
        return identifier_bucket(n->case_number);
    }
    if (n->promise_number) {
        return identifier_bucket(n->promise_number);
    }
    if (n->customer_number) {
        return identifier_bucket(n->customer_number);
    }
    return identifier_bucket_of_reference(source_id,
                                          n->master_code ? n->master_code : n->customer_ref);
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
    intake_check_fn *check_body =
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
