/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_validate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/domain/identifier.h"
#include "services/intake/borrowed.h"
#include "services/intake/intake_codes.h"
#include "services/intake/intake_limits.h"

#define NOW_US INT64_C(1700000000000000)

static char case_number[IDENTIFIER_TEXT_SIZE];
static char customer_number[IDENTIFIER_TEXT_SIZE];
static char follow_up_number[IDENTIFIER_TEXT_SIZE];
static char long_text[70000];

/* One record of each kind; a row changes one thing. */
struct sample {
    Troth__V1__Record record;
    Troth__V1__CustomerProfile profile;
    Troth__V1__ConsentChange consent;
    Troth__V1__ConsentChange *consents[INTAKE_CONSENTS_MAX + 1];
    Troth__V1__Contact contact;
    Troth__V1__CaseUpdate update;
    Troth__V1__SurveyAnswer answer;
    Troth__V1__Purchase purchase;
};

static bool knows_shanghai(void *ctx, const char *name)
{
    (void)ctx;
    return strcmp(name, "Asia/Shanghai") == 0;
}

static const struct intake_validation rules = {
    .now_us = NOW_US,
    .machine_now_us = NOW_US + DURATION_DAY,
    .clock_skew_us = 5 * DURATION_MIN,
    .key_age_us = 30 * DURATION_DAY,
    .history_us = 30 * DURATION_DAY,
    .is_time_zone = knows_shanghai,
};

static void make(struct sample *s)
{
    *s = (struct sample){
        .record = TROTH__V1__RECORD__INIT,
        .profile = TROTH__V1__CUSTOMER_PROFILE__INIT,
        .consent = TROTH__V1__CONSENT_CHANGE__INIT,
        .contact = TROTH__V1__CONTACT__INIT,
        .update = TROTH__V1__CASE_UPDATE__INIT,
        .answer = TROTH__V1__SURVEY_ANSWER__INIT,
        .purchase = TROTH__V1__PURCHASE__INIT,
    };
    s->record.key = borrowed("k-1");
    s->record.has_occurred_us = true;
    s->record.occurred_us = NOW_US - DURATION_H;
    s->profile.customer_ref = s->contact.customer_ref = s->purchase.customer_ref = borrowed("li");
    s->consent.has_purpose = s->consent.has_is_given = true;
    s->consent.purpose = TROTH__V1__PURPOSE__PURPOSE_SURVEY;
    for (size_t i = 0; i < ARRAY_LEN(s->consents); i++) {
        s->consents[i] = &s->consent;
    }
    s->profile.consents = s->consents;
    s->profile.n_consents = 1;
    s->contact.has_kind = true;
    s->contact.kind = TROTH__V1__CONTACT_KIND__CONTACT_KIND_COMPLAINT;
    s->update.has_action = true;
    s->update.action = TROTH__V1__CASE_ACTION__CASE_ACTION_NOTE;
    s->update.case_number = case_number;
    s->answer.customer_number = customer_number;
    s->answer.has_instrument = s->answer.has_value = true;
    s->answer.instrument = TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CSAT;
    s->answer.value = 5;
    s->purchase.has_amount_minor = true;
    s->purchase.amount_minor = 45000;
    s->purchase.currency = borrowed("CNY");
}

static void use(struct sample *s, Troth__V1__Record__BodyCase body)
{
    void *const bodies[] = {
        [TROTH__V1__RECORD__BODY_CUSTOMER_PROFILE] = &s->profile,
        [TROTH__V1__RECORD__BODY_CONTACT] = &s->contact,
        [TROTH__V1__RECORD__BODY_CASE_UPDATE] = &s->update,
        [TROTH__V1__RECORD__BODY_SURVEY_ANSWER] = &s->answer,
        [TROTH__V1__RECORD__BODY_PURCHASE] = &s->purchase,
    };
    s->record.body_case = body;
    if (body != TROTH__V1__RECORD__BODY__NOT_SET) {
        s->record.contact = bodies[body]; /* of the union */
    }
}

static int validate(struct sample *s, struct intake_record *r, struct err *err)
{
    static struct intake_request request = {.sender = {.source_id = 7}};
    *r = (struct intake_record){.request = &request, .message = &s->record};
    *err = ERR_NONE;
    return intake_validate(r, &rules, err);
}

#define PROFILE  TROTH__V1__RECORD__BODY_CUSTOMER_PROFILE
#define CONTACT  TROTH__V1__RECORD__BODY_CONTACT
#define UPDATE   TROTH__V1__RECORD__BODY_CASE_UPDATE
#define ANSWER   TROTH__V1__RECORD__BODY_SURVEY_ANSWER
#define PURCHASE TROTH__V1__RECORD__BODY_PURCHASE

static void a_good_record_of_each_kind_passes(void **state)
{
    static const Troth__V1__Record__BodyCase bodies[] = {PROFILE, CONTACT, UPDATE, ANSWER,
                                                         PURCHASE};
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        struct sample s;
        struct intake_record r;
        struct err err;
        make(&s);
        use(&s, bodies[i]);
        if (validate(&s, &r, &err) != 0) {
            fail_msg("body %d: %s %s: %s", (int)bodies[i], err.code, err.field, err.text);
        }
        assert_false(r.is_historical);
    }
}

/* ---- what is wrong, one thing at a time */

static void no_key(struct sample *s)
{
    s->record.key = NULL;
}
static void empty_key(struct sample *s)
{
    s->record.key = borrowed("");
}
static void long_key(struct sample *s)
{
    s->record.key = long_text + sizeof(long_text) - 1 - 65;
}
/* 2017: far more than 30 days before NOW_US. */
static void old_key(struct sample *s)
{
    s->record.key = borrowed("015d3ef7-98d0-7000-8000-000000000000");
}
static void no_time(struct sample *s)
{
    s->record.has_occurred_us = false;
}
static void early(struct sample *s)
{
    s->record.occurred_us = -1;
}
static void far(struct sample *s)
{
    s->record.occurred_us = INT64_MAX;
}
static void future(struct sample *s)
{
    s->record.occurred_us = NOW_US + 5 * DURATION_MIN + 1;
}
static void no_body(struct sample *s)
{
    use(s, TROTH__V1__RECORD__BODY__NOT_SET);
}
static void no_customer(struct sample *s)
{
    s->contact.customer_ref = NULL;
}
static void empty_customer(struct sample *s)
{
    s->contact.customer_ref = borrowed("");
}
static void long_body(struct sample *s)
{
    s->contact.body = long_text;
}
static void bad_channel(struct sample *s)
{
    s->contact.channel = borrowed("Phone");
}
static void no_kind(struct sample *s)
{
    s->contact.kind = TROTH__V1__CONTACT_KIND__CONTACT_KIND_UNSPECIFIED;
}
static void bad_case(struct sample *s)
{
    s->contact.case_number = borrowed("C-12-9");
}
static void no_action(struct sample *s)
{
    s->update.action = TROTH__V1__CASE_ACTION__CASE_ACTION_UNSPECIFIED;
}
static void no_case(struct sample *s)
{
    s->update.case_number = NULL;
    s->update.customer_ref = borrowed("li");
}
static void bad_update_case(struct sample *s)
{
    s->update.case_number = customer_number;
}
static void bad_zone(struct sample *s)
{
    s->profile.time_zone = borrowed("Asia/Shangai");
}
static void bad_birthday(struct sample *s)
{
    s->profile.birthday = borrowed("1984-13-01");
}
static void bad_language(struct sample *s)
{
    s->profile.language = borrowed("chinese_simplified");
}
static void many_consents(struct sample *s)
{
    s->profile.n_consents = INTAKE_CONSENTS_MAX + 1;
}
static void no_purpose(struct sample *s)
{
    s->consent.purpose = TROTH__V1__PURPOSE__PURPOSE_UNSPECIFIED;
}
static void no_given(struct sample *s)
{
    s->consent.has_is_given = false;
}
static void no_instrument(struct sample *s)
{
    s->answer.instrument = TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_UNSPECIFIED;
}
static void no_value(struct sample *s)
{
    s->answer.has_value = false;
}
static void own_without_anything(struct sample *s)
{
    static char question[] = "tidy";
    s->answer.instrument = TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_OWN;
    s->answer.question = question;
    s->answer.has_value = false;
    s->answer.comment = NULL;
}
static void low_csat(struct sample *s)
{
    s->answer.value = 0;
}
static void high_nps(struct sample *s)
{
    s->answer.instrument = TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_NPS;
    s->answer.value = 11;
}
static void nobody(struct sample *s)
{
    s->answer.customer_number = NULL;
}
static void ref_without_customer(struct sample *s)
{
    s->answer.case_ref = borrowed("T-1");
}
static void bad_customer(struct sample *s)
{
    s->answer.customer_number = borrowed("K-12-9");
}
static void bad_follow_up(struct sample *s)
{
    s->answer.follow_up_number = borrowed("F-12-9");
}
static void no_amount(struct sample *s)
{
    s->purchase.has_amount_minor = false;
}
static void negative_amount(struct sample *s)
{
    s->purchase.amount_minor = -1;
}
static void huge_amount(struct sample *s)
{
    s->purchase.amount_minor = INTAKE_AMOUNT_MAX + 1;
}
static void no_currency(struct sample *s)
{
    s->purchase.currency = NULL;
}
static void bad_currency(struct sample *s)
{
    s->purchase.currency = borrowed("RMB");
}

static void every_fault_has_its_code_and_field(void **state)
{
    static const struct {
        Troth__V1__Record__BodyCase body;
        void (*spoil)(struct sample *s);
        const char *code, *field;
    } cases[] = {
        {CONTACT,  no_key,               "key_missing",              "key"                               },
        {CONTACT,  empty_key,            "key_missing",              "key"                               },
        {CONTACT,  long_key,             "key_too_long",             "key"                               },
        {CONTACT,  old_key,              "key_too_old",              "key"                               },
        {CONTACT,  no_time,              "field_missing",            "occurred_us"                       },
        {CONTACT,  early,                "time_out_of_range",        "occurred_us"                       },
        {CONTACT,  far,                  "time_out_of_range",        "occurred_us"                       },
        {CONTACT,  future,               "time_in_future",           "occurred_us"                       },
        {CONTACT,  no_body,              "body_missing",             "body"                              },
        {CONTACT,  no_customer,          "field_missing",            "contact.customer_ref"              },
        {CONTACT,  empty_customer,       "field_missing",            "contact.customer_ref"              },
        {CONTACT,  long_body,            "field_too_long",           "contact.body"                      },
        {CONTACT,  bad_channel,          "text_invalid",             "contact.channel"                   },
        {CONTACT,  no_kind,              "enum_unknown",             "contact.kind"                      },
        {CONTACT,  bad_case,             "case_number_invalid",      "contact.case_number"               },
        {UPDATE,   no_action,            "enum_unknown",             "case_update.action"                },
        {UPDATE,   no_case,              "field_missing",            "case_update.case_number"           },
        {UPDATE,   bad_update_case,      "case_number_invalid",      "case_update.case_number"           },
        {PROFILE,  bad_zone,             "time_zone_invalid",        "customer_profile.time_zone"        },
        {PROFILE,  bad_birthday,         "birthday_invalid",         "customer_profile.birthday"         },
        {PROFILE,  bad_language,         "text_invalid",             "customer_profile.language"         },
        {PROFILE,  many_consents,        "value_out_of_range",       "customer_profile.consents"         },
        {PROFILE,  no_purpose,           "enum_unknown",             "customer_profile.consents.purpose" },
        {PROFILE,  no_given,             "field_missing",            "customer_profile.consents.is_given"},
        {ANSWER,   no_instrument,        "enum_unknown",             "survey_answer.instrument"          },
        {ANSWER,   no_value,             "field_missing",            "survey_answer.value"               },
        {ANSWER,   own_without_anything, "field_missing",            "survey_answer.value"               },
        {ANSWER,   low_csat,             "value_out_of_range",       "survey_answer.value"               },
        {ANSWER,   high_nps,             "value_out_of_range",       "survey_answer.value"               },
        {ANSWER,   nobody,               "field_missing",            "survey_answer.customer_ref"        },
        {ANSWER,   ref_without_customer, "field_missing",            "survey_answer.customer_ref"        },
        {ANSWER,   bad_customer,         "customer_number_invalid",  "survey_answer.customer_number"     },
        {ANSWER,   bad_follow_up,        "follow_up_number_invalid", "survey_answer.follow_up_number"    },
        {PURCHASE, no_amount,            "field_missing",            "purchase.amount_minor"             },
        {PURCHASE, negative_amount,      "value_out_of_range",       "purchase.amount_minor"             },
        {PURCHASE, huge_amount,          "value_out_of_range",       "purchase.amount_minor"             },
        {PURCHASE, no_currency,          "field_missing",            "purchase.currency"                 },
        {PURCHASE, bad_currency,         "currency_invalid",         "purchase.currency"                 },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct sample s;
        struct intake_record r;
        struct err err;
        make(&s);
        use(&s, cases[i].body);
        cases[i].spoil(&s);
        if (validate(&s, &r, &err) == 0 || strcmp(err.code, cases[i].code) != 0 ||
            strcmp(err.field, cases[i].field) != 0) {
            fail_msg("row %zu: got %s %s, want %s %s", i, err.code, err.field, cases[i].code,
                     cases[i].field);
        }
        assert_non_null(intake_code_find(err.code));
        assert_true(err.text[0] != '\0');
    }
}

static bool has_limit(const struct intake_text_limit *limits, size_t count, uint32_t body,
                      const ProtobufCFieldDescriptor *field)
{
    for (size_t i = 0; i < count; i++) {
        if (limits[i].body == (Troth__V1__Record__BodyCase)body &&
            strcmp(strchr(limits[i].field, '.') + 1, field->name) == 0) {
            return limits[i].offset == field->offset;
        }
    }
    return false;
}

/* How many texts the body has, each of which must have a limit. */
static size_t texts_with_limits(const ProtobufCFieldDescriptor *body,
                                const struct intake_text_limit *limits, size_t count)
{
    const ProtobufCMessageDescriptor *message = body->descriptor;
    size_t texts = 0;
    for (unsigned f = 0; f < message->n_fields; f++) {
        if (message->fields[f].type != PROTOBUF_C_TYPE_STRING) {
            continue;
        }
        texts++;
        if (!has_limit(limits, count, body->id, &message->fields[f])) {
            fail_msg("%s.%s has no limit", body->name, message->fields[f].name);
        }
    }
    return texts;
}

static void every_text_of_every_body_has_a_limit(void **state)
{
    const ProtobufCMessageDescriptor *record = &troth__v1__record__descriptor;
    size_t count, texts = 0;
    const struct intake_text_limit *limits = intake_limits(&count);
    for (unsigned b = 0; b < record->n_fields; b++) {
        if (record->fields[b].type == PROTOBUF_C_TYPE_MESSAGE) {
            texts += texts_with_limits(&record->fields[b], limits, count);
        }
    }
    assert_int_equal(count, texts);
}

/* ---- what is read out of a good record */

static void an_old_uuid_is_fine_when_the_key_is_permanent(void **state)
{
    struct sample s;
    struct intake_record r;
    struct err err;
    make(&s);
    use(&s, CONTACT);
    old_key(&s);
    s.record.has_is_permanent_key = s.record.is_permanent_key = true;
    assert_int_equal(validate(&s, &r, &err), 0);
}

static void what_is_old_or_from_an_archive_is_history(void **state)
{
    struct sample s;
    struct intake_record r;
    struct err err;
    make(&s);
    use(&s, CONTACT);
    s.record.occurred_us = NOW_US - 30 * DURATION_DAY - 1;
    assert_int_equal(validate(&s, &r, &err), 0);
    assert_true(r.is_historical);
    s.record.occurred_us = NOW_US - 30 * DURATION_DAY;
    assert_int_equal(validate(&s, &r, &err), 0);
    assert_false(r.is_historical);
    struct intake_request archive = {
        .sender = {.source_id = 7, .is_historical = true}
    };
    r = (struct intake_record){.request = &archive, .message = &s.record};
    assert_int_equal(intake_validate(&r, &rules, &err), 0);
    assert_true(r.is_historical);
}

static void the_digest_leaves_out_key_and_trace_and_nothing_else(void **state)
{
    struct sample s;
    struct intake_record first, second;
    struct err err;
    make(&s);
    use(&s, CONTACT);
    assert_int_equal(validate(&s, &first, &err), 0);
    s.record.key = borrowed("k-2");
    s.record.trace = borrowed("t-2");
    assert_int_equal(validate(&s, &second, &err), 0);
    assert_memory_equal(first.digest, second.digest, sizeof(first.digest));
    s.record.occurred_us++;
    assert_int_equal(validate(&s, &second, &err), 0);
    assert_memory_not_equal(first.digest, second.digest, sizeof(first.digest));
}

static void the_bucket_is_that_of_the_number_or_else_of_the_reference(void **state)
{
    struct sample s;
    struct intake_record r;
    struct err err;
    make(&s);
    use(&s, CONTACT);
    assert_int_equal(validate(&s, &r, &err), 0);
    assert_int_equal(r.bucket, identifier_bucket_of_reference(7, "li"));
    assert_int_equal(r.receipt_bucket, identifier_bucket_of_reference(7, "k-1"));
    s.contact.case_number = case_number;
    assert_int_equal(validate(&s, &r, &err), 0);
    assert_int_equal(r.bucket, 0x45);
    use(&s, ANSWER);
    assert_int_equal(validate(&s, &r, &err), 0);
    assert_int_equal(r.bucket, 0x46);
    assert_int_equal(r.names.customer_number, 0x12346);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_record_of_each_kind_passes),
        cmocka_unit_test(every_fault_has_its_code_and_field),
        cmocka_unit_test(every_text_of_every_body_has_a_limit),
        cmocka_unit_test(an_old_uuid_is_fine_when_the_key_is_permanent),
        cmocka_unit_test(what_is_old_or_from_an_archive_is_history),
        cmocka_unit_test(the_digest_leaves_out_key_and_trace_and_nothing_else),
        cmocka_unit_test(the_bucket_is_that_of_the_number_or_else_of_the_reference),
    };
    memset(long_text, 'x', sizeof(long_text) - 1);
    identifier_format(IDENTIFIER_CASE, 0x12345, case_number);
    identifier_format(IDENTIFIER_CUSTOMER, 0x12346, customer_number);
    identifier_format(IDENTIFIER_FOLLOW_UP, 0x12347, follow_up_number);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
