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
static const struct intake_form birthday = {intake_form_is_birthday, "birthday_invalid",
                                            "a date like 1984-02-29 or --02-29"};
static const struct intake_form currency = {intake_form_is_currency, "currency_invalid",
                                            "a currency code of ISO 4217 such as CNY"};

#define BODY(name) TROTH__V1__RECORD__BODY_##name
#define PROFILE(field)                                                                             \
    BODY(CUSTOMER_PROFILE), "customer_profile." #field, offsetof(Troth__V1__CustomerProfile, field)
#define CONTACT(field) BODY(CONTACT), "contact." #field, offsetof(Troth__V1__Contact, field)
#define UPDATE(field)                                                                              \
    BODY(CASE_UPDATE), "case_update." #field, offsetof(Troth__V1__CaseUpdate, field)
#define ANSWER(field)                                                                              \
    BODY(SURVEY_ANSWER), "survey_answer." #field, offsetof(Troth__V1__SurveyAnswer, field)
#define PURCHASE(field) BODY(PURCHASE), "purchase." #field, offsetof(Troth__V1__Purchase, field)

/* field, longest in bytes, needed, form */
static const struct intake_text_limit limits[] = {
    {PROFILE(customer_ref),    REFERENCE_MAX, true,  NULL     },
    {PROFILE(name),            256,           false, NULL     },
    {PROFILE(phone),           64,            false, NULL     },
    {PROFILE(email),           254,           false, NULL     },
    {PROFILE(language),        35,            false, &language},
    {PROFILE(time_zone),       64,            false, NULL     },
    {PROFILE(birthday),        10,            false, &birthday},

    {CONTACT(customer_ref),    REFERENCE_MAX, true,  NULL     },
    {CONTACT(channel),         32,            false, &channel },
    {CONTACT(branch),          CODE_MAX,      false, NULL     },
    {CONTACT(category),        LABEL_MAX,     false, NULL     },
    {CONTACT(product),         LABEL_MAX,     false, NULL     },
    {CONTACT(subject),         512,           false, NULL     },
    {CONTACT(body),            TEXT_MAX,      false, NULL     },
    {CONTACT(case_number),     NUMBER_MAX,    false, NULL     },
    {CONTACT(case_ref),        REFERENCE_MAX, false, NULL     },

    {UPDATE(case_number),      NUMBER_MAX,    false, NULL     },
    {UPDATE(customer_ref),     REFERENCE_MAX, false, NULL     },
    {UPDATE(case_ref),         REFERENCE_MAX, false, NULL     },
    {UPDATE(staff),            CODE_MAX,      false, NULL     },
    {UPDATE(note),             TEXT_MAX,      false, NULL     },

    {ANSWER(customer_ref),     REFERENCE_MAX, false, NULL     },
    {ANSWER(customer_number),  NUMBER_MAX,    false, NULL     },
    {ANSWER(case_number),      NUMBER_MAX,    false, NULL     },
    {ANSWER(case_ref),         REFERENCE_MAX, false, NULL     },
    {ANSWER(comment),          TEXT_MAX,      false, NULL     },
    {ANSWER(follow_up_number), NUMBER_MAX,    false, NULL     },

    {PURCHASE(customer_ref),   REFERENCE_MAX, true,  NULL     },
    {PURCHASE(order_ref),      REFERENCE_MAX, false, NULL     },
    {PURCHASE(branch),         CODE_MAX,      false, NULL     },
    {PURCHASE(product),        LABEL_MAX,     false, NULL     },
    {PURCHASE(currency),       3,             true,  &currency},
};

const struct intake_text_limit *intake_limits(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(limits);
    return limits;
}
