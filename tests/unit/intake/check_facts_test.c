/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_check.h"

#include "tests/unit/intake/check_world.h"

static void an_answer_needs_what_its_instrument_asks(void **state)
{
    static const struct check_row rows[] = {
        {"survey_answer { customer_ref: 'li' instrument: csat value: 5 }",                   NULL,                 NULL                             },
        {"survey_answer { customer_ref: 'li' instrument: csat value: 6 }",                   "value_out_of_range",
         "survey_answer.value"                                                                                                                      },
        {"survey_answer { customer_ref: 'li' instrument: csat value: 5 items { item: 1 } }",
         "value_out_of_range",                                                                                     "survey_answer.items"            },
        {"survey_answer { customer_ref: 'li' instrument: servqual items { dimension: reliability "
         "item: 5 expectation: 7 perception: 4 } }",                                NULL,                 NULL                             },
        {"survey_answer { customer_ref: 'li' instrument: servqual items { dimension: empathy item: "
         "22 perception: 1 } }",                                                    NULL,                 NULL                             },
        {"survey_answer { customer_ref: 'li' instrument: servqual items { dimension: empathy item: "
         "1 expectation: 1 } }",                                                    NULL,                 NULL                             },
        {"survey_answer { customer_ref: 'li' instrument: servqual }",                        "field_missing",
         "survey_answer.items"                                                                                                                      },
        {"survey_answer { customer_ref: 'li' instrument: servqual value: 5 items { dimension: "
         "empathy item: 1 expectation: 1 } }",                                      "value_out_of_range", "survey_answer.value"            },
        {"survey_answer { customer_ref: 'li' instrument: servqual items { item: 5 perception: 4 } "
         "}",                                                                       "enum_unknown",       "survey_answer.items.dimension"  },
        {"survey_answer { customer_ref: 'li' instrument: servqual items { dimension: empathy "
         "perception: 4 } }",                                                       "value_out_of_range", "survey_answer.items.item"       },
        {"survey_answer { customer_ref: 'li' instrument: servqual items { dimension: empathy item: "
         "0 perception: 4 } }",                                                     "value_out_of_range", "survey_answer.items.item"       },
        {"survey_answer { customer_ref: 'li' instrument: servqual items { dimension: empathy item: "
         "23 perception: 4 } }",                                                    "value_out_of_range", "survey_answer.items.item"       },
        {"survey_answer { customer_ref: 'li' instrument: servqual items { dimension: empathy item: "
         "3 perception: 4 } items { dimension: empathy item: 3 perception: 4 } }",  "value_out_of_range", "survey_answer.items.item"       },
        {"survey_answer { customer_ref: 'li' instrument: servqual items { dimension: empathy item: "
         "3 } }",                                                                   "field_missing",      "survey_answer.items.perception" },
        {"survey_answer { customer_ref: 'li' instrument: servqual items { dimension: empathy item: "
         "3 perception: 8 } }",                                                     "value_out_of_range", "survey_answer.items.perception" },
        {"survey_answer { customer_ref: 'li' instrument: servqual items { dimension: empathy item: "
         "3 expectation: 0 } }",                                                    "value_out_of_range", "survey_answer.items.expectation"},
    };
    check_rows(rows, ARRAY_LEN(rows));
}

static void who_pays_with_points_says_how_many(void **state)
{
    static const struct check_row rows[] = {
        {"points_redemption { customer_ref: 'li' redemption_ref: 't-1' points: 1 }",             NULL,            NULL                               },
        {"points_redemption { customer_number: 'K-572-4' redemption_ref: 't-1' points: "
         "1000000000000 branch: 'north' }",                                             NULL,            NULL                               },
        {"points_redemption { redemption_ref: 't-1' points: 1 }",                                "field_missing",
         "points_redemption.customer_ref"                                                                                                            },
        {"points_redemption { customer_number: 'K-572-5' redemption_ref: 't-1' points: 1 }",
         "customer_number_invalid",                                                                               "points_redemption.customer_number"},
        {"points_redemption { customer_ref: 'li' points: 1 }",                                   "field_missing",
         "points_redemption.redemption_ref"                                                                                                          },
        {"points_redemption { customer_ref: 'li' redemption_ref: 't-1' }",                       "field_missing",
         "points_redemption.points"                                                                                                                  },
        {"points_redemption { customer_ref: 'li' redemption_ref: 't-1' points: 0 }",
         "value_out_of_range",                                                                                    "points_redemption.points"         },
        {"points_redemption { customer_ref: 'li' redemption_ref: 't-1' points: -1 }",
         "value_out_of_range",                                                                                    "points_redemption.points"         },
        {"points_redemption { customer_ref: 'li' redemption_ref: 't-1' points: 1000000000001 }",
         "value_out_of_range",                                                                                    "points_redemption.points"         },
    };
    check_rows(rows, ARRAY_LEN(rows));
}

static void a_refund_gives_something_back(void **state)
{
    static const struct check_row rows[] = {
        {"refund { customer_ref: 'li' amount_minor: 1 currency: 'CNY' }",  NULL,                 NULL                 },
        {"refund { amount_minor: 1 currency: 'CNY' }",                     "field_missing",      "refund.customer_ref"},
        {"refund { customer_ref: 'li' currency: 'CNY' }",                  "field_missing",      "refund.amount_minor"},
        {"refund { customer_ref: 'li' amount_minor: 0 currency: 'CNY' }",  "value_out_of_range",
         "refund.amount_minor"                                                                                        },
        {"refund { customer_ref: 'li' amount_minor: -5 currency: 'CNY' }", "value_out_of_range",
         "refund.amount_minor"                                                                                        },
        {"refund { customer_ref: 'li' amount_minor: 1 }",                  "field_missing",      "refund.currency"    },
        {"refund { customer_ref: 'li' amount_minor: 1 currency: 'XXX' }",  "currency_invalid",
         "refund.currency"                                                                                            },
    };
    check_rows(rows, ARRAY_LEN(rows));
}

static void a_device_says_at_least_one_thing(void **state)
{
    static const struct check_row rows[] = {
        {"device_signal { customer_ref: 'li' device_ref: '沪A12345' fault_code: 'P0420' }", NULL,
         NULL                                                                                                                                  },
        {"device_signal { customer_ref: 'li' mileage_km: 0 }",                               NULL,                 NULL                        },
        {"device_signal { customer_ref: 'li' usage: 12.5 usage_unit: 'h' }",                 NULL,                 NULL                        },
        {"device_signal { mileage_km: 1 }",                                                  "field_missing",      "device_signal.customer_ref"},
        {"device_signal { customer_ref: 'li' device_ref: 'x' }",                             "field_missing",
         "device_signal.fault_code"                                                                                                            },
        {"device_signal { customer_ref: 'li' usage: 12.5 }",                                 "field_missing",
         "device_signal.usage_unit"                                                                                                            },
        {"device_signal { customer_ref: 'li' mileage_km: -1 }",                              "value_out_of_range",
         "device_signal.mileage_km"                                                                                                            },
        {"device_signal { customer_ref: 'li' mileage_km: 2e9 }",                             "value_out_of_range",
         "device_signal.mileage_km"                                                                                                            },
        {"device_signal { customer_ref: 'li' usage: -0.5 usage_unit: 'h' }",                 "value_out_of_range",
         "device_signal.usage"                                                                                                                 },
    };
    check_rows(rows, ARRAY_LEN(rows));
}

static void branches_and_staff_are_known_by_their_codes(void **state)
{
    static const struct check_row rows[] = {
        {"branch_profile { branch: 'north' name: '北店' time_zone: 'Asia/Shanghai' language: "
         "'zh-CN' }",                                                   NULL,                NULL                   },
        {"branch_profile { name: '北店' }",                                    "field_missing",     "branch_profile.branch"},
        {"branch_profile { branch: 'north' time_zone: 'Asia/Nowhere' }",         "time_zone_invalid",
         "branch_profile.time_zone"                                                                                          },
        {"branch_profile { branch: 'north' language: '!' }",                     "text_invalid",
         "branch_profile.language"                                                                                           },
        {"staff_profile { staff: 's-7' branch: 'north' team: 'customer_care' }", NULL,                NULL                   },
        {"staff_profile { branch: 'north' }",                                    "field_missing",     "staff_profile.staff"  },
    };
    check_rows(rows, ARRAY_LEN(rows));
}

static void an_improvement_says_which_problem_is_gone(void **state)
{
    static const struct check_row rows[] = {
        {"improvement { improvement_ref: 'pads' category: 'brakes' words: '新刹车片' }", NULL,
         NULL                                                                                                                                    },
        {"improvement { improvement_ref: 'pads' product: 'Roewe i5' branch: 'north' }",      NULL,                 NULL                          },
        {"improvement { category: 'brakes' }",                                               "field_missing",      "improvement.improvement_ref" },
        {"improvement { improvement_ref: 'pads' branch: 'north' }",                          "field_missing",
         "improvement.category"                                                                                                                  },
        {"improvement { improvement_ref: 'pads' category: 'brakes' reported_from_us: "
         "9000000000000000 }",                                                      "value_out_of_range", "improvement.reported_from_us"},
    };
    check_rows(rows, ARRAY_LEN(rows));
}

static void a_question_of_the_companys_own_has_a_code(void **state)
{
    static const struct check_row rows[] = {
        {"survey_answer { customer_ref: 'li' instrument: SURVEY_INSTRUMENT_OWN question: 'wash' "
         "value: 100 }",                                                           NULL,                 NULL                    },
        {"survey_answer { customer_ref: 'li' instrument: SURVEY_INSTRUMENT_OWN value: 3 }",
         "field_missing",                                                                                         "survey_answer.question"},
        {"survey_answer { customer_ref: 'li' instrument: SURVEY_INSTRUMENT_OWN question: 'Wash!' "
         "value: 3 }",                                                             "text_invalid",       "survey_answer.question"},
        {"survey_answer { customer_ref: 'li' instrument: SURVEY_INSTRUMENT_OWN question: 'wash' "
         "value: 101 }",                                                           "value_out_of_range", "survey_answer.value"   },
        {"survey_answer { customer_ref: 'li' instrument: SURVEY_INSTRUMENT_CSAT question: 'wash' "
         "value: 3 }",                                                             "field_not_expected", "survey_answer.question"},
    };
    check_rows(rows, ARRAY_LEN(rows));
}

static void a_profile_names_its_customer_and_a_birthday_that_is_one(void **state)
{
    static const struct check_row rows[] = {
        {"customer_profile { customer_ref: 'li' birthday: '1984-02-29' }",                      NULL,                      NULL                                     },
        {"customer_profile { customer_ref: 'li' birthday: '--02-30' }",                         "birthday_invalid",
         "customer_profile.birthday"                                                                                                                                },
        {"customer_profile { customer_ref: 'li' birthday: '--02-30' birthday_is_lunar: true }",
         NULL,                                                                                                             NULL                                     },
        {"customer_profile { customer_ref: 'li' birthday: '1984-10-30' birthday_is_lunar: true "
         "birthday_is_leap_month: true }",                                             NULL,                      NULL                                     },
        {"customer_profile { customer_ref: 'li' birthday: '--08-31' birthday_is_lunar: true }",
         "birthday_invalid",                                                                                               "customer_profile.birthday"              },
        {"customer_profile { customer_ref: 'li' birthday_is_leap_month: true }",
         "field_not_expected",                                                                                             "customer_profile.birthday_is_leap_month"},
        {"customer_profile { name: '李' }",                                                    "field_missing",           "customer_profile.customer_ref"          },
        {"customer_profile { customer_number: 'K-1' }",                                         "customer_number_invalid",
         "customer_profile.customer_number"                                                                                                                         },
    };
    check_rows(rows, ARRAY_LEN(rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_needs_what_its_instrument_asks),
        cmocka_unit_test(a_refund_gives_something_back),
        cmocka_unit_test(who_pays_with_points_says_how_many),
        cmocka_unit_test(a_device_says_at_least_one_thing),
        cmocka_unit_test(branches_and_staff_are_known_by_their_codes),
        cmocka_unit_test(an_improvement_says_which_problem_is_gone),
        cmocka_unit_test(a_question_of_the_companys_own_has_a_code),
        cmocka_unit_test(a_profile_names_its_customer_and_a_birthday_that_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
