/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/improvement.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"

#define USUAL                                                                                      \
    "'title': 'Pads', 'cause_measure': 'cases', 'starts_on': '2026-11-01', 'expectation': 0.5"
#define OF(measure) "{'title': 'T', 'starts_on': '2026-11-01', 'cause_measure': '" measure "'"

/* Apostrophes stand for quotation marks. */
static json_t *object(const char *text)
{
    char copy[1024];
    size_t len = strlen(text);

    assert_true(len < sizeof(copy));
    for (size_t i = 0; i <= len; i++) {
        copy[i] = text[i];
        if (copy[i] == '\'') {
            copy[i] = '"';
        }
    }
    json_t *json = json_loads(copy, JSON_ALLOW_NUL, NULL);
    assert_non_null(json);
    return json;
}

static struct improvement fresh(void)
{
    return (struct improvement){.starts_on = IMPROVEMENT_NO_DAY,
                                .ends_on = IMPROVEMENT_NO_DAY,
                                .announced_us = IMPROVEMENT_NO_TIME,
                                .expectation = 0.5};
}

static const struct {
    const char *json;
    const char *field; /* that is refused; NULL: it is right */
} rows[] = {
    {"{" USUAL "}",                                                        NULL           },
    {"{" USUAL ", 'kind': 'training', 'ends_on': '2026-11-01'}",           NULL           },
    {"{" USUAL ", 'ends_on': null}",                                       NULL           },
    {"{" USUAL ", 'kind': 'wish'}",                                        "kind"         },
    {"{" USUAL ", 'kind': 7}",                                             "kind"         },
    {"{" USUAL ", 'owner': 7}",                                            "owner"        },
    {"{" USUAL ", 'owner': 'a\\u0000b'}",                                  "owner"        },
    {"{" USUAL ", 'ends_on': '2026-10-31'}",                               "ends_on"      },
    {"{" USUAL ", 'ends_on': 'never'}",                                    "ends_on"      },
    {"{'title': '', 'cause_measure': 'cases', 'starts_on': '2026-11-01'}", "title"        },
    {"{'title': 'T', 'cause_measure': 'mood', 'starts_on': '2026-11-01'}", "cause_measure"},
    {"{'title': 'T', 'cause_measure': 'cases'}",                           "starts_on"    },
    {"{'title': 'T', 'cause_measure': 'cases', 'starts_on': null}",        "starts_on"    },
    {OF("cases") ", 'expectation': 0}",                                    "expectation"  },
    {OF("cases") ", 'expectation': 1000.5}",                               "expectation"  },
    {OF("cases") ", 'expectation': 'half'}",                               "expectation"  },
    {OF("cases") ", 'expectation': 1000}",                                 NULL           },
    {OF("promises_kept") "}",                                              "branch"       },
    {OF("promises_kept") ", 'branch': 'harbour'}",                         NULL           },
    {OF("promises_kept") ", 'team': 'desk'}",                              NULL           },
    {OF("promises_kept") ", 'staff': 'li'}",                               NULL           },
    {OF("promises_kept") ", 'branch': 'harbour', 'team': 'desk'}",         "branch"       },
    {OF("promises_kept") ", 'staff': 'li', 'team': 'desk'}",               "branch"       },
    {OF("csat") ", 'branch': 'harbour'}",                                  NULL           },
    {OF("first_response") ", 'branch': 'harbour'}",                        NULL           },
    {OF("resolution") ", 'branch': 'harbour', 'staff': 'li'}",             "branch"       },
    {OF("skill") ", 'team': 'desk'}",                                      "skill"        },
    {OF("skill") ", 'branch': 'harbour', 'skill': 'empathy'}",             "branch"       },
    {OF("skill") ", 'skill': 'empathy'}",                                  "team"         },
    {OF("skill") ", 'team': 'desk', 'skill': 'empathy', 'branch': 'b'}",   "branch"       },
    {OF("skill") ", 'team': 'desk', 'skill': 'empathy', 'product': 'p'}",  "product"      },
    {OF("resolution") ", 'branch': 'harbour', 'category': 'brakes'}",      "category"     },
    {OF("csat") ", 'branch': 'harbour', 'product': 'pads'}",               "product"      },
    {OF("cases") ", 'category': 'brakes', 'product': 'pads'}",             NULL           },
    {OF("complaints") ", 'staff': 'li'}",                                  "staff"        },
    {OF("skill") ", 'team': 'desk', 'staff': 'li', 'skill': 'empathy'}",   "team"         },
    {OF("skill") ", 'staff': 'li', 'skill': 'empathy'}",                   NULL           },
};

static void what_does_not_go_together_is_refused_with_its_field(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct improvement a = fresh();
        struct err err = ERR_NONE;
        json_t *json = object(rows[i].json);
        int rc = improvement_read(json, &a, &err);

        rc = rc == 0 ? improvement_check(&a, &err) : rc;
        json_decref(json);
        if ((rc == 0) != (rows[i].field == NULL)) {
            fail_msg("%s: %d", rows[i].json, rc);
        }
        if (rc < 0) {
            assert_string_equal(err.code, "request_invalid");
            assert_string_equal(err.field, rows[i].field);
        }
    }
}

static void a_text_that_is_too_long_is_refused(void **state)
{
    struct improvement a = fresh();
    struct err err = ERR_NONE;
    char title[sizeof(a.title) + 1];

    memset(title, 'x', sizeof(title) - 1);
    title[sizeof(title) - 1] = '\0';
    json_t *json = json_pack("{ss}", "title", title);
    assert_int_equal(improvement_read(json, &a, &err), -1);
    assert_string_equal(err.field, "title");
    title[sizeof(title) - 2] = '\0';
    assert_int_equal(json_object_set_new(json, "title", json_string(title)), 0);
    assert_int_equal(improvement_read(json, &a, &err), 0);
    assert_string_equal(a.title, title);
    json_decref(json);
}

static void what_is_not_named_stays(void **state)
{
    struct improvement a = fresh();
    struct err err = ERR_NONE;
    json_t *json = object("{" USUAL ", 'branch': 'harbour', 'ends_on': '2026-12-01'}");

    assert_int_equal(improvement_read(json, &a, &err), 0);
    json_decref(json);
    json = object("{'ends_on': null, 'owner': 'li'}");
    assert_int_equal(improvement_read(json, &a, &err), 0);
    json_decref(json);
    assert_string_equal(a.title, "Pads");
    assert_string_equal(a.branch, "harbour");
    assert_string_equal(a.owner, "li");
    assert_true(a.ends_on == IMPROVEMENT_NO_DAY && a.expectation == 0.5);
}

static void it_is_written_as_it_was_read_and_its_effect_beside_it(void **state)
{
    static const struct effect effect = {
        .unit = EFFECT_SHARE,
        .verdict = EFFECT_BETTER,
        .days_before = 90,
        .days_after = 30,
        .before_rate = 0.6,
        .after_rate = 0.9,
        .ratio = 1.5,
        .interval = {1.3, 1.75},
        .others_ratio = NAN,
        .against_others = {NAN, NAN },
    };
    struct improvement a = fresh();
    struct err err = ERR_NONE;
    json_t *json = object("{" USUAL ", 'kind': 'training', 'team': 'desk'}");

    assert_int_equal(improvement_read(json, &a, &err), 0);
    json_decref(json);
    json = improvement_write(&a, REPORT_ENGLISH);
    assert_string_equal(json_string_value(json_object_get(json, "starts_on")), "2026-11-01");
    assert_string_equal(json_string_value(json_object_get(json, "kind")), "training");
    assert_null(json_object_get(json, "ends_on"));
    assert_null(json_object_get(json, "announced_us"));
    assert_null(json_object_get(json, "effect"));
    json_decref(json);

    a.effect = effect;
    a.has_effect = true;
    json = improvement_write(&a, REPORT_CHINESE);
    const json_t *e = json_object_get(json, "effect");
    assert_string_equal(json_string_value(json_object_get(e, "verdict")), "better");
    assert_string_equal(json_string_value(json_object_get(e, "unit")), "share");
    assert_true(json_real_value(json_object_get(e, "low")) == 1.3);
    assert_null(json_object_get(e, "others_ratio"));
    assert_non_null(strstr(json_string_value(json_object_get(e, "words")), "之前 60.0 %"));
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_go_together_is_refused_with_its_field),
        cmocka_unit_test(a_text_that_is_too_long_is_refused),
        cmocka_unit_test(what_is_not_named_stays),
        cmocka_unit_test(it_is_written_as_it_was_read_and_its_effect_beside_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
