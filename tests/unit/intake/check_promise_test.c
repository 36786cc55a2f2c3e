/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_check.h"

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
#include "services/intake/intake_validate.h"

#define NOW_US             INT64_C(1700000000000000)
#define ACTION(name)       TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_##name
#define COMPENSATION(name) TROTH__V1__COMPENSATION_KIND__COMPENSATION_KIND_##name
#define BODY(name)         TROTH__V1__RECORD__BODY_##name

static char case_number[IDENTIFIER_TEXT_SIZE], promise_number[IDENTIFIER_TEXT_SIZE];
static char long_text[70000];
static const int64_t promise = 4711 << 8 | 200;

/* One record of each kind; a row changes one thing. */
struct sample {
    Troth__V1__Record record;
    Troth__V1__PromiseGiven given;
    Troth__V1__PromiseUpdate update;
    Troth__V1__Compensation compensation;
    Troth__V1__Expectation expectation;
};

static void make(struct sample *s, Troth__V1__Record__BodyCase body)
{
    *s = (struct sample){
        .record = TROTH__V1__RECORD__INIT,
        .given = TROTH__V1__PROMISE_GIVEN__INIT,
        .update = TROTH__V1__PROMISE_UPDATE__INIT,
        .compensation = TROTH__V1__COMPENSATION__INIT,
        .expectation = TROTH__V1__EXPECTATION__INIT,
    };
    s->record.key = borrowed("k-1");
    s->record.has_occurred_us = true;
    s->record.occurred_us = NOW_US - DURATION_H;
    s->given.case_number = s->compensation.case_number = s->expectation.case_number = case_number;
    s->given.words = borrowed("we call you back on Friday");
    s->given.has_due_us = s->compensation.has_due_us = s->expectation.has_expected_us = true;
    s->given.due_us = s->compensation.due_us = s->expectation.expected_us = NOW_US + DURATION_DAY;
    s->update.promise_number = promise_number;
    s->update.has_action = true;
    s->update.action = ACTION(KEPT);
    s->compensation.has_kind = s->compensation.has_amount_minor = true;
    s->compensation.kind = COMPENSATION(VOUCHER);
    s->compensation.amount_minor = 5000;
    s->compensation.currency = borrowed("CNY");
    s->record.body_case = body;
    if (body == BODY(PROMISE_GIVEN)) {
        s->record.promise_given = &s->given;
    } else if (body == BODY(PROMISE_UPDATE)) {
        s->record.promise_update = &s->update;
    } else if (body == BODY(COMPENSATION)) {
        s->record.compensation = &s->compensation;
    } else {
        s->record.expectation = &s->expectation;
    }
}

static bool no_zone(void *ctx, const char *name)
{
    (void)ctx;
    (void)name;
    return false;
}

static int validate(struct sample *s, struct intake_record *r, struct err *err)
{
    static struct intake_request request = {.sender = {.source_id = 7}};
    static const struct intake_validation rules = {
        .now_us = NOW_US,
        .machine_now_us = NOW_US,
        .key_age_us = 30 * DURATION_DAY,
        .history_us = 30 * DURATION_DAY,
        .is_time_zone = no_zone,
    };
    *r = (struct intake_record){.request = &request, .message = &s->record};
    *err = ERR_NONE;
    return intake_validate(r, &rules, err);
}

/* ---- what passes */

static void name_by_reference(struct sample *s)
{
    s->given.case_number = s->update.promise_number = NULL;
    s->given.customer_ref = s->update.customer_ref = borrowed("li");
    s->given.case_ref = s->update.case_ref = borrowed("T-1");
    s->update.promise_ref = borrowed("p-1");
}
static void renegotiate(struct sample *s)
{
    s->update.action = ACTION(RENEGOTIATED);
    s->update.has_due_us = true;
    s->update.due_us = s->record.occurred_us + 1;
}
static void due_at_once(struct sample *s)
{
    s->given.due_us = s->record.occurred_us + 1; /* an import may bring what is due by now */
}
static void callback(struct sample *s)
{
    s->given.kind = borrowed("callback");
}
static void apologise(struct sample *s)
{
    s->compensation.kind = COMPENSATION(APOLOGY);
    s->compensation.has_amount_minor = false;
    s->compensation.currency = NULL;
}
static void extra_service(struct sample *s)
{
    apologise(s);
    s->compensation.kind = COMPENSATION(EXTRA_SERVICE);
    s->compensation.words = borrowed("a free wash");
}
static void explain(struct sample *s)
{
    s->update.action = ACTION(EXPLAINED);
    s->update.has_cause = true;
    s->update.cause = TROTH__V1__BREAK_CAUSE__BREAK_CAUSE_COULD_NOT;
}
static void correct(struct sample *s)
{
    s->update.action = ACTION(CORRECTED);
    s->update.staff = borrowed("s-1");
    s->update.note = borrowed("the list of calls says so");
}
static void dispute(struct sample *s)
{
    s->update.action = ACTION(DISPUTED);
}
static void done_by_resolution(struct sample *s)
{
    s->given.has_done_by = true;
    s->given.done_by = TROTH__V1__PROMISE_DONE_BY__PROMISE_DONE_BY_RESOLUTION;
    s->given.done_when = borrowed("the car is back");
}
static void expect_an_outcome(struct sample *s)
{
    s->expectation.has_expected_us = false;
    s->expectation.outcome = borrowed("no noise");
}
static void expect_a_manner(struct sample *s)
{
    s->expectation.has_expected_us = false;
    s->expectation.manner = borrowed("without a second visit");
}
static void nothing(struct sample *s)
{
    (void)s;
}

static void a_good_record_of_each_kind_passes(void **state)
{
    static const struct {
        const char *name;
        Troth__V1__Record__BodyCase body;
        void (*change)(struct sample *s);
    } cases[] = {
        {"given",                 BODY(PROMISE_GIVEN),  nothing           },
        {"given, by reference",   BODY(PROMISE_GIVEN),  name_by_reference },
        {"given, due at once",    BODY(PROMISE_GIVEN),  due_at_once       },
        {"given, a callback",     BODY(PROMISE_GIVEN),  callback          },
        {"updated",               BODY(PROMISE_UPDATE), nothing           },
        {"updated, by reference", BODY(PROMISE_UPDATE), name_by_reference },
        {"renegotiated",          BODY(PROMISE_UPDATE), renegotiate       },
        {"explained",             BODY(PROMISE_UPDATE), explain           },
        {"corrected",             BODY(PROMISE_UPDATE), correct           },
        {"disputed",              BODY(PROMISE_UPDATE), dispute           },
        {"done by a resolution",  BODY(PROMISE_GIVEN),  done_by_resolution},
        {"voucher",               BODY(COMPENSATION),   nothing           },
        {"apology",               BODY(COMPENSATION),   apologise         },
        {"extra service",         BODY(COMPENSATION),   extra_service     },
        {"expectation of a date", BODY(EXPECTATION),    nothing           },
        {"of an outcome",         BODY(EXPECTATION),    expect_an_outcome },
        {"of a manner",           BODY(EXPECTATION),    expect_a_manner   },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct sample s;
        struct intake_record r;
        struct err err;
        make(&s, cases[i].body);
        cases[i].change(&s);
        if (validate(&s, &r, &err) != 0) {
            fail_msg("%s: %s %s: %s", cases[i].name, err.code, err.field, err.text);
        }
    }
}

static void a_promise_number_alone_says_where_the_customer_is(void **state)
{
    struct sample s;
    struct intake_record r;
    struct err err;
    make(&s, BODY(PROMISE_UPDATE));
    assert_int_equal(validate(&s, &r, &err), 0);
    assert_int_equal(r.names.promise_number, promise);
    assert_int_equal(r.bucket, identifier_bucket(promise));
    assert_null(r.names.customer_ref);
}

/* ---- what does not */

static void no_case(struct sample *s)
{
    s->given.case_number = s->compensation.case_number = s->expectation.case_number = NULL;
    s->given.customer_ref = s->compensation.customer_ref = s->expectation.customer_ref =
        borrowed("li");
}
static void wrong_case(struct sample *s)
{
    s->given.case_number = s->update.case_number = s->compensation.case_number =
        s->expectation.case_number = borrowed("C-12345-0");
}
static void no_due(struct sample *s)
{
    renegotiate(s);
    s->given.has_due_us = s->update.has_due_us = s->compensation.has_due_us = false;
}
static void due_before(struct sample *s)
{
    renegotiate(s);
    s->given.due_us = s->update.due_us = s->compensation.due_us = s->record.occurred_us;
}
static void due_never(struct sample *s)
{
    renegotiate(s);
    s->given.due_us = s->update.due_us = s->compensation.due_us = s->expectation.expected_us =
        INT64_MAX;
}
static void no_words(struct sample *s)
{
    extra_service(s);
    s->given.words = s->compensation.words = borrowed("");
}
static void blank_words(struct sample *s)
{
    correct(s);
    s->given.words = s->update.note = borrowed(" \t\xe3\x80\x80\n");
}
static void no_cause(struct sample *s)
{
    explain(s);
    s->update.has_cause = false;
    s->update.cause = TROTH__V1__BREAK_CAUSE__BREAK_CAUSE_UNSPECIFIED;
}
static void no_staff(struct sample *s)
{
    correct(s);
    s->update.staff = NULL;
}
static void no_note(struct sample *s)
{
    correct(s);
    s->update.note = NULL;
}
static void long_sign(struct sample *s)
{
    s->given.done_when = long_text;
}
static void long_words(struct sample *s)
{
    s->given.words = s->compensation.words = s->update.note = s->expectation.outcome = long_text;
}
static void long_reference(struct sample *s)
{
    static char reference[130];
    memset(reference, 'r', sizeof(reference) - 1);
    s->given.promise_ref = s->compensation.promise_ref = s->update.new_promise_ref =
        s->expectation.expectation_ref = reference;
}
static void other_kind(struct sample *s)
{
    s->given.kind = borrowed("resolution");
    s->compensation.kind = COMPENSATION(UNSPECIFIED);
}
static void no_action(struct sample *s)
{
    s->update.action = ACTION(UNSPECIFIED);
}
static void wrong_promise(struct sample *s)
{
    s->update.promise_number = borrowed("P-12345-0");
}
static void no_promise(struct sample *s)
{
    s->update.promise_number = NULL;
    s->update.case_number = case_number; /* but which of its promises? */
}
static void reference_without_case(struct sample *s)
{
    s->update.promise_number = NULL;
    s->update.promise_ref = borrowed("p-1");
}
static void no_amount(struct sample *s)
{
    s->compensation.has_amount_minor = false;
}
static void no_currency(struct sample *s)
{
    s->compensation.currency = NULL;
}
static void no_such_currency(struct sample *s)
{
    s->compensation.currency = borrowed("XYZ");
}
static void zero(struct sample *s)
{
    s->compensation.amount_minor = 0;
}
static void too_much(struct sample *s)
{
    s->compensation.amount_minor = INTAKE_AMOUNT_MAX + 1;
}
static void paid_apology(struct sample *s)
{
    s->compensation.kind = COMPENSATION(APOLOGY);
}
static void no_content(struct sample *s)
{
    s->expectation.has_expected_us = false;
}

static void whatever_is_wrong_has_its_code_and_field(void **state)
{
    static const struct {
        Troth__V1__Record__BodyCase body;
        void (*change)(struct sample *s);
        const char *code, *field;
    } cases[] = {
        {BODY(PROMISE_GIVEN),  no_case,                "field_missing",          "promise_given.case_number"     },
        {BODY(PROMISE_GIVEN),  wrong_case,             "case_number_invalid",    "promise_given.case_number"     },
        {BODY(PROMISE_GIVEN),  no_due,                 "field_missing",          "promise_given.due_us"          },
        {BODY(PROMISE_GIVEN),  due_before,             "value_out_of_range",     "promise_given.due_us"          },
        {BODY(PROMISE_GIVEN),  due_never,              "time_out_of_range",      "promise_given.due_us"          },
        {BODY(PROMISE_GIVEN),  no_words,               "field_missing",          "promise_given.words"           },
        {BODY(PROMISE_GIVEN),  blank_words,            "field_missing",          "promise_given.words"           },
        {BODY(PROMISE_GIVEN),  long_sign,              "field_too_long",         "promise_given.done_when"       },
        {BODY(PROMISE_UPDATE), blank_words,            "field_missing",          "promise_update.note"           },
        {BODY(PROMISE_UPDATE), no_note,                "field_missing",          "promise_update.note"           },
        {BODY(PROMISE_UPDATE), no_staff,               "field_missing",          "promise_update.staff"          },
        {BODY(PROMISE_UPDATE), no_cause,               "field_missing",          "promise_update.cause"          },
        {BODY(PROMISE_GIVEN),  long_words,             "field_too_long",         "promise_given.words"           },
        {BODY(PROMISE_GIVEN),  long_reference,         "field_too_long",         "promise_given.promise_ref"     },
        {BODY(PROMISE_GIVEN),  other_kind,             "text_invalid",           "promise_given.kind"            },
        {BODY(PROMISE_UPDATE), no_action,              "enum_unknown",           "promise_update.action"         },
        {BODY(PROMISE_UPDATE), wrong_promise,          "promise_number_invalid",
         "promise_update.promise_number"                                                                         },
        {BODY(PROMISE_UPDATE), wrong_case,             "case_number_invalid",    "promise_update.case_number"    },
        {BODY(PROMISE_UPDATE), no_promise,             "field_missing",          "promise_update.promise_number" },
        {BODY(PROMISE_UPDATE), reference_without_case, "field_missing",
         "promise_update.promise_number"                                                                         },
        {BODY(PROMISE_UPDATE), no_due,                 "field_missing",          "promise_update.due_us"         },
        {BODY(PROMISE_UPDATE), due_before,             "value_out_of_range",     "promise_update.due_us"         },
        {BODY(PROMISE_UPDATE), due_never,              "time_out_of_range",      "promise_update.due_us"         },
        {BODY(PROMISE_UPDATE), long_words,             "field_too_long",         "promise_update.note"           },
        {BODY(PROMISE_UPDATE), long_reference,         "field_too_long",         "promise_update.new_promise_ref"},
        {BODY(COMPENSATION),   no_case,                "field_missing",          "compensation.case_number"      },
        {BODY(COMPENSATION),   wrong_case,             "case_number_invalid",    "compensation.case_number"      },
        {BODY(COMPENSATION),   other_kind,             "enum_unknown",           "compensation.kind"             },
        {BODY(COMPENSATION),   no_due,                 "field_missing",          "compensation.due_us"           },
        {BODY(COMPENSATION),   due_before,             "value_out_of_range",     "compensation.due_us"           },
        {BODY(COMPENSATION),   no_amount,              "field_missing",          "compensation.amount_minor"     },
        {BODY(COMPENSATION),   no_currency,            "field_missing",          "compensation.currency"         },
        {BODY(COMPENSATION),   no_such_currency,       "currency_invalid",       "compensation.currency"         },
        {BODY(COMPENSATION),   zero,                   "value_out_of_range",     "compensation.amount_minor"     },
        {BODY(COMPENSATION),   too_much,               "value_out_of_range",     "compensation.amount_minor"     },
        {BODY(COMPENSATION),   paid_apology,           "value_out_of_range",     "compensation.amount_minor"     },
        {BODY(COMPENSATION),   no_words,               "field_missing",          "compensation.words"            },
        {BODY(COMPENSATION),   long_reference,         "field_too_long",         "compensation.promise_ref"      },
        {BODY(EXPECTATION),    no_case,                "field_missing",          "expectation.case_number"       },
        {BODY(EXPECTATION),    wrong_case,             "case_number_invalid",    "expectation.case_number"       },
        {BODY(EXPECTATION),    no_content,             "field_missing",          "expectation.expected_us"       },
        {BODY(EXPECTATION),    due_never,              "time_out_of_range",      "expectation.expected_us"       },
        {BODY(EXPECTATION),    long_words,             "field_too_long",         "expectation.outcome"           },
        {BODY(EXPECTATION),    long_reference,         "field_too_long",         "expectation.expectation_ref"   },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct sample s;
        struct intake_record r;
        struct err err;
        make(&s, cases[i].body);
        cases[i].change(&s);
        if (validate(&s, &r, &err) == 0 || strcmp(err.code, cases[i].code) != 0 ||
            strcmp(err.field, cases[i].field) != 0) {
            fail_msg("row %zu: %s %s instead of %s %s", i, err.code, err.field, cases[i].code,
                     cases[i].field);
        }
        assert_non_null(intake_code_find(err.code));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_record_of_each_kind_passes),
        cmocka_unit_test(a_promise_number_alone_says_where_the_customer_is),
        cmocka_unit_test(whatever_is_wrong_has_its_code_and_field),
    };
    memset(long_text, 'x', sizeof(long_text) - 1);
    (void)identifier_format(IDENTIFIER_CASE, 1234 << 8 | 5, case_number);
    (void)identifier_format(IDENTIFIER_PROMISE, promise, promise_number);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
