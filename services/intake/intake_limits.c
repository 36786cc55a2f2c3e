/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_limits.h"

#include "common/base/compiler.h"
#include "services/intake/intake_forms.h"

enum {
    REFERENCE_MAX = 128, /* of a customer, case, order, as the source calls it */
    NUMBER_MAX = 32,     /* ours, as people read it out */
    CODE_MAX = 64,       /* branch, staff */
    LABEL_MAX = 128,     /* category, product */
    TEXT_MAX = 32 * 1024,
};

static const struct intake_form channel = {intake_form_is_channel, "text_invalid",
                                           "lower case letters, digits, '_', '-' and '.'"};
static const struct intake_form language = {intake_form_is_language, "text_invalid",
                                            "a language tag such as zh-CN or en"};
static const struct intake_form question = {intake_form_is_channel, "text_invalid",
                                            "lower-case letters, digits and _ . -"};
static const struct intake_form currency = {intake_form_is_currency, "currency_invalid",
                                            "a currency code of ISO 4217 such as CNY"};
static const struct intake_form given = {intake_form_is_given_promise, "text_invalid",
                                         "callback, next_update or custom"};

#define BODY(name) TROTH__V1__RECORD__BODY_##name
#define PROFILE(field)                                                                             \
    BODY(CUSTOMER_PROFILE), "customer_profile." #field, offsetof(Troth__V1__CustomerProfile, field)
#define CONTACT(field) BODY(CONTACT), "contact." #field, offsetof(Troth__V1__Contact, field)
#define UPDATE(field)                                                                              \
    BODY(CASE_UPDATE), "case_update." #field, offsetof(Troth__V1__CaseUpdate, field)
#define ANSWER(field)                                                                              \
    BODY(SURVEY_ANSWER), "survey_answer." #field, offsetof(Troth__V1__SurveyAnswer, field)
#define REFUND(field) BODY(REFUND), "refund." #field, offsetof(Troth__V1__Refund, field)
#define DEVICE(field)                                                                              \
    BODY(DEVICE_SIGNAL), "device_signal." #field, offsetof(Troth__V1__DeviceSignal, field)
#define BRANCH(field)                                                                              \
    BODY(BRANCH_PROFILE), "branch_profile." #field, offsetof(Troth__V1__BranchProfile, field)
#define STAFF(field)                                                                               \
    BODY(STAFF_PROFILE), "staff_profile." #field, offsetof(Troth__V1__StaffProfile, field)
#define CONSENT(field) BODY(CONSENT), "consent." #field, offsetof(Troth__V1__Consent, field)
#define LINK(field)                                                                                \
    BODY(CUSTOMER_LINK), "customer_link." #field, offsetof(Troth__V1__CustomerLink, field)
#define ERASURE(field)                                                                             \
    BODY(CUSTOMER_ERASURE), "customer_erasure." #field, offsetof(Troth__V1__CustomerErasure, field)
#define TAKE_BACK(field)                                                                           \
    BODY(RECORD_VOID), "record_void." #field, offsetof(Troth__V1__RecordVoid, field)
#define PURCHASE(field) BODY(PURCHASE), "purchase." #field, offsetof(Troth__V1__Purchase, field)
#define REDEEMED(field)                                                                            \
    BODY(POINTS_REDEMPTION), "points_redemption." #field,                                          \
        offsetof(Troth__V1__PointsRedemption, field)
#define GIVEN(field)                                                                               \
    BODY(PROMISE_GIVEN), "promise_given." #field, offsetof(Troth__V1__PromiseGiven, field)
#define PROMISE(field)                                                                             \
    BODY(PROMISE_UPDATE), "promise_update." #field, offsetof(Troth__V1__PromiseUpdate, field)
#define EXPECT(field)                                                                              \
    BODY(EXPECTATION), "expectation." #field, offsetof(Troth__V1__Expectation, field)
#define IMPROVED(field)                                                                            \
    BODY(IMPROVEMENT), "improvement." #field, offsetof(Troth__V1__Improvement, field)
#define AMENDS(field)                                                                              \
    BODY(COMPENSATION), "compensation." #field, offsetof(Troth__V1__Compensation, field)

/* field, longest in bytes, needed, form */
static const struct intake_text_limit limits[] = {
    {PROFILE(customer_ref),     REFERENCE_MAX,  false, NULL     },
    {PROFILE(customer_number),  NUMBER_MAX,     false, NULL     },
    {PROFILE(name),             256,            false, NULL     },
    {PROFILE(phone),            64,             false, NULL     },
    {PROFILE(email),            254,            false, NULL     },
    {PROFILE(language),         35,             false, &language},
    {PROFILE(time_zone),        64,             false, NULL     },
    {PROFILE(birthday),         10,             false, NULL     },
    {PROFILE(address),          512,            false, NULL     },

    {CONTACT(customer_ref),     REFERENCE_MAX,  true,  NULL     },
    {CONTACT(channel),          32,             false, &channel },
    {CONTACT(branch),           CODE_MAX,       false, NULL     },
    {CONTACT(category),         LABEL_MAX,      false, NULL     },
    {CONTACT(product),          LABEL_MAX,      false, NULL     },
    {CONTACT(subject),          512,            false, NULL     },
    {CONTACT(body),             TEXT_MAX,       false, NULL     },
    {CONTACT(case_number),      NUMBER_MAX,     false, NULL     },
    {CONTACT(case_ref),         REFERENCE_MAX,  false, NULL     },

    {UPDATE(case_number),       NUMBER_MAX,     false, NULL     },
    {UPDATE(customer_ref),      REFERENCE_MAX,  false, NULL     },
    {UPDATE(case_ref),          REFERENCE_MAX,  false, NULL     },
    {UPDATE(staff),             CODE_MAX,       false, NULL     },
    {UPDATE(note),              TEXT_MAX,       false, NULL     },
    {UPDATE(category),          LABEL_MAX,      false, NULL     },
    {UPDATE(into_case_number),  NUMBER_MAX,     false, NULL     },
    {UPDATE(into_case_ref),     REFERENCE_MAX,  false, NULL     },
    {UPDATE(solved_like),       NUMBER_MAX,     false, NULL     },

    {ANSWER(customer_ref),      REFERENCE_MAX,  false, NULL     },
    {ANSWER(customer_number),   NUMBER_MAX,     false, NULL     },
    {ANSWER(case_number),       NUMBER_MAX,     false, NULL     },
    {ANSWER(case_ref),          REFERENCE_MAX,  false, NULL     },
    {ANSWER(comment),           TEXT_MAX,       false, NULL     },
    {ANSWER(follow_up_number),  NUMBER_MAX,     false, NULL     },
    {ANSWER(question),          32,             false, &question},

    {ERASURE(customer_ref),     REFERENCE_MAX,  false, NULL     },
    {ERASURE(customer_number),  NUMBER_MAX,     false, NULL     },
    {ERASURE(asked_by),         CODE_MAX,       true,  NULL     },

    {TAKE_BACK(record_key),     INTAKE_KEY_MAX, true,  NULL     },
    {TAKE_BACK(reason),         TEXT_MAX,       false, NULL     },

    {REFUND(customer_ref),      REFERENCE_MAX,  true,  NULL     },
    {REFUND(order_ref),         REFERENCE_MAX,  false, NULL     },
    {REFUND(branch),            CODE_MAX,       false, NULL     },
    {REFUND(product),           LABEL_MAX,      false, NULL     },
    {REFUND(currency),          3,              true,  &currency},
    {REFUND(reason),            TEXT_MAX,       false, NULL     },

    {DEVICE(customer_ref),      REFERENCE_MAX,  true,  NULL     },
    {DEVICE(device_ref),        REFERENCE_MAX,  false, NULL     },
    {DEVICE(product),           LABEL_MAX,      false, NULL     },
    {DEVICE(fault_code),        32,             false, NULL     },
    {DEVICE(usage_unit),        16,             false, NULL     },

    {BRANCH(branch),            CODE_MAX,       true,  NULL     },
    {BRANCH(name),              256,            false, NULL     },
    {BRANCH(time_zone),         64,             false, NULL     },
    {BRANCH(language),          35,             false, &language},

    {STAFF(staff),              CODE_MAX,       true,  NULL     },
    {STAFF(branch),             CODE_MAX,       false, NULL     },
    {STAFF(team),               CODE_MAX,       false, NULL     },

    {CONSENT(customer_ref),     REFERENCE_MAX,  false, NULL     },
    {CONSENT(customer_number),  NUMBER_MAX,     false, NULL     },

    {LINK(customer_ref),        REFERENCE_MAX,  false, NULL     },
    {LINK(customer_number),     NUMBER_MAX,     false, NULL     },
    {LINK(other_ref),           REFERENCE_MAX,  false, NULL     },
    {LINK(other_number),        NUMBER_MAX,     false, NULL     },
    {LINK(reason),              TEXT_MAX,       false, NULL     },

    {PURCHASE(customer_ref),    REFERENCE_MAX,  true,  NULL     },
    {PURCHASE(order_ref),       REFERENCE_MAX,  false, NULL     },
    {PURCHASE(branch),          CODE_MAX,       false, NULL     },
    {PURCHASE(product),         LABEL_MAX,      false, NULL     },
    {PURCHASE(currency),        3,              true,  &currency},

    {REDEEMED(customer_ref),    REFERENCE_MAX,  false, NULL     },
    {REDEEMED(customer_number), NUMBER_MAX,     false, NULL     },
    {REDEEMED(redemption_ref),  REFERENCE_MAX,  true,  NULL     },
    {REDEEMED(branch),          CODE_MAX,       false, NULL     },

    {GIVEN(case_number),        NUMBER_MAX,     false, NULL     },
    {GIVEN(customer_ref),       REFERENCE_MAX,  false, NULL     },
    {GIVEN(case_ref),           REFERENCE_MAX,  false, NULL     },
    {GIVEN(promise_ref),        REFERENCE_MAX,  false, NULL     },
    {GIVEN(kind),               32,             false, &given   },
    {GIVEN(words),              TEXT_MAX,       true,  NULL     },
    {GIVEN(staff),              CODE_MAX,       false, NULL     },
    {GIVEN(done_when),          TEXT_MAX,       false, NULL     },

    {PROMISE(promise_number),   NUMBER_MAX,     false, NULL     },
    {PROMISE(case_number),      NUMBER_MAX,     false, NULL     },
    {PROMISE(customer_ref),     REFERENCE_MAX,  false, NULL     },
    {PROMISE(case_ref),         REFERENCE_MAX,  false, NULL     },
    {PROMISE(promise_ref),      REFERENCE_MAX,  false, NULL     },
    {PROMISE(new_promise_ref),  REFERENCE_MAX,  false, NULL     },
    {PROMISE(staff),            CODE_MAX,       false, NULL     },
    {PROMISE(note),             TEXT_MAX,       false, NULL     },

    {EXPECT(case_number),       NUMBER_MAX,     false, NULL     },
    {EXPECT(customer_ref),      REFERENCE_MAX,  false, NULL     },
    {EXPECT(case_ref),          REFERENCE_MAX,  false, NULL     },
    {EXPECT(expectation_ref),   REFERENCE_MAX,  false, NULL     },
    {EXPECT(outcome),           TEXT_MAX,       false, NULL     },
    {EXPECT(manner),            TEXT_MAX,       false, NULL     },

    {AMENDS(case_number),       NUMBER_MAX,     false, NULL     },
    {AMENDS(customer_ref),      REFERENCE_MAX,  false, NULL     },
    {AMENDS(case_ref),          REFERENCE_MAX,  false, NULL     },
    {AMENDS(promise_ref),       REFERENCE_MAX,  false, NULL     },
    {AMENDS(currency),          3,              false, &currency},
    {AMENDS(words),             TEXT_MAX,       false, NULL     },
    {AMENDS(staff),             CODE_MAX,       false, NULL     },

    {IMPROVED(improvement_ref), REFERENCE_MAX,  true,  NULL     },
    {IMPROVED(category),        LABEL_MAX,      false, NULL     },
    {IMPROVED(product),         LABEL_MAX,      false, NULL     },
    {IMPROVED(branch),          CODE_MAX,       false, NULL     },
    {IMPROVED(words),           500,            false, NULL     },
};

const struct intake_text_limit *intake_limits(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(limits);
    return limits;
}
